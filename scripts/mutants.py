"""Break the client on purpose, and look that the tests named in the ledger notice.

Prints a line for each promise, mutant and test. Fails where a test passes all the same, where a
promise with a test of the client has no mutant, and where a mutant cannot be made any more.

    python scripts/mutants.py [NAME …]      all mutants, or these alone
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CLIENT = ROOT / "overrides/actor_runs"
TESTS = ROOT / "contract_tests/tests/actor_runs"
PYTEST = ("-m", "pytest", "-x", "-q", "--tb=line", "-p", "no:cacheprovider", "-p", "pytest_timeout")
# Plugins take longer to load than most of the tests to run.
BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}

FAILED, PASSED = 1, 0


def main(names: list[str]) -> int:
    """Try the mutants; return 1 where one survives, or one is missing."""
    began = time.monotonic()
    mutants = [one for one in _table() if not names or one.name in names]
    missing = [] if names else without_mutant(mutants)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        tried = [pool.submit(survivals, mutant, Path(folder)) for mutant in mutants]
        survived = [line for each in tried for line in each.result()]
    for promise in missing:
        print(f"{promise}: no mutant breaks it")
    pairs = sum(len(mutant.promises) for mutant in mutants)
    print(
        f"{len(mutants)} mutants for {pairs} promises: {len(survived)} survived, "
        f"{len(missing)} missing, in {time.monotonic() - began:.0f} s"
    )
    return 1 if survived or missing else 0


def _table() -> tuple[Any, ...]:
    return tuple(importlib.import_module("tests.support.mutants").MUTANTS)


def without_mutant(mutants: list[Any]) -> list[str]:
    """Return the promises with a test of the client that no mutant breaks."""
    from actor_runs_conformance.ledger import ledger

    broken = {promise for mutant in mutants for promise in mutant.promises}
    return [one.id for one in ledger.load() if one.client.check and one.id not in broken]


def survivals(mutant: Any, folder: Path) -> list[str]:  # noqa: ANN401 - of the tests' own
    """Make a mutant, run its tests, and return a line for each that passes."""
    from actor_runs_conformance.ledger import ledger

    source = folder / mutant.name
    package = source / "actor_runs"
    shutil.copytree(CLIENT, package, ignore=shutil.ignore_patterns("__pycache__"))
    mutant.apply(package)
    path = os.pathsep.join([str(source), os.environ.get("PYTHONPATH", "")])
    codes = {}
    for test in mutant.tests:
        done = subprocess.run(
            [sys.executable, *PYTEST, "-o", "timeout=40", str(TESTS / test)],
            env={**os.environ, **BARE, "PYTHONPATH": path},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        codes[test] = done.returncode
        if done.returncode not in {FAILED, PASSED}:
            raise SystemExit(f"{mutant.name}: {test} cannot be run:\n{done.stdout}{done.stderr}")
    shutil.rmtree(source)
    survived = []
    for promise in mutant.promises:
        test = ledger.by_id()[promise].client.check or ""
        outcome = "survives" if codes[test] == PASSED else "dies by"
        line = f"{promise}: {mutant.name} {outcome} {test}"
        print(line, flush=True)
        survived += [line] * (codes[test] == PASSED)
    return survived


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
