"""What changed between two runs of the suite, promise by promise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.report.formats.markdown import SIGNS, code, prose, table
from actor_runs_conformance.report.model import TITLES
from actor_runs_conformance.report.text import printable
from actor_runs_conformance.results.verdict import REACHED

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = 1
RANK = {"failed": 0, "warned": 1, "noted": 2, "passed": 2}

CHANGES = {
    "worse": "got worse",
    "lost": "no longer exercised",
    "better": "got better",
    "new": "newly exercised",
    "other": "changed otherwise",
}
"""Every kind of change, what needs a reader first."""


@frozen
class Change:
    """A promise whose verdict is not what it was; None where a run does not know the promise."""

    id: str
    operation: str
    level: str
    text: str | None
    kind: str
    before: str | None
    after: str | None
    message: str | None
    """What the later run says of it."""


@frozen
class Comparison:
    """Two runs beside each other."""

    before: dict[str, Any]
    """The report.json of the earlier run."""
    after: dict[str, Any]
    changes: list[Change]
    unchanged: int

    @property
    def got_worse(self) -> bool:
        """Whether a promise is broken that was not, or is not established any more.

        Losing sight of what was broken or noted before is shown, and is nothing worse.
        """
        return any(
            change.kind == "worse" or (change.kind == "lost" and change.before == "passed")
            for change in self.changes
        )

    def of(self, kind: str) -> list[Change]:
        """Return the changes of one kind."""
        return [change for change in self.changes if change.kind == kind]


def compare(before: dict[str, Any], after: dict[str, Any]) -> Comparison:
    """Compare two report.json by promise id."""
    earlier, later = (
        {promise["id"]: promise for promise in report["promises"]} for report in (before, after)
    )
    changes = []
    for key in [*later, *(key for key in earlier if key not in later)]:
        old, new = earlier.get(key), later.get(key)
        kind = change_of(old and old["verdict"], new and new["verdict"])
        known = new or old
        if kind is None or known is None:
            continue
        changes.append(
            Change(
                id=key,
                operation=known["operation"],
                level=known["level"],
                text=known.get("text"),
                kind=kind,
                before=old and old["verdict"],
                after=new and new["verdict"],
                message=new and new.get("message"),
            )
        )
    return Comparison(before, after, changes, len(earlier.keys() | later.keys()) - len(changes))


def change_of(before: str | None, after: str | None) -> str | None:
    """Return the kind of a change between two verdicts; None when nothing changed.

    A promise that the earlier run does not know counts as not exercised there, so one that is
    new and broken at once is worse; one that the later run does not know changed otherwise.
    """
    was, now = before in REACHED, after in REACHED
    if before == after or (before is None and not now) or (after is None and not was):
        return None
    if was and now:
        by = RANK[str(after)] - RANK[str(before)]
        return "worse" if by < 0 else "better" if by > 0 else "other"
    if now:
        return "worse" if RANK[str(after)] < RANK["passed"] else "new"
    return "lost" if was and after is not None else "other"


def as_data(comparison: Comparison) -> dict[str, Any]:
    """Return what `--json` prints, by the published diff.schema.json."""
    return {
        "schema": SCHEMA,
        "got_worse": comparison.got_worse,
        "before": _side(comparison.before),
        "after": _side(comparison.after),
        "unchanged": comparison.unchanged,
        "changes": [
            {
                "id": change.id,
                "operation": change.operation,
                "level": change.level,
                "text": change.text,
                "change": change.kind,
                "before": change.before,
                "after": change.after,
                "message": change.message,
            }
            for change in comparison.changes
        ],
    }


def _side(report: dict[str, Any]) -> dict[str, Any]:
    return {key: report[key] for key in ("target", "seed", "verdict", "counts")}


def as_json(comparison: Comparison) -> str:
    """Return the comparison as JSON text."""
    return json.dumps(as_data(comparison), indent=2) + "\n"


def as_text(comparison: Comparison) -> str:
    """Return the comparison for a terminal: a line a change, the sum last."""
    lines = []
    for kind, title in CHANGES.items():
        found = comparison.of(kind)
        if found:
            lines.append(f"{title}:")
            lines.extend(f"  {_line(change)}" for change in found)
            lines.append("")
    lines.append(summary(comparison))
    return printable("\n".join(lines)) + "\n"


def _line(change: Change) -> str:
    message = change.message or change.text or ""
    return f"{change.id:<8} {change.operation:<14} {_step(change)}  {' '.join(message.split())}"


def _step(change: Change) -> str:
    return " -> ".join(
        TITLES[verdict] if verdict else "unknown" for verdict in (change.before, change.after)
    )


def summary(comparison: Comparison) -> str:
    """Return one sentence: how many promises changed, and how."""
    counted = (
        f"{len(found)} {title}" for kind, title in CHANGES.items() if (found := comparison.of(kind))
    )
    return f"{', '.join(counted) or 'nothing changed'}; {comparison.unchanged} unchanged"


def as_markdown(comparison: Comparison) -> str:
    """Return the comparison for a pull request."""
    sign = "❌" if comparison.got_worse else "✅"
    targets = " → ".join(
        code(str(report["target"])) for report in (comparison.before, comparison.after)
    )
    parts = [f"## {sign} {prose(summary(comparison))}\n", f"{targets}\n"]
    for kind, title in CHANGES.items():
        if found := comparison.of(kind):
            rows = table(("promise", "operation", "before", "after", "what it says"), _rows(found))
            parts.append(f"### {title.capitalize()}\n\n{rows}")
    return "\n".join(parts)


def _rows(changes: Iterable[Change]) -> Iterable[list[str]]:
    for change in changes:
        before, after = (
            f"{SIGNS[verdict]} {TITLES[verdict]}" if verdict else "unknown"
            for verdict in (change.before, change.after)
        )
        message = prose(change.message or change.text or "")
        yield [f"**{change.id}**", change.operation, before, after, message]
