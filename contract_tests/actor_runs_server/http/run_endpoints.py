"""The endpoints of runs: read the request, call the service, write the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.config import webhook
from actor_runs_server.config.config import Options, stable_id
from actor_runs_server.http import bodies, parameters
from actor_runs_server.http.middleware import QUERY, encode
from actor_runs_server.http.resources import Answer, Call
from actor_runs_server.records.run import Run, from_document
from actor_runs_server.runs.operations import Change
from actor_runs_server.runs.starter import Start

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.websockets import WebSocket

    from actor_runs_server.runs.auth import Caller
    from actor_runs_server.runs.service import Service

GENERAL_ACCESS: Final = ("FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED")
MAX_PAGE: Final = 1_000


@frozen
class RunEndpoints:
    """One method for each operation."""

    service: Service

    # The six operations.

    async def get_run(self, call: Call) -> Answer:
        """GET /v2/actor-runs/{runId}."""
        caller = self._caller(call)
        run = self.service.access.readable(call.path["run"], caller)
        await self.service.operations.wait(run, parameters.wait_seconds(call.query))
        return self._run(run, caller)

    async def update_run(self, call: Call) -> Answer:
        """PUT /v2/actor-runs/{runId}."""
        caller = self._required(call)
        data = await bodies.read(call.request)
        run = self.service.access.owned(call.path["run"], caller)
        if bodies.media_type(call.request) != "application/json":
            raise ApiError("invalid-request", "The body needs Content-Type: application/json.")
        body = bodies.parse(data, "invalid-request", "The body")
        self.service.operations.update(run, _change(body, run.id))
        return self._run(run, caller)

    async def reboot_run(self, call: Call) -> Answer:
        """POST /v2/actor-runs/{runId}/reboot."""
        return self._changed(call, self.service.operations.reboot)

    async def abort_run(self, call: Call) -> Answer:
        """POST /v2/actor-runs/{runId}/abort."""
        gracefully = bool(parameters.boolean(call.query, "gracefully"))
        return self._changed(
            call, lambda run: self.service.operations.abort(run, gracefully=gracefully)
        )

    async def abort_actor_run(self, call: Call) -> Answer:
        """POST /v2/acts/{actorId}/runs/{runId}/abort, the deprecated twin."""
        caller = self._required(call)
        reference = call.path["actor"]
        actor = self.service.access.named("actor", reference, caller)
        if actor is None:
            kind = "record-not-found" if "~" in reference else "record-or-token-not-found"
            raise ApiError(kind, "Actor was not found or access denied")
        if self.service.access.owned(call.path["run"], caller).actor != actor:
            raise ApiError("record-not-found", "Actor run was not found")
        return await self.abort_run(call)

    async def run_task(self, call: Call) -> Answer:
        """POST /v2/actor-tasks/{actorTaskId}/runs."""
        caller = self._required(call)
        name, task = self.service.access.task(call.path["task"], caller)
        query = call.query
        seconds = parameters.wait_seconds(query)
        options = Options(
            timeout_secs=parameters.timeout_seconds(query),
            memory_mbytes=parameters.memory_megabytes(query),
            build=query.get("build"),
            max_items=parameters.max_items(query),
            max_total_charge_usd=parameters.max_total_charge_usd(query),
            restart_on_error=parameters.boolean(query, "restartOnError"),
        )
        client = call.request.client
        request = Start(
            options=options,
            webhooks=webhook.read(query.get("webhooks", "")),
            input=_input(await bodies.read(call.request), bodies.media_type(call.request)),
            user_agent=call.request.headers.get("user-agent"),
            client_ip=client.host if client else None,
        )
        run = await self.service.starter.start(name, task, caller, request)
        await self.service.operations.wait(run, seconds)
        location = f"{self.service.public_url or call.base_url}/v2/actor-runs/{run.id}".encode()
        return self._run(run, caller, status=201, headers=((b"location", location),))

    # Their neighbours.

    async def resurrect_run(self, call: Call) -> Answer:
        """POST /v2/actor-runs/{runId}/resurrect."""
        return self._changed(call, self.service.operations.resurrect)

    async def delete_run(self, call: Call) -> Answer:
        """DELETE /v2/actor-runs/{runId}: 204 for a finished run, 400 for any other."""
        run = self.service.access.owned(call.path["run"], self._required(call))
        self.service.operations.delete(run)
        return Answer(b"", 204)

    async def get_log(self, call: Call) -> Answer:
        """GET /v2/actor-runs/{runId}/log and /v2/logs/{runId}."""
        run = self.service.access.readable(call.path["run"], self._caller(call))
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
        """GET /v2/actor-runs and /v2/actor-tasks/{actorTaskId}/runs."""
        caller = self._required(call)
        reference = call.path.get("task")
        task = self.service.access.task(reference, caller)[0] if reference is not None else None
        offset = int(parameters.number(call.query, "offset") or 0)
        limit = int(parameters.number(call.query, "limit") or MAX_PAGE)
        newest_first = bool(parameters.boolean(call.query, "desc"))
        total, documents = self.service.database.runs(
            caller.user,
            task,
            offset=offset,
            limit=min(limit, MAX_PAGE),
            newest_first=newest_first,
        )
        runs = [self.service.repository.find(from_document(document).id) for document in documents]
        items = [self.service.views.answer(run, owner=True) for run in runs if run]
        page = {"total": total, "offset": offset, "limit": limit, "count": len(items)}
        return Answer(encode({"data": {**page, "desc": newest_first, "items": items}}))

    async def get_task(self, call: Call) -> Answer:
        """GET /v2/actor-tasks/{actorTaskId}."""
        name, task = self.service.access.task(call.path["task"], self._required(call))
        user, _, title = name.partition("~")
        options = {
            "build": task.options.build or "latest",
            "timeoutSecs": task.options.timeout_secs,
            "memoryMbytes": task.options.memory_mbytes,
        }
        answer = {
            "id": stable_id("task", name),
            "userId": stable_id("user", user),
            "actId": stable_id("actor", task.actor),
            "name": title,
            "options": {key: value for key, value in options.items() if value is not None},
            "input": task.input,
        }
        return Answer(encode({"data": answer}))

    async def get_task_input(self, call: Call) -> Answer:
        """GET /v2/actor-tasks/{actorTaskId}/input: the saved input itself, without an envelope."""
        _, task = self.service.access.task(call.path["task"], self._required(call))
        return Answer(encode(task.input))

    async def get_health(self, _: Call) -> Answer:
        """GET /health: 200 while the server serves."""
        active = len(self.service.supervisor.active)
        return Answer(encode({"data": {"status": "ok", "runsGoing": active}}))

    async def events(self, socket: WebSocket) -> None:
        """The events WebSocket of a run, for its process or its owner."""
        active = self.service.supervisor.active.get(socket.path_params["run"])
        try:
            caller = self.service.tokens.required(socket.headers, socket.scope[QUERY])
        except ApiError:
            caller = None
        if active is None or not self.service.access.owns(caller, active.run.user):
            await socket.close(code=1008)
            return
        await active.announcements.serve(socket)

    def _caller(self, call: Call) -> Caller | None:
        return self.service.tokens.caller(call.request.headers, call.query)

    def _required(self, call: Call) -> Caller:
        return self.service.tokens.required(call.request.headers, call.query)

    def _changed(self, call: Call, change: Callable[[Run], None]) -> Answer:
        caller = self._required(call)
        run = self.service.access.owned(call.path["run"], caller)
        change(run)
        return self._run(run, caller)

    def _run(
        self,
        run: Run,
        caller: Caller | None,
        status: int = 200,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Answer:
        owner = self.service.access.owns(caller, run.user)
        return Answer(self.service.views.encoded(run, owner=owner), status, headers=headers)


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
