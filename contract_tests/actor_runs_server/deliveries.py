"""Webhooks: read from the `webhooks` parameter, kept with the run, really delivered.

A delivery is a POST that is repeated with exponential back-off until a receiver answers 2xx, as
documented; what is still to be delivered survives a restart of the server.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from .config import Limits, stable_id
from .record import Run, new_id, now_millis, timestamp
from .templates import DEFAULT_TEMPLATE, as_headers, render
from .webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from .records import Records

LOG: Final = logging.getLogger("actor_runs_server")


class Delivery(Struct):
    """A POST that is to be made: where to, with what, how often it was tried."""

    id: str
    run: str
    webhook: Webhook
    headers: dict[str, str]
    payload: str
    attempts: int = 0
    # Seconds since 1970 before which it is not tried.
    due: float = 0.0


class Deliveries:
    """The webhooks of all runs and what is still to be delivered."""

    def __init__(self, limits: Limits, records: Records) -> None:
        """Take the times from the limits; nothing is delivered before `open`."""
        self._limits = limits
        self._records = records
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def open(self) -> None:
        """Go on with what an earlier server has not delivered."""
        for document in self._records.deliveries():
            self._begin(msgspec.json.decode(document, type=Delivery))

    async def close(self) -> None:
        """Stop delivering; what is left is kept."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self._clients.values():
            await client.aclose()

    def register(self, run: Run, webhooks: Iterable[Webhook]) -> None:
        """Keep the webhooks of a run; one whose idempotency key is known is left out."""
        for webhook in webhooks:
            document = msgspec.json.encode(webhook)
            key = webhook.idempotency_key
            self._records.add_webhook(new_id(), run.id, run.user, key, document)

    def announce(self, run: Run, event: str, resource: dict[str, Any]) -> None:
        """Deliver an event to the webhooks of a run that asked for it."""
        for document in self._records.webhooks(run.id):
            webhook = msgspec.json.decode(document, type=Webhook)
            if event not in webhook.event_types:
                continue
            delivery = _delivery(webhook, run, event, resource)
            self._records.save_delivery(delivery.id, run.id, msgspec.json.encode(delivery))
            self._begin(delivery)

    def _begin(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        retries = 0 if delivery.webhook.do_not_retry else self._limits.webhook_retries
        while delivery.attempts <= retries:
            await asyncio.sleep(max(0.0, delivery.due - time.time()))
            outcome = await self._post(delivery)
            if outcome is None:
                break
            LOG.warning("webhook of run %s was not delivered: %s", delivery.run, outcome)
            wait = self._limits.webhook_first_retry_secs * 2**delivery.attempts
            delivery.attempts += 1
            delivery.due = time.time() + wait
            document = msgspec.json.encode(delivery)
            self._records.save_delivery(delivery.id, delivery.run, document)
        self._records.remove_delivery(delivery.id)

    async def _post(self, delivery: Delivery) -> str | None:
        """Try once; return what failed, None when it was received."""
        # Loaded when it is needed: it takes longer than all the rest of a server's start.
        import httpx

        verify = not delivery.webhook.ignore_ssl_errors
        if verify not in self._clients:
            timeout = self._limits.webhook_timeout_secs
            client = httpx.AsyncClient(verify=verify, trust_env=False, timeout=timeout)
            self._clients[verify] = client
        url, payload = delivery.webhook.request_url, delivery.payload
        try:
            answer = await self._clients[verify].post(
                url, content=payload, headers=delivery.headers
            )
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return type(error).__name__
        return None if answer.is_success else f"answered {answer.status_code}"


def _delivery(webhook: Webhook, run: Run, event: str, resource: dict[str, Any]) -> Delivery:
    values = {
        "userId": stable_id("user", run.user),
        "createdAt": timestamp(now_millis()),
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
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Actor-Runs"}
    if webhook.headers_template:
        headers |= as_headers(render(webhook.headers_template, values, inside_strings=inside))
    return Delivery(new_id(), run.id, webhook, headers, payload)
