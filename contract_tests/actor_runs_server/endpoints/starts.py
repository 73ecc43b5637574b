"""The endpoints that start runs, of tasks and of Actors, and those that wait for the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.config import webhook
from actor_runs_server.endpoints.runs import OPTIONS
from actor_runs_server.http import bodies, parameters
from actor_runs_server.http.resources import Answer, Call
from actor_runs_server.records.lifecycle import Status
from actor_runs_server.runs.starter import Body, Start

if TYPE_CHECKING:
    from actor_runs_server.endpoints.datasets import DatasetEndpoints
    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.service import Service

START: Final = (*OPTIONS, "waitForFinish", "webhooks")
SYNC_SECS: Final = 300.0
# Methods that carry no input.
WITHOUT_BODY: Final = ("GET", "HEAD")


@frozen
class StartEndpoints:
    """Starts runs."""

    service: Service
    lookup: Lookup
    datasets: DatasetEndpoints

    async def run_task(self, call: Call) -> Answer:
        """POST /v2/actor-tasks/{actorTaskId}/runs, which ignores unknown parameters."""
        return await self._started(call)

    async def run_actor(self, call: Call) -> Answer:
        """POST /v2/actors/{actorId}/runs."""
        parameters.only(call.query, *START, "contentType")
        return await self._started(call)

    async def run_sync(self, call: Call) -> Answer:
        """GET or POST .../run-sync: waits for the run, answers with its output record."""
        parameters.only(call.query, *OPTIONS, "webhooks", "outputRecordKey")
        run = await self._finished(call)
        key = call.query.get("outputRecordKey", "OUTPUT")
        found = self.service.key_values.get(run.storages["key-value-store"], key)
        if found is None:
            raise ApiError("record-not-found", f"The run has not written the record {key!r}.")
        content_type, value = found
        return Answer(value, 201, content_type.encode("latin-1", "replace"))

    async def run_sync_items(self, call: Call) -> Answer:
        """GET or POST .../run-sync-get-dataset-items: waits for the run, answers with its items."""
        self.datasets.check(call, *OPTIONS, "webhooks")
        run = await self._finished(call)
        return self.datasets.shown(call, run.storages["dataset"], 201)

    async def _started(self, call: Call) -> Answer:
        seconds = parameters.wait_seconds(call.query)
        run = await self._start(call)
        await self.service.operations.wait(run, seconds)
        base = self.service.public_url or call.base_url
        location = f"{base}/v2/actor-runs/{run.id}".encode()
        return self.lookup.show(run, call, 201, ((b"location", location),))

    async def _finished(self, call: Call) -> Run:
        """Start a run and wait for its end.

        Raises:
            ApiError: 408 after 300 seconds, 400 for a run that has not succeeded.
        """
        run = await self._start(call)
        await self.service.operations.wait(run, SYNC_SECS)
        if not run.finished:
            raise ApiError("run-timeout-exceeded")
        if run.status is not Status.SUCCEEDED:
            message = f"The run {run.id} has not succeeded: its status is {run.status.value}."
            raise ApiError("run-failed", message)
        return run

    async def _start(self, call: Call) -> Run:
        caller = self.lookup.required(call)
        access, query = self.service.access, call.query
        task = access.task(call.path["task"], caller) if "task" in call.path else None
        actor = task.definition.actor if task else access.actor(call.path["actor"], caller)
        options = parameters.options(query)
        webhooks = webhook.read(query.get("webhooks", ""))
        data = b""
        if call.request.method not in WITHOUT_BODY:
            data = await bodies.read(call.request)
        media_type = bodies.media_type(call.request)
        client = call.request.client
        given, body = (_input(data, media_type), None) if task else _actor_input(call, data)
        request = Start(
            options=options,
            webhooks=webhooks,
            input=given,
            body=body,
            user_agent=call.request.headers.get("user-agent"),
            client_ip=client.host if client else None,
            origin="ACTOR" if caller.run else "API",
        )
        return await self.service.starter.start(actor, task, caller, request)


def _input(data: bytes, media_type: str | None) -> dict[str, Any] | None:
    """Return the input that a body holds; None leaves the saved input unchanged."""
    if not data:
        return None
    if media_type != "application/json":
        raise ApiError("invalid-input", "The input needs Content-Type: application/json.")
    value = bodies.parse(data, "invalid-input", "The input")
    if value is not None and not isinstance(value, dict):
        raise ApiError("invalid-input", "The input is not a JSON object.")
    return value


def _actor_input(call: Call, data: bytes) -> tuple[dict[str, Any] | None, Body | None]:
    """Return the input of an Actor: a JSON object, or anything else as it is."""
    if not data:
        return None, None
    given = call.query.get("contentType") or call.request.headers.get("content-type")
    content_type = given or "application/octet-stream"
    if content_type.partition(";")[0].strip().lower() == "application/json":
        value = bodies.parse(data, "invalid-input", "The input")
        if isinstance(value, dict):
            return value, None
    return None, Body(content_type, data)
