"""Measure which faults of the catalogue plain Schemathesis finds, and which the suite; it takes hours.

Each fault is a server of its own. Both are told as much: which operation is wrong, which they judge
together with Get run and with what is promised of every operation, and nothing where all are. Both stop
at their first finding. `st run` draws five examples of each operation, and is given an hour; the suite is
`check-server --scope platform --fail-fast`. What a busy machine keeps from an answer is not found. The result is kept
in contract_tests/tests/support/schemathesis_found.json after each fault, and `nox -s docs` renders
docs/schemathesis.md from it. Without names, what was not measured yet is measured, in a random order,
so that what there is represents all of it.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.checking import command
from tests.support.faults import BY_NAME
from tests.support.plain_schemathesis import (
    FOUND,
    NOT_ENDED,
    QUICK,
    SUITE_QUICK,
    operations_told,
    quick,
    st_run,
)
from tests.support.targets import faulty, reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.targets import Target

MINUTES = 60
"""How long `st run` may take for a fault; one that it does not end for is no measurement."""

AT_ONCE = int(os.environ.get("AT_ONCE", "4"))
"""Most of the time is spent waiting for runs."""


def by_st_run(name: str, target: Target, folder: Path) -> list[str]:
    """Return the codes of the failures that `st run` finds in a server with this fault.

    Its errors are no findings: it could not do something, and says of no answer that it is wrong.
    """
    return list(st_run(target, folder / "st", *quick(name), minutes=MINUTES).failures)


def by_the_suite(name: str, target: Target, folder: Path) -> list[str]:
    """Return the promises that the suite finds broken in a server with this fault."""
    told = operations_told(name)
    # What is promised of every operation is promised of these too.
    only = ("--only", ",".join((*told, "any"))) if told else ()
    checked = command(target, *SUITE_QUICK, *only, report=folder / "report")
    return sorted({finding["promise"] for finding in checked.findings})


TOOLS: dict[str, Callable[[str, Target, Path], list[str]]] = {
    "found": by_st_run,
    "suite": by_the_suite,
}
"""The tools by the key of their results."""


def measure(tool: str, name: str) -> list[str]:
    """Return what a tool finds in a server with a fault."""
    with (
        tempfile.TemporaryDirectory() as folder,
        faulty(name, Path(folder, "data")) as target,
    ):
        return TOOLS[tool](name, target, Path(folder))


def kept() -> dict[str, dict[str, Any]]:
    """Return what was measured before, by tool and fault, and what `st run` did not end for."""
    content = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    return {key: content.get(key, {}) for key in (*TOOLS, NOT_ENDED)}


def keep(key: str, name: str, found: object) -> None:
    """Add what was found to what was measured before."""
    results = kept()
    results[key][name] = found
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {name: version(name) for name in ("schemathesis", "hypothesis")},
        "options": " ".join(QUICK),
        "suite_options": " ".join(SUITE_QUICK),
        **{
            key: {name: by_name[name] for name in BY_NAME if name in by_name}
            for key, by_name in results.items()
        },
    }
    FOUND.write_text(json.dumps(result, indent=1) + "\n")


def main(names: list[str]) -> int:
    """Measure and keep the result; 1 when `st run` blames the reference server."""
    with tempfile.TemporaryDirectory() as folder, reference(Path(folder, "data")) as target:
        run = st_run(target, Path(folder, "st"), *QUICK)
    if run.exit_code != 0:
        print(f"the reference server is blamed:\n{run.output}")
        return 1
    before = kept()
    jobs = [
        (tool, name)
        for tool in TOOLS
        for name in names or BY_NAME
        if names or name not in before[tool] | before[NOT_ENDED]
    ]
    random.Random(1).shuffle(jobs)  # noqa: S311 - an order
    with ThreadPoolExecutor(AT_ONCE) as pool:
        measuring = {pool.submit(measure, *job): job for job in jobs}
        for done in as_completed(measuring):
            tool, name = measuring[done]
            try:
                found = done.result()
            except subprocess.TimeoutExpired:
                keep(NOT_ENDED, name, MINUTES)
                print(tool, name, f"not ended after {MINUTES} minutes", flush=True)
                continue
            keep(tool, name, found)
            print(tool, name, *found, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
