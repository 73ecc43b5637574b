"""Drives runs: starts their processes, watches them, and moves a run when its process is gone.

One task an unfinished run. Whoever wants something of a run (an abort, a reboot) moves its status
or leaves a wish and kills the process; the task sees the process end and does what is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import sqlite3
import time
from typing import TYPE_CHECKING, Final

from actor_runs_server.config.config import Config, stable_id
from actor_runs_server.processes import processes
from actor_runs_server.processes.metrics import Meter
from actor_runs_server.processes.strays import Strays
from actor_runs_server.records.lifecycle import Event, Status, after
from actor_runs_server.records.run import Run, from_document, new_id, now_millis
from actor_runs_server.runs import sampling
from actor_runs_server.runs.auth import Tokens
from actor_runs_server.runs.environment import variables
from actor_runs_server.runs.live import Live
from actor_runs_server.runs.repository import Keeper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from actor_runs_server.processes.processes import Container

LOG: Final = logging.getLogger("actor_runs_server")

# A longer timeout, three years, is none: clocks and dates do not count that far.
FOR_EVER_SECS: Final = 1e8
RESTARTS: Final = 3
RESTART_WINDOW_SECS: Final = 60.0
# How long after a move that could not be written it is tried again.
AGAIN_SECS: Final = 1.0


class Driver(Keeper):
    """The processes of the runs that go."""

    def __init__(self, config: Config, data: Path) -> None:
        """See `Keeper`; nothing is started yet."""
        super().__init__(config, data)
        self.base_url = "http://127.0.0.1"
        # The server's own part keeps the reaper of a killed server off the next one's processes.
        self._family = stable_id("data", str(self.data))
        self.mark = f"{self._family}.{new_id()}"
        self.tokens = Tokens(config)
        self._stopping = False
        self._strays = Strays(self.mark, lambda: {live.mark for live in self.live.values()})
        self._chores: list[asyncio.Task[None]] = []

    # Opening and closing.

    async def open(self) -> None:
        """Kill what an earlier server left behind, and start the unfinished runs again."""
        left = await asyncio.to_thread(processes.sweep, self._family)
        if left:
            LOG.warning("killed %d processes that an earlier server left behind", left)
        work = self.data / "work"
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
        work.mkdir()
        for document in self.records.going():
            run = from_document(document)
            if after(run.status, Event.MIGRATE):
                self.move(run, Event.MIGRATE)
            self.adopt(run)
        chores = (sampling.regularly(self), self._strays.hunt())
        self._chores = [asyncio.create_task(chore) for chore in chores]

    def stop_waiting(self) -> None:
        """Let everybody who waits for a run have its present state: the server is stopping."""
        self._stopping = True
        for live in self.live.values():
            live.announcements.announce("migrating", keep=False)
            live.announcements.announce("persistState", {"isMigrating": True}, keep=False)
            live.ended.set()

    async def close(self) -> None:
        """Kill every process; the runs that go stay unfinished and are started by the next server."""
        self.stop_waiting()
        tasks = [live.task for live in self.live.values() if live.task] + self._chores
        for live in self.live.values():
            if live.force_stop:
                live.force_stop.cancel()
            if live.container:
                live.container.kill()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for live in self.live.values():
            if live.container:
                await live.container.ended()
                await self._clear(live)
                with contextlib.suppress(sqlite3.Error):
                    self.store(live.run)
        self.records.close()

    # One run.

    def adopt(self, run: Run) -> Live:
        """Drive an unfinished run from now on."""
        live = Live(run, self.tokens.issue(run.user, run.id))
        if self._stopping:
            live.ended.set()
        self.live[run.id] = live
        live.task = asyncio.create_task(self._drive(live))
        return live

    async def _drive(self, live: Live) -> None:
        run = live.run
        while not run.finished:
            try:
                code = await self._once(live)
            except Exception:
                LOG.exception("run %s cannot be driven on", run.id)
                code = None
            if live.container:
                await self._clear(live)
            await self._surely(self._conclude, live, code)
        self.tokens.revoke(live.token)
        self.keep(run)
        del self.live[run.id]
        live.announcements.close()
        live.ended.set()

    async def _once(self, live: Live) -> int | None:
        """Run one process of a run to its end; return its exit code, None when there was none."""
        run = live.run
        live.rebooting = False
        live.announcements.forget()
        if after(run.status, Event.GONE):
            return None
        try:
            live.container = container = await self._launch(live)
        except (OSError, ValueError) as error:
            self._note(run, f"The Actor cannot be started: {error}")
            return None
        sampling.soon(live)
        await self._surely(self._if_due, run, Event.STARTED)
        if live.rebooting or run.status is not Status.RUNNING:
            # An abort or a reboot came while the process was being started.
            container.kill()
        return await self._watch(live, container)

    async def _launch(self, live: Live) -> Container:
        run = live.run
        actor = self.config.actors.get(run.actor)
        if actor is None:
            raise ValueError(f"there is no Actor {run.actor!r} in the configuration any more")
        timeout = run.options["timeoutSecs"]
        spent = (run.figures.run_millis - run.resurrected_at_millis) / 1000
        left = timeout - spent if 0 < timeout <= FOR_EVER_SECS else None
        deadline = now_millis() + int(left * 1000) if left is not None else None
        mark = f"{self.mark}.{live.mark}"
        environment = variables(
            run, token=live.token, base_url=self.base_url, mark=mark, deadline=deadline
        )
        container = await processes.launch(
            actor.command,
            actor.directory,
            {**actor.environment, **environment},
            self.data / "work" / live.mark,
            self.log_path(run.id),
        )
        began = time.monotonic()
        live.deadline = began + left if left is not None else None
        live.meter = Meter(
            run.figures, container.group, began, run.figures.run_millis, run.figures.cpu_seconds
        )
        return container

    async def _watch(self, live: Live, container: Container) -> int:
        """Wait for the process; at the run's deadline kill it. Return the exit code."""
        left = None if live.deadline is None else live.deadline - time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                return await container.ended()
        container.kill()
        await self._surely(self._if_due, live.run, Event.TIMED_OUT)
        return await container.ended()

    async def _clear(self, live: Live) -> None:
        """Remove what a process leaves behind."""
        container, live.container = live.container, None
        live.processes += 1
        sampling.finish(live)
        if live.force_stop:
            live.force_stop.cancel()
        if container:
            await container.remove()
        self._strays.look()

    # Its moves.

    def _conclude(self, live: Live, code: int | None) -> None:
        """Make the move that the end of a process means; none after a reboot."""
        run = live.run
        if after(run.status, Event.GONE):
            self.move(run, Event.GONE)
        elif live.rebooting:
            return
        elif code == 0:
            self.move(run, Event.EXITED_WELL, exit_code=code)
        elif code is not None and run.restart_on_error and self._may_restart(live):
            self.move(run, Event.RESTART)
            live.restarts.append(time.monotonic())
        else:
            self.move(run, Event.EXITED_BADLY, exit_code=code)

    def _may_restart(self, live: Live) -> bool:
        while live.restarts and live.restarts[0] < time.monotonic() - RESTART_WINDOW_SECS:
            live.restarts.popleft()
        return len(live.restarts) < RESTARTS

    def _if_due(self, run: Run, event: Event) -> None:
        """Make the move of an event where the lifecycle has it."""
        if after(run.status, event):
            self.move(run, event)

    async def _surely(self, move: Callable[..., None], *arguments: object) -> None:
        """Make a move as soon as it can be written: a full disk may have room again."""
        while True:
            try:
                return move(*arguments)
            except sqlite3.Error as error:
                LOG.error("a run waits to be written: %s", error)  # noqa: TRY400 - no fault of ours
                await asyncio.sleep(AGAIN_SECS)

    def _note(self, run: Run, text: str) -> None:
        """Put a line of the server's own into the log of a run."""
        with contextlib.suppress(OSError), self.log_path(run.id).open("a") as log:
            log.write(f"{text}\n")
