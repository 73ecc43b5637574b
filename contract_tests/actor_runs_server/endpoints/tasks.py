"""The endpoints of tasks: list, create, get, update, delete, and their saved input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import NAME, Options, Task, stable_id
from actor_runs_server.endpoints.lookup import NO_CONTENT, as_reference, data, listed
from actor_runs_server.http import bodies, parameters
from actor_runs_server.http.middleware import encode
from actor_runs_server.http.resources import Answer
from actor_runs_server.records.database import Page
from actor_runs_server.records.run_table import RunFilter
from actor_runs_server.runs.starter import OPTION_NAMES

if TYPE_CHECKING:
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.http.resources import Call
    from actor_runs_server.runs.catalog import SavedTask
    from actor_runs_server.runs.service import Service

MEMBERS: Final = ("actId", "name", "title", "description", "options", "input")


@frozen
class TaskEndpoints:
    """Shows and saves tasks."""

    service: Service
    lookup: Lookup

    async def list_tasks(self, call: Call) -> Answer:
        """GET /v2/actor-tasks: the tasks of the caller."""
        parameters.only(call.query, "offset", "limit", "desc")
        tasks = self.service.catalog.tasks(self.lookup.required(call).user)
        page = parameters.page(call.query)
        ordered = tasks[::-1] if page.newest_first else tasks
        part = ordered[page.offset : page.offset + page.limit]
        return listed(page, len(tasks), [self._item(task) for task in part])

    async def create_task(self, call: Call) -> Answer:
        """POST /v2/actor-tasks."""
        parameters.only(call.query)
        caller = self.lookup.required(call)
        body = await self._body(call)
        if not isinstance(body.get("actId"), str):
            raise ApiError("invalid-value", "The body needs the actId of an Actor.")
        actor = self.service.access.actor(as_reference(body["actId"]), caller)
        name = self._checked_name(caller.user, body.get("name"), None)
        definition = self._definition(Task(actor=actor), body)
        task = self.service.catalog.create_task(
            caller.user, name, definition, body.get("title"), body.get("description")
        )
        return data(self._described(task), 201)

    async def get_task(self, call: Call) -> Answer:
        """GET /v2/actor-tasks/{actorTaskId}."""
        parameters.only(call.query)
        return data(self._described(self._task(call)))

    async def update_task(self, call: Call) -> Answer:
        """PUT /v2/actor-tasks/{actorTaskId}: changes the given members, keeps the others."""
        parameters.only(call.query)
        task = self._task(call)
        body = await self._body(call)
        definition = task.definition
        if "actId" in body:
            caller = self.lookup.required(call)
            actor = self.service.access.actor(as_reference(body["actId"]), caller)
            definition = msgspec.structs.replace(definition, actor=actor)
        changed = msgspec.structs.replace(
            task,
            name=self._checked_name(task.user, body.get("name", task.name), task),
            definition=self._definition(definition, body),
            title=body.get("title", task.title),
            description=body.get("description", task.description),
        )
        return data(self._described(self.service.catalog.save_task(changed)))

    async def delete_task(self, call: Call) -> Answer:
        """DELETE /v2/actor-tasks/{actorTaskId}."""
        parameters.only(call.query)
        self.service.catalog.delete_task(self._task(call))
        return NO_CONTENT

    async def get_input(self, call: Call) -> Answer:
        """GET /v2/actor-tasks/{actorTaskId}/input: the saved input itself, without an envelope."""
        parameters.only(call.query)
        return Answer(encode(self._task(call).definition.input))

    async def update_input(self, call: Call) -> Answer:
        """PUT /v2/actor-tasks/{actorTaskId}/input: changes the given properties."""
        parameters.only(call.query)
        task = self._task(call)
        given = bodies.parse(await bodies.read(call.request), "invalid-input", "The input")
        if not isinstance(given, dict):
            raise ApiError("invalid-input", "The input is not a JSON object.")
        merged = {**(task.definition.input or {}), **given}
        definition = msgspec.structs.replace(task.definition, input=merged)
        self.service.catalog.save_task(msgspec.structs.replace(task, definition=definition))
        return Answer(encode(merged))

    def _task(self, call: Call) -> SavedTask:
        return self.service.access.task(call.path["task"], self.lookup.required(call))

    async def _body(self, call: Call) -> dict[str, Any]:
        body = bodies.parse(await bodies.read(call.request), "invalid-request", "The body")
        if not isinstance(body, dict):
            raise ApiError("invalid-request", "The body is not a JSON object.")
        if body.pop("isPublic", None):
            raise ApiError("invalid-value", "isPublic is true; this server does not publish tasks.")
        unknown = [key for key, value in body.items() if key not in MEMBERS and value is not None]
        if unknown:
            raise ApiError("invalid-request", f"Unknown {unknown[0]!r}; known: {list(MEMBERS)}.")
        return body

    def _checked_name(self, user: str, name: object, task: SavedTask | None) -> str:
        if not isinstance(name, str) or not NAME.fullmatch(f"{user}~{name}"):
            raise ApiError(
                "invalid-value", f"The name {name!r} is not 3 to 63 letters, digits and hyphens."
            )
        known = self.service.catalog.task(f"{user}~{name}")
        if known and (task is None or known.id != task.id):
            raise ApiError("actor-task-name-not-unique", f"The task {name!r} exists already.")
        return name

    def _definition(self, definition: Task, body: dict[str, Any]) -> Task:
        """Return a definition with the options and the input of a body."""
        if "input" in body:
            given = body["input"]
            if given is not None and not isinstance(given, dict):
                raise ApiError("invalid-input", "The input is not a JSON object.")
            definition = msgspec.structs.replace(definition, input=given)
        if body.get("options") is None:
            return definition
        names = {key: name for name, key in OPTION_NAMES.items()}
        given = body["options"]
        if not isinstance(given, dict) or not set(given) <= set(names):
            raise ApiError("invalid-value", f"The options of a task are: {', '.join(names)}.")
        values = {names[key]: value for key, value in given.items()}
        try:
            options = msgspec.convert(values, Options)
        except msgspec.ValidationError as error:
            raise ApiError("invalid-value", f"The options of the task: {error}.") from error
        self.service.starter.build_of(
            self.service.catalog.actors[definition.actor], options.build or "latest"
        )
        return msgspec.structs.replace(definition, options=options)

    def _item(self, task: SavedTask) -> dict[str, Any]:
        """Return the members that lists show."""
        actor_user, _, actor_name = task.definition.actor.partition("~")
        wanted = RunFilter(user=task.user, task=task.id)
        total, _ = self.service.repository.table.page(wanted, Page(limit=0))
        return {
            "id": task.id,
            "userId": stable_id("user", task.user),
            "username": task.user,
            "actId": stable_id("actor", task.definition.actor),
            "actName": actor_name,
            "actUsername": actor_user,
            "name": task.name,
            "title": task.title,
            "isPublic": False,
            "createdAt": timestamp(task.created_at),
            "modifiedAt": timestamp(task.modified_at),
            "stats": {"totalRuns": total},
        }

    def _described(self, task: SavedTask) -> dict[str, Any]:
        options = msgspec.structs.asdict(task.definition.options)
        shown = {key: options[name] for name, key in OPTION_NAMES.items()}
        shown["build"] = shown["build"] or "latest"
        return self._item(task) | {
            "description": task.description,
            "options": {key: value for key, value in shown.items() if value is not None},
            "input": task.definition.input,
        }
