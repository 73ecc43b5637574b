"""Storages of all three kinds: those of runs, named and unnamed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, frozen

from actor_runs_server.records.run import new_id

if TYPE_CHECKING:
    from actor_runs_server.clock import Clock
    from actor_runs_server.records.database import Database, Page
    from actor_runs_server.records.run import Run

DATASET: Final = "dataset"
KEY_VALUE_STORE: Final = "key-value-store"
REQUEST_QUEUE: Final = "request-queue"
# The tables that hold the contents of each kind, and their columns that name the storage.
CONTENTS: Final = {
    DATASET: (("items", "dataset"),),
    KEY_VALUE_STORE: (("key_values", "store"),),
    REQUEST_QUEUE: (("requests", "queue"), ("queue_clients", "queue")),
}
# Reading a storage again within this time does not write its `accessedAt` again.
ACCESS_MILLIS: Final = 1_000


@define(kw_only=True)
class Storage:
    """One storage. Times are milliseconds since 1970; a storage of a run names it."""

    id: str
    kind: str
    user: str
    name: str | None
    title: str | None
    run: str | None
    general_access: str | None
    created_at: int
    modified_at: int
    accessed_at: int


COLUMNS: Final = tuple(Storage.__annotations__)
SELECT: Final = ", ".join(COLUMNS)


@frozen
class Storages:
    """Creates, finds, changes and deletes storages."""

    database: Database
    clock: Clock

    def create_for_run(self, run: Run) -> None:
        """Create the default storages of a run."""
        for kind, storage_id in run.storages.items():
            self._insert(storage_id, kind, run.user, None, run.id)

    def create(self, kind: str, user: str, name: str | None) -> Storage:
        """Return the named storage of a user, which is created if needed; or a new unnamed one."""
        known = self.find_named(kind, user, name) if name else None
        return known or self._insert(new_id(), kind, user, name, None)

    def find(self, kind: str, storage_id: str) -> Storage | None:
        """Return a storage; None for an unknown id."""
        row = self.database.row(
            f"SELECT {SELECT} FROM storages WHERE id = ? AND kind = ?",  # noqa: S608 - constants
            storage_id,
            kind,
        )
        return Storage(**dict(zip(COLUMNS, row, strict=True))) if row else None

    def find_named(self, kind: str, user: str, name: str) -> Storage | None:
        """Return a storage by its name, in upper or lower case; None for an unknown name."""
        storage_id = self.database.one(
            "SELECT id FROM storages WHERE kind = ? AND user = ? AND name = ? COLLATE NOCASE",
            kind,
            user,
            name,
        )
        return self.find(kind, storage_id) if storage_id else None

    def page(self, kind: str, user: str, page: Page, *, unnamed: bool) -> tuple[int, list[Storage]]:
        """Return the number of storages of a user, and one page; `unnamed` adds those without a name."""
        where = {"kind = ?": kind, "user = ?": user} | ({} if unnamed else {"name > ?": ""})
        total, rows = self.database.page("storages", SELECT, where, "created_at", page)
        return total, [Storage(**dict(zip(COLUMNS, row, strict=True))) for row in rows]

    def save(self, storage: Storage) -> None:
        """Write name, title and access of a storage."""
        storage.modified_at = self.clock.millis()
        self.database.write(
            "UPDATE storages SET name = ?, title = ?, general_access = ?, modified_at = ? "
            "WHERE id = ?",
            storage.name,
            storage.title,
            storage.general_access,
            storage.modified_at,
            storage.id,
        )

    def touch(self, storage: Storage, *, modified: bool = False) -> None:
        """Note that the contents were read, or modified, now."""
        now = self.clock.millis()
        if not modified and now - storage.accessed_at < ACCESS_MILLIS:
            return
        storage.accessed_at = now
        storage.modified_at = now if modified else storage.modified_at
        self.database.write(
            "UPDATE storages SET modified_at = ?, accessed_at = ? WHERE id = ?",
            storage.modified_at,
            storage.accessed_at,
            storage.id,
        )

    def delete(self, storage: Storage) -> None:
        """Delete a storage with its contents."""
        with self.database.together():
            for table, column in CONTENTS[storage.kind]:
                self.database.write(f"DELETE FROM {table} WHERE {column} = ?", storage.id)  # noqa: S608
            self.database.write("DELETE FROM storages WHERE id = ?", storage.id)

    def _insert(
        self, storage_id: str, kind: str, user: str, name: str | None, run: str | None
    ) -> Storage:
        now = self.clock.millis()
        storage = Storage(
            id=storage_id,
            kind=kind,
            user=user,
            name=name,
            title=None,
            run=run,
            general_access=None,
            created_at=now,
            modified_at=now,
            accessed_at=now,
        )
        marks = ", ".join("?" * len(COLUMNS))
        values = [getattr(storage, column) for column in COLUMNS]
        self.database.write(f"INSERT INTO storages ({SELECT}) VALUES ({marks})", *values)  # noqa: S608
        return storage
