"""What docs/schemathesis.md says of the faults that plain Schemathesis finds."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from actor_runs_conformance.ledger.names import operation_title
from tests.support.faults import BY_NAME
from tests.support.markdown import table
from tests.support.plain_schemathesis import FOUND, NOT_ENDED

PAGE = Path(__file__).parents[3] / "docs" / "schemathesis.md"
BEGIN, END = "<!-- measured: rendered by `nox -s docs` -->", "<!-- end of measured -->"
SHOWN = 12

Measured = Mapping[str, Any]


def page() -> str:
    """Return the page with what was measured."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    block = "\n".join(comparison())
    return f"{before}{BEGIN}\n\n{block}\n\n{END}{after}"


def comparison() -> Iterator[str]:
    """Yield what was measured, and some of the faults that only the suite finds."""
    measured = json.loads(FOUND.read_text(encoding="utf-8"))
    by_st_run, by_the_suite = measured["found"], measured["suite"]
    both = [name for name in BY_NAME if name in by_st_run and name in by_the_suite]
    versions = ", ".join(f"{name} {number}" for name, number in measured["versions"].items())
    yield f"Measured on {len(both)} of the {len(BY_NAME)} faults of the"
    yield "[catalogue](../contract_tests/tests/support/faults), each a server that does one thing wrong"
    yield f"({versions}, {measured['date']}). `st run {measured['options']}` and"
    yield f"`actor-runs check-server {measured['suite_options']}` were told as much: which operation is wrong, which"
    yield "they then judged together with Get run and with what is promised of every operation, and nothing where all"
    yield "are. Both stopped at their first finding."
    yield "Whatever a tool says against such a server counts as found, since neither says anything against the same"
    yield "server without the fault."
    yield ""
    rows = [
        (
            operation_title(operation),
            *_counts([name for name in both if BY_NAME[name].operation == operation], measured),
        )
        for operation in sorted({BY_NAME[name].operation for name in both})
    ]
    rows.append(("all", *_counts(both, measured)))
    yield from table(
        (
            "the fault is in",
            "measured",
            "by `st run` alone",
            "by the suite alone",
            "by both",
            "by neither",
        ),
        rows,
    )
    for words, names in (
        ("`st run` alone found:", _found(both, measured, st_run=True, suite=False)),
        (
            "Neither found, in the minute that a check takes by default:",
            _found(both, measured, st_run=False, suite=False),
        ),
        (
            "Some that the suite alone found:",
            _spread(_found(both, measured, st_run=False, suite=True)),
        ),
    ):
        if names:
            yield from ("", words, "")
            yield from (f"- {BY_NAME[name].wrong} (`{name}`)" for name in names)
    yield ""
    yield "What the suite must find of the whole catalogue, and by which check, says [the matrix](fault-matrix.md)."
    not_ended = measured[NOT_ENDED]
    for name, minutes in not_ended.items():
        yield f"For `{name}` `st run` had not come to its end after {minutes} minutes: {BY_NAME[name].wrong}"
    if len(both) + len(not_ended) < len(BY_NAME):
        yield "`python scripts/schemathesis_faults.py` measures the faults that are left."


def _counts(names: Sequence[str], measured: Measured) -> tuple[int, ...]:
    """Return how many faults there are, and how many each tool, both and neither found."""
    pairs = ((True, False), (False, True), (True, True), (False, False))
    found = (_found(names, measured, st_run=st_run, suite=suite) for st_run, suite in pairs)
    return (len(names), *map(len, found))


def _found(names: Sequence[str], measured: Measured, *, st_run: bool, suite: bool) -> list[str]:
    """Return the faults of which each tool found something, or nothing, as is asked."""
    return [
        name
        for name in names
        if bool(measured["found"][name]) == st_run and bool(measured["suite"][name]) == suite
    ]


def _spread(names: Sequence[str]) -> Sequence[str]:
    return names[:: max(1, len(names) // SHOWN)][:SHOWN]
