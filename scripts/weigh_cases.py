"""Weigh a check with many generated cases: at most 1.5 times the time of drawing them, and 300 MB.

`python scripts/weigh_cases.py 100000 URL TASK` draws the cases alone, then checks the server at URL
with them (APIFY_TOKEN is its token). The server belongs on another machine, or its share is measured too.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from attrs import asdict

from actor_runs_conformance.checks.properties.amounts import case_counts
from actor_runs_conformance.checks.properties.worker_pool import environment
from actor_runs_conformance.cli.main import main as actor_runs
from actor_runs_conformance.ledger.contract import document, operations
from actor_runs_conformance.testkit.registry import Profile

MOST_TIME, MOST_MEMORY = 1.5, 300
WORKER = (sys.executable, "-m", "actor_runs_conformance.checks.properties.worker")


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


def cpu(who: int) -> float:
    """Return the processor time of this process, or of its children that have ended."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str]) -> int:
    """Print the figures; 1 when a bound is broken."""
    cases, url, task = int(arguments[0]), *arguments[1:3]
    alone = drawing(cases)
    drawn, before = cpu(resource.RUSAGE_CHILDREN), cpu(resource.RUSAGE_SELF)
    with tempfile.TemporaryDirectory() as folder:
        words = [url, "--task", task, "--cases", str(cases), "--workers", "1", "--json"]
        began = time.monotonic()
        code = actor_runs(["check-server", *words, "--report", str(Path(folder, "report"))])
        checked = time.monotonic() - began
        size = Path(folder, "report", "events.jsonl").stat().st_size / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{cases} cases: drawn alone in {alone:.0f} s, checked in {checked:.0f} s "
        f"({checked / alone:.2f} times), {memory:.0f} MB, log of {size:.1f} MB, exit code {code}; CPU: "
        f"drawing {drawn:.0f} s, in the check {cpu(resource.RUSAGE_CHILDREN) - drawn:.0f} s, "
        f"sending and judging {cpu(resource.RUSAGE_SELF) - before:.0f} s",
        file=sys.stderr,
    )
    return int(checked > MOST_TIME * alone or memory > MOST_MEMORY)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
