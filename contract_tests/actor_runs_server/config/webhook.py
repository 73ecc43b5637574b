"""Definitions of webhooks, in the `webhooks` parameter and in the configuration."""

from __future__ import annotations

import base64
import binascii
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from actor_runs_server.api_error import ApiError
from actor_runs_server.config import templates

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


class Webhook(Struct, frozen=True, rename="camel"):
    """An ad-hoc webhook as the documents define it; unknown keys are ignored."""

    event_types: list[EventType]
    request_url: str
    payload_template: str | None = None
    headers_template: str | None = None
    should_interpolate_strings: bool | None = None
    idempotency_key: str | None = None
    ignore_ssl_errors: bool | None = None
    do_not_retry: bool | None = None
    description: str | None = None

    def problem(self) -> str | None:
        """Return what is wrong with it, or None."""
        try:
            url = urlsplit(self.request_url)
            valid = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
        except ValueError:
            valid = False
        if not valid:
            return f"requestUrl {self.request_url[:100]!r} is not an http(s) URL"
        inside = bool(self.should_interpolate_strings)
        for name, template, check in (
            ("payloadTemplate", self.payload_template, templates.problem),
            ("headersTemplate", self.headers_template, templates.headers_problem),
        ):
            problem = check(template, inside_strings=inside) if template else None
            if problem:
                return f"{name} {problem}"
        return None


def read(parameter: str) -> tuple[Webhook, ...]:
    """Return the webhooks of the query parameter, which may be empty.

    Raises:
        ApiError: 400 if it is not the Base64 encoding of a JSON array of webhooks.
    """
    if not parameter:
        return ()
    # A plus sign that was not escaped arrives as a space.
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
        problem = webhook.problem()
        if problem:
            raise ApiError("invalid-value", f"Query parameter 'webhooks': {problem}.")
    return tuple(webhooks)
