"""Reading a report that was kept: report.json, or the log when it is all there is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.report.collect import collect
from actor_runs_conformance.report.log import EVENTS, Log, UnreadableLogError
from actor_runs_conformance.report.model import VERDICTS
from actor_runs_conformance.report.summary import SCHEMA, summarize

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = ("target", "seed", "verdict", "numbers", "counts")
NAME = "report.json"
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
        raise UnreadableLogError(f"{path} is no report of schema {SCHEMA}: found {found!r}")
    try:
        verdicts = {promise["verdict"] for promise in report["promises"]}
        complete = all(key in report for key in NEEDED)
    except (KeyError, TypeError):
        complete, verdicts = False, set()
    if not complete or not verdicts <= set(VERDICTS):
        raise UnreadableLogError(f"{path} is not a whole report; render it again from its log")
    return report
