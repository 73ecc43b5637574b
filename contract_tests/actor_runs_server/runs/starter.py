"""Starts runs: merges what the request, the task and the Actor say, and refuses what is invalid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import field, frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.config.config import Actor, Config, Options, Task, stable_id
from actor_runs_server.config.input_schema import InputSchema
from actor_runs_server.records.run import Run

if TYPE_CHECKING:
    from actor_runs_server.config.webhook import Webhook
    from actor_runs_server.runs.auth import Caller
    from actor_runs_server.runs.repository import RunRepository
    from actor_runs_server.runs.supervisor import Supervisor
    from actor_runs_server.webhooks.deliveries import Deliveries

DEFAULTS: Final = Options(timeout_secs=0, memory_mbytes=1024, build="latest")


@frozen(kw_only=True)
class Start:
    """What a caller asks for when starting a run; None is left to the task."""

    options: Options
    webhooks: tuple[Webhook, ...] = ()
    input: dict[str, Any] | None = None
    user_agent: str | None = None
    client_ip: str | None = None


@frozen
class Starter:
    """Starts runs of tasks; each decision is a method."""

    config: Config
    repository: RunRepository
    supervisor: Supervisor
    deliveries: Deliveries
    schemas: dict[str, InputSchema] = field(init=False)

    @schemas.default
    def _read_schemas(self) -> dict[str, InputSchema]:
        paths = {name: actor.input_schema for name, actor in self.config.actors.items()}
        return {
            name: InputSchema.read(Path(path)) if path else InputSchema.of({})
            for name, path in paths.items()
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
            self.schemas[task.actor].check(given)
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
            started_at=self.repository.clock.millis(),
        )
        database = self.repository.database
        with database.together():
            self.repository.store(run)
            database.add_storages(run.id, run.storages.items())
            if body is not None:
                store = run.storages["key-value-store"]
                database.put_value(store, "INPUT", "application/json; charset=utf-8", body)
            self.deliveries.register(run, request.webhooks, [*actor.webhooks, *task.webhooks])
            self.deliveries.announce(run, "ACTOR.RUN.CREATED")
        self.supervisor.supervise(run)
        return run

    # Decisions.

    def options_of(self, asked: Options, task: Task, actor: Actor) -> Options:
        """Return the options of a run: the request overrides the task, the task the Actor."""
        merged: dict[str, Any] = {}
        for options in (DEFAULTS, actor.options, task.options, asked):
            values = msgspec.structs.asdict(options)
            merged |= {key: value for key, value in values.items() if value not in (None, "")}
        return Options(**merged)

    def build_of(self, actor: Actor, build: str) -> str:
        """Return the number of a build, given its tag or number.

        Raises:
            ApiError: 403 for an unknown build.
        """
        if build in actor.builds.values():
            return build
        if build in actor.builds:
            return actor.builds[build]
        kind = "build-not-found" if build[:1].isdigit() else "unknown-build-tag"
        raise ApiError(kind, f"There is no build {build[:100]!r} of this Actor.")

    def merged_input(self, task: Task, given: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return the input of a run: the request overrides the task, the task the defaults."""
        defaults = self.schemas[task.actor].defaults()
        if task.input is None and given is None and not defaults:
            return None
        return {**defaults, **(task.input or {}), **(given or {})}

    def _within_limits(self, user: str, memory: int) -> None:
        limits = self.config.users[user]
        runs = [active.run for active in self.supervisor.active.values()]
        runs = [run for run in runs if run.user == user]
        most = limits.max_concurrent_runs
        if most is not None and len(runs) >= most:
            raise ApiError(
                "concurrent-runs-limit-exceeded",
                f"By launching this job you will exceed the limit of {most} concurrent runs.",
            )
        megabytes = limits.max_memory_mbytes
        used = sum(run.options["memoryMbytes"] for run in runs)
        if megabytes is not None and used + memory > megabytes:
            raise ApiError(
                "actor-memory-limit-exceeded",
                "By launching this job you will exceed the memory limit of "
                f"{megabytes}MB for all your Actor runs and builds.",
            )


def _shown(options: Options) -> dict[str, Any]:
    """Return options in the form of the Run object."""
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
