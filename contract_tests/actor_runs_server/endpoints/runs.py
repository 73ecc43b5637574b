"""The endpoints of existing runs: the operations of the contract, and their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.endpoints.lookup import NO_CONTENT, Lookup, as_reference, data, listed
from actor_runs_server.http import bodies, parameters
from actor_runs_server.http.middleware import QUERY
from actor_runs_server.http.resources import Answer, Call
from actor_runs_server.records.lifecycle import Status
from actor_runs_server.records.run_table import RunFilter
from actor_runs_server.runs.operations import Change
from actor_runs_server.runs.starter import Body
from actor_runs_server.runs.views import list_item

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.websockets import WebSocket

    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.service import Service

GENERAL_ACCESS: Final = ("FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED")
OPTIONS: Final = ("timeout", "memory", "build", "maxItems", "maxTotalChargeUsd", "restartOnError")
LIST: Final = ("offset", "limit", "desc", "status", "startedAfter", "startedBefore")


@frozen
class RunEndpoints:
    """One method for each operation."""

    service: Service
    lookup: Lookup

    # Operations of the contract, which ignore unknown parameters.

    async def get_run(self, call: Call) -> Answer:
        """GET /v2/actor-runs/{runId}, and the last run of an Actor or a task."""
        self.lookup.only_below_last_run(call, "waitForFinish")
        run = self.lookup.readable_run(call)
        await self.service.operations.wait(run, parameters.wait_seconds(call.query))
        return self.lookup.show(run, call)

    async def update_run(self, call: Call) -> Answer:
        """PUT /v2/actor-runs/{runId}."""
        self.lookup.required(call)
        content = await bodies.read(call.request)
        run = self.lookup.owned_run(call)
        if bodies.media_type(call.request) != "application/json":
            raise ApiError("invalid-request", "The body needs Content-Type: application/json.")
        body = bodies.parse(content, "invalid-request", "The body")
        self.service.operations.update(run, _change(body, run.id))
        return self.lookup.show(run, call)

    async def reboot_run(self, call: Call) -> Answer:
        """POST /v2/actor-runs/{runId}/reboot."""
        self.lookup.only_below_last_run(call)
        return self._changed(call, self.service.operations.reboot)

    async def abort_run(self, call: Call) -> Answer:
        """POST /v2/actor-runs/{runId}/abort."""
        self.lookup.only_below_last_run(call, "gracefully")
        gracefully = bool(parameters.boolean(call.query, "gracefully"))
        abort = self.service.operations.abort
        return self._changed(call, lambda run: abort(run, gracefully=gracefully))

    async def abort_actor_run(self, call: Call) -> Answer:
        """POST /v2/acts/{actorId}/runs/{runId}/abort, the deprecated twin."""
        actor = self.service.access.actor(call.path["actor"], self.lookup.required(call))
        if self.lookup.owned_run(call).actor != actor:
            raise ApiError("record-not-found", "Actor run was not found")
        return await self.abort_run(call)

    # Their neighbours.

    async def resurrect_run(self, call: Call) -> Answer:
        """POST .../resurrect: starts a finished run again, with its options or given ones."""
        self.lookup.only(call, *OPTIONS)
        options = parameters.options(call.query)
        return self._changed(call, lambda run: self.service.starter.resurrect(run, options))

    async def metamorph_run(self, call: Call) -> Answer:
        """POST .../metamorph: goes on as a run of another Actor, with the body as its input."""
        self.lookup.only(call, "targetActorId", "build", "contentType")
        run, caller = self.lookup.owned_run(call), self.lookup.required(call)
        target = call.query.get("targetActorId")
        if not target:
            raise ApiError("invalid-value", "Query parameter 'targetActorId' is missing.")
        actor = self.service.access.actor(as_reference(target), caller)
        content = await bodies.read(call.request)
        content_type = call.query.get("contentType") or call.request.headers.get("content-type")
        body = Body(content_type or "application/octet-stream", content) if content else None
        self.service.starter.metamorph(run, actor, call.query.get("build"), body)
        return self.lookup.show(run, call)

    async def charge_run(self, call: Call) -> Answer:
        """POST .../charge: counts events of an Actor that is paid per event."""
        self.lookup.only(call)
        run = self.lookup.owned_run(call)
        content = await bodies.read(call.request)
        body = bodies.parse(content, "invalid-request", "The body")
        event = body.get("eventName") if isinstance(body, dict) else None
        count = body.get("count", 1) if isinstance(body, dict) else None
        if not isinstance(event, str) or not isinstance(count, int) or count < 0:
            raise ApiError("invalid-value", "The body needs eventName (a string) and count.")
        key = call.request.headers.get("idempotency-key")
        self.service.operations.charge(run, event, count, key)
        return self.lookup.show(run, call, 201)

    async def delete_run(self, call: Call) -> Answer:
        """DELETE /v2/actor-runs/{runId}: 204 for a finished run, 400 for any other."""
        self.lookup.only(call)
        self.service.operations.delete(self.lookup.owned_run(call))
        return NO_CONTENT

    async def get_log(self, call: Call) -> Answer:
        """GET .../log and /v2/logs/{runId}."""
        self.lookup.only(call, "stream", "raw", "download")
        run = self.lookup.readable_run(call)
        stream, raw, download = (
            bool(parameters.boolean(call.query, name)) for name in ("stream", "raw", "download")
        )
        active = self.service.supervisor.active
        pieces = self.service.repository.log(run.id).read(
            lambda: stream and run.id in active, raw=raw
        )
        disposition = f'attachment; filename="{run.id}.log"'.encode()
        headers = ((b"content-disposition", disposition),) if download else ()
        return Answer(pieces, content_type=b"text/plain; charset=utf-8", headers=headers)

    async def list_runs(self, call: Call) -> Answer:
        """GET /v2/actor-runs, and the runs of an Actor or a task."""
        parameters.only(call.query, *LIST)
        caller = self.lookup.required(call)
        access, query = self.service.access, call.query
        task = access.task(call.path["task"], caller).id if "task" in call.path else None
        actor = access.actor(call.path["actor"], caller) if "actor" in call.path else None
        statuses = parameters.names(query, "status")
        for status in statuses:
            parameters.choice({"status": status}, "status", tuple(Status))
        wanted = RunFilter(
            user=caller.user,
            actor=actor,
            task=task,
            statuses=statuses or None,
            started_after=parameters.moment(query, "startedAfter"),
            started_before=parameters.moment(query, "startedBefore"),
        )
        page = parameters.page(query)
        total, ids = self.service.repository.table.page(wanted, page)
        runs = [run for run in map(self.service.repository.find, ids) if run]
        shown = (self.service.views.answer(run, owner=True) for run in runs)
        return listed(page, total, [list_item(run) for run in shown])

    async def get_health(self, call: Call) -> Answer:
        """GET /health: 200 while the server serves."""
        parameters.only(call.query)
        return data({"status": "ok", "runsGoing": len(self.service.supervisor.active)})

    async def events(self, socket: WebSocket) -> None:
        """The events WebSocket of a run, for its process or its owner."""
        active = self.service.supervisor.active.get(socket.path_params["run"])
        try:
            authorization = socket.headers.get("authorization", "")
            caller = self.service.tokens.caller(authorization, socket.scope[QUERY])
        except ApiError:
            caller = None
        if active is None or not self.service.access.owns(caller, active.run.user):
            await socket.close(code=1008)
            return
        await active.announcements.serve(socket)

    def _changed(self, call: Call, change: Callable[[Run], None]) -> Answer:
        run = self.lookup.owned_run(call)
        change(run)
        return self.lookup.show(run, call)


def _change(body: object, run: str) -> Change:
    """Return what the body of an update changes.

    Raises:
        ApiError: 400 for a property that the documents do not allow.
    """
    if not isinstance(body, dict):
        raise ApiError("invalid-request", "POST data must be a JSON object")
    if body.get("runId", run) != run:
        raise ApiError("invalid-request", f"The body's runId is not the path's, {run!r}.")
    access = body.get("generalAccess")
    if "generalAccess" in body and access not in GENERAL_ACCESS:
        raise ApiError(
            "invalid-value", f"generalAccess must be one of: {', '.join(GENERAL_ACCESS)}."
        )
    if "statusMessage" not in body:
        if "isStatusMessageTerminal" in body:
            raise ApiError("cannot-set-is-status-message-terminal")
        if "generalAccess" not in body:
            raise ApiError("invalid-request", "The body has no statusMessage.")
    elif not isinstance(body["statusMessage"], str):
        raise ApiError("invalid-value", "statusMessage is not a string.")
    terminal = body.get("isStatusMessageTerminal")
    if "isStatusMessageTerminal" in body and not isinstance(terminal, bool):
        raise ApiError("invalid-value", "isStatusMessageTerminal is neither true nor false.")
    return Change(
        status_message=body.get("statusMessage"),
        is_status_message_terminal=terminal,
        general_access=access,
    )
