"""Webhooks: read from the `webhooks` parameter, kept with the run, really delivered.

A delivery is a POST that is repeated with exponential back-off until a receiver answers 2xx, as
documented; what is still to be delivered survives a restart of the server.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import re
import time
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Meta, Struct

from .config import Limits, stable_id
from .errors import ApiError
from .record import Run, new_id, now_millis, timestamp
from .records import Records

LOG: Final = logging.getLogger("actor_runs_server")

EventType = Literal[
    "ACTOR.RUN.CREATED",
    "ACTOR.RUN.SUCCEEDED",
    "ACTOR.RUN.FAILED",
    "ACTOR.RUN.ABORTED",
    "ACTOR.RUN.TIMED_OUT",
    "ACTOR.RUN.RESURRECTED",
    "ACTOR.BUILD.CREATED",
    "ACTOR.BUILD.SUCCEEDED",
    "ACTOR.BUILD.FAILED",
    "ACTOR.BUILD.ABORTED",
    "ACTOR.BUILD.TIMED_OUT",
    "TEST",
]
DEFAULT_TEMPLATE: Final = """{
    "userId": {{userId}},
    "createdAt": {{createdAt}},
    "eventType": {{eventType}},
    "eventData": {{eventData}},
    "resource": {{resource}}
}"""
VARIABLE: Final = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
# What a template must not decide, as it belongs to the connection.
OWN_HEADERS: Final = frozenset({"host", "content-length", "connection", "transfer-encoding"})


class Webhook(Struct, frozen=True, rename="camel"):
    """An ad-hoc webhook as the documents define it; unknown keys are ignored."""

    event_types: Annotated[list[EventType], Meta(min_length=1)]
    request_url: str
    payload_template: str | None = None
    headers_template: str | None = None
    should_interpolate_strings: bool | None = None
    idempotency_key: str | None = None
    ignore_ssl_errors: bool | None = None
    do_not_retry: bool | None = None

    @classmethod
    def saved(cls, item: dict[str, Any]) -> Webhook:
        """Return a webhook of the configuration.

        Raises:
            msgspec.ValidationError: It is not one.
        """
        return msgspec.convert(item, cls)


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


def read(parameter: str) -> tuple[Webhook, ...]:
    """Return the webhooks of the query parameter; none when it is empty.

    Raises:
        ApiError: 400 when it is not the Base64 of a JSON array of webhooks.
    """
    if not parameter:
        return ()
    # A plus sign that was not escaped arrives as a blank.
    try:
        text = base64.b64decode(parameter.replace(" ", "+"), validate=True)
        webhooks = msgspec.json.decode(text, type=list[Webhook])
    except (
        binascii.Error,
        msgspec.MsgspecError,
        UnicodeError,
        RecursionError,
        ValueError,
    ) as error:
        raise ApiError(
            "invalid-value",
            "Query parameter 'webhooks' is not the Base64 encoding of a JSON array of "
            f"webhooks: {error}.",
        ) from error
    for webhook in webhooks:
        problem = _problem(webhook)
        if problem:
            raise ApiError("invalid-value", f"Query parameter 'webhooks': {problem}.")
    return tuple(webhooks)


def _problem(webhook: Webhook) -> str | None:
    """Return what makes a webhook undeliverable."""
    try:
        url = urlsplit(webhook.request_url)
        valid = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
        httpx.URL(webhook.request_url)
    except (ValueError, httpx.InvalidURL):
        valid = False
    if not valid:
        return f"requestUrl {webhook.request_url[:100]!r} is not an http or https URL"
    return None


def render(template: str, values: dict[str, Any], *, inside_strings: bool) -> str:
    """Fill the variables of a template, such as `{{resource.id}}`; unknown ones become null.

    Args:
        template: JSON in which variables stand for values.
        values: The variables.
        inside_strings: Whether variables inside string values are filled as well, which demands
            that the template is JSON on its own.
    """
    if not inside_strings:
        return VARIABLE.sub(lambda match: json.dumps(_value(values, match[1])), template)
    quoted = re.sub(r'(?<!")\{\{\s*([\w.-]+)\s*\}\}(?!")', r'"{{\1}}"', template)
    try:
        document = json.loads(template)
    except ValueError:
        try:
            document = json.loads(quoted)
        except ValueError:
            return render(template, values, inside_strings=False)
    return json.dumps(_filled(document, values))


def _filled(document: Any, values: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(document, dict):
        return {key: _filled(value, values) for key, value in document.items()}
    if isinstance(document, list):
        return [_filled(value, values) for value in document]
    if not isinstance(document, str):
        return document
    whole = VARIABLE.fullmatch(document)
    if whole:
        return _value(values, whole[1])
    return VARIABLE.sub(lambda match: _as_text(_value(values, match[1])), document)


def _as_text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else json.dumps(value)


def _value(values: dict[str, Any], path: str) -> Any:  # noqa: ANN401 - any JSON value
    here: Any = values
    for step in path.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here


class Webhooks:
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
        try:
            answer = await self._client(delivery.webhook).post(
                delivery.webhook.request_url, content=delivery.payload, headers=delivery.headers
            )
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return type(error).__name__
        return None if answer.is_success else f"answered {answer.status_code}"

    def _client(self, webhook: Webhook) -> httpx.AsyncClient:
        verify = not webhook.ignore_ssl_errors
        if verify not in self._clients:
            self._clients[verify] = httpx.AsyncClient(
                verify=verify, trust_env=False, timeout=self._limits.webhook_timeout_secs
            )
        return self._clients[verify]


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
        headers |= _headers(render(webhook.headers_template, values, inside_strings=inside))
    return Delivery(new_id(), run.id, webhook, headers, payload)


def _headers(text: str) -> dict[str, str]:
    """Return the headers of a filled template; none when it is not a JSON object."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {
        name: _as_text(value).replace("\r", "").replace("\n", "")
        for name, value in document.items()
        if re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII) and name.lower() not in OWN_HEADERS
    }
