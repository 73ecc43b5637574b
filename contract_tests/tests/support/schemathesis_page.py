"""What docs/schemathesis.md says of the faults that plain Schemathesis finds."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from actor_runs_conformance.ledger.names import operation_title
from tests.support.faults import BY_NAME
from tests.support.markdown import table
from tests.support.plain_schemathesis import FOUND

PAGE = Path(__file__).parents[3] / "docs" / "schemathesis.md"
BEGIN, END = "<!-- measured: rendered by `nox -s docs` -->", "<!-- end of measured -->"
SHOWN = 12


def page() -> str:
    """Return the page with what was measured."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    block = "\n".join(comparison())
    return f"{before}{BEGIN}\n\n{block}\n\n{END}{after}"


def comparison() -> Iterator[str]:
    """Yield what was measured, and some of the faults that were not found."""
    measured = json.loads(FOUND.read_text(encoding="utf-8"))
    found = {name: codes for name, codes in measured["found"].items() if name in BY_NAME}
    seen = {name for name, codes in found.items() if codes}
    versions = ", ".join(f"{name} {number}" for name, number in measured["versions"].items())
    yield f"Measured on {len(found)} of the {len(BY_NAME)} faults of the"
    yield "[catalogue](../contract_tests/tests/support/faults), each a server that does one thing wrong"
    yield f"({versions}, {measured['date']}, `st run {measured['options']}`):"
    yield ""
    of = Counter(BY_NAME[name].operation for name in found)
    seen_in = Counter(BY_NAME[name].operation for name in seen)
    rows = [(operation_title(name), of[name], seen_in[name]) for name in sorted(of)]
    rows.append(("all", len(found), len(seen)))
    yield from table(
        ("the fault is in", "measured", "found by `st run`", "not found"),
        ((*row, row[1] - row[2]) for row in rows),
    )
    yield ""
    yield "What the suite finds was not measured beside it: it has to find every fault of the catalogue, which"
    yield "`nox -s faults` tries, and [the matrix](fault-matrix.md) says by which check. Some that `st run` did not"
    yield "find:"
    yield ""
    missed = [name for name in found if name not in seen]
    for name in missed[:: max(1, len(missed) // SHOWN)][:SHOWN]:
        yield f"- {BY_NAME[name].wrong} (`{name}`)"
    if len(found) < len(BY_NAME):
        yield ""
        yield "`python scripts/schemathesis_faults.py` measures those that are left."
