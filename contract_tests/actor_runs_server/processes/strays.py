"""Kills processes that have left the process group of their run, once their run is gone.

A program may start another in a session of its own, as daemons do; the kill of the group does not
reach that one. It still carries the mark of its run, because marks are inherited.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import psutil
from attrs import Factory, frozen

from actor_runs_server.processes.processes import marked

if TYPE_CHECKING:
    from collections.abc import Callable

# The least time between two looks: looking at every process of the machine takes time.
PAUSE_SECS: Final = 0.25


@frozen
class StrayKiller:
    """Kills processes with the `mark` of a server, except those of its active runs."""

    mark: str
    active: Callable[[], set[str]]
    _due: asyncio.Event = Factory(asyncio.Event)

    def look(self) -> None:
        """Look soon: a process of a run has ended."""
        self._due.set()

    async def kill_when_due(self) -> None:
        """Look and kill whenever it is due, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            found = await asyncio.to_thread(marked, f"{self.mark}.")
            active = self.active()
            for process, mark in found:
                if mark.removeprefix(f"{self.mark}.") not in active:
                    with contextlib.suppress(psutil.Error):
                        process.kill()
            await asyncio.sleep(PAUSE_SECS)
