"""The comparison in docs/schemathesis.md: which faults plain Schemathesis finds, and which the suite."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from actor_runs_conformance.ledger.names import operation_title
from tests.support.faults import BY_NAME
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
    """Yield the lines of the comparison.

    The suite finds each fault of the catalogue: the fault matrix holds that, fault by fault.
    """
    measured = json.loads(FOUND.read_text(encoding="utf-8"))
    found = {name: codes for name, codes in measured["found"].items() if name in BY_NAME}
    seen = {name for name, codes in found.items() if codes}
    versions = ", ".join(f"{name} {number}" for name, number in measured["versions"].items())
    yield f"Measured on {len(found)} of the {len(BY_NAME)} faults of the"
    yield "[catalogue](../contract_tests/tests/support/faults), each a server that does one thing wrong"
    yield f"({versions}, {measured['date']}, `st run {measured['options']}`):"
    yield ""
    yield "| the fault is in | measured | found by both | by the suite alone | by `st run` alone |"
    yield "|---|---|---|---|---|"
    of = Counter(BY_NAME[name].operation for name in found)
    both = Counter(BY_NAME[name].operation for name in seen)
    for operation in sorted(of):
        yield (
            f"| {operation_title(operation)} | {of[operation]} | {both[operation]} "
            f"| {of[operation] - both[operation]} | 0 |"
        )
    yield f"| **all** | **{len(found)}** | **{len(seen)}** | **{len(found) - len(seen)}** | **0** |"
    yield ""
    yield "The suite has to find every fault of the catalogue: [the matrix](fault-matrix.md) says by which check, and"
    yield "`nox -s faults` tries each of them. Of those that it alone found, some:"
    yield ""
    alone = [name for name in found if name not in seen]
    for name in alone[:: max(1, len(alone) // SHOWN)][:SHOWN]:
        yield f"- {BY_NAME[name].wrong} (`{name}`)"
    if len(found) < len(BY_NAME):
        yield ""
        yield "`python scripts/schemathesis_faults.py` measures those that are left."
