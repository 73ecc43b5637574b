"""What can be done with an existing run: wait, update, reboot, abort, resurrect, delete."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import attrs

from actor_runs_server.api_error import ApiError
from actor_runs_server.records.lifecycle import Event, Status, after

if TYPE_CHECKING:
    from actor_runs_server.config.config import Limits
    from actor_runs_server.processes.processes import Container
    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.active_run import ActiveRun
    from actor_runs_server.runs.repository import RunRepository
    from actor_runs_server.runs.supervisor import Supervisor


@attrs.frozen(kw_only=True)
class Change:
    """What a caller changes of a run, under the names of `Run`; None is left unchanged."""

    status_message: str | None = None
    is_status_message_terminal: bool | None = None
    general_access: str | None = None


@attrs.frozen
class RunOperations:
    """The operations on an existing run."""

    limits: Limits
    repository: RunRepository
    supervisor: Supervisor

    async def wait(self, run: Run, seconds: float) -> None:
        """Return when the run has finished or the time is over, whichever is first."""
        active = self.supervisor.active.get(run.id)
        if active is None or seconds <= 0:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await active.ended.wait()

    def update(self, run: Run, change: Change) -> None:
        """Set the status message, or who may read the run."""
        values = {key: value for key, value in attrs.asdict(change).items() if value is not None}
        if change.status_message is not None:
            values["is_status_message_terminal"] = bool(change.is_status_message_terminal)
        self.repository.change(run, values)

    def reboot(self, run: Run) -> None:
        """Replace the process of a running run by a new one.

        Raises:
            ApiError: 403 for a finished run, 400 for one that is not running.
        """
        active = self.supervisor.active.get(run.id)
        if run.finished or active is None:
            raise ApiError("job-finished")
        if after(run.status, Event.REBOOT) is None:
            status = run.status.value
            raise ApiError(
                "invalid-request", f"Only a run that is RUNNING can be rebooted; it is {status}."
            )
        self.repository.move(run, Event.REBOOT)
        active.rebooting = True
        if active.container:
            active.container.kill()

    def abort(self, run: Run, *, gracefully: bool) -> None:
        """Abort an unfinished run; a finished one is left unchanged.

        A graceful abort does not change one that is under way; an immediate abort ends it.
        """
        active = self.supervisor.active.get(run.id)
        if active is None or run.finished:
            return
        status = run.status
        if after(status, Event.ABORT):
            self.repository.move(run, Event.ABORT)
        if gracefully and status is Status.RUNNING and active.container:
            self.announce_abort(active)
        elif (status is not Status.ABORTING or not gracefully) and active.container:
            active.container.kill()

    def announce_abort(self, active: ActiveRun) -> None:
        """Announce an abort to the process, and kill it when the time to end is over."""
        active.announcements.announce("aborting")
        active.announcements.announce("persistState", {"isMigrating": False})
        if active.container:
            killing = self._kill_later(active.container, self.limits.graceful_abort_secs)
            active.force_stop = asyncio.create_task(killing)

    async def _kill_later(self, container: Container, seconds: float) -> None:
        await self.repository.clock.sleep(seconds)
        container.kill()

    def resurrect(self, run: Run) -> None:
        """Start a finished run again, with its storages.

        Raises:
            ApiError: 400 for an unfinished run.
        """
        if run.id in self.supervisor.active or after(run.status, Event.RESURRECT) is None:
            raise ApiError("invalid-request", "Only a finished run can be resurrected.")
        self.repository.move(
            run,
            Event.RESURRECT,
            finished_at=None,
            exit_code=None,
            resurrected_at_millis=run.metrics.run_millis,
        )
        self.supervisor.supervise(run)

    def delete(self, run: Run) -> None:
        """Delete a finished run and its storages.

        Raises:
            ApiError: 400 for an unfinished run.
        """
        if not run.finished or run.id in self.supervisor.active:
            raise ApiError("cannot-remove-running-run")
        self.repository.delete(run.id)
