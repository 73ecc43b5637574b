"""Render docs/fault-matrix.md from the results that a run of the fault matrix left behind.

`python scripts/fault_matrix.py RESULTS` where RESULTS is the folder named by FAULTS_RESULTS.
Fails when a check of the suite that can fail has found no fault at all.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/fault-matrix.md"

Results = dict[str, dict[str, Any]]


def main(arguments: list[str]) -> int:
    """Write the page; return 1 when a check is idle or a result is missing."""
    results: Results = {
        path.stem: json.loads(path.read_text()) for path in Path(arguments[0]).glob("*.json")
    }
    idle = idle_checks(results)
    missing = [one.name for one in (*_faults(), *_freedoms()) if one.name not in results]
    if missing:
        print(f"No results for {', '.join(missing)}; run the whole matrix.", file=sys.stderr)
        return 1
    PAGE.write_text(page(results))
    print(f"Wrote {PAGE.relative_to(ROOT)}.")
    if idle:
        print(f"These checks have found no fault: {', '.join(idle)}.", file=sys.stderr)
    return 1 if idle else 0


def _faults() -> tuple[Any, ...]:
    return tuple(importlib.import_module("tests.support.faults").FAULTS)


def _freedoms() -> tuple[Any, ...]:
    return tuple(importlib.import_module("tests.support.freedoms").TOLERANCES)


def killable() -> dict[str, tuple[str, ...]]:
    """Return the checks that judge a must or should promise, with those promises."""
    from actor_runs_conformance.checks import all_checks
    from actor_runs_conformance.ledger import ledger

    promises = ledger.by_id()
    found = {
        name: tuple(one for one in check.promises if promises[one].level != "open")
        for name, check in all_checks().items()
    }
    return {name: promised for name, promised in found.items() if promised}


def idle_checks(results: Results) -> list[str]:
    """Return the checks that can fail and have found no fault."""
    killers = {check for result in results.values() for check in result.get("killed_by", ())}
    return sorted(set(killable()) - killers)


def page(results: Results) -> str:
    """Return the page."""
    faults, freedoms = _faults(), _freedoms()
    killed = [fault for fault in faults if results[fault.name]["found"]]
    calm = [one for one in freedoms if results[one.name]["exit_code"] == 0]
    seconds = sum(result["seconds"] for result in results.values())
    awake = len(killable()) - len(idle_checks(results))
    figures = (
        f"**{len(killed)} of {len(faults)} faults found, {len(calm)} of {len(freedoms)} freedoms "
        f"left in peace, {awake} of {len(killable())} checks that can fail have found a fault.** "
        f"It took {seconds:.0f} s of checking."
    )
    lines = [
        "# The fault matrix",
        "",
        "Every row is the reference server with one thing wrong, judged by the suite. A fault",
        "counts as found when a promise that it breaks is found broken, before any other.",
        "`nox -s faults` runs the matrix and renders this page.",
        "",
        figures,
        "",
        "## Faults",
    ]
    by_operation = defaultdict(list)
    for fault in faults:
        by_operation[fault.operation].append(fault)
    for operation, members in by_operation.items():
        lines += ["", f"### {'every operation' if operation == 'any' else operation}", ""]
        lines += [
            "| fault | what is wrong | promises found broken | found by |",
            "|---|---|---|---|",
        ]
        lines += [_row(fault, results[fault.name]) for fault in members]
    lines += ["", "## Freedoms", "", "Nothing is found broken in any of these.", ""]
    lines += ["| freedom | what the server does | exit code |", "|---|---|---|"]
    lines += [
        f"| `{one.name}` | {one.wrong} | {results[one.name]['exit_code']} |" for one in freedoms
    ]
    lines += ["", "## Checks", "", "| check | faults that it found |", "|---|---|"]
    for check in sorted(killable()):
        names = [name for name, result in results.items() if check in result.get("killed_by", ())]
        shown = ", ".join(f"`{name}`" for name in sorted(names)[:4])
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        lines.append(f"| `{check}` | {shown or '**none**'}{more} |")
    return "\n".join(lines) + "\n"


def _row(fault: Any, result: dict[str, Any]) -> str:  # noqa: ANN401 - of the tests' own
    verdicts = {promise: verdict for promise, _, verdict in result["found"]}
    promises = ", ".join(f"{one} {verdict}" for one, verdict in sorted(verdicts.items()))
    checks = ", ".join(f"`{check}`" for check in result["killed_by"])
    return f"| `{fault.name}` | {fault.wrong} | {promises or '**none**'} | {checks} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
