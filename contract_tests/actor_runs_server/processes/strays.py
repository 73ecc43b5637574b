"""Ends processes that have left the group of their run, once that run's process is gone.

A program may start another in a session of its own, as daemons do, where the kill of the group
does not reach it. It carries the mark of its run all the same, as marks are inherited.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import psutil

from actor_runs_server.processes.processes import marked

if TYPE_CHECKING:
    from collections.abc import Callable

# Looking at every process of the machine takes time; this is how often it is done at most.
PAUSE_SECS: Final = 0.25


class Strays:
    """Looks for processes of a server whose run has no process any more."""

    def __init__(self, mark: str, going: Callable[[], set[str]]) -> None:
        """Take the server's mark, and what tells the runs' own parts of those that go."""
        self._mark = mark
        self._going = going
        self._due = asyncio.Event()

    def look(self) -> None:
        """Look soon: a process of a run has ended."""
        self._due.set()

    async def hunt(self) -> None:
        """Look and kill, whenever it is due."""
        while True:
            await self._due.wait()
            self._due.clear()
            found = await asyncio.to_thread(marked, f"{self._mark}.")
            going = self._going()
            for process, mark in found:
                if mark.removeprefix(f"{self._mark}.") not in going:
                    with contextlib.suppress(psutil.Error):
                        process.kill()
            await asyncio.sleep(PAUSE_SECS)
