"""What can be done with an existing run: wait, update, reboot, abort, charge, delete."""

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
        active.replace_process()

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

    def charge(self, run: Run, event: str, count: int, key: str | None) -> None:
        """Count events that the Actor charges, once for each idempotency key.

        Raises:
            ApiError: 403 unless the run goes and its Actor is paid per event, 400 for an unknown
                event.
        """
        if run.event_prices is None:
            raise ApiError("cannot-charge-non-pay-per-event-actor")
        if run.finished:
            raise ApiError("job-finished")
        if event not in run.event_prices:
            known = ", ".join(run.event_prices) or "none"
            raise ApiError("invalid-value", f"The Actor has no event {event!r}; known: {known}.")
        if key is not None and key in run.charge_keys:
            return
        charged = {**run.charged_events, event: run.charged_events.get(event, 0) + count}
        keys = run.charge_keys if key is None else [*run.charge_keys, key]
        self.repository.change(run, {"charged_events": charged, "charge_keys": keys})

    def delete(self, run: Run) -> None:
        """Delete a finished run and its storages.

        Raises:
            ApiError: 400 for an unfinished run.
        """
        if not run.finished or run.id in self.supervisor.active:
            raise ApiError("cannot-remove-running-run")
        self.repository.delete(run.id)
