"""The table of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_server.records.run import Run, from_document

if TYPE_CHECKING:
    from actor_runs_server.records.database import Database, Page

# What hangs on a run and is deleted with it.
DELETE = (
    "DELETE FROM items WHERE dataset IN (SELECT id FROM storages WHERE run = ?)",
    "DELETE FROM key_values WHERE store IN (SELECT id FROM storages WHERE run = ?)",
    "DELETE FROM requests WHERE queue IN (SELECT id FROM storages WHERE run = ?)",
    "DELETE FROM queue_clients WHERE queue IN (SELECT id FROM storages WHERE run = ?)",
    "DELETE FROM storages WHERE run = ?",
    "DELETE FROM webhooks WHERE run = ?",
    "DELETE FROM dispatches WHERE run = ?",
    "DELETE FROM runs WHERE id = ?",
)


@frozen(kw_only=True)
class RunFilter:
    """Which runs are wanted; None does not restrict. Times are milliseconds since 1970."""

    user: str
    actor: str | None = None
    task: str | None = None
    statuses: tuple[str, ...] | None = None
    started_after: int | None = None
    started_before: int | None = None

    def conditions(self) -> dict[str, Any]:
        """Return conditions and values for `Database.page`."""
        conditions = {
            "user = ?": self.user,
            "actor = ?": self.actor,
            "task = ?": self.task,
            "instr(?, '|' || status || '|')": self.statuses and f"|{'|'.join(self.statuses)}|",
            "started_at >= ?": self.started_after,
            "started_at <= ?": self.started_before,
        }
        return {key: value for key, value in conditions.items() if value is not None}


@frozen
class RunTable:
    """Writes and reads runs."""

    database: Database

    def save(self, run: Run) -> None:
        """Write a run, new or changed."""
        self.database.write(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET status = excluded.status, finished = excluded.finished, "
            "started_at = excluded.started_at, actor = excluded.actor, "
            "document = excluded.document",
            run.id,
            run.user,
            run.actor,
            run.task,
            run.status.value,
            run.started_at,
            run.finished,
            run.document(),
        )

    def find(self, run_id: str) -> Run | None:
        """Return a run; None for an unknown id."""
        document = self.database.one("SELECT document FROM runs WHERE id = ?", run_id)
        return None if document is None else from_document(document)

    def unfinished(self) -> list[Run]:
        """Return the unfinished runs, oldest first."""
        statement = "SELECT document FROM runs WHERE finished = 0 ORDER BY started_at"
        return [from_document(document) for document in self.database.column(statement)]

    def page(self, wanted: RunFilter, page: Page) -> tuple[int, list[str]]:
        """Return the number of runs that match, and the ids of one page of them."""
        total, rows = self.database.page("runs", "id", wanted.conditions(), "started_at", page)
        return total, [row[0] for row in rows]

    def last_starts(self, user: str) -> dict[str, int]:
        """Return when a user has last started each Actor, in milliseconds since 1970."""
        statement = "SELECT actor, max(started_at) FROM runs WHERE user = ? GROUP BY actor"
        return {str(actor): int(moment) for actor, moment in self.database.rows(statement, user)}

    def delete(self, run_id: str) -> None:
        """Delete a run, its storages, its webhooks and their dispatches."""
        with self.database.together():
            for statement in DELETE:
                self.database.write(statement, run_id)
