"""The tables of webhooks and of their dispatches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import define, frozen
from msgspec import Struct

from actor_runs_server.config.webhook import Webhook

if TYPE_CHECKING:
    from actor_runs_server.records.database import Database, Page
    from actor_runs_server.records.run import Run

COLUMNS: Final = "id, user, run, actor, task, idempotency_key, created_at, modified_at, document"


@define(kw_only=True)
class StoredWebhook:
    """A webhook with its condition: the run, the Actor or the task that it watches."""

    id: str
    user: str
    run: str | None
    actor: str | None
    task: str | None
    idempotency_key: str | None
    created_at: int
    modified_at: int
    definition: Webhook
    ad_hoc: bool


class Call(Struct, rename="camel"):
    """One attempt to deliver."""

    started_at: str
    finished_at: str
    error_message: str | None = None
    response_status: int | None = None


class Dispatch(Struct):
    """An event that is, or was, delivered to a webhook."""

    id: str
    webhook: str
    user: str
    run: str | None
    created_at: int
    event: str
    event_data: dict[str, Any]
    definition: Webhook
    ad_hoc: bool
    headers: dict[str, str]
    payload: str
    # The earliest time of the next attempt, in seconds since 1970.
    due: float = 0.0
    status: str = "ACTIVE"
    calls: list[Call] = []


@frozen
class WebhookTable:
    """Writes and reads webhooks and dispatches."""

    database: Database

    def add(self, webhook: StoredWebhook) -> bool:
        """Write a webhook; return False when the user already has one with this idempotency key."""
        marks = ", ".join("?" * 9)
        statement = f"INSERT INTO webhooks ({COLUMNS}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        return self.database.write(statement, *_row(webhook)) == 1

    def save(self, webhook: StoredWebhook) -> None:
        """Replace a webhook."""
        marks = ", ".join("?" * 9)
        statement = f"INSERT OR REPLACE INTO webhooks ({COLUMNS}) VALUES ({marks})"  # noqa: S608
        self.database.write(statement, *_row(webhook))

    def find(self, webhook_id: str) -> StoredWebhook | None:
        """Return a webhook; None for an unknown id."""
        row = self.database.row(f"SELECT {COLUMNS} FROM webhooks WHERE id = ?", webhook_id)  # noqa: S608
        return _webhook(row) if row else None

    def find_by_key(self, user: str, key: str) -> StoredWebhook | None:
        """Return the webhook of a user with this idempotency key; None without one."""
        row = self.database.row(
            f"SELECT {COLUMNS} FROM webhooks WHERE user = ? AND idempotency_key = ?",  # noqa: S608
            user,
            key,
        )
        return _webhook(row) if row else None

    def of_run(self, run: Run) -> list[StoredWebhook]:
        """Return the webhooks that watch a run, its task or its Actor."""
        rows = self.database.rows(
            f"SELECT {COLUMNS} FROM webhooks WHERE run = ? OR run IS NULL AND user = ? "  # noqa: S608
            "AND (actor = ? OR task = ?)",
            run.id,
            run.user,
            run.actor,
            run.task,
        )
        return [_webhook(row) for row in rows]

    def page(self, where: dict[str, str], page: Page) -> tuple[int, list[StoredWebhook]]:
        """Return the number of webhooks that match, and one page; `where` as in `Database.page`."""
        total, rows = self.database.page("webhooks", COLUMNS, where, "created_at", page)
        return total, [_webhook(row) for row in rows]

    def delete(self, webhook_id: str) -> None:
        """Delete a webhook and its dispatches."""
        with self.database.together():
            self.database.write("DELETE FROM dispatches WHERE webhook = ?", webhook_id)
            self.database.write("DELETE FROM webhooks WHERE id = ?", webhook_id)

    def save_dispatch(self, dispatch: Dispatch) -> None:
        """Write a dispatch, new or changed; one that was deleted meanwhile stays deleted."""
        values = (dispatch.status == "ACTIVE", msgspec.json.encode(dispatch), dispatch.id)
        statement = "UPDATE dispatches SET pending = ?, document = ? WHERE id = ?"
        self.database.write(statement, *values)

    def add_dispatch(self, dispatch: Dispatch) -> None:
        """Write a new dispatch."""
        self.database.write(
            "INSERT INTO dispatches VALUES (?, ?, ?, ?, ?, 1, ?)",
            dispatch.id,
            dispatch.webhook,
            dispatch.user,
            dispatch.run,
            dispatch.created_at,
            msgspec.json.encode(dispatch),
        )

    def pending(self) -> list[Dispatch]:
        """Return the dispatches that are still to be delivered."""
        documents = self.database.column("SELECT document FROM dispatches WHERE pending = 1")
        return [msgspec.json.decode(document, type=Dispatch) for document in documents]

    def dispatch(self, dispatch_id: str) -> Dispatch | None:
        """Return a dispatch; None for an unknown id."""
        document = self.database.one("SELECT document FROM dispatches WHERE id = ?", dispatch_id)
        return msgspec.json.decode(document, type=Dispatch) if document is not None else None

    def dispatches(self, where: dict[str, str], page: Page) -> tuple[int, list[Dispatch]]:
        """Return the number of dispatches that match, and one page; `where` as in `Database.page`."""
        total, rows = self.database.page("dispatches", "document", where, "created_at", page)
        return total, [msgspec.json.decode(row[0], type=Dispatch) for row in rows]


def _row(webhook: StoredWebhook) -> tuple[Any, ...]:
    document = msgspec.json.encode((webhook.definition, webhook.ad_hoc))
    return (
        webhook.id,
        webhook.user,
        webhook.run,
        webhook.actor,
        webhook.task,
        webhook.idempotency_key,
        webhook.created_at,
        webhook.modified_at,
        document,
    )


def _webhook(row: tuple[Any, ...]) -> StoredWebhook:
    *columns, document = row
    definition, ad_hoc = msgspec.json.decode(document, type=tuple[Webhook, bool])
    names = COLUMNS.split(", ")[:-1]
    values = dict(zip(names, columns, strict=True))
    return StoredWebhook(**values, definition=definition, ad_hoc=ad_hoc)
