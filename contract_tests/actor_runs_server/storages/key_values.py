"""Records of key-value stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from actor_runs_server.records.database import Database


@frozen
class KeyValues:
    """Writes and reads records."""

    database: Database

    def put(self, store: str, key: str, content_type: str, value: bytes) -> None:
        """Write a record."""
        self.database.write(
            "INSERT OR REPLACE INTO key_values VALUES (?, ?, ?, ?)", store, key, content_type, value
        )

    def get(self, store: str, key: str) -> tuple[str, bytes] | None:
        """Return content type and value of a record; None for an unknown key."""
        row = self.database.row(
            "SELECT content_type, value FROM key_values WHERE store = ? AND key = ?", store, key
        )
        return (row[0], row[1]) if row else None

    def delete(self, store: str, key: str) -> None:
        """Delete a record, if there is one."""
        self.database.write("DELETE FROM key_values WHERE store = ? AND key = ?", store, key)

    def keys(self, store: str, after: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return keys and sizes in bytes, in the order of the keys.

        Args:
            store: The store.
            after: The key before the first one that is wanted; "" begins with the first key.
            prefix: What every key begins with.
            limit: The largest number of keys.
        """
        rows = self.database.rows(
            "SELECT key, length(value) FROM key_values WHERE store = ? AND key > ? "
            "AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?",
            store,
            after,
            len(prefix),
            prefix,
            limit,
        )
        return [(key, size) for key, size in rows]

    def size(self, store: str) -> int:
        """Return the bytes of all values."""
        statement = "SELECT total(length(value)) FROM key_values WHERE store = ?"
        return int(self.database.one(statement, store))
