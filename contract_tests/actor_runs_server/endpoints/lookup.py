"""Finds what the path of a request names, as far as its caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.http import parameters
from actor_runs_server.http.middleware import encode
from actor_runs_server.http.resources import UNKNOWN, Answer, Call
from actor_runs_server.records.database import Page
from actor_runs_server.records.lifecycle import Status
from actor_runs_server.records.run_table import RunFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.auth import Caller
    from actor_runs_server.runs.service import Service
    from actor_runs_server.storages.storages import Storage

# What chooses the last run of an Actor or a task.
LAST_RUN = ("status", "origin")


@frozen
class Lookup:
    """Callers, runs and storages of requests."""

    service: Service

    def caller(self, call: Call) -> Caller | None:
        """Return who is calling; None without a token."""
        if call.caller is UNKNOWN:
            call.caller = self.service.tokens.caller(call.authorization, call.query)
        return call.caller

    def required(self, call: Call) -> Caller:
        """Return who is calling; 401 without a token."""
        caller = self.caller(call)
        if caller is None:
            raise ApiError("token-not-provided")
        return caller

    def only(self, call: Call, *names: str) -> None:
        """Refuse unknown parameters; paths through the last run know two more."""
        parameters.only(call.query, *names, *(() if "run" in call.path else LAST_RUN))

    def only_below_last_run(self, call: Call, *names: str) -> None:
        """Refuse unknown parameters, unless it is an operation of the contract."""
        if "run" not in call.path:
            self.only(call, *names)

    def readable_run(self, call: Call) -> Run:
        """Return the run of a path, which the caller may read."""
        if "run" in call.path:
            return self.service.access.readable(call.path["run"], self.caller(call))
        return self._last_run(call)

    def owned_run(self, call: Call) -> Run:
        """Return the run of a path, which the caller may change."""
        if "run" in call.path:
            return self.service.access.owned(call.path["run"], self.required(call))
        return self._last_run(call)

    def signed_storage(self, call: Call, kind: str, key: str | None = None) -> Storage:
        """Return the storage of a path to read from it, also by a signature of it or of a record."""
        given = call.query.get("signature")
        storage = self._named_storage(call, kind) if given is not None else None
        if given and storage and self.service.access.signed(storage, given, key):
            return storage
        return self.storage(call, kind)

    def storage(self, call: Call, kind: str, *, write: bool = False) -> Storage:
        """Return the storage that a path names by its own id or by that of its run."""
        if "storage" in call.path:
            caller = self.required(call) if write else self.caller(call)
            return self.service.access.storage(kind, call.path["storage"], caller, write=write)
        run = self.owned_run(call) if write else self.readable_run(call)
        storage = self.service.storages.find(kind, run.storages[kind])
        if storage is None:
            raise ApiError("record-not-found", "The storage has been deleted.")
        return storage

    def count(self, call: Call, storage: Storage, unit: str, amount: int = 1) -> None:
        """Count what the process of a run uses; a run is not charged for other callers."""
        caller = self.caller(call)
        run = self.service.repository.find(caller.run) if caller and caller.run else None
        if run and not run.finished:
            run.usage[unit] = run.usage.get(unit, 0) + amount
        write = unit.endswith("WRITES")
        self.service.storages.touch(storage, modified=write)

    def show(
        self, run: Run, call: Call, status: int = 200, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> Answer:
        """Return the answer that shows a run to the caller."""
        owner = self.service.access.owns(self.caller(call), run.user)
        body = self.service.views.encoded(run, owner=owner)
        return Answer(body, status, headers=tuple(headers))

    def _named_storage(self, call: Call, kind: str) -> Storage | None:
        """Return the storage of a path, whoever may read it; None for that of a last run."""
        if "storage" in call.path:
            reference, caller = call.path["storage"], self.caller(call)
            return self.service.access.find_storage(kind, reference, caller)
        run = self.service.repository.find(call.path["run"]) if "run" in call.path else None
        return self.service.storages.find(kind, run.storages[kind]) if run else None

    def _last_run(self, call: Call) -> Run:
        caller = self.required(call)
        access = self.service.access
        reference = call.path.get("task")
        task = access.task(reference, caller).id if reference else None
        actor = None if task else access.actor(call.path["actor"], caller)
        status = parameters.choice(call.query, "status", tuple(Status))
        wanted = RunFilter(
            user=caller.user, actor=actor, task=task, statuses=(status,) if status else None
        )
        origin = call.query.get("origin")
        _, ids = self.service.repository.table.page(wanted, Page(newest_first=True))
        for run_id in ids:
            run = self.service.repository.find(run_id)
            if run and origin in (None, run.meta["origin"]):
                return run
        raise ApiError("record-not-found", "Actor run was not found")


def as_reference(value: object) -> str:
    """Return a reference given outside a path, where names may also be spelt `user/name`."""
    return str(value).replace("/", "~", 1)


def data(value: object, status: int = 200) -> Answer:
    """Return an answer in the envelope."""
    return Answer(encode({"data": value}), status)


def listed(page: Page, total: int, items: list[dict[str, Any]]) -> Answer:
    """Return a page of a list in the envelope."""
    shown = {
        "total": total,
        "offset": page.offset,
        "limit": page.limit,
        "count": len(items),
        "desc": page.newest_first,
        "items": items,
    }
    return data(shown)


NO_CONTENT = Answer(b"", 204)
