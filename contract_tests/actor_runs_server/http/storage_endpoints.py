"""The endpoints of the default storages of runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import stable_id
from actor_runs_server.http import bodies, parameters
from actor_runs_server.http.middleware import encode
from actor_runs_server.http.resources import Answer, Call, Handler

if TYPE_CHECKING:
    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.service import Service

KEY: Final = re.compile(r"[a-zA-Z0-9!\-_.'()]{1,256}")
MAX_PAGE: Final = 250_000
NAMES: Final = {
    "dataset": "Dataset",
    "key-value-store": "Store",
    "request-queue": "Request queue",
}


@frozen
class StorageEndpoints:
    """Reads and writes storages; whoever may read a run may read its storages."""

    service: Service

    def storage(self, kind: str) -> Handler:
        """GET a storage by its own id, or by that of its run."""

        async def handler(call: Call) -> Answer:
            return Answer(encode({"data": _described(self._read(call, kind), kind)}))

        return handler

    async def get_record(self, call: Call) -> Answer:
        """GET .../records/{key}."""
        run = self._read(call, "key-value-store")
        found = self.service.database.value(run.storages["key-value-store"], call.path["key"])
        self._count(call, run, "KEY_VALUE_STORE_READS")
        if found is None:
            raise ApiError("record-not-found", "Record was not found")
        content_type, value = found
        return Answer(value, content_type=content_type.encode("latin-1", "replace"))

    async def put_record(self, call: Call) -> Answer:
        """PUT .../records/{key}."""
        run = self._write(call, "key-value-store")
        if not KEY.fullmatch(call.path["key"]):
            raise ApiError("invalid-value", "A key is 1 to 256 letters, digits and !-_.'()")
        data = await bodies.read(call.request)
        content_type = call.request.headers.get("content-type") or "application/octet-stream"
        store = run.storages["key-value-store"]
        self.service.database.put_value(store, call.path["key"], content_type, data)
        self._count(call, run, "KEY_VALUE_STORE_WRITES")
        return Answer(encode({}), 201)

    async def delete_record(self, call: Call) -> Answer:
        """DELETE .../records/{key}."""
        run = self._write(call, "key-value-store")
        self.service.database.remove_value(run.storages["key-value-store"], call.path["key"])
        self._count(call, run, "KEY_VALUE_STORE_WRITES")
        return Answer(b"", 204)

    async def get_items(self, call: Call) -> Answer:
        """GET .../items: a JSON array, without an envelope."""
        run = self._read(call, "dataset")
        offset = int(parameters.number(call.query, "offset") or 0)
        limit = min(int(parameters.number(call.query, "limit") or MAX_PAGE), MAX_PAGE)
        total, items = self.service.database.items(run.storages["dataset"], offset, limit)
        self._count(call, run, "DATASET_READS")
        headers = (
            (b"x-apify-pagination-total", str(total).encode()),
            (b"x-apify-pagination-offset", str(offset).encode()),
            (b"x-apify-pagination-limit", str(limit).encode()),
            (b"x-apify-pagination-count", str(len(items)).encode()),
            (b"x-apify-pagination-desc", b"false"),
        )
        return Answer(b"[" + b",".join(items) + b"]", headers=headers)

    async def push_items(self, call: Call) -> Answer:
        """POST .../items: one JSON object or an array of them."""
        run = self._write(call, "dataset")
        data = await bodies.read(call.request)
        value = bodies.parse(data, "invalid-request", "The body")
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, dict) for item in items):
            raise ApiError("invalid-request", "An item is a JSON object.")
        self.service.database.push_items(run.storages["dataset"], map(encode, items))
        self._count(call, run, "DATASET_WRITES", len(items))
        return Answer(encode({}), 201)

    def _read(self, call: Call, kind: str) -> Run:
        run = self._run_of(call, kind)
        caller = self.service.tokens.caller(call.request.headers, call.query)
        return self.service.access.readable(run, caller)

    def _write(self, call: Call, kind: str) -> Run:
        caller = self.service.tokens.required(call.request.headers, call.query)
        return self.service.access.owned(self._run_of(call, kind), caller)

    def _run_of(self, call: Call, kind: str) -> str:
        """Return the id of the run whose storage a path names, by its own id or by that of the run."""
        if "run" in call.path:
            return call.path["run"]
        run = self.service.database.storage_run(kind, call.path["id"])
        if run is None:
            raise ApiError("record-not-found", f"{NAMES[kind]} was not found.")
        return run

    def _count(self, call: Call, run: Run, unit: str, amount: int = 1) -> None:
        """Count what the process of the run uses; a run is not charged for other callers."""
        caller = self.service.tokens.caller(call.request.headers, call.query)
        if caller and caller.run == run.id and not run.finished:
            run.usage[unit] = run.usage.get(unit, 0) + amount


def _described(run: Run, kind: str) -> dict[str, Any]:
    return {
        "id": run.storages[kind],
        "userId": stable_id("user", run.user),
        "actId": stable_id("actor", run.actor),
        "actRunId": run.id,
        "createdAt": timestamp(run.started_at),
        "modifiedAt": timestamp(run.started_at),
        "accessedAt": timestamp(run.started_at),
    }
