"""Measure which faults of the catalogue plain Schemathesis finds; all of them take an hour or more.

Each fault is a server of its own. `st run` calls the operation that is wrong, and Get run, with five
examples of each, and stops at its first failure. The result is kept in
contract_tests/tests/support/schemathesis_found.json after each fault, and `nox -s docs` renders
docs/schemathesis.md from it. Without names, the faults that were not measured yet are measured, in a
random order, so that what there is represents all of them.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.support.faults import BY_NAME
from tests.support.plain_schemathesis import FOUND, QUICK, quick, st_run
from tests.support.targets import faulty, reference

AT_ONCE = 4
"""Most of the time is spent waiting for runs."""


def measure(name: str) -> tuple[str, list[str]]:
    """Return the codes of the failures that `st run` finds in a server with this fault.

    Its errors are no findings: it could not do something, and says of no answer that it is wrong.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        faulty(name, Path(folder, "data")) as target,
    ):
        run = st_run(target, Path(folder, "st"), *quick(name))
    print(f"{name}: {', '.join(run.failures) or '-'} {', '.join(run.errors)}", flush=True)
    return name, list(run.failures)


def keep(name: str, failures: list[str]) -> None:
    """Add what was found to what was measured before."""
    kept = json.loads(FOUND.read_text())["found"] if FOUND.exists() else {}
    kept[name] = failures
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {name: version(name) for name in ("schemathesis", "hypothesis")},
        "options": " ".join(QUICK),
        "found": {name: kept[name] for name in BY_NAME if name in kept},
    }
    FOUND.write_text(json.dumps(result, indent=1) + "\n")


def main(names: list[str]) -> int:
    """Measure and keep the result; 1 when `st run` blames the reference server."""
    with tempfile.TemporaryDirectory() as folder, reference(Path(folder, "data")) as target:
        run = st_run(target, Path(folder, "st"), *QUICK)
    if run.exit_code != 0:
        print(f"the reference server is blamed:\n{run.output}")
        return 1
    kept = json.loads(FOUND.read_text())["found"] if FOUND.exists() else {}
    missing = [name for name in BY_NAME if name not in kept]
    random.Random(1).shuffle(missing)  # noqa: S311 - an order
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, failures in pool.map(measure, names or missing):
            keep(name, failures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
