"""The database, one SQLite file: runs, their default storages, webhooks and deliveries.

Each write is committed before the call returns, so no answer shows something that a killed
server would forget. With the write-ahead log a commit costs tens of microseconds.
"""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# What one column of a row may hold.
Column = Any
# Raised whenever the tables, or the documents in them, change.
VERSION: Final = 1
SETTINGS: Final = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, task TEXT, finished INTEGER NOT NULL,
    started_at INTEGER NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS runs_by_time ON runs (user, started_at);
CREATE INDEX IF NOT EXISTS runs_going ON runs (finished) WHERE finished = 0;
CREATE TABLE IF NOT EXISTS storages (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, run TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS storages_by_run ON storages (run);
CREATE TABLE IF NOT EXISTS key_values (
    store TEXT, key TEXT, content_type TEXT NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (store, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (dataset TEXT NOT NULL, document BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS items_by_dataset ON items (dataset);
CREATE TABLE IF NOT EXISTS webhooks (
    id TEXT PRIMARY KEY, run TEXT NOT NULL, user TEXT NOT NULL, idempotency_key TEXT,
    document BLOB NOT NULL, UNIQUE (user, idempotency_key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS webhooks_by_run ON webhooks (run);
CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY, run TEXT NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_by_run ON deliveries (run);
"""


class Database:
    """The SQLite file of one data directory; it is created when it does not exist.

    Raises:
        OSError: Another server has it open, or it cannot be written.
        sqlite3.DatabaseError: The file is damaged, or this version did not write it.
    """

    def __init__(self, path: Path) -> None:
        self._lock = _locked(path.with_suffix(".lock"))
        # A test client opens the application in one thread and calls it in another.
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._database.executescript(SETTINGS)
            self._prepare()
        except sqlite3.Error:
            self.close()
            raise

    def _prepare(self) -> None:
        """Create the tables of a new file; check those of an existing one."""
        if not _schema(self._database):
            self._database.executescript(f"{SCHEMA} PRAGMA user_version = {VERSION};")
            return
        version = self._one("PRAGMA user_version")
        if version != VERSION:
            raise sqlite3.DatabaseError(
                f"its runs.sqlite has version {version}, this server reads version {VERSION}. "
                "Give another --data directory, or start the release that wrote this one."
            )
        problem = self._one("PRAGMA quick_check(1)")
        with closing(sqlite3.connect(":memory:")) as expected:
            expected.executescript(SCHEMA)
            if problem == "ok" and _schema(expected) != _schema(self._database):
                problem = "its tables are not those that this server creates"
        if problem != "ok":
            raise sqlite3.DatabaseError(
                f"its runs.sqlite is damaged: {problem}. Give another --data directory."
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        self._lock.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Commit all writes of the block, or none; a nested block joins the outer one."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            # After some errors, such as a full disk, SQLite has rolled back already.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def save_run(
        self, run_id: str, user: str, task: str, started_at: int, document: bytes, *, finished: bool
    ) -> None:
        """Write a run, new or changed."""
        self._database.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET finished = excluded.finished, document = excluded.document",
            (run_id, user, task, finished, started_at, document),
        )

    def run(self, run_id: str) -> bytes | None:
        """Return a run's document; None when there is none."""
        document: bytes | None = self._one("SELECT document FROM runs WHERE id = ?", run_id)
        return document

    def unfinished(self) -> list[bytes]:
        """Return the documents of unfinished runs, oldest first."""
        return self._all("SELECT document FROM runs WHERE finished = 0 ORDER BY started_at")

    def runs(
        self, user: str, task: str | None, *, offset: int, limit: int, newest_first: bool
    ) -> tuple[int, list[bytes]]:
        """Return the number of runs of a user (and task), and the documents of one page."""
        where = "WHERE user = ?" if task is None else "WHERE user = ? AND task = ?"
        arguments = [user] if task is None else [user, task]
        order = "DESC" if newest_first else "ASC"
        # Only constants are put into the statements.
        total = self._one(f"SELECT count(*) FROM runs {where}", *arguments)  # noqa: S608
        page = self._all(
            f"SELECT document FROM runs {where} ORDER BY started_at {order}, id LIMIT ? OFFSET ?",  # noqa: S608
            *arguments,
            limit,
            offset,
        )
        return total, page

    def remove_run(self, run_id: str) -> None:
        """Delete a run, its storages, its webhooks and its deliveries."""
        with self.together():
            for statement in (
                "DELETE FROM items WHERE dataset IN (SELECT id FROM storages WHERE run = ?)",
                "DELETE FROM key_values WHERE store IN (SELECT id FROM storages WHERE run = ?)",
                "DELETE FROM storages WHERE run = ?",
                "DELETE FROM webhooks WHERE run = ?",
                "DELETE FROM deliveries WHERE run = ?",
                "DELETE FROM runs WHERE id = ?",
            ):
                self._database.execute(statement, (run_id,))

    def add_storages(self, run: str, ids: Iterable[tuple[str, str]]) -> None:
        """Write the default storages of a run: pairs of kind and id."""
        rows = [(storage, kind, run) for kind, storage in ids]
        self._database.executemany("INSERT INTO storages VALUES (?, ?, ?)", rows)

    def storage_run(self, kind: str, storage: str) -> str | None:
        """Return the id of the run that owns a storage; None for an unknown storage."""
        run: str | None = self._one(
            "SELECT run FROM storages WHERE id = ? AND kind = ?", storage, kind
        )
        return run

    def put_value(self, store: str, key: str, content_type: str, value: bytes) -> None:
        """Write a record of a key-value store."""
        self._database.execute(
            "INSERT OR REPLACE INTO key_values VALUES (?, ?, ?, ?)",
            (store, key, content_type, value),
        )

    def value(self, store: str, key: str) -> tuple[str, bytes] | None:
        """Return content type and value of a record; None when there is none."""
        row: tuple[str, bytes] | None = self._database.execute(
            "SELECT content_type, value FROM key_values WHERE store = ? AND key = ?", (store, key)
        ).fetchone()
        return row

    def remove_value(self, store: str, key: str) -> None:
        """Delete a record of a key-value store."""
        self._database.execute("DELETE FROM key_values WHERE store = ? AND key = ?", (store, key))

    def push_items(self, dataset: str, documents: Iterable[bytes]) -> None:
        """Append items to a dataset."""
        with self.together():
            self._database.executemany(
                "INSERT INTO items VALUES (?, ?)", [(dataset, document) for document in documents]
            )

    def items(self, dataset: str, offset: int, limit: int) -> tuple[int, list[bytes]]:
        """Return the number of items of a dataset, and one page of them in order."""
        total = self._one("SELECT count(*) FROM items WHERE dataset = ?", dataset)
        page = self._all(
            "SELECT document FROM items WHERE dataset = ? ORDER BY rowid LIMIT ? OFFSET ?",
            dataset,
            limit,
            offset,
        )
        return int(total or 0), page

    def add_webhook(
        self, webhook: str, run: str, user: str, idempotency_key: str | None, document: bytes
    ) -> bool:
        """Write a webhook; return False when the user already has one with this idempotency key."""
        cursor = self._database.execute(
            "INSERT INTO webhooks VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (webhook, run, user, idempotency_key, document),
        )
        return cursor.rowcount == 1

    def webhooks(self, run: str) -> list[bytes]:
        """Return the webhooks of a run."""
        return self._all("SELECT document FROM webhooks WHERE run = ?", run)

    def save_delivery(self, delivery: str, run: str, document: bytes) -> None:
        """Write a pending delivery."""
        self._database.execute(
            "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?)", (delivery, run, document)
        )

    def remove_delivery(self, delivery: str) -> None:
        """Delete a delivery: made, or given up."""
        self._database.execute("DELETE FROM deliveries WHERE id = ?", (delivery,))

    def deliveries(self, run: str | None = None) -> list[bytes]:
        """Return the pending deliveries, of one run or of all."""
        if run is None:
            return self._all("SELECT document FROM deliveries")
        return self._all("SELECT document FROM deliveries WHERE run = ?", run)

    def _one(self, statement: str, *arguments: object) -> Column:
        row = self._database.execute(statement, arguments).fetchone()
        return row[0] if row else None

    def _all(self, statement: str, *arguments: object) -> list[bytes]:
        return [row[0] for row in self._database.execute(statement, arguments)]


def _schema(database: sqlite3.Connection) -> list[tuple[str, str]]:
    return database.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    ).fetchall()


def _locked(path: Path) -> IO[bytes]:
    """Open a file that is locked until it is closed.

    Raises:
        OSError: Another server has locked it.
    """
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise OSError(f"another server uses the data directory {path.parent}") from error
    return file
