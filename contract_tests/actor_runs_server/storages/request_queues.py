"""Requests of queues: in order, unique, locked by one client at a time."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import frozen

if TYPE_CHECKING:
    from actor_runs_server.clock import Clock
    from actor_runs_server.records.database import Database

Request = dict[str, Any]
ID_LENGTH: Final = 15


def request_id(unique_key: str) -> str:
    """Return the id of a request, which clients compute in the same way."""
    digest = base64.b64encode(hashlib.sha256(unique_key.encode()).digest()).decode()
    return re.sub(r"[+/=]", "", digest)[:ID_LENGTH]


@frozen
class RequestQueues:
    """Adds, reads, locks and handles requests."""

    database: Database
    clock: Clock

    def add(self, queue: str, request: Request, *, forefront: bool) -> dict[str, Any]:
        """Add a request unless its unique key is known; return its id and what was there."""
        key = request["uniqueKey"]
        known = self.get(queue, request_id(key))
        if known is None:
            self._write(queue, {**request, "id": request_id(key)}, forefront=forefront)
        return {
            "requestId": request_id(key),
            "uniqueKey": key,
            "wasAlreadyPresent": known is not None,
            "wasAlreadyHandled": bool(known and known.get("handledAt")),
        }

    def update(self, queue: str, request: Request, *, forefront: bool) -> dict[str, Any]:
        """Replace a request, or add it; one that is unhandled goes back into the order."""
        known = self.get(queue, request["id"])
        self._write(queue, request, forefront=forefront)
        return {
            "requestId": request["id"],
            "wasAlreadyPresent": known is not None,
            "wasAlreadyHandled": bool(known and known.get("handledAt")),
        }

    def get(self, queue: str, identifier: str) -> Request | None:
        """Return a request; None for an unknown id."""
        document = self.database.one(
            "SELECT document FROM requests WHERE queue = ? AND id = ?", queue, identifier
        )
        return msgspec.json.decode(document) if document is not None else None

    def delete(self, queue: str, identifier: str) -> bool:
        """Delete a request; return whether there was one."""
        statement = "DELETE FROM requests WHERE queue = ? AND id = ?"
        return self.database.write(statement, queue, identifier) == 1

    def head(self, queue: str, limit: int) -> list[Request]:
        """Return the next requests that are neither handled nor locked."""
        documents = self.database.column(
            "SELECT document FROM requests WHERE queue = ? AND handled = 0 AND locked_until <= ? "
            "ORDER BY place LIMIT ?",
            queue,
            self.clock.millis(),
            limit,
        )
        return [msgspec.json.decode(document) for document in documents]

    def lock_head(self, queue: str, limit: int, millis: int, client: str) -> list[Request]:
        """Lock the next requests for a client and return them."""
        with self.database.together():
            requests = self.head(queue, limit)
            for request in requests:
                self._lock(queue, request["id"], self.clock.millis() + millis, client)
        return requests

    def prolong(
        self, queue: str, identifier: str, millis: int, client: str, *, forefront: bool
    ) -> int | None:
        """Lock a request that the client has locked for longer.

        Returns:
            The end of the lock in milliseconds since 1970; None if the client has no lock.
        """
        if not self._holds(queue, identifier, client):
            return None
        until = self.clock.millis() + millis
        self._lock(queue, identifier, until, client)
        if forefront:
            self._place(queue, identifier, forefront=True)
        return until

    def unlock(self, queue: str, identifier: str, client: str, *, forefront: bool) -> bool:
        """Release a request that the client has locked; return whether it had."""
        if not self._holds(queue, identifier, client):
            return False
        self._lock(queue, identifier, 0, None)
        if forefront:
            self._place(queue, identifier, forefront=True)
        return True

    def unlock_all(self, queue: str, client: str) -> int:
        """Release every request that the client has locked; return their number."""
        return self.database.write(
            "UPDATE requests SET locked_until = 0, locked_by = NULL WHERE queue = ? "
            "AND locked_by = ? AND locked_until > ? AND handled = 0",
            queue,
            client,
            self.clock.millis(),
        )

    def has_locks(self, queue: str) -> bool:
        """Return whether any request is locked."""
        statement = "SELECT 1 FROM requests WHERE queue = ? AND handled = 0 AND locked_until > ?"
        return self.database.one(f"{statement} LIMIT 1", queue, self.clock.millis()) is not None

    def page(
        self, queue: str, after: str, limit: int, *, pending: bool = True, locked: bool = True
    ) -> list[Request]:
        """Return requests in the order of their ids, beginning after one of them.

        Without `locked` only unhandled requests that are not locked, without `pending` only
        locked ones are returned; with both all, also handled ones.
        """
        wanted = (
            ""
            if pending and locked
            else f"AND handled = 0 AND locked_until {'<=' if pending else '>'} ?"
        )
        now = (self.clock.millis(),) if wanted else ()
        documents = self.database.column(
            f"SELECT document FROM requests WHERE queue = ? AND id > ? {wanted} "  # noqa: S608
            "ORDER BY id LIMIT ?",
            queue,
            after,
            *now,
            limit,
        )
        return [msgspec.json.decode(document) for document in documents]

    def counts(self, queue: str) -> tuple[int, int]:
        """Return the numbers of all requests and of handled ones."""
        row = self.database.row(
            "SELECT count(*), total(handled) FROM requests WHERE queue = ?", queue
        )
        assert row is not None
        return int(row[0]), int(row[1])

    def seen(self, queue: str, client: str) -> None:
        """Note a client of a queue."""
        self.database.write("INSERT OR IGNORE INTO queue_clients VALUES (?, ?)", queue, client)

    def had_several_clients(self, queue: str) -> bool:
        """Return whether more than one client has used a queue."""
        statement = "SELECT count(*) FROM queue_clients WHERE queue = ?"
        return int(self.database.one(statement, queue)) > 1

    def _write(self, queue: str, request: Request, *, forefront: bool) -> None:
        with self.database.together():
            self.database.write(
                "INSERT OR REPLACE INTO requests VALUES (?, ?, 0, ?, 0, NULL, ?)",
                queue,
                request["id"],
                bool(request.get("handledAt")),
                msgspec.json.encode(request),
            )
            self._place(queue, request["id"], forefront=forefront)

    def _place(self, queue: str, identifier: str, *, forefront: bool) -> None:
        """Put a request before, or after, all others."""
        place = "min(place) - 1" if forefront else "max(place) + 1"
        self.database.write(
            f"UPDATE requests SET place = (SELECT coalesce({place}, 0) FROM requests "  # noqa: S608
            "WHERE queue = ? AND handled = 0) WHERE queue = ? AND id = ?",
            queue,
            queue,
            identifier,
        )

    def _lock(self, queue: str, identifier: str, until: int, client: str | None) -> None:
        self.database.write(
            "UPDATE requests SET locked_until = ?, locked_by = ? WHERE queue = ? AND id = ?",
            until,
            client,
            queue,
            identifier,
        )

    def _holds(self, queue: str, identifier: str, client: str) -> bool:
        statement = (
            "SELECT 1 FROM requests WHERE queue = ? AND id = ? AND locked_by = ? "
            "AND locked_until > ? AND handled = 0"
        )
        now = self.clock.millis()
        return self.database.one(statement, queue, identifier, client, now) is not None
