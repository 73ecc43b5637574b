"""The service behind the endpoints: every part, put together.

A test that wants a faulty server replaces a part: `Parts(operations=Faulty)`, where `Faulty` is a
subclass of that part. Every operation and every decision is a method of its part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from actor_runs_server.clock import Clock
from actor_runs_server.records.database import Database
from actor_runs_server.records.run_table import RunTable
from actor_runs_server.runs.access import Access
from actor_runs_server.runs.auth import Tokens
from actor_runs_server.runs.catalog import Catalog
from actor_runs_server.runs.operations import RunOperations
from actor_runs_server.runs.repository import RunRepository
from actor_runs_server.runs.starter import Starter
from actor_runs_server.runs.supervisor import Supervisor
from actor_runs_server.runs.views import RunViews
from actor_runs_server.storages.datasets import Datasets
from actor_runs_server.storages.key_values import KeyValues
from actor_runs_server.storages.request_queues import RequestQueues
from actor_runs_server.storages.storages import Storages
from actor_runs_server.webhooks.deliveries import Deliveries
from actor_runs_server.webhooks.webhook_table import WebhookTable

if TYPE_CHECKING:
    from pathlib import Path

    from actor_runs_server.config.config import Config
    from actor_runs_server.records.run import Run

MEGABYTE: Final = 1_000_000


@frozen(kw_only=True)
class Parts:
    """The class of each part that a test may replace."""

    access: type[Access] = Access
    operations: type[RunOperations] = RunOperations
    repository: type[RunRepository] = RunRepository
    starter: type[Starter] = Starter
    supervisor: type[Supervisor] = Supervisor
    views: type[RunViews] = RunViews


class Service:
    """The parts of one server.

    Args:
        config: Users, Actors and tasks.
        data: The directory that keeps everything; it is created when it does not exist.
        parts: The classes of the parts.
        public_url: Where others reach the server; None is the address of each request.

    Raises:
        OSError: The directory cannot be written, or another server uses it.
        sqlite3.Error: Its database cannot be used.
    """

    def __init__(
        self, config: Config, data: Path, parts: Parts, public_url: str | None = None
    ) -> None:
        data = data.resolve()
        logs = data / "logs"
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        logs.mkdir(exist_ok=True)
        self.config = config
        self.public_url = public_url
        self.clock = Clock()
        self.tokens = Tokens(config)
        self.views = parts.views(config.answers)
        self.database = Database(data / "runs.sqlite")
        self.catalog = Catalog(config, self.database, self.clock)
        self.storages = Storages(self.database, self.clock)
        self.datasets = Datasets(self.database)
        self.key_values = KeyValues(self.database)
        self.request_queues = RequestQueues(self.database, self.clock)
        self.deliveries = Deliveries(
            config.limits, WebhookTable(self.database), self.clock, self._shown
        )
        self.repository = parts.repository(
            RunTable(self.database),
            logs,
            self.clock,
            config.limits.max_log_mbytes * MEGABYTE,
            self.deliveries.announce_transition,
            self.views.forget,
        )
        self.access = parts.access(config, self.repository, self.catalog, self.storages)
        self.supervisor = parts.supervisor(config, self.repository, self.tokens, data, public_url)
        self.starter = parts.starter(
            config,
            self.repository,
            self.storages,
            self.key_values,
            self.supervisor,
            self.deliveries,
        )
        self.operations = parts.operations(config.limits, self.repository, self.supervisor)

    def _shown(self, run: Run) -> dict[str, Any]:
        return self.views.answer(run, owner=True)

    async def open(self) -> None:
        """Start the unfinished runs again, and resume the pending deliveries."""
        await self.supervisor.open()
        self.deliveries.open()

    async def reset(self) -> None:
        """Delete every run, storage, saved task and webhook; the clock keeps its time."""
        await self.deliveries.close()
        for active in list(self.supervisor.active.values()):
            await self.supervisor.let_go(active.run)
            self.supervisor.release_scripted(active.run)
        self.database.clear()
        self.repository.clear()
        self.catalog.reload()

    async def close(self) -> None:
        """Kill every process, stop every delivery, close the database."""
        await self.deliveries.close()
        await self.supervisor.close()
        self.database.close()
