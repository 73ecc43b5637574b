"""The records, in one SQLite file: runs, their default storages, webhooks and deliveries.

Each write is committed before the call returns, so an answer never tells of something that a
killed server would forget. The write-ahead log makes a commit cost tens of microseconds.
"""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SCHEMA: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
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


class Records:
    """The SQLite file of one data directory."""

    def __init__(self, path: Path) -> None:
        """Open the file; it is created when it is not there.

        Raises:
            OSError: Another server has it open, or it cannot be written.
            sqlite3.DatabaseError: The file is something else.
        """
        self._lock = _locked(path.with_suffix(".lock"))
        self._database = sqlite3.connect(path, isolation_level=None)
        try:
            self._database.executescript(SCHEMA)
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        self._lock.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Commit all writes of the block at once, or none of them; a block within one joins it."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            # After some errors, such as a full disk, SQLite has done so by itself.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def save_run(
        self, run_id: str, user: str, task: str, started_at: int, document: bytes, *, finished: bool
    ) -> None:
        """Keep a run, new or changed."""
        self._database.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET finished = excluded.finished, document = excluded.document",
            (run_id, user, task, finished, started_at, document),
        )

    def run(self, run_id: str) -> bytes | None:
        """Return a run's document; None when there is none."""
        document: bytes | None = self._one("SELECT document FROM runs WHERE id = ?", run_id)
        return document

    def going(self) -> list[bytes]:
        """Return the documents of the runs that have not finished, oldest first."""
        return self._all("SELECT document FROM runs WHERE finished = 0 ORDER BY started_at")

    def runs(
        self, user: str, task: str | None, *, offset: int, limit: int, newest_first: bool
    ) -> tuple[int, list[bytes]]:
        """Return how many runs a user (and a task) has, and the documents of one page of them."""
        where = "WHERE user = ?" if task is None else "WHERE user = ? AND task = ?"
        arguments = [user] if task is None else [user, task]
        order = "DESC" if newest_first else "ASC"
        (total,) = self._database.execute(
            f"SELECT count(*) FROM runs {where}",  # noqa: S608 - only constants are put in
            arguments,
        ).fetchone()
        page = self._all(
            f"SELECT document FROM runs {where} ORDER BY started_at {order}, id LIMIT ? OFFSET ?",  # noqa: S608
            *arguments,
            limit,
            offset,
        )
        return total, page

    def remove_run(self, run_id: str) -> None:
        """Forget a run and all that hangs on it."""
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
        """Keep the default storages of a run: pairs of kind and id."""
        rows = [(storage, kind, run) for kind, storage in ids]
        self._database.executemany("INSERT INTO storages VALUES (?, ?, ?)", rows)

    def storage_run(self, kind: str, storage: str) -> str | None:
        """Return the id of the run that a storage belongs to; None when there is none."""
        run: str | None = self._one(
            "SELECT run FROM storages WHERE id = ? AND kind = ?", storage, kind
        )
        return run

    def put_value(self, store: str, key: str, content_type: str, value: bytes) -> None:
        """Keep a record of a key-value store."""
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
        """Forget a record of a key-value store."""
        self._database.execute("DELETE FROM key_values WHERE store = ? AND key = ?", (store, key))

    def push_items(self, dataset: str, documents: Iterable[bytes]) -> None:
        """Append items to a dataset."""
        with self.together():
            self._database.executemany(
                "INSERT INTO items VALUES (?, ?)", [(dataset, document) for document in documents]
            )

    def items(self, dataset: str, offset: int, limit: int) -> tuple[int, list[bytes]]:
        """Return how many items a dataset has, and one page of them in order."""
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
        """Keep a webhook; False when the user has one with this idempotency key already."""
        cursor = self._database.execute(
            "INSERT INTO webhooks VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (webhook, run, user, idempotency_key, document),
        )
        return cursor.rowcount == 1

    def webhooks(self, run: str) -> list[bytes]:
        """Return the webhooks of a run."""
        return self._all("SELECT document FROM webhooks WHERE run = ?", run)

    def save_delivery(self, delivery: str, run: str, document: bytes) -> None:
        """Keep a delivery that is still to be made."""
        self._database.execute(
            "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?)", (delivery, run, document)
        )

    def remove_delivery(self, delivery: str) -> None:
        """Forget a delivery: made, or given up."""
        self._database.execute("DELETE FROM deliveries WHERE id = ?", (delivery,))

    def deliveries(self, run: str | None = None) -> list[bytes]:
        """Return the deliveries that are still to be made, of one run or of all."""
        if run is None:
            return self._all("SELECT document FROM deliveries")
        return self._all("SELECT document FROM deliveries WHERE run = ?", run)

    def _one(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401 - a column
        row = self._database.execute(statement, arguments).fetchone()
        return row[0] if row else None

    def _all(self, statement: str, *arguments: object) -> list[bytes]:
        return [row[0] for row in self._database.execute(statement, arguments)]


def _locked(path: Path) -> IO[bytes]:
    """Return the opened file, which is locked as long as it is open.

    Raises:
        OSError: Another server has it.
    """
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise OSError(f"another server keeps its runs in {path.parent}") from error
    return file
