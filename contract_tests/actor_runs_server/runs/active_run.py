"""What a run has in memory until it has finished."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from attrs import Factory, define

from actor_runs_server.runs.events import Announcements

if TYPE_CHECKING:
    from actor_runs_server.processes.metrics import Meter
    from actor_runs_server.processes.processes import Container
    from actor_runs_server.records.run import Run


@define(eq=False)
class ActiveRun:
    """An unfinished run with its process.

    `ended` is set when the run has finished or the server stops; `processes` counts the processes
    that have ended; `rebooting` asks for a new one; `deadline` is a time of the server's monotonic clock.
    """

    run: Run
    token: str
    ended: asyncio.Event = Factory(asyncio.Event)
    announcements: Announcements = Factory(Announcements)
    restarts: deque[float] = Factory(deque)
    container: Container | None = None
    meter: Meter | None = None
    force_stop: asyncio.Task[None] | None = None
    task: asyncio.Task[None] | None = None
    processes: int = 0
    rebooting: bool = False
    deadline: float | None = None

    @property
    def mark(self) -> str:
        """What identifies the current process of this run within the server."""
        return f"{self.run.id}-{self.processes}"

    def replace_process(self) -> None:
        """Start a new process as soon as the current one has ended, which is killed."""
        self.rebooting = True
        if self.container:
            self.container.kill()
