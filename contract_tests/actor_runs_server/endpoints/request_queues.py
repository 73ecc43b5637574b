"""The endpoints of requests in queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.clock import timestamp
from actor_runs_server.endpoints.lookup import NO_CONTENT, data
from actor_runs_server.http import bodies, parameters
from actor_runs_server.storages.request_queues import request_id
from actor_runs_server.storages.storages import REQUEST_QUEUE, Storage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actor_runs_server.endpoints.lookup import Lookup
    from actor_runs_server.http.resources import Answer, Call
    from actor_runs_server.runs.service import Service

MAX_BATCH: Final = 25
MAX_HEAD: Final = 1_000
MAX_LOCKED: Final = 25
MAX_LOCK_SECS: Final = 7_200
MAX_PAGE: Final = 10_000
FILTERS: Final = ("pending", "locked")
HEAD_MEMBERS: Final = ("id", "uniqueKey", "url", "method", "retryCount")


@frozen
class RequestQueueEndpoints:
    """Adds, reads, locks and handles requests."""

    service: Service
    lookup: Lookup

    async def add_request(self, call: Call) -> Answer:
        """POST .../requests: adds a request unless its unique key is known."""
        self.lookup.only(call, "forefront", "clientKey")
        storage = self._storage(call, write=True)
        request = _new_request(await self._json(call))
        added = self.service.request_queues.add(storage.id, request, forefront=_forefront(call))
        self.lookup.count(call, storage, "REQUEST_QUEUE_WRITES")
        return data(added, 200 if added["wasAlreadyPresent"] else 201)

    async def add_batch(self, call: Call) -> Answer:
        """POST .../requests/batch: adds up to 25 requests."""
        self.lookup.only(call, "forefront", "clientKey")
        storage = self._storage(call, write=True)
        requests = [_new_request(value) for value in await self._batch(call)]
        forefront, queues = _forefront(call), self.service.request_queues
        with self.service.database.together():
            added = [queues.add(storage.id, each, forefront=forefront) for each in requests]
        self.lookup.count(call, storage, "REQUEST_QUEUE_WRITES", len(added))
        return data({"processedRequests": added, "unprocessedRequests": []}, 201)

    async def delete_batch(self, call: Call) -> Answer:
        """DELETE .../requests/batch: deletes up to 25 requests, given by id or unique key."""
        self.lookup.only(call, "clientKey")
        storage = self._storage(call, write=True)
        deleted: list[dict[str, Any]] = []
        missing: list[dict[str, Any]] = []
        for value in await self._batch(call):
            key = value.get("uniqueKey")
            identifier = value.get("id") or (request_id(key) if isinstance(key, str) else None)
            found = isinstance(identifier, str) and self.service.request_queues.delete(
                storage.id, identifier
            )
            (deleted if found else missing).append(value)
        self.lookup.count(call, storage, "REQUEST_QUEUE_WRITES", len(deleted))
        return data({"processedRequests": deleted, "unprocessedRequests": missing})

    async def list_requests(self, call: Call) -> Answer:
        """GET .../requests: a page of all requests, in the order of their ids."""
        self.lookup.only(call, "limit", "exclusiveStartId", "cursor", "filter", "clientKey")
        storage = self._storage(call)
        after = call.query.get("cursor") or call.query.get("exclusiveStartId", "")
        limit = min(parameters.whole(call.query, "limit", MAX_PAGE) or MAX_PAGE, MAX_PAGE)
        wanted = parameters.names(call.query, "filter")
        for name in wanted:
            parameters.choice({"filter": name}, "filter", FILTERS)
        pending, locked = (not wanted or name in wanted for name in FILTERS)
        found = self.service.request_queues.page(
            storage.id, after, limit + 1, pending=pending, locked=locked
        )
        items = found[:limit]
        self.lookup.count(call, storage, "REQUEST_QUEUE_READS")
        page = {"items": items, "limit": limit, "exclusiveStartId": after or None}
        if len(found) > limit:
            page["nextCursor"] = items[-1]["id"]
        return data(page)

    async def get_request(self, call: Call) -> Answer:
        """GET .../requests/{requestId}."""
        self.lookup.only(call, "clientKey")
        storage = self._storage(call)
        request = self.service.request_queues.get(storage.id, call.path["request"])
        self.lookup.count(call, storage, "REQUEST_QUEUE_READS")
        if request is None:
            raise ApiError("record-not-found", "Request was not found")
        return data(request)

    async def put_request(self, call: Call) -> Answer:
        """PUT .../requests/{requestId}: replaces a request; `handledAt` takes it off the queue."""
        self.lookup.only(call, "forefront", "clientKey")
        storage = self._storage(call, write=True)
        value = _object(await self._json(call))
        identifier = call.path["request"]
        if value.get("id", identifier) != identifier:
            raise ApiError("invalid-request", "The body's id is not the path's.")
        known = self.service.request_queues.get(storage.id, identifier) or {}
        request = _new_request({**known, **value, "id": identifier})
        updated = self.service.request_queues.update(
            storage.id, request, forefront=_forefront(call)
        )
        self.lookup.count(call, storage, "REQUEST_QUEUE_WRITES")
        return data(updated)

    async def delete_request(self, call: Call) -> Answer:
        """DELETE .../requests/{requestId}."""
        self.lookup.only(call, "clientKey")
        storage = self._storage(call, write=True)
        self.service.request_queues.delete(storage.id, call.path["request"])
        self.lookup.count(call, storage, "REQUEST_QUEUE_WRITES")
        return NO_CONTENT

    async def get_head(self, call: Call) -> Answer:
        """GET .../head: the next requests."""
        self.lookup.only(call, "limit", "clientKey")
        storage = self._storage(call)
        limit = parameters.whole(call.query, "limit", 100, MAX_HEAD)
        requests = self.service.request_queues.head(storage.id, limit)
        self.lookup.count(call, storage, "REQUEST_QUEUE_READS")
        return data({**self._head(storage, limit), "items": list(map(_head_item, requests))})

    async def lock_head(self, call: Call) -> Answer:
        """POST .../head/lock: locks the next requests and returns them."""
        self.lookup.only(call, "limit", "lockSecs", "clientKey")
        storage = self._storage(call, write=True)
        limit = parameters.whole(call.query, "limit", MAX_LOCKED, MAX_LOCKED)
        seconds = _lock_secs(call)
        queues = self.service.request_queues
        requests = queues.lock_head(storage.id, limit, seconds * 1000, _client(call))
        until = timestamp(self.service.clock.millis() + seconds * 1000)
        self.lookup.count(call, storage, "REQUEST_QUEUE_WRITES", max(1, len(requests)))
        return data(
            {
                **self._head(storage, limit),
                "lockSecs": seconds,
                "clientKey": _client(call),
                "queueHasLockedRequests": queues.has_locks(storage.id),
                "items": [{**_head_item(each), "lockExpiresAt": until} for each in requests],
            }
        )

    async def prolong_lock(self, call: Call) -> Answer:
        """PUT .../requests/{requestId}/lock: prolongs the lock of this client."""
        self.lookup.only(call, "lockSecs", "forefront", "clientKey")
        storage = self._storage(call, write=True)
        seconds = _lock_secs(call)
        until = self.service.request_queues.prolong(
            storage.id,
            call.path["request"],
            seconds * 1000,
            _client(call),
            forefront=_forefront(call),
        )
        if until is None:
            raise ApiError("request-handled-or-locked")
        return data({"lockExpiresAt": timestamp(until)})

    async def delete_lock(self, call: Call) -> Answer:
        """DELETE .../requests/{requestId}/lock: releases the lock of this client."""
        self.lookup.only(call, "forefront", "clientKey")
        storage = self._storage(call, write=True)
        released = self.service.request_queues.unlock(
            storage.id, call.path["request"], _client(call), forefront=_forefront(call)
        )
        if not released:
            raise ApiError("request-handled-or-locked")
        return NO_CONTENT

    async def unlock_all(self, call: Call) -> Answer:
        """POST .../requests/unlock: releases every lock of this client."""
        self.lookup.only(call, "clientKey")
        storage = self._storage(call, write=True)
        count = self.service.request_queues.unlock_all(storage.id, _client(call))
        return data({"unlockedCount": count})

    def _storage(self, call: Call, *, write: bool = False) -> Storage:
        storage = self.lookup.storage(call, REQUEST_QUEUE, write=write)
        if "clientKey" in call.query:
            self.service.request_queues.seen(storage.id, call.query["clientKey"])
        return storage

    def _head(self, storage: Storage, limit: int) -> dict[str, Any]:
        return {
            "limit": limit,
            "queueModifiedAt": timestamp(storage.modified_at),
            "hadMultipleClients": self.service.request_queues.had_several_clients(storage.id),
        }

    async def _json(self, call: Call) -> object:
        return bodies.parse(await bodies.read(call.request), "invalid-request", "The body")

    async def _batch(self, call: Call) -> Iterable[dict[str, Any]]:
        values = await self._json(call)
        if not isinstance(values, list) or not 1 <= len(values) <= MAX_BATCH:
            raise ApiError("invalid-request", f"The body is not an array of 1 to {MAX_BATCH}.")
        return [_object(value) for value in values]


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ApiError("invalid-request", "A request is a JSON object.")
    return value


def _new_request(value: object) -> dict[str, Any]:
    request = _object(value)
    if not isinstance(request.get("url"), str):
        raise ApiError("invalid-value", "A request needs a url.")
    key = request.get("uniqueKey") or request["url"]
    if not isinstance(key, str):
        raise ApiError("invalid-value", "The uniqueKey of a request is a string.")
    return {**request, "uniqueKey": key}


def _head_item(request: dict[str, Any]) -> dict[str, Any]:
    return {"method": "GET", "retryCount": 0} | {
        name: request[name] for name in HEAD_MEMBERS if name in request
    }


def _forefront(call: Call) -> bool:
    return bool(parameters.boolean(call.query, "forefront"))


def _client(call: Call) -> str:
    """Return whose locks are meant: those of the client key, or else of the caller's run."""
    return call.query.get("clientKey") or "without a key"


def _lock_secs(call: Call) -> int:
    seconds = parameters.whole(call.query, "lockSecs", 0, MAX_LOCK_SECS)
    if seconds == 0:
        raise ApiError("invalid-value", "Query parameter 'lockSecs' is missing or 0.")
    return seconds
