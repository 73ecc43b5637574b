"""Starts runs: what counts of the request, the task and the Actor, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.config.config import Actor, Config, Options, Task, stable_id
from actor_runs_server.config.input_schema import InputSchema
from actor_runs_server.records.run import Run
from actor_runs_server.runs.access import Access
from actor_runs_server.runs.auth import Caller
from actor_runs_server.webhooks.deliveries import Deliveries

if TYPE_CHECKING:
    from actor_runs_server.config.webhook import Webhook

DEFAULTS: Final = Options(timeout_secs=0, memory_mbytes=1024, build="latest")


@frozen(kw_only=True)
class Start:
    """What a caller asks for when starting a run; absent options are None."""

    options: Options
    webhooks: tuple[Webhook, ...] = ()
    input: dict[str, Any] | None = None
    user_agent: str | None = None
    client_ip: str | None = None


class Starts(Access):
    """The first of the operations, and its decisions."""

    def __init__(self, config: Config, data: Path) -> None:
        """See `Driver`."""
        super().__init__(config, data)
        self.deliveries = Deliveries(config.limits, self.records)
        self._schemas = {
            name: InputSchema.read(Path(actor.input_schema))
            if actor.input_schema
            else InputSchema.of({})
            for name, actor in config.actors.items()
        }

    async def start(self, name: str, task: Task, caller: Caller, request: Start) -> Run:
        """Start a run of a task.

        Raises:
            ApiError: 402 above the user's limits, 403 for an unknown build, 400 for an input that
                the Actor's schema refuses.
        """
        actor = self.config.actors[task.actor]
        options = self.options_of(request.options, task, actor)
        number = self.build_of(actor, options.build or "latest")
        self._within_limits(caller.user, options.memory_mbytes or 0)
        given = self.merged_input(task, request.input)
        if given is not None:
            self._schemas[task.actor].check(given)
        body = None if given is None else msgspec.json.encode(given)
        run = Run(
            user=caller.user,
            actor=task.actor,
            task=name,
            options=_shown(options),
            restart_on_error=bool(options.restart_on_error),
            build_id=stable_id("build", f"{task.actor} {number}"),
            build_number=number,
            meta=_meta(request),
            input_body_len=None if body is None else len(body),
        )
        with self.records.together():
            self.store(run)
            self.records.add_storages(run.id, run.storages.items())
            if body is not None:
                store = run.storages["key-value-store"]
                self.records.put_value(store, "INPUT", "application/json; charset=utf-8", body)
            self.deliveries.register(run, request.webhooks, [*actor.webhooks, *task.webhooks])
            self.announce(run, "ACTOR.RUN.CREATED")
        self.adopt(run)
        return run

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


def _shown(options: Options) -> dict[str, Any]:
    """Return the options as the Run object shows them."""
    memory = options.memory_mbytes or 0
    shown = {
        "build": options.build or "latest",
        "timeoutSecs": options.timeout_secs or 0,
        "memoryMbytes": memory,
        "diskMbytes": 2 * memory,
        "maxItems": options.max_items,
        "maxTotalChargeUsd": options.max_total_charge_usd or None,
        "restartOnError": bool(options.restart_on_error),
    }
    return {key: value for key, value in shown.items() if value is not None}


def _meta(request: Start) -> dict[str, Any]:
    meta = {"origin": "API", "clientIp": request.client_ip, "userAgent": request.user_agent}
    return {key: value for key, value in meta.items() if value is not None}
