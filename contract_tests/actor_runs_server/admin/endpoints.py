"""The endpoints under `/__admin`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import frozen

from actor_runs_server.admin.middleware import PREFIX
from actor_runs_server.admin.scripted_runs import ScriptedRuns
from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.http import bodies, parameters
from actor_runs_server.http.middleware import encode
from actor_runs_server.http.resources import Answer, Call, Handler

if TYPE_CHECKING:
    from actor_runs_server.admin.faults import Faults
    from actor_runs_server.admin.journal import Journal
    from actor_runs_server.runs.service import Service

LOOPBACK: Final = re.compile(r"(127(\.\d+){3}|localhost|\[::1\]|testserver)(:\d+)?")
# A test moves the clock by at most a year.
MAX_ADVANCE_SECS: Final = 31_536_000


@frozen
class AdminEndpoints:
    """Reset, runs in any state, faults, the journal of requests, the clock."""

    service: Service
    journal: Journal
    faults: Faults

    def table(self) -> dict[str, dict[str, Handler]]:
        """Return the paths and their handlers."""
        table: dict[str, dict[str, Handler]] = {
            "reset": {"POST": self.reset},
            "runs": {"POST": self.create_run},
            "runs/{run}": {"PUT": self.put_run},
            "faults": {
                "POST": self.order_fault,
                "GET": self.list_faults,
                "DELETE": self.clear_faults,
            },
            "requests": {"GET": self.list_requests, "DELETE": self.clear_requests},
            "clock": {"GET": self.get_clock, "POST": self.advance_clock},
        }
        return {
            f"{PREFIX}/{path}": {method: _guarded(handler) for method, handler in methods.items()}
            for path, methods in table.items()
        }

    async def reset(self, call: Call) -> Answer:
        """POST reset: deletes every run, storage, saved task and webhook, faults and journal."""
        parameters.only(call.query)
        await self.service.reset()
        self.faults.ordered.clear()
        self.journal.entries.clear()
        return _data({})

    async def create_run(self, call: Call) -> Answer:
        """POST runs: a run without a process; members of the Run object, and `task` or `actor`."""
        parameters.only(call.query)
        body = await _object(call)
        reference = body.pop("task", None)
        catalog = self.service.catalog
        task = catalog.task(reference) if isinstance(reference, str) else None
        actor = body.pop("actor", None)
        name = task.definition.actor if task else catalog.actor_name(str(actor))
        if name is None or (reference is not None and task is None):
            raise ApiError("record-not-found", "The body needs a known `task` or `actor`.")
        user = task.user if task else name.partition("~")[0]
        run = ScriptedRuns(self.service).create(user, name, task.id if task else None, body)
        return _data(self.service.views.answer(run, owner=True), 201)

    async def put_run(self, call: Call) -> Answer:
        """PUT runs/{runId}: gives the run these members and takes its process away."""
        parameters.only(call.query)
        run = self.service.repository.find(call.path["run"])
        if run is None:
            raise ApiError("record-not-found", "Actor run was not found")
        await ScriptedRuns(self.service).put(run, await _object(call))
        return _data(self.service.views.answer(run, owner=True))

    async def order_fault(self, call: Call) -> Answer:
        """POST faults: orders a fault."""
        parameters.only(call.query)
        fault = self.faults.order(await _object(call))
        return _data(msgspec.to_builtins(fault), 201)

    async def list_faults(self, call: Call) -> Answer:
        """GET faults: those that are still to be made."""
        parameters.only(call.query)
        return _data(msgspec.to_builtins(list(self.faults.ordered.values())))

    async def clear_faults(self, call: Call) -> Answer:
        """DELETE faults: makes none of them."""
        parameters.only(call.query)
        self.faults.ordered.clear()
        return Answer(b"", 204)

    async def list_requests(self, call: Call) -> Answer:
        """GET requests: the journal, oldest first; `path`, a pattern, chooses requests."""
        parameters.only(call.query, "path")
        wanted = call.query.get("path", ".*")
        try:
            pattern = re.compile(wanted)
        except re.error as error:
            raise ApiError("invalid-value", f"path is not a pattern: {error}.") from error
        entries = self.journal.entries
        return _data([entry.shown() for entry in entries if pattern.fullmatch(entry.path)])

    async def clear_requests(self, call: Call) -> Answer:
        """DELETE requests: empties the journal."""
        parameters.only(call.query)
        self.journal.entries.clear()
        return Answer(b"", 204)

    async def get_clock(self, call: Call) -> Answer:
        """GET clock: the time of the server."""
        parameters.only(call.query)
        return _data({"now": timestamp(self.service.clock.millis())})

    async def advance_clock(self, call: Call) -> Answer:
        """POST clock: moves the time forward by `advanceSecs`."""
        parameters.only(call.query)
        seconds = (await _object(call)).get("advanceSecs")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= MAX_ADVANCE_SECS:
            raise ApiError("invalid-value", "The body needs advanceSecs, from 0 to a year.")
        self.service.clock.advance(seconds)
        return await self.get_clock(call)


def _guarded(handler: Handler) -> Handler:
    """Refuse what web pages send: they reach loopback through a person's browser."""

    async def guarded(call: Call) -> Answer:
        headers = call.request.headers
        if "origin" in headers or not LOOPBACK.fullmatch(headers.get("host", "")):
            raise ApiError(
                "insufficient-permissions", f"{PREFIX} answers only programs on loopback."
            )
        return await handler(call)

    return guarded


def _data(value: object, status: int = 200) -> Answer:
    return Answer(encode({"data": value}), status)


async def _object(call: Call) -> dict[str, Any]:
    content = await bodies.read(call.request)
    value = bodies.parse(content, "invalid-request", "The body")
    if not isinstance(value, dict):
        raise ApiError("invalid-request", "The body is not a JSON object.")
    return value
