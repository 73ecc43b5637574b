"""Starts runs: merges what the request, the task and the Actor say, and refuses what is invalid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import Factory, field, frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.config.config import Actor, Config, Options, Task, stable_id
from actor_runs_server.config.input_schema import InputSchema
from actor_runs_server.records.lifecycle import Event, after
from actor_runs_server.records.run import Metamorph, Run

if TYPE_CHECKING:
    from actor_runs_server.config.webhook import Webhook
    from actor_runs_server.runs.auth import Caller
    from actor_runs_server.runs.catalog import SavedTask
    from actor_runs_server.runs.repository import RunRepository
    from actor_runs_server.runs.supervisor import Supervisor
    from actor_runs_server.storages.key_values import KeyValues
    from actor_runs_server.storages.storages import Storages
    from actor_runs_server.webhooks.deliveries import Deliveries

OPTION_NAMES: Final = {
    "build": "build",
    "timeout_secs": "timeoutSecs",
    "memory_mbytes": "memoryMbytes",
    "max_items": "maxItems",
    "max_total_charge_usd": "maxTotalChargeUsd",
    "restart_on_error": "restartOnError",
}
DEFAULTS: Final = Options(timeout_secs=0, memory_mbytes=1024, build="latest")


@frozen
class Body:
    """An input as it is stored."""

    content_type: str
    data: bytes


@frozen(kw_only=True)
class Start:
    """What a caller asks for when starting a run; None is left to the task.

    `input` is merged with that of the task; a `body` is stored as it is.
    """

    options: Options
    webhooks: tuple[Webhook, ...] = ()
    input: dict[str, Any] | None = None
    body: Body | None = None
    origin: str = "API"
    user_agent: str | None = None
    client_ip: str | None = None


def _read_schemas(config: Config) -> dict[str, InputSchema]:
    """Return the input schema of each Actor; one that has none takes any input."""
    paths = {name: actor.input_schema for name, actor in config.actors.items()}
    return {
        name: InputSchema.read(Path(path)) if path else InputSchema.of({})
        for name, path in paths.items()
    }


@frozen
class Starter:
    """Starts runs, also finished and running ones anew; each decision is a method."""

    config: Config
    repository: RunRepository
    storages: Storages
    key_values: KeyValues
    supervisor: Supervisor
    deliveries: Deliveries
    schemas: dict[str, InputSchema] = field(
        init=False, default=Factory(lambda self: _read_schemas(self.config), takes_self=True)
    )

    async def start(
        self, actor_name: str, task: SavedTask | None, caller: Caller, request: Start
    ) -> Run:
        """Start a run of an Actor, or of a task of it.

        Raises:
            ApiError: 402 above the user's limits, 403 for an unknown build, 400 for an input that
                the Actor's schema refuses.
        """
        actor = self.config.actors[actor_name]
        definition = task.definition if task else Task(actor=actor_name)
        options = self.options_of(request.options, definition, actor)
        number = self.build_of(actor, options.build or "latest")
        self._within_limits(caller.user, options.memory_mbytes or 0)
        body = request.body or self._merged_body(definition, request.input)
        run = Run(
            user=caller.user,
            actor=actor_name,
            task=task.id if task else None,
            options=shown_options(options),
            restart_on_error=bool(options.restart_on_error),
            build_id=build_id(actor_name, number),
            build_number=number,
            meta=_meta(request),
            input_body_len=None if body is None else len(body.data),
            started_at=self.repository.clock.millis(),
            event_prices=actor.event_prices,
        )
        webhooks = [*actor.webhooks, *definition.webhooks]
        with self.repository.table.database.together():
            self.repository.store(run)
            self.storages.create_for_run(run)
            if body is not None:
                self._put_input(run, body)
            self.deliveries.register(run, request.webhooks, webhooks)
            self.deliveries.announce(run, "ACTOR.RUN.CREATED")
        self.supervisor.supervise(run)
        return run

    def resurrect(self, run: Run, options: Options) -> None:
        """Start a finished run again, with its storages; given options replace its own.

        Raises:
            ApiError: 400 for an unfinished run, 403 for an unknown build.
        """
        number = run.build_number
        if options.build:
            number = self.build_of(self.config.actors[run.actor], options.build)
        if run.id in self.supervisor.active or after(run.status, Event.RESURRECT) is None:
            raise ApiError("invalid-request", "Only a finished run can be resurrected.")
        given = msgspec.structs.asdict(options)
        shown = {**run.options, **_named({k: v for k, v in given.items() if v is not None})}
        self.repository.move(
            run,
            Event.RESURRECT,
            finished_at=None,
            exit_code=None,
            options=shown,
            restart_on_error=bool(shown.get("restartOnError")),
            build_number=number,
            build_id=build_id(run.actor, number),
            resurrected_at_millis=run.metrics.run_millis,
        )
        self.supervisor.supervise(run)

    def metamorph(self, run: Run, actor_name: str, build: str | None, body: Body | None) -> None:
        """Go on with a running run as a run of another Actor, with the same storages.

        Raises:
            ApiError: 403 for a finished run or an unknown build, 400 for one that is not running.
        """
        active = self.supervisor.active.get(run.id)
        if run.finished or active is None:
            raise ApiError("job-finished")
        if after(run.status, Event.METAMORPH) is None:
            raise ApiError("invalid-request", "Only a run that is RUNNING can metamorph.")
        number = self.build_of(self.config.actors[actor_name], build or "latest")
        change = Metamorph(
            created_at=self.repository.clock.millis(),
            actor=actor_name,
            build_id=build_id(actor_name, number),
            input_key=f"INPUT-METAMORPH-{len(run.metamorphs) + 1}" if body else run.input_key,
        )
        with self.repository.table.database.together():
            if body:
                store = run.storages["key-value-store"]
                self.key_values.put(store, change.input_key, body.content_type, body.data)
            self.repository.move(
                run,
                Event.METAMORPH,
                actor=actor_name,
                build_id=change.build_id,
                build_number=number,
                input_key=change.input_key,
                metamorphs=[*run.metamorphs, change],
            )
        active.replace_process()

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

    def _merged_body(self, task: Task, given: dict[str, Any] | None) -> Body | None:
        merged = self.merged_input(task, given)
        if merged is None:
            return None
        self.schemas[task.actor].check(merged)
        return Body("application/json; charset=utf-8", msgspec.json.encode(merged))

    def _put_input(self, run: Run, body: Body) -> None:
        store = run.storages["key-value-store"]
        self.key_values.put(store, run.input_key, body.content_type, body.data)

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


def shown_options(options: Options) -> dict[str, Any]:
    """Return all options in the form of the Run object."""
    return _named(
        {
            "build": options.build or "latest",
            "timeout_secs": options.timeout_secs or 0,
            "memory_mbytes": options.memory_mbytes or 0,
            "max_items": options.max_items,
            "max_total_charge_usd": options.max_total_charge_usd or None,
            "restart_on_error": bool(options.restart_on_error),
        }
    )


def _named(options: dict[str, Any]) -> dict[str, Any]:
    """Return given options under the names of the Run object."""
    shown = {}
    for name, key in OPTION_NAMES.items():
        if options.get(name) is not None:
            shown[key] = options[name]
            if name == "memory_mbytes":
                shown["diskMbytes"] = 2 * options[name]
    return shown


def build_id(actor_name: str, number: str) -> str:
    """Return the id of a build."""
    return stable_id("build", f"{actor_name} {number}")


def _meta(request: Start) -> dict[str, Any]:
    meta = {
        "origin": request.origin,
        "clientIp": request.client_ip,
        "userAgent": request.user_agent,
    }
    return {key: value for key, value in meta.items() if value is not None}
