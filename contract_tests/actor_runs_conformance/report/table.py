"""Several targets side by side: promises by targets, as one would publish it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.ledger.names import operation_title
from actor_runs_conformance.report.formats.markdown import SIGNS, code, prose, table
from actor_runs_conformance.report.html import environment, own_policy
from actor_runs_conformance.report.model import OVERALL, TITLES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

UNKNOWN = "unknown"


@frozen
class Column:
    """A target: the name of its directory and its report.json."""

    name: str
    report: dict[str, Any]

    @property
    def numbers(self) -> tuple[int, int, int]:
        """Conformant, violated, not established."""
        numbers = self.report["numbers"]
        return numbers["conformant"], numbers["violated"], numbers["not_established"]

    @property
    def judged_by(self) -> str:
        """The ledger, the scope and the profile: what two columns have to share to be compared."""
        found = {name: self.report.get(name) for name in ("ledger", "scope", "profile")}
        return ", ".join(f"{name} {value}" for name, value in found.items() if value)


@frozen
class Line:
    """A promise and its verdict on each target, None where a report does not know it."""

    id: str
    operation: str
    level: str
    text: str
    cells: list[str | None]
    messages: list[str | None]

    @property
    def agreed(self) -> bool:
        """Whether every target has the same verdict."""
        return len(set(self.cells)) == 1


@frozen
class Table:
    """Promises by targets."""

    columns: list[Column]
    operations: dict[str, list[Line]]


def arrange(columns: Sequence[Column]) -> Table:
    """Lay the reports side by side, promises in the order of the first that knows them."""
    known: dict[str, dict[str, Any]] = {}
    for column in columns:
        for promise in column.report["promises"]:
            known.setdefault(promise["id"], promise)
    by_target = [
        {promise["id"]: promise for promise in column.report["promises"]} for column in columns
    ]
    operations: dict[str, list[Line]] = {}
    for key, promise in known.items():
        found = [promises.get(key) for promises in by_target]
        line = Line(
            id=key,
            operation=promise["operation"],
            level=promise["level"],
            text=promise.get("text") or "",
            cells=[promise and promise["verdict"] for promise in found],
            messages=[promise and promise.get("message") for promise in found],
        )
        operations.setdefault(line.operation, []).append(line)
    return Table(list(columns), operations)


def as_markdown(arranged: Table) -> str:
    """Return the table as Markdown."""
    header = ["", *(f"{code(column.name)}" for column in arranged.columns)]
    rows = [["verdict", *(OVERALL[column.report["verdict"]] for column in arranged.columns)]]
    rows += [
        [name, *(str(column.numbers[place]) for column in arranged.columns)]
        for place, name in enumerate(("conformant", "violated", "not established"))
    ]
    rows.append(["judged by", *(prose(column.judged_by) for column in arranged.columns)])
    rows.append(["target", *(code(str(column.report["target"])) for column in arranged.columns)])
    parts = ["## Promises by targets\n", table(header, rows)]
    for operation, lines in arranged.operations.items():
        cells = (
            [
                f"**{line.id}** {prose(line.text)} ({line.level})",
                *(
                    f"{SIGNS[verdict]} {TITLES[verdict]}" if verdict else UNKNOWN
                    for verdict in line.cells
                ),
            ]
            for line in lines
        )
        parts.append(f"### {prose(operation_title(operation))}\n\n{table(header, cells)}")
    parts.append(" · ".join(f"{SIGNS[name]} {TITLES[name]}" for name in VERDICTS) + "\n")
    return "\n".join(parts)


def as_html(arranged: Table) -> str:
    """Return the table as one self-contained page."""
    css, policy = own_policy("page.css")
    return (
        environment()
        .get_template("table.html.jinja")
        .render(
            table=arranged,
            overall=OVERALL,
            titles=TITLES,
            verdicts=VERDICTS,
            css=css,
            policy=policy,
        )
    )
