"""Run task and, for set-up, Run Actor: what a start asks for, and the run that comes of it."""

import json
import math

from tests.support.independent.api_http import Answer, ApiError, Call, json_object
from tests.support.independent.operations import Operations
from tests.support.independent.rules import Json
from tests.support.independent.state import BUILDS, Actor, Run, Task, as_json
from tests.support.independent.values import Values
from tests.support.independent.webhooks import decode

ACTOR_OPTIONS = {"build": "latest", "timeoutSecs": 3600, "memoryMbytes": 1024}


class Starts:
    """Starts runs of tasks and of Actors."""

    def __init__(self, operations: Operations) -> None:
        self.operations = operations
        self.world, self.rules = operations.world, operations.rules

    def _task(self, call: Call) -> Task:
        task, user = self.world.task, call.user
        named = call.path["task"].lower() if self.rules.names_in_any_case else call.path["task"]
        names = {"id": task.id, "name": f"{task.owner.name}~{task.name}"}
        kinds = [kind for kind in self.rules.task_known_by if kind != "~name"]
        known = [names[kind] for kind in kinds]
        is_short = "~name" in self.rules.task_known_by and not self.rules.documents_only
        if is_short and user is task.owner:
            known.append(f"~{task.name}")
        is_stranger = user is not task.owner and call.operation not in self.rules.strangers_may
        if not {named, call.path["task"]} & set(known) or (
            is_stranger and call.operation not in self.rules.refused_but_done
        ):
            raise ApiError(404, "record-not-found", "Actor task was not found")
        if is_stranger:
            call.has_right = False
        return task

    def _actor(self, call: Call) -> Actor:
        actor = self.world.actor
        if call.path["actor"] not in (actor.id, f"{actor.owner.name}~{actor.name}"):
            raise ApiError(404, "record-not-found", "Actor was not found")
        return actor

    async def run_task(self, call: Call) -> Answer:
        """Answer Run task."""
        task = self._task(call)
        return await self._start(call, task.actor, task)

    async def run_actor(self, call: Call) -> Answer:
        """Answer Run Actor."""
        return await self._start(call, self._actor(call), None)

    async def get_actor(self, call: Call) -> Answer:
        """Answer Get Actor with what names it."""
        actor = self._actor(call)
        return Answer({"id": actor.id, "name": actor.name, "username": actor.owner.name})

    async def _start(self, call: Call, actor: Actor, task: Task | None) -> Answer:
        given = self._input(call)
        saved = task.input if task else {}
        if self.rules.input_forgotten_by_id and task and call.path["task"] == task.id:
            saved = {}
        values = self.rules.merge(saved, given)
        if self.rules.merge_is_saved and task:
            task.input = values
        options, number, build_id = self._options(call, task)
        memory_problem = self._memory_problem(options)
        if memory_problem and not self.rules.refused_memory_starts:
            raise memory_problem
        wanted = Values(call.query, self.rules)
        going = self.world.last()
        if self.rules.starts_once and going and not going.is_finished:
            return await self._answer(going, call)
        if sum(not run.is_finished for run in self.world.runs.values()) >= self.rules.runs_at_once:
            raise ApiError(402, "concurrent-runs-limit-exceeded", "Too many runs at once")
        run = Run(
            user=call.user or self.world.owner,
            actor=actor,
            task=task,
            input=as_json(values),
            options=options,
            build_number=number,
            build_id=build_id,
            user_agent=call.headers.get("User-Agent"),
            client_ip=call.remote,
            restart_on_error=bool(self._boolean(wanted, "restartOnError")),
            webhooks=self._webhooks(call),
            general_access="RESTRICTED"
            if self.rules.restricted_by_default
            else "ANYONE_WITH_ID_CAN_READ",
        )
        if self.rules.run_id is not None:
            run.id = self.rules.run_id()
        await self.operations.life.start(run)
        if memory_problem:
            raise memory_problem
        return await self._answer(run, call)

    async def _answer(self, run: Run, call: Call) -> Answer:
        operations, rules = self.operations, self.rules
        if rules.start_waits_for_container:
            async with run.changed:
                await run.changed.wait_for(lambda: run.status != "READY")
        before = operations.show(run, call.operation)
        waited = await operations.wait(run, call)
        shown = operations.show(run, call.operation)
        if waited and call.operation in rules.wait_shows_before:
            shown = before
        if rules.answers_output_when_finished and run.is_finished:
            shown = json.loads(run.records.get("OUTPUT", run.input))
        location = rules.location(call.base, run.id)
        if rules.location_without_wait_only and waited:
            location = None
        headers = () if location is None else (("Location", location),)
        return operations.after_wait(run, call, waited, Answer(shown, 201, headers))

    def _input(self, call: Call) -> Json:
        if not call.body:
            if self.rules.body_demanded:
                raise ApiError(400, "invalid-input", "A body is needed")
            return {}
        try:
            return self._object(call)
        except ApiError:
            if self.rules.odd_input_is_none:
                return {}
            raise

    @staticmethod
    def _object(call: Call) -> Json:
        kind = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise ApiError(400, "invalid-input", "The body must be application/json")
        return json_object(call.body)

    def _boolean(self, values: Values, name: str) -> bool | None:
        return None if name in self.rules.ignored else values.boolean(name)

    def _number(self, values: Values, name: str, least: float) -> float | None:
        if name in self.rules.refused and name in values.query:
            raise ApiError(400, "invalid-value", f"{name} is not supported")
        return None if name in self.rules.ignored else values.number(name, least=least)

    def _webhooks(self, call: Call) -> list[Json]:
        text = call.query.get("webhooks", "")
        if not text:
            return []
        try:
            hooks = decode(text, self.rules)
        except ValueError as error:
            if self.rules.odd_webhooks_are_ignored:
                return []
            raise ApiError(400, "invalid-value", str(error)) from error
        return [hook for hook in hooks if self._is_new(hook)]

    def _is_new(self, hook: Json) -> bool:
        """Return whether no webhook with this key was registered before; remember its key."""
        key, known = hook.get("idempotencyKey"), self.world.idempotency_keys
        if not isinstance(key, str) or self.rules.documents_only:
            return True
        if not self.rules.webhook_keys:
            return True
        is_new = key not in known
        known.add(key)
        return is_new

    def _options(self, call: Call, task: Task | None) -> tuple[Json, str, str]:
        rules, values = self.rules, Values(call.query, self.rules)
        saved = dict(task.options if task else ACTOR_OPTIONS)
        if rules.query_forgets_task and set(call.query) & {"timeout", "memory", "build"}:
            saved = dict(ACTOR_OPTIONS)
        timeout = self._number(values, "timeout", 0)
        if timeout is not None:
            if timeout == 0 and rules.timeout_0_refused:
                raise ApiError(400, "invalid-value", "timeout must be above 0")
            if timeout % 1 and rules.timeout_fraction_refused:
                raise ApiError(400, "invalid-value", "timeout must be whole seconds")
            saved["timeoutSecs"] = math.ceil(rules.timeout_used(timeout))
        memory = self._number(values, "memory", 0)
        if memory is not None:
            saved["memoryMbytes"] = memory
        build, number, build_id = self._build(call, saved["build"])
        options = {
            "build": build,
            "timeoutSecs": saved["timeoutSecs"],
            "memoryMbytes": saved["memoryMbytes"],
            "diskMbytes": saved["memoryMbytes"] * 2,
        }
        if (items := self._number(values, "maxItems", 0)) is not None:
            options["maxItems"] = int(items)
        if (dollars := self._number(values, "maxTotalChargeUsd", 0)) is not None:
            options["maxTotalChargeUsd"] = rules.charge_used(dollars)
        return options, number, build_id

    def _memory_problem(self, options: Json) -> ApiError | None:
        """Make of the memory what the rules make of it, and return what is wrong with it."""
        asked = options["memoryMbytes"]
        used = int(self.rules.memory_used(asked))
        options |= {"memoryMbytes": used, "diskMbytes": used * 2}
        if self.rules.memory_allowed(asked):
            return None
        return ApiError(400, "invalid-value", "memory must be a power of 2 from 128 to 32768")

    def _build(self, call: Call, saved: str) -> tuple[str, str, str]:
        rules = self.rules
        asked = call.query.get("build", saved)
        if rules.build_ignored:
            asked = saved
        if not asked:
            if rules.empty_build_refused:
                raise ApiError(400, "invalid-value", "build must not be empty")
            asked = "latest"
        for tag, (number, build_id) in BUILDS.items():
            is_tag = asked == tag and "tag" in rules.build_by
            if is_tag or (asked == number and "number" in rules.build_by):
                return rules.build_shown(asked, number), number, build_id
        if rules.unknown_build_is_latest:
            return ("latest", *BUILDS["latest"])
        raise ApiError(403, "unknown-build-tag", f"There is no build {asked[:80]}")
