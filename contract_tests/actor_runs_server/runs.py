"""The run operations: start, get, wait, update, reboot, abort.

A test that wants a faulty server subclasses `Runs`, overrides what shall be wrong, and gives the
class to `create_app` (or `main`): every operation, every decision (`options_of`, `merged_input`,
`may_read` ...) and the Run object itself (`answer`) is a method of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import frozen

from .access import Access
from .answers import run_object
from .auth import Caller
from .config import Actor, Config, Options, Task, stable_id
from .deliveries import Deliveries
from .errors import ApiError
from .input_schema import InputSchema
from .lifecycle import Event, Status
from .record import Run
from .webhook import Webhook

if TYPE_CHECKING:
    from .live import Live

DEFAULTS: Final = Options(timeout_secs=0, memory_mbytes=1024, build="latest")


@frozen(kw_only=True)
class Start:
    """What a caller asks for when starting a run; absent options are None."""

    options: Options
    webhooks: tuple[Webhook, ...] = ()
    input: dict[str, Any] | None = None
    user_agent: str | None = None
    client_ip: str | None = None


@frozen(kw_only=True)
class Change:
    """What a caller changes of a run; absent values are None."""

    status_message: str | None = None
    is_status_message_terminal: bool | None = None
    general_access: str | None = None


class Runs(Access):
    """The service behind the endpoints. Nothing here knows HTTP but the types of errors."""

    def __init__(self, config: Config, data: Path) -> None:
        """See `Driver`."""
        super().__init__(config, data)
        self.deliveries = Deliveries(config.limits, self.records)
        self._schemas = {
            name: InputSchema.read(Path(actor.input_schema))
            if actor.input_schema
            else InputSchema({})
            for name, actor in config.actors.items()
        }
        self._encoded: dict[tuple[str, bool], bytes] = {}

    async def open(self) -> None:
        """Start the unfinished runs again, and the deliveries that were not made."""
        await super().open()
        self.deliveries.open()

    async def close(self) -> None:
        """Kill every process, stop every delivery."""
        await self.deliveries.close()
        await super().close()

    # The operations.

    async def start(self, name: str, task: Task, caller: Caller, request: Start) -> Run:
        """Start a run of a task.

        Raises:
            ApiError: 402 above the user's limits, 403 for an unknown build, 400 for an input that
                the Actor's schema refuses.
        """
        actor = self.config.actors[task.actor]
        options = self.options_of(request.options, task, actor)
        number = self.build_of(actor, options.build or "latest")
        memory = options.memory_mbytes or 0
        self._within_limits(caller.user, memory)
        merged = self.merged_input(task, request.input)
        if merged is not None:
            self._schemas[task.actor].check(merged)
        body = None if merged is None else msgspec.json.encode(merged)
        kept = {
            "build": options.build or "latest",
            "timeoutSecs": options.timeout_secs or 0,
            "memoryMbytes": memory,
            "diskMbytes": 2 * memory,
            "maxItems": options.max_items,
            "maxTotalChargeUsd": options.max_total_charge_usd or None,
            "restartOnError": bool(options.restart_on_error),
        }
        run = Run(
            user=caller.user,
            actor=task.actor,
            task=name,
            options={key: value for key, value in kept.items() if value is not None},
            restart_on_error=bool(options.restart_on_error),
            build_id=stable_id("build", f"{task.actor} {number}"),
            build_number=number,
            meta=_meta(request),
            input_body_len=None if body is None else len(body),
        )
        saved = tuple(msgspec.convert(item, Webhook) for item in [*actor.webhooks, *task.webhooks])
        with self.records.together():
            self.store(run)
            self.records.add_storages(run.id, run.storages.items())
            if body is not None:
                store = run.storages["key-value-store"]
                self.records.put_value(store, "INPUT", "application/json; charset=utf-8", body)
            self.deliveries.register(run, [*request.webhooks, *saved])
        self.announce(run, "ACTOR.RUN.CREATED")
        self.adopt(run)
        return run

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
        if change.status_message is not None:
            run.status_message = change.status_message
            run.is_status_message_terminal = bool(change.is_status_message_terminal)
        if change.general_access is not None:
            run.general_access = change.general_access
        self.store(run)

    def reboot(self, run: Run) -> None:
        """Replace the process of a running run by a new one.

        Raises:
            ApiError: 403 for a finished run, 400 for one that is not running.
        """
        live = self.live.get(run.id)
        if run.finished or live is None:
            raise ApiError("job-finished")
        if run.status is not Status.RUNNING:
            status = run.status.value
            raise ApiError(
                "invalid-request", f"Only a run that is RUNNING can be rebooted; it is {status}."
            )
        self.move(run, Event.REBOOT)
        live.rebooting = True
        if live.container:
            live.container.kill()

    def abort(self, run: Run, *, gracefully: bool) -> None:
        """Abort a run that starts or runs; one that has finished is left as it is."""
        live = self.live.get(run.id)
        if live is None or run.finished:
            return
        was = run.status
        if was is not Status.ABORTING:
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
        if run.id in self.live or not run.finished:
            raise ApiError("invalid-request", "Only a finished run can be resurrected.")
        self._kept.pop(run.id, None)
        run.finished_at = run.exit_code = None
        run.resurrected_at_millis = run.figures.run_millis
        self.move(run, Event.RESURRECT)
        self.announce(run, "ACTOR.RUN.RESURRECTED")
        self.adopt(run)

    def remove(self, run: Run) -> None:
        """Delete a finished run and its storages.

        Raises:
            ApiError: 400 when it has not finished.
        """
        if not run.finished or run.id in self.live:
            raise ApiError("cannot-remove-running-run")
        self.forget(run.id)

    def answer(self, run: Run, caller: Caller | None) -> dict[str, Any]:
        """Return the Run object that this caller is shown."""
        return run_object(run, self.config.answers, owner=self.owns(caller, run.user))

    def encoded(self, run: Run, caller: Caller | None) -> bytes:
        """Return the bytes of the answer that holds a run, made once for each state of it."""
        owner = self.owns(caller, run.user)
        key = (run.id, owner)
        known = self._encoded.get(key)
        if known is None:
            known = msgspec.json.encode({"data": self.answer(run, caller)})
            if type(self).answer is Runs.answer:
                self._encoded[key] = known
        return known

    def store(self, run: Run) -> None:
        """Write a run as it is now; answers of before are made anew."""
        super().store(run)
        self.on_dropped(run.id)

    def on_dropped(self, run_id: str) -> None:
        """Drop the answers of a run."""
        self._encoded.pop((run_id, True), None)
        self._encoded.pop((run_id, False), None)

    # Decisions.

    def options_of(self, asked: Options, task: Task, actor: Actor) -> Options:
        """Return the options of a run: what is asked for beats the task, the task the Actor."""
        merged: dict[str, Any] = {}
        for options in (DEFAULTS, actor.options, task.options, asked):
            values = msgspec.structs.asdict(options)
            merged |= {key: value for key, value in values.items() if value not in (None, "")}
        return Options(**merged)

    def build_of(self, actor: Actor, build: str) -> str:
        """Return the number of a build that is given by tag or number.

        Raises:
            ApiError: 403 when there is none.
        """
        if build in actor.builds.values():
            return build
        if build in actor.builds:
            return actor.builds[build]
        kind = "build-not-found" if build[:1].isdigit() else "unknown-build-tag"
        raise ApiError(kind, f"There is no build {build[:100]!r} of this Actor.")

    def merged_input(self, task: Task, given: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return the input of a run: a given property beats the task's, that the default."""
        defaults = self._schemas[task.actor].defaults()
        if task.input is None and given is None and not defaults:
            return None
        return {**defaults, **(task.input or {}), **(given or {})}

    def announce(self, run: Run, event: str) -> None:
        """Deliver an event of a run to the webhooks that asked for it."""
        self.deliveries.announce(run, event, self.answer(run, Caller(run.user)))

    def on_finished(self, run: Run) -> None:
        """Tell the webhooks of the end of a run."""
        self.announce(run, f"ACTOR.RUN.{run.status.name}")

    def _announce_abort(self, live: Live) -> None:
        live.announcements.announce("aborting")
        live.announcements.announce("persistState", {"isMigrating": False})
        if live.container:
            live.force_stop = asyncio.get_running_loop().call_later(
                self.config.limits.graceful_abort_secs, live.container.kill
            )

    def _within_limits(self, user: str, memory: int) -> None:
        limits = self.config.users[user]
        going = [live.run for live in self.live.values() if live.run.user == user]
        most = limits.max_concurrent_runs
        if most is not None and len(going) >= most:
            raise ApiError(
                "concurrent-runs-limit-exceeded",
                f"By launching this job you will exceed the limit of {most} concurrent runs.",
            )
        megabytes = limits.max_memory_mbytes
        used = sum(run.options["memoryMbytes"] for run in going)
        if megabytes is not None and used + memory > megabytes:
            raise ApiError(
                "actor-memory-limit-exceeded",
                "By launching this job you will exceed the memory limit of "
                f"{megabytes}MB for all your Actor runs and builds.",
            )


def _meta(request: Start) -> dict[str, Any]:
    meta = {"origin": "API", "clientIp": request.client_ip, "userAgent": request.user_agent}
    return {key: value for key, value in meta.items() if value is not None}
