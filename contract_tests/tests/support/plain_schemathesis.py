"""`st run` on a server, with the files that `actor-runs schemathesis` writes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from actor_runs_conformance.ledger.contract import operations
from actor_runs_conformance.ledger.promise import ABORT, ABORTS
from tests.support.faults import BY_NAME
from tests.support.targets import Target

ST = (sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()")


QUICK = ("--max-examples", "5", "--max-failures", "1", "--no-shrink")
"""The options with which it was measured what it finds."""

SUITE_QUICK = ("--scope", "platform", "--fail-fast")
"""The options with which it was measured what the suite finds."""

MEASURED_BESIDE = "getRun"
"""The operation that is judged beside the one that is wrong."""

FOUND = Path(__file__).parent / "schemathesis_found.json"
"""What it was found to find; `python scripts/schemathesis_faults.py` measures it."""

NOT_ENDED = "not_ended"
"""Under which key of it stand the minutes after which `st run` had not ended for a fault."""

LINKS = re.compile(r"API Links:\s+(\d+) covered / \d+ selected / (\d+) total")


@frozen
class Run:
    """What `st run` came to: its words, and the codes of the failures that it found.

    `errors` are its titles of what it could not do, `links` how many links it covered of how many.
    """

    exit_code: int
    output: str
    failures: tuple[str, ...]
    errors: tuple[str, ...]
    links: tuple[int, int] | None


def operations_told(fault: str) -> tuple[str, ...]:
    """Return the operations that are judged to find a fault; empty where it is in all of them."""
    wrong = BY_NAME[fault].operation
    names = [name for name in operations() if name == wrong or (name in ABORTS and wrong == ABORT)]
    return tuple(dict.fromkeys([*names, MEASURED_BESIDE])) if names else ()


def quick(fault: str) -> tuple[str, ...]:
    """Return the options with which a fault is measured."""
    told = operations_told(fault)
    return (*QUICK, *(option for name in told for option in ("--include-operation-id", name)))


def environment(target: Target, **more: str) -> dict[str, str]:
    """Return the environment that the configuration reads."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(Path(root).resolve()) for root in sys.path if root),
        "ACTOR_RUNS_URL": target.url,
        "APIFY_TOKEN": target.token,
        "ACTOR_RUNS_TASK": target.task,
        **more,
    }


def write_files(folder: Path) -> None:
    """Write the configuration and the contract."""
    command = [
        "-c",
        "import sys; from actor_runs_conformance.cli.main import main; sys.exit(main())",
    ]
    subprocess.run(
        [sys.executable, *command, "schemathesis", str(folder)], check=True, capture_output=True
    )


def st_run(target: Target, folder: Path, *options: str, minutes: float | None = None) -> Run:
    """Run it in a folder of its own; subprocess.TimeoutExpired when it takes longer than that."""
    write_files(folder)
    command = (*ST, "--no-color", "run", "openapi.yaml", "--seed", "1", *options)
    done = subprocess.run(
        [*command, "--report", "json", "--report-json-path", "report.json"],
        cwd=folder,
        env=environment(target),
        capture_output=True,
        text=True,
        check=False,
        timeout=None if minutes is None else 60 * minutes,
    )
    output = done.stdout + done.stderr
    file = folder / "report.json"
    report = json.loads(file.read_text()) if file.exists() else {"failures": (), "errors": ()}
    links = LINKS.search(output)
    return Run(
        done.returncode,
        output,
        tuple(sorted({failure["code"] for failure in report["failures"]})),
        tuple(sorted({error["title"] for error in report["errors"]})),
        (int(links[1]), int(links[2])) if links else None,
    )
