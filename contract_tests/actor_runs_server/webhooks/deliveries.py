"""Webhooks of runs: stored with the run and delivered.

A delivery is a POST that is repeated with exponential back-off until the receiver answers 2xx, as
documented. It stays in the database until then: a pending delivery survives a restart of the
server, and an event that was not committed is not delivered.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import Limits, stable_id
from actor_runs_server.config.templates import DEFAULT_TEMPLATE, as_headers, render
from actor_runs_server.config.webhook import Webhook
from actor_runs_server.records.lifecycle import TERMINAL, Event
from actor_runs_server.records.run import Run, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import httpx

    from actor_runs_server.clock import Clock
    from actor_runs_server.records.database import Database

LOG: Final = logging.getLogger("actor_runs_server")
HEADERS: Final = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Actor-Runs"}


class Delivery(Struct):
    """A pending POST: its receiver, its content, the number of attempts so far."""

    id: str
    run: str
    webhook: Webhook
    headers: dict[str, str]
    payload: str
    attempts: int = 0
    # The earliest time of the next attempt, in seconds since 1970.
    due: float = 0.0


class Deliveries:
    """The webhooks of all runs and their pending deliveries.

    Args:
        limits: Timeouts and retries.
        database: Where webhooks and deliveries are stored.
        clock: The times of retries.
        show: Returns the Run object of a payload.
    """

    def __init__(
        self,
        limits: Limits,
        database: Database,
        clock: Clock,
        show: Callable[[Run], dict[str, Any]],
    ) -> None:
        self._limits = limits
        self._database = database
        self._clock = clock
        self._show = show
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def open(self) -> None:
        """Resume the deliveries that an earlier server left pending."""
        self._begin(self._database.deliveries())

    async def close(self) -> None:
        """Stop delivering; pending deliveries stay in the database."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._clients.values():
            await client.aclose()

    def register(self, run: Run, given: Iterable[Webhook], saved: Iterable[dict[str, Any]]) -> None:
        """Store the webhooks of a run.

        Args:
            run: The run.
            given: Webhooks of the request that started it; one with a known idempotency key is
                skipped.
            saved: Webhooks of its task and its Actor, which apply to each of their runs.
        """
        keyed = [(webhook, webhook.idempotency_key) for webhook in given]
        keyed += [(msgspec.convert(definition, Webhook), None) for definition in saved]
        for webhook, key in keyed:
            document = msgspec.json.encode(webhook)
            self._database.add_webhook(new_id(), run.id, run.user, key, document)

    def announce_transition(self, run: Run, event: Event) -> None:
        """Deliver the event of a transition, if webhooks know one for it."""
        if run.status in TERMINAL:
            self.announce(run, f"ACTOR.RUN.{run.status.name}")
        elif event is Event.RESURRECT:
            self.announce(run, "ACTOR.RUN.RESURRECTED")

    def announce(self, run: Run, event: str) -> None:
        """Deliver an event to the webhooks of a run that list it, once it is committed."""
        documents = self._database.webhooks(run.id)
        webhooks = [msgspec.json.decode(document, type=Webhook) for document in documents]
        wanted = [webhook for webhook in webhooks if event in webhook.event_types]
        resource = self._show(run) if wanted else {}
        for webhook in wanted:
            delivery = _delivery(webhook, run, event, resource, self._clock.millis())
            self._database.save_delivery(delivery.id, run.id, msgspec.json.encode(delivery))
        if wanted:
            asyncio.get_running_loop().call_soon(self._begin_pending, run.id)

    def _begin_pending(self, run: str) -> None:
        self._begin(self._database.deliveries(run))

    def _begin(self, documents: list[bytes]) -> None:
        for document in documents:
            delivery = msgspec.json.decode(document, type=Delivery)
            if delivery.id not in self._tasks:
                self._tasks[delivery.id] = asyncio.create_task(self._deliver(delivery))

    async def _deliver(self, delivery: Delivery) -> None:
        retries = 0 if delivery.webhook.do_not_retry else self._limits.webhook_retries
        try:
            while delivery.attempts <= retries:
                await self._clock.sleep(delivery.due - self._clock.millis() / 1000)
                outcome = await self._post(delivery)
                if outcome is None:
                    break
                LOG.warning("webhook of run %s was not delivered: %s", delivery.run, outcome)
                wait = self._limits.webhook_first_retry_secs * 2**delivery.attempts
                delivery.attempts += 1
                delivery.due = self._clock.millis() / 1000 + wait
                self._write(delivery, done=False)
            self._write(delivery, done=True)
        finally:
            del self._tasks[delivery.id]

    def _write(self, delivery: Delivery, *, done: bool) -> None:
        """Store the state of a delivery; if that fails, it is delivered all the same."""
        try:
            if done:
                self._database.remove_delivery(delivery.id)
            else:
                document = msgspec.json.encode(delivery)
                self._database.save_delivery(delivery.id, delivery.run, document)
        except sqlite3.Error as error:
            LOG.warning("a delivery of run %s cannot be written: %s", delivery.run, error)

    async def _post(self, delivery: Delivery) -> str | None:
        """Try once; return what failed, or None."""
        # Imported on first use: it takes longer than the rest of a server's start.
        import httpx

        verify, seconds = not delivery.webhook.ignore_ssl_errors, self._limits.webhook_timeout_secs
        if verify not in self._clients:
            many = httpx.Limits(max_connections=None)
            self._clients[verify] = httpx.AsyncClient(
                verify=verify, trust_env=False, timeout=seconds, limits=many
            )
        headers = [(name.encode(), value.encode()) for name, value in delivery.headers.items()]
        url, payload = delivery.webhook.request_url, delivery.payload.encode()
        request = self._clients[verify].stream("POST", url, content=payload, headers=headers)
        try:
            # The status decides; the body of the answer is not read.
            async with asyncio.timeout(seconds), request as answer:
                return None if answer.is_success else f"answered {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return type(error).__name__


def _delivery(
    webhook: Webhook, run: Run, event: str, resource: dict[str, Any], now: int
) -> Delivery:
    values = {
        "userId": stable_id("user", run.user),
        "createdAt": timestamp(now),
        "eventType": event,
        "eventData": {
            "actorId": resource["actId"],
            "actorTaskId": resource["actorTaskId"],
            "actorRunId": resource["id"],
        },
        "resource": resource,
    }
    inside = bool(webhook.should_interpolate_strings)
    payload = render(webhook.payload_template or DEFAULT_TEMPLATE, values, inside_strings=inside)
    headers = as_headers(render(webhook.headers_template or "{}", values, inside_strings=inside))
    given = {name.lower() for name in headers}
    headers |= {name: value for name, value in HEADERS.items() if name.lower() not in given}
    return Delivery(new_id(), run.id, webhook, headers, payload)
