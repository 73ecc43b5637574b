"""`python -m actor_runs_server.reaper MARK [DIRECTORY]`: outlives a server to clean up after it.

It waits for the end of its standard input, which comes when the server ends in any way, kills
every process with the mark, and removes the directory when one is given.
"""

from __future__ import annotations

import shutil
import sys
import time

from .processes import sweep


def main(arguments: list[str]) -> None:
    """Wait, sweep, remove."""
    mark, *directory = arguments
    while sys.stdin.buffer.read(1024):
        pass
    # A process that was being started while the server died gets its mark a moment later.
    for _ in range(4):
        sweep(mark)
        time.sleep(0.15)
    if directory:
        shutil.rmtree(directory[0], ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
