"""Supervises runs: starts their processes, waits for their end, and moves the run on.

Each unfinished run has one asyncio task. An abort or a reboot changes the status or sets a flag
and kills the process; the task notices the end of the process and does what is due.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from typing import TYPE_CHECKING, Final

from actor_runs_server.config.config import Config, stable_id
from actor_runs_server.processes import processes
from actor_runs_server.processes.metrics import Meter
from actor_runs_server.processes.strays import StrayKiller
from actor_runs_server.records.lifecycle import Event, Status, after
from actor_runs_server.records.run import Run, new_id
from actor_runs_server.runs.active_run import ActiveRun
from actor_runs_server.runs.environment import variables
from actor_runs_server.runs.sampler import Sampler

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from actor_runs_server.processes.processes import Container
    from actor_runs_server.runs.auth import Tokens
    from actor_runs_server.runs.repository import RunRepository

LOG: Final = logging.getLogger("actor_runs_server")

# Clocks and dates do not reach further: a timeout above three years counts as none.
NO_TIMEOUT_SECS: Final = 1e8
RESTARTS: Final = 3
RESTART_WINDOW_SECS: Final = 60.0
# Pause before a change that could not be written is tried again.
RETRY_SECS: Final = 1.0


class Supervisor:
    """The processes of the active runs; nothing is started before `open`.

    Args:
        config: The Actors.
        repository: The runs.
        tokens: Issues the tokens of processes.
        data: The data directory; processes work in its `work`.
        public_url: Where others reach the server; None is the address it listens on.
    """

    def __init__(
        self,
        config: Config,
        repository: RunRepository,
        tokens: Tokens,
        data: Path,
        public_url: str | None,
    ) -> None:
        self.config = config
        self.repository = repository
        self.active: dict[str, ActiveRun] = {}
        self.base_url = "http://127.0.0.1"
        self._public_url = public_url
        self._tokens = tokens
        # A folder that cannot be removed, such as one of another user, is in nobody's way.
        self._work = data / "work" / new_id()
        # The first part, of the data directory, lets a server clean up after its predecessors; the
        # second keeps the reaper of a killed server away from its successor.
        self._family = stable_id("data", str(data))
        self.mark = f"{self._family}.{new_id()}"
        self._stopping = False
        self._sampler = Sampler(config.limits.sample_secs, self.active, repository)
        self._strays = StrayKiller(self.mark, lambda: {run.mark for run in self.active.values()})
        self._background: list[asyncio.Task[None]] = []

    # Opening and closing.

    async def open(self) -> None:
        """Kill what an earlier server left behind, and start the unfinished runs again."""
        killed = await asyncio.to_thread(processes.sweep, self._family)
        if killed:
            LOG.warning("killed %d processes that an earlier server left behind", killed)
        await asyncio.to_thread(processes.remove_tree, self._work.parent)
        self._work.mkdir(parents=True)
        for run in self.repository.table.unfinished():
            if run.scripted:
                self.hold_scripted(run)
                continue
            self._move_if_possible(run, Event.MIGRATE)
            self.supervise(run)
        jobs = (self._sampler.measure_regularly(), self._strays.kill_when_due())
        self._background = [asyncio.create_task(job) for job in jobs]

    def stop_waiting(self) -> None:
        """Answer everybody who waits for a run: the server is stopping."""
        self._stopping = True
        for active in self.active.values():
            active.announcements.announce("migrating", keep=False)
            active.announcements.announce("persistState", {"isMigrating": True}, keep=False)
            active.ended.set()

    async def close(self) -> None:
        """Kill every process; the runs stay unfinished, and the next server starts them again."""
        self.stop_waiting()
        tasks = [active.task for active in self.active.values() if active.task]
        for active in self.active.values():
            if active.force_stop:
                active.force_stop.cancel()
            if active.container:
                active.container.kill()
        for task in tasks + self._background:
            task.cancel()
        await asyncio.gather(*tasks, *self._background, return_exceptions=True)
        for active in self.active.values():
            if active.container:
                await active.container.ended()
                await self._clean_up(active)
                with contextlib.suppress(sqlite3.Error):
                    self.repository.store(active.run)

    # One run.

    def supervise(self, run: Run) -> None:
        """Supervise an unfinished run until it has finished."""
        active = ActiveRun(run, self._tokens.issue(run.user, run.id))
        if self._stopping:
            active.ended.set()
        self.repository.hold(run)
        self.active[run.id] = active
        active.task = asyncio.create_task(self._supervise(active))

    def hold_scripted(self, run: Run) -> None:
        """Let callers wait for an unfinished run that has no process."""
        if run.id not in self.active:
            self.active[run.id] = ActiveRun(run, self._tokens.issue(run.user, run.id))
            self.repository.hold(run)

    def release_scripted(self, run: Run) -> None:
        """Answer those who wait for a run that has no process: it has finished."""
        active = self.active.pop(run.id, None)
        self.repository.release(run)
        if active:
            self._tokens.revoke(active.token)
            active.announcements.close()
            active.ended.set()

    async def let_go(self, run: Run) -> None:
        """Kill the process of a run and supervise the run no longer; its status stays."""
        active = self.active.get(run.id)
        if active is None or active.task is None:
            return
        active.task.cancel()
        await asyncio.gather(active.task, return_exceptions=True)
        active.task = None
        if active.container:
            active.container.kill()
            await active.container.ended()
            await self._clean_up(active)

    async def _supervise(self, active: ActiveRun) -> None:
        run = active.run
        while not run.finished:
            try:
                code = await self._run_process(active)
            except Exception:
                LOG.exception("the process of run %s failed", run.id)
                code = None
            if active.container:
                await self._clean_up(active)
            await self._until_written(self._conclude, active, code)
        self._tokens.revoke(active.token)
        self.repository.release(run)
        del self.active[run.id]
        active.announcements.close()
        active.ended.set()

    async def _run_process(self, active: ActiveRun) -> int | None:
        """Run one process of a run to its end; return its exit code, None if none was started."""
        run = active.run
        active.rebooting = False
        active.announcements.forget()
        if after(run.status, Event.GONE):
            return None
        try:
            active.container = container = await self.launch(active)
        except (OSError, ValueError) as error:
            self.repository.log(run.id).note(f"The Actor cannot be started: {error}")
            return None
        self._sampler.started(active)
        await self._until_written(self._move_if_possible, run, Event.STARTED)
        if active.rebooting or run.status is not Status.RUNNING:
            # An abort or a reboot came while the process was being started.
            container.kill()
        return await self.watch(active, container)

    async def launch(self, active: ActiveRun) -> Container:
        """Start a process for a run.

        Raises:
            OSError: The program cannot be started.
            ValueError: The configuration has no such Actor, or its command is invalid.
        """
        run = active.run
        actor = self.config.actors.get(run.actor)
        if actor is None:
            raise ValueError(f"there is no Actor {run.actor!r} in the configuration any more")
        timeout = run.options["timeoutSecs"]
        spent = (run.metrics.run_millis - run.resurrected_at_millis) / 1000
        left = timeout - spent if 0 < timeout <= NO_TIMEOUT_SECS else None
        clock = self.repository.clock
        deadline = clock.millis() + int(left * 1000) if left is not None else None
        # Before the process is there: the clock may be moved while it is being started.
        active.deadline = clock.monotonic() + left if left is not None else None
        container = await processes.launch(
            actor.command,
            actor.directory,
            {**actor.environment, **self.environment(active, deadline)},
            self._work / active.mark,
            self.repository.log(run.id).collect,
        )
        began = time.monotonic()
        active.meter = Meter(
            run.metrics, container.group, began, run.metrics.run_millis, run.metrics.cpu_seconds
        )
        return container

    def environment(self, active: ActiveRun, deadline: int | None) -> dict[str, str]:
        """Return the documented variables of a process; `deadline` is in milliseconds since 1970."""
        values = variables(
            active.run,
            token=active.token,
            base_url=self.base_url,
            mark=f"{self.mark}.{active.mark}",
            deadline=deadline,
        )
        return {**values, "APIFY_API_PUBLIC_BASE_URL": self._public_url or self.base_url}

    async def watch(self, active: ActiveRun, container: Container) -> int:
        """Return the exit code of the process, which is killed at the deadline of its run."""
        if active.deadline is None:
            return await container.ended()
        timeout = asyncio.create_task(self.repository.clock.sleep_until(active.deadline))
        ended = asyncio.create_task(container.ended())
        try:
            await asyncio.wait((timeout, ended), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                container.kill()
                await self._until_written(self._move_if_possible, active.run, Event.TIMED_OUT)
            return await ended
        finally:
            timeout.cancel()
            ended.cancel()

    async def _clean_up(self, active: ActiveRun) -> None:
        """Remove what a process leaves behind."""
        container, active.container = active.container, None
        active.processes += 1
        self._sampler.ended(active)
        if active.force_stop:
            active.force_stop.cancel()
        if container:
            await container.remove()
        self._strays.look()

    # The status of a run.

    def _conclude(self, active: ActiveRun, code: int | None) -> None:
        """Make the transition that the end of a process means; none after a reboot."""
        run, move = active.run, self.repository.move
        if after(run.status, Event.GONE):
            move(run, Event.GONE)
        elif active.rebooting:
            return
        elif code == 0:
            move(run, Event.EXITED_WELL, exit_code=code)
        elif code is not None and run.restart_on_error and self.may_restart(active):
            move(run, Event.RESTART)
            active.restarts.append(time.monotonic())
        else:
            move(run, Event.EXITED_BADLY, exit_code=code)

    def may_restart(self, active: ActiveRun) -> bool:
        """Return whether a run may be restarted after an error: three times a minute."""
        while active.restarts and active.restarts[0] < time.monotonic() - RESTART_WINDOW_SECS:
            active.restarts.popleft()
        return len(active.restarts) < RESTARTS

    def _move_if_possible(self, run: Run, event: Event) -> None:
        if after(run.status, event):
            self.repository.move(run, event)

    async def _until_written(self, move: Callable[..., None], *arguments: object) -> None:
        """Make a transition as soon as it can be written: a full disk may get free space."""
        while True:
            try:
                return move(*arguments)
            except sqlite3.Error as error:
                LOG.warning("the status of a run cannot be written, trying again: %s", error)
            except Exception:
                LOG.exception("the status of a run cannot be changed, trying again")
            await asyncio.sleep(RETRY_SECS)
