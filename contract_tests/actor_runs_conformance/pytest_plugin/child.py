"""The process that makes the check for pytest: a job on stdin, what the tests are told in a file.

The job is a line of JSON: {"keywords": {…}, "fail_not_exercised": …, "into": "FILE"}. When stdin ends, the check ends early:
the runs that it has started are aborted, and no file is written.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve

from actor_runs_conformance.library.check import acheck_server
from actor_runs_conformance.library.errors import CheckError, ReportError
from actor_runs_conformance.pytest_plugin.outcomes import Outcomes, outcomes
from actor_runs_conformance.pytest_plugin.settings import spelled
from actor_runs_conformance.results.verdict import ExitCode


async def check(job: dict[str, Any]) -> Outcomes:
    """Make the check that a job describes."""
    _end_with_stdin()
    keywords = job["keywords"]
    told = partial(
        outcomes,
        strict=bool(keywords.get("strict")),
        fail_not_exercised=job["fail_not_exercised"],
    )
    try:
        return told(await acheck_server(**keywords))
    except ReportError as error:
        found = told(error.result)
        return evolve(found, summary=(*found.summary, str(error)))
    except CheckError as error:
        return Outcomes({}, failure=spelled(str(error)))


def _end_with_stdin() -> None:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    cancel = task.cancel

    def wait() -> None:
        while os.read(0, 1024):
            pass
        loop.call_soon_threadsafe(cancel)

    threading.Thread(target=wait, daemon=True).start()


def main() -> int:
    """Make the check of the job on stdin and write what the tests are told."""
    job = json.loads(sys.stdin.readline())
    try:
        found = asyncio.run(check(job))
    except asyncio.CancelledError:
        return ExitCode.INTERRUPTED
    found.write(Path(job["into"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
