"""Delivers the events of runs to webhooks.

A delivery is a POST that is repeated with exponential back-off until the receiver answers 2xx, as
documented. Its dispatch stays pending in the database until then: it survives a restart of the
server, and an event that was not committed is not delivered.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING, Any, Final

import msgspec

from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import Limits, stable_id
from actor_runs_server.config.templates import DEFAULT_TEMPLATE, as_headers, render
from actor_runs_server.config.webhook import Webhook
from actor_runs_server.records.lifecycle import TERMINAL, Event
from actor_runs_server.records.run import Run, new_id
from actor_runs_server.webhooks.webhook_table import Call, Dispatch, StoredWebhook, WebhookTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import httpx

    from actor_runs_server.clock import Clock

LOG: Final = logging.getLogger("actor_runs_server")
HEADERS: Final = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Actor-Runs"}


class Deliveries:
    """The webhooks of all runs and their dispatches; nothing is delivered before `open`.

    Args:
        limits: Timeouts and retries.
        table: Where webhooks and dispatches are stored.
        clock: The times of retries.
        show: Returns the Run object of a payload.
    """

    def __init__(
        self,
        limits: Limits,
        table: WebhookTable,
        clock: Clock,
        show: Callable[[Run], dict[str, Any]],
    ) -> None:
        self._limits = limits
        self.table = table
        self._clock = clock
        self._show = show
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def open(self) -> None:
        """Deliver what is pending."""
        for dispatch in self.table.pending():
            self._tasks[dispatch.id] = asyncio.create_task(self._deliver(dispatch))

    async def close(self) -> None:
        """Stop delivering; pending dispatches stay in the database."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

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
            self.table.add(
                StoredWebhook(
                    id=new_id(),
                    user=run.user,
                    run=run.id,
                    actor=None,
                    task=None,
                    idempotency_key=key,
                    created_at=run.started_at,
                    modified_at=run.started_at,
                    definition=webhook,
                    ad_hoc=True,
                )
            )

    def announce_transition(self, run: Run, event: Event) -> None:
        """Deliver the event of a transition, if webhooks know one for it."""
        if run.status in TERMINAL:
            self.announce(run, f"ACTOR.RUN.{run.status.name}")
        elif event is Event.RESURRECT:
            self.announce(run, "ACTOR.RUN.RESURRECTED")

    def announce(self, run: Run, event: str) -> None:
        """Deliver an event to the webhooks of a run that list it, once it is committed."""
        wanted = [hook for hook in self.table.of_run(run) if event in hook.definition.event_types]
        if not wanted:
            return
        resource = self._show(run)
        data = {
            "actorId": resource["actId"],
            "actorTaskId": resource["actorTaskId"],
            "actorRunId": resource["id"],
        }
        for webhook in wanted:
            self.dispatch(webhook, event, data, resource, run.id)

    def dispatch(
        self,
        webhook: StoredWebhook,
        event: str,
        data: dict[str, Any],
        resource: dict[str, Any] | None,
        run: str | None,
    ) -> Dispatch:
        """Store a dispatch, and deliver it once it is committed."""
        now = self._clock.millis()
        values = {
            "userId": stable_id("user", webhook.user),
            "createdAt": timestamp(now),
            "eventType": event,
            "eventData": data,
            "resource": resource,
        }
        definition = webhook.definition
        inside = bool(definition.should_interpolate_strings)
        template = definition.payload_template or DEFAULT_TEMPLATE
        headers = as_headers(
            render(definition.headers_template or "{}", values, inside_strings=inside)
        )
        given = {name.lower() for name in headers}
        headers |= {name: value for name, value in HEADERS.items() if name.lower() not in given}
        dispatch = Dispatch(
            id=new_id(),
            webhook=webhook.id,
            user=webhook.user,
            run=run,
            created_at=now,
            event=event,
            event_data=data,
            definition=definition,
            ad_hoc=webhook.ad_hoc,
            headers=headers,
            payload=render(template, values, inside_strings=inside),
        )
        self.table.add_dispatch(dispatch)
        asyncio.get_running_loop().call_soon(self._begin, dispatch.id)
        return dispatch

    def _begin(self, dispatch_id: str) -> None:
        dispatch = self.table.dispatch(dispatch_id)
        if dispatch:
            self._tasks[dispatch_id] = asyncio.create_task(self._deliver(dispatch))

    async def _deliver(self, dispatch: Dispatch) -> None:
        retries = 0 if dispatch.definition.do_not_retry else self._limits.webhook_retries
        try:
            while dispatch.status == "ACTIVE":
                await self._clock.sleep(dispatch.due - self._clock.millis() / 1000)
                call = await self._post(dispatch)
                failed = call.error_message or not 200 <= (call.response_status or 0) < 300
                dispatch.calls = [*dispatch.calls, call]
                attempts = len(dispatch.calls)
                if not failed:
                    dispatch.status = "SUCCEEDED"
                elif attempts > retries:
                    dispatch.status = "FAILED"
                wait = self._limits.webhook_first_retry_secs * 2 ** (attempts - 1)
                dispatch.due = self._clock.millis() / 1000 + wait
                if failed:
                    outcome = call.error_message or f"answered {call.response_status}"
                    LOG.warning("dispatch %s was not delivered: %s", dispatch.id, outcome)
                self._save(dispatch)
        except Exception:
            LOG.exception("the dispatch %s cannot be delivered", dispatch.id)
        finally:
            del self._tasks[dispatch.id]

    def _save(self, dispatch: Dispatch) -> None:
        """Store the state of a dispatch; if that fails, it is delivered all the same."""
        try:
            self.table.save_dispatch(dispatch)
        except sqlite3.Error as error:
            LOG.warning("the dispatch %s cannot be written: %s", dispatch.id, error)

    async def _post(self, dispatch: Dispatch) -> Call:
        """Try once."""
        # Imported on first use: it takes longer than the rest of a server's start.
        import httpx

        verify = not dispatch.definition.ignore_ssl_errors
        seconds = self._limits.webhook_timeout_secs
        if verify not in self._clients:
            many = httpx.Limits(max_connections=None)
            self._clients[verify] = httpx.AsyncClient(
                verify=verify, trust_env=False, timeout=seconds, limits=many
            )
        call = Call(started_at=timestamp(self._clock.millis()), finished_at="")
        headers = [(name.encode(), value.encode()) for name, value in dispatch.headers.items()]
        url, payload = dispatch.definition.request_url, dispatch.payload.encode()
        request = self._clients[verify].stream("POST", url, content=payload, headers=headers)
        try:
            # The status decides; the body of the answer is not read.
            async with asyncio.timeout(seconds), request as answer:
                call.response_status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            call.error_message = type(error).__name__
        call.finished_at = timestamp(self._clock.millis())
        return call
