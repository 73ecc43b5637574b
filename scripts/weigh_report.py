"""Render a check of 100,000 exchanges, and say how long it took and what the page weighs.

The peer is reading the same log as JSON and nothing else, in the same run: the ratio is what a
machine's speed does not change. Processor time is judged, which is what it takes on a machine with
nothing else to do. Exits with 1 above 10 s or 20 MB.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from actor_runs_conformance.report.render import render_all
from tests.support.made_log import MadeLog, run_object

EXCHANGES, PROMISES, SHOWN = 100_000, 300, 12
SLOWEST, HEAVIEST = 10.0, 20.0
"""Seconds, and megabytes of report.html."""


def long_log() -> MadeLog:
    """Return a log in which every promise has evidence of its own, and most exchanges are none."""
    log = MadeLog()
    log.start()
    body = run_object("Icz6E0IHX0c40yEi7", "RUNNING")
    for number in range(PROMISES):
        log.promise(f"GET-{number:03}")
    for _ in range(EXCHANGES):
        exchange = log.exchange(body=body)
        log.add("case", operation="getRun", phase="fuzzing", mode="negative", exchange=exchange)
    for number in range(PROMISES):
        first = number * SHOWN + 1
        log.verdict(f"GET-{number:03}", exchanges=tuple(range(first, first + SHOWN)))
    log.end("conformant", 0, message="Every promise that was checked is kept.")
    return log


def read(path: Path) -> int:
    """Read every line as JSON: the least that any rendering has to do."""
    with path.open("rb") as file:
        return sum(isinstance(json.loads(line), dict) for line in file)


def main() -> int:
    """Measure; 1 when a bound is exceeded."""
    with tempfile.TemporaryDirectory() as room:
        directory = long_log().write(Path(room))
        started = time.process_time()
        read(directory / "events.jsonl")
        alone = time.process_time() - started
        clock, started = time.perf_counter(), time.process_time()
        render_all(directory)
        seconds, elapsed = time.process_time() - started, time.perf_counter() - clock
        megabytes = (directory / "report.html").stat().st_size / 1e6
        log_megabytes = (directory / "events.jsonl").stat().st_size / 1e6
    print(f"{EXCHANGES:,} exchanges, a log of {log_megabytes:.0f} MB")
    print(f"all reports: {seconds:.1f} s of processor time in {elapsed:.1f} s")
    print(f"{seconds / alone:.1f} times reading the log alone")
    print(f"report.html: {megabytes:.1f} MB")
    return int(seconds > SLOWEST or megabytes > HEAVIEST)


if __name__ == "__main__":
    sys.exit(main())
