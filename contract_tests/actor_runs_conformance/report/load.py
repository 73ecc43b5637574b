"""Reading a report that was kept: report.json, or the log when it is all there is."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator

from actor_runs_conformance.events.reader import EVENTS, Log, UnreadableLogError
from actor_runs_conformance.report.build import collect
from actor_runs_conformance.report.formats.json import SCHEMA, summarize

if TYPE_CHECKING:
    from pathlib import Path

NAME = "report.json"
# What the format leaves free and a comparison needs.
NEEDED = ("numbers",)
EXPECTED = "expected a directory that `actor-runs check-server --report DIR` wrote"


def stored(path: Path) -> dict[str, Any]:
    """Return the report of a directory or of a report.json; raises UnreadableLogError.

    A directory is read from its log, which is what every report is rendered from, and from its
    report.json where the log was not kept.
    """
    if not path.exists():
        raise UnreadableLogError(f"{path} does not exist; {EXPECTED}")
    if path.is_dir():
        if (path / EVENTS).exists():
            log = Log.open(path)
            try:
                return summarize(collect(log))
            finally:
                log.close()
        path = path / NAME
        if not path.exists():
            raise UnreadableLogError(f"{path.parent} holds neither {EVENTS} nor {NAME}; {EXPECTED}")
    return checked(path)


def checked(path: Path) -> dict[str, Any]:
    """Return a report.json when it has what a comparison needs; raises UnreadableLogError."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableLogError(f"{path} cannot be read as JSON: {error}") from None
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        found = report.get("schema") if isinstance(report, dict) else type(report).__name__
        raise UnreadableLogError(f"{path} is not a report of schema {SCHEMA}: found {found!r}")
    if lack := next(_validator().iter_errors(report), None):
        place = "".join(f"/{part}" for part in lack.instance_path) or "/"
        raise UnreadableLogError(
            f"{path} is not a whole report: at {place}, {lack.message}; render it again from its log"
        )
    return report


@cache
def _validator() -> Draft202012Validator:
    file = resources.files("actor_runs_conformance") / "events" / "schemas" / "report.schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    return Draft202012Validator({**schema, "required": [*schema["required"], *NEEDED]})
