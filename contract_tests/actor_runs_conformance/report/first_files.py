"""First versions of the two files about a target, made from a report.

`--write-expected` and `--write-target` write them; whoever owns the target edits them then.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from actor_runs_conformance.ledger.promise import ABORT, ABORTS
from actor_runs_conformance.report.causes import causes, not_offered
from actor_runs_conformance.report.text import cut, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actor_runs_conformance.report.model import Report, Verdict

BROKEN = ("failed", "warned")
LONGEST = 200
NO_LINK = "no issue yet"


def expected_file(report: Report) -> str:
    """Return a file of expected deviations with every promise that is broken today."""
    head = f"# Broken on {report.start.target} at {report.start.time}.\n"
    parts = [f"{head}# Give each its issue, and take it out when it is mended.\n"]
    parts += [
        f"[[deviation]]\npromise = {_text(verdict.id)}\nreason = {_reason(verdict)}\nlink = {_text(NO_LINK)}\n"
        for verdict in report.verdicts
        if verdict.verdict in BROKEN
    ]
    return "\n".join(parts)


def target_file(report: Report) -> str:
    """Return a target file that leaves out what is not offered or not kept today."""
    operations = dict(_operations(report))
    promises = {
        verdict.id: _reason(verdict)
        for verdict in report.verdicts
        if verdict.verdict in BROKEN and verdict.id not in {key for key, _ in operations.values()}
    }
    lines = [
        f"# What {report.start.target} does not support. Give each line its reason.",
        "",
        "[operations]",
        *(f"{name} = {reason}" for name, (_, reason) in operations.items()),
        "",
        "[promises]",
        *(f"{name} = {reason}" for name, reason in promises.items()),
    ]
    return "\n".join(lines) + "\n"


def _operations(report: Report) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each operation that is not offered, with the promise that says so and the reason."""
    for cause in causes(report):
        operation = not_offered(cause)
        if operation is not None:
            reason = _reason(cause.verdict) if cause.verdict else _text("not offered")
            for name in ABORTS if operation == ABORT else (operation,):
                yield name, (cause.key, reason)


def _reason(verdict: Verdict) -> str:
    message = " ".join(printable(verdict.message or "broken").split())
    return _text(cut(message, LONGEST))


def _text(text: str) -> str:
    """Return text as a basic string of TOML, which JSON strings without surrogates are."""
    return json.dumps(printable(text), ensure_ascii=False)
