"""Drives runs: starts their processes, watches them, moves them through the lifecycle.

One task an unfinished run. Whoever wants something of a run (an abort, a reboot) moves its status
or leaves a wish and kills the process; the task sees the process end and does what is due. A move
is stored before anybody is told of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from . import processes, sampling
from .auth import Tokens
from .config import Config, stable_id
from .environment import variables
from .figures import Meter
from .lifecycle import Event, Status, after
from .live import Live
from .record import Run, from_document, new_id, now_millis
from .records import Records

if TYPE_CHECKING:
    from pathlib import Path

    from .processes import Container

LOG: Final = logging.getLogger("actor_runs_server")

# A longer timeout, three years, is none: clocks and dates do not count that far.
FOR_EVER_SECS: Final = 1e8
RESTARTS: Final = 3
RESTART_WINDOW_SECS: Final = 60.0
# Finished runs whose answers are kept ready; the rest is read from the file.
KEPT: Final = 2_000


class IllegalMoveError(Exception):
    """The lifecycle has no such transition: a fault of this server."""


class Driver:
    """All runs of one data directory, and the processes of those that go."""

    def __init__(self, config: Config, data: Path) -> None:
        """Open the records of the directory; nothing is started yet.

        Raises:
            OSError: The directory cannot be made or written.
        """
        data.mkdir(parents=True, exist_ok=True)
        self.config = config
        self.data = data.resolve()
        self.base_url = "http://127.0.0.1"
        # The server's own part keeps the reaper of a killed server off the next one's processes.
        self._family = stable_id("data", str(self.data))
        self.mark = f"{self._family}.{new_id()}"
        self.records = Records(self.data / "runs.sqlite")
        self.tokens = Tokens(config)
        self.live: dict[str, Live] = {}
        self.stopping = False
        self._kept: OrderedDict[str, Run] = OrderedDict()
        self._sampler: asyncio.Task[None] | None = None
        for name in ("logs", "work"):
            (self.data / name).mkdir(exist_ok=True)

    # Opening and closing.

    async def open(self) -> None:
        """Kill what an earlier server left behind, and start the unfinished runs again."""
        left = await asyncio.to_thread(processes.sweep, self._family)
        if left:
            LOG.warning("killed %d processes that an earlier server left behind", left)
        shutil.rmtree(self.data / "work", ignore_errors=True)
        (self.data / "work").mkdir()
        for document in self.records.going():
            run = from_document(document)
            if run.status is Status.RUNNING:
                self.move(run, Event.MIGRATE)
            self.adopt(run)
        self._sampler = asyncio.create_task(sampling.regularly(self))

    def stop_waiting(self) -> None:
        """Let everybody who waits for a run have its present state: the server is stopping."""
        self.stopping = True
        for live in self.live.values():
            live.announcements.announce("migrating", keep=False)
            live.announcements.announce("persistState", {"isMigrating": True}, keep=False)
            live.ended.set()

    async def close(self) -> None:
        """Kill every process; the runs that go stay unfinished and are started by the next server."""
        self.stop_waiting()
        tasks = [live.task for live in self.live.values() if live.task]
        tasks += [self._sampler] if self._sampler else []
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
                sampling.finish(live)
                live.container.remove()
                self.store(live.run)
        self.records.close()

    # Runs.

    def find(self, run_id: str) -> Run | None:
        """Return a run; None when there is none."""
        live = self.live.get(run_id)
        if live:
            return live.run
        run = self._kept.get(run_id)
        if run is None:
            document = self.records.run(run_id)
            if document is None:
                return None
            run = from_document(document)
            self._keep(run)
        return run

    def forget(self, run_id: str) -> None:
        """Remove a finished run with its storages and its log."""
        self._kept.pop(run_id, None)
        self.on_dropped(run_id)
        self.records.remove_run(run_id)
        self.log_path(run_id).unlink(missing_ok=True)

    def log_path(self, run_id: str) -> Path:
        """Return the file that collects the output of a run."""
        return self.data / "logs" / f"{run_id}.log"

    def store(self, run: Run) -> None:
        """Write a run as it is now."""
        self.records.save_run(
            run.id,
            run.user,
            run.task or "",
            run.started_at,
            run.document(),
            finished=run.finished,
        )

    def move(self, run: Run, event: Event) -> None:
        """Make the transition of an event and store it.

        Raises:
            IllegalMoveError: The lifecycle has no such transition.
        """
        edge = after(run.status, event)
        if edge is None:
            raise IllegalMoveError(
                f"run {run.id} is {run.status.value}: no {event.value!r} from there"
            )
        run.status = edge.target
        if edge.counter:
            run.counters[edge.counter] += 1
        if run.finished:
            run.figures.rest()
            run.finished_at = max(now_millis(), run.started_at + run.figures.run_millis)
        self.store(run)

    def adopt(self, run: Run) -> Live:
        """Drive an unfinished run from now on."""
        live = Live(run, self.tokens.issue(run.user, run.id))
        self.live[run.id] = live
        live.task = asyncio.create_task(self._drive(live))
        return live

    def on_finished(self, run: Run) -> None:
        """Learn that a run has finished; it is stored and nobody has been told."""

    def on_dropped(self, run_id: str) -> None:
        """Learn that a run is no longer kept in memory."""

    def _keep(self, run: Run) -> None:
        self._kept[run.id] = run
        while len(self._kept) > KEPT:
            self.on_dropped(self._kept.popitem(last=False)[0])

    async def _drive(self, live: Live) -> None:
        run = live.run
        try:
            while not run.finished:
                event = await self._once(live)
                if event:
                    self.move(run, event)
        except asyncio.CancelledError:
            raise
        except Exception:
            LOG.exception("run %s cannot be driven on", run.id)
            if live.container:
                live.container.remove()
            run.status, run.finished_at = Status.FAILED, now_millis()
            self.store(run)
        self.tokens.revoke(live.token)
        self.on_finished(run)
        self._keep(run)
        del self.live[run.id]
        live.ended.set()

    async def _once(self, live: Live) -> Event | None:
        """Run one process of a run to its end; return what that means, None after a reboot."""
        run = live.run
        if after(run.status, Event.GONE):
            return Event.GONE
        live.rebooting = False
        live.announcements.forget()
        try:
            live.container = await self._launch(live)
        except OSError as error:
            with self.log_path(run.id).open("a") as log:
                log.write(f"The Actor cannot be started: {error}\n")
            return Event.GONE if after(run.status, Event.GONE) else Event.EXITED_BADLY
        container = live.container
        sampling.soon(live)
        if run.status is Status.READY:
            self.move(run, Event.STARTED)
        if live.rebooting or run.status is not Status.RUNNING:
            # An abort or a reboot came while the process was being started.
            container.kill()
        code = await self._watch(live, container)
        sampling.finish(live)
        live.container = live.meter = None
        container.remove()
        if live.force_stop:
            live.force_stop.cancel()
        if run.status is not Status.RUNNING:
            return Event.GONE
        if live.rebooting:
            return None
        run.exit_code = code
        if code == 0:
            return Event.EXITED_WELL
        if run.restart_on_error and self._may_restart(live):
            run.exit_code = None
            return Event.RESTART
        return Event.EXITED_BADLY

    async def _launch(self, live: Live) -> Container:
        run = live.run
        actor = self.config.actors[run.actor]
        live.starts += 1
        timeout = run.options["timeoutSecs"]
        spent = (run.figures.run_millis - run.resurrected_at_millis) / 1000
        left = timeout - spent if 0 < timeout <= FOR_EVER_SECS else None
        deadline = now_millis() + int(left * 1000) if left is not None else None
        environment = variables(
            run, token=live.token, base_url=self.base_url, mark=self.mark, deadline=deadline
        )
        container = await processes.launch(
            actor.command,
            actor.directory,
            {**actor.environment, **environment},
            self.data / "work" / f"{run.id}-{live.starts}",
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
        if live.run.status is Status.RUNNING:
            self.move(live.run, Event.TIMED_OUT)
            container.kill()
        return await container.ended()

    def _may_restart(self, live: Live) -> bool:
        now = time.monotonic()
        while live.restarts and live.restarts[0] < now - RESTART_WINDOW_SECS:
            live.restarts.popleft()
        if len(live.restarts) >= RESTARTS:
            return False
        live.restarts.append(now)
        return True
