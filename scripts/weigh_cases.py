"""Weigh a check with many generated cases: at most 1.5 times the time of drawing them, and 300 MB.

`python scripts/weigh_cases.py 100000 URL TASK` draws the cases alone, then checks the server at URL
with them (APIFY_TOKEN is its token). The server belongs on another machine, or its share is measured too.
The memory is that of the command and of the process that draws, together, ten times a second.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
from attrs import asdict

from actor_runs_conformance.checks.properties.amounts import case_counts
from actor_runs_conformance.checks.properties.worker_pool import environment
from actor_runs_conformance.ledger.contract import document, operations
from actor_runs_conformance.testkit.registry import Profile

MOST_TIME, MOST_MEMORY = 1.5, 300
WORKER = (sys.executable, "-m", "actor_runs_conformance.checks.properties.worker")
COMMAND = (sys.executable, "-m", "actor_runs_conformance", "check-server")


def drawing(cases: int) -> float:
    """Return the seconds that one process takes to draw the cases."""
    counts = case_counts(Profile.FULL, cases, operations())
    job = {"contract": document(), "seed": 1, "shard": "1/1"}
    job["operations"] = {name: asdict(count) for name, count in counts.items()}
    began = time.monotonic()
    subprocess.run(
        WORKER,
        input=json.dumps(job).encode(),
        stdout=subprocess.DEVNULL,
        env=environment(),
        check=True,
    )
    return time.monotonic() - began


def megabytes(process: psutil.Process) -> float:
    """Return what a process and its children hold now."""
    held = 0
    with suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                held += one.memory_info().rss
    return held / 1e6


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when a bound is broken."""
    cases, url, task = int(arguments[0]), *arguments[1:3]
    alone = drawing(cases)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report")
        words = (url, "--task", task, "--cases", str(cases), "--workers", "1")
        began, memory = time.monotonic(), 0.0
        with subprocess.Popen([*COMMAND, *words, "--report", report]) as check:
            while check.poll() is None:
                memory = max(memory, megabytes(psutil.Process(check.pid)))
                time.sleep(0.1)
        checked = time.monotonic() - began
        cost = json.loads((report / "report.json").read_text(encoding="utf-8"))["cost"]
        size = (report / "events.jsonl").stat().st_size / 1e6
    print(
        f"{cases} cases: drawn alone in {alone:.0f} s, checked in {checked:.0f} s "
        f"({checked / alone:.2f} times), {cost['generated_cases']} of them sent (none twice), "
        f"{memory:.0f} MB, log of {size:.1f} MB, exit code {check.returncode}"
    )
    return int(checked > MOST_TIME * alone or memory > MOST_MEMORY)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
