"""The database, one SQLite file.

Each write is committed before the call returns, so no answer shows something that a killed
server would forget. With the write-ahead log a commit costs tens of microseconds.
"""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.records.schema import SCHEMA, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# What one column of a row may hold.
Column = Any
SETTINGS: Final = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"


@frozen(kw_only=True)
class Page:
    """Which part of a list is wanted; `newest_first` turns the order round."""

    offset: int = 0
    limit: int = 1_000
    newest_first: bool = False


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
        version = self.one("PRAGMA user_version")
        if version != VERSION:
            raise sqlite3.DatabaseError(
                f"its runs.sqlite has version {version}, this server reads version {VERSION}. "
                "Give another --data directory, or start the release that wrote this one."
            )
        problem = self.one("PRAGMA quick_check(1)")
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

    def clear(self) -> None:
        """Delete every row."""
        names = self.column("SELECT name FROM sqlite_master WHERE type = 'table'")
        with self.together():
            for name in names:
                self.write(f"DELETE FROM {name}")  # noqa: S608 - a name of the schema

    def write(self, statement: str, *values: Column) -> int:
        """Execute a statement; return the number of rows that it has changed."""
        return self._database.execute(statement, values).rowcount

    def write_many(self, statement: str, rows: Iterable[tuple[Column, ...]]) -> None:
        """Execute a statement for each row, all or none."""
        with self.together():
            self._database.executemany(statement, rows)

    def one(self, statement: str, *values: Column) -> Column:
        """Return the first column of the first row; None without a row."""
        row = self._database.execute(statement, values).fetchone()
        return row[0] if row else None

    def row(self, statement: str, *values: Column) -> tuple[Column, ...] | None:
        """Return the first row; None without one."""
        row: tuple[Column, ...] | None = self._database.execute(statement, values).fetchone()
        return row

    def rows(self, statement: str, *values: Column) -> list[tuple[Column, ...]]:
        """Return every row."""
        return self._database.execute(statement, values).fetchall()

    def column(self, statement: str, *values: Column) -> list[Column]:
        """Return the first column of every row."""
        return [row[0] for row in self._database.execute(statement, values)]

    def page(
        self, table: str, columns: str, where: dict[str, Column], order: str, page: Page
    ) -> tuple[int, list[tuple[Column, ...]]]:
        """Return the number of rows that match, and one page of them.

        Args:
            table: The table.
            columns: What is selected.
            where: Conditions with one placeholder each, and their values.
            order: The column that orders the rows.
            page: Which part.
        """
        condition = f"WHERE {' AND '.join(where)}" if where else ""
        values = tuple(where.values())
        direction = "DESC" if page.newest_first else "ASC"
        # Statements are made of constants only.
        total = self.one(f"SELECT count(*) FROM {table} {condition}", *values)  # noqa: S608
        rows = self.rows(
            f"SELECT {columns} FROM {table} {condition} "  # noqa: S608
            f"ORDER BY {order} {direction}, id LIMIT ? OFFSET ?",
            *values,
            page.limit,
            page.offset,
        )
        return int(total), rows


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
