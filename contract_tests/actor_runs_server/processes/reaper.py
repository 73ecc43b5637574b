"""`python -m actor_runs_server.processes.reaper MARK [DIRECTORY]`: outlives a server to clean up after it.

It waits for the end of its standard input, which comes however the server ends, kills every
process with the mark, and removes the directory if one is given.
"""

from __future__ import annotations

import shutil
import sys
import time

from actor_runs_server.processes.processes import DONE, sweep

LATER_SWEEPS = 4
LATER_SECS = 0.15


def main(arguments: list[str]) -> None:
    """Wait, sweep, remove."""
    mark, *directory = arguments
    orderly = DONE in sys.stdin.buffer.read()
    sweep(mark)
    # A process that was starting while the server was killed gets its mark a moment later.
    for _ in range(0 if orderly else LATER_SWEEPS):
        time.sleep(LATER_SECS)
        sweep(mark)
    if directory:
        shutil.rmtree(directory[0], ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
