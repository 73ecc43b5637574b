"""What is done with a run that is there: wait, update, reboot, abort, resurrect, delete.

`Runs` is the whole service, made of layers, each of them a page: `Keeper` (what a run was and is),
`Driver` (its processes), `Access` (who sees what), `Starts` (what a run begins with), and this one.

A test that wants a faulty server subclasses `Runs`, overrides what shall be wrong, and gives the
class to `create_app` (or `main`): every operation, every decision (`options_of`, `merged_input`,
`may_read` ...) and the Run object itself (`answer`) is a method of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import attrs

from actor_runs_server.api_error import ApiError
from actor_runs_server.records.lifecycle import TERMINAL, Event, Status, after
from actor_runs_server.runs.starts import Starts

if TYPE_CHECKING:
    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.live import Live


@attrs.frozen(kw_only=True)
class Change:
    """What a caller changes of a run, by the names that a `Run` has; absent values are None."""

    status_message: str | None = None
    is_status_message_terminal: bool | None = None
    general_access: str | None = None


class Runs(Starts):
    """The service behind the endpoints. Nothing here knows HTTP but the types of errors."""

    async def open(self) -> None:
        """Start the unfinished runs again, and the deliveries that were not made."""
        await super().open()
        self.deliveries.open()

    async def close(self) -> None:
        """Kill every process, stop every delivery."""
        await self.deliveries.close()
        await super().close()

    async def wait(self, run: Run, seconds: float) -> None:
        """Return when the run has finished or the seconds are over, whichever is first."""
        live = self.live.get(run.id)
        if live is None or seconds <= 0:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await live.ended.wait()

    def update(self, run: Run, change: Change) -> None:
        """Set the status message, or who may read the run."""
        values = {key: value for key, value in attrs.asdict(change).items() if value is not None}
        if change.status_message is not None:
            values["is_status_message_terminal"] = bool(change.is_status_message_terminal)
        self.change(run, **values)

    def reboot(self, run: Run) -> None:
        """Replace the process of a running run by a new one.

        Raises:
            ApiError: 403 for a finished run, 400 for one that is not running.
        """
        live = self.live.get(run.id)
        if run.finished or live is None:
            raise ApiError("job-finished")
        if after(run.status, Event.REBOOT) is None:
            status = run.status.value
            raise ApiError(
                "invalid-request", f"Only a run that is RUNNING can be rebooted; it is {status}."
            )
        self.move(run, Event.REBOOT)
        live.rebooting = True
        if live.container:
            live.container.kill()

    def abort(self, run: Run, *, gracefully: bool) -> None:
        """Abort a run that starts or runs; one that has finished is left as it is.

        A graceful abort changes nothing of one that is under way; an immediate one ends it.
        """
        live = self.live.get(run.id)
        if live is None or run.finished:
            return
        was = run.status
        if after(was, Event.ABORT):
            self.move(run, Event.ABORT)
        if gracefully and was is Status.RUNNING and live.container:
            self._announce_abort(live)
        elif (was is not Status.ABORTING or not gracefully) and live.container:
            live.container.kill()

    def resurrect(self, run: Run) -> None:
        """Start a finished run again, with its storages.

        Raises:
            ApiError: 400 when it has not finished.
        """
        if run.id in self.live or after(run.status, Event.RESURRECT) is None:
            raise ApiError("invalid-request", "Only a finished run can be resurrected.")
        begun = run.figures.run_millis
        self.move(
            run, Event.RESURRECT, finished_at=None, exit_code=None, resurrected_at_millis=begun
        )
        self.adopt(run)

    def remove(self, run: Run) -> None:
        """Delete a finished run and its storages.

        Raises:
            ApiError: 400 when it has not finished.
        """
        if not run.finished or run.id in self.live:
            raise ApiError("cannot-remove-running-run")
        self.forget(run.id)

    def on_moved(self, run: Run, event: Event) -> None:
        """Tell the webhooks of an end, or of a new beginning."""
        if run.status in TERMINAL:
            self.announce(run, f"ACTOR.RUN.{run.status.name}")
        elif event is Event.RESURRECT:
            self.announce(run, "ACTOR.RUN.RESURRECTED")

    def _announce_abort(self, live: Live) -> None:
        live.announcements.announce("aborting")
        live.announcements.announce("persistState", {"isMigrating": False})
        if live.container:
            live.force_stop = asyncio.get_running_loop().call_later(
                self.config.limits.graceful_abort_secs, live.container.kill
            )
