"""Looks at arguments before anything is sent."""

from __future__ import annotations

import base64
import json
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from actor_runs_api import models
from actor_runs_api.models.run_task_memory import RUN_TASK_MEMORY_VALUES
from actor_runs_api.types import UNSET, Unset

from .errors import InvalidArgumentError

PUBLIC_URL = "https://api.apify.com"
LONGEST_SERVER_WAIT_SECS = 60
LONGEST_HTTP_TIMEOUT_SECS = 86400


def base_url(argument: str | None) -> str:
    """Return the URL before `/v2`: the argument, `APIFY_API_BASE_URL`, or the public one."""
    url = argument or os.environ.get("APIFY_API_BASE_URL") or PUBLIC_URL
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").encode("idna"), parts.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        parts, host = urlsplit(""), b""
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidArgumentError(f"base_url is {url!r}: expected http(s)://host[:port][/path]")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidArgumentError(
            f"base_url for {parts.hostname!r} has a user, query or fragment: leave it out"
        )
    if parts.path.rstrip("/").endswith("/v2"):
        raise InvalidArgumentError(f"base_url is {url!r}: give what stands before /v2")
    return url.rstrip("/")


def token(argument: str | None) -> str | None:
    """Return the token: the argument, or `APIFY_TOKEN`. An empty one means none."""
    value = os.environ.get("APIFY_TOKEN") if argument is None else argument
    if value and not (value.isascii() and value.isprintable() and " " not in value):
        raise InvalidArgumentError(
            f"the token has {len(value)} characters, some of which no token has:"
            " expected printable ASCII without blanks or line ends"
        )
    return value or None


def check_http_timeout(_: object, __: object, secs: float) -> None:
    """Refuse a time without which nothing could time out."""
    if not 0 < secs <= LONGEST_HTTP_TIMEOUT_SECS:
        raise InvalidArgumentError(
            f"http_timeout_secs is {secs!r}: expected a number above 0,"
            f" {LONGEST_HTTP_TIMEOUT_SECS} at most"
        )


def path_id(name: str, value: str) -> str:
    """Return an id that stays one segment of the path."""
    if not isinstance(value, str) or not value or value in {".", ".."} or "/" in value:
        hint = "; write user~name, not user/name" if isinstance(value, str) and "/" in value else ""
        raise InvalidArgumentError(f"{name} is {value!r}: expected an id or user~name{hint}")
    if not value.isprintable() or "\\" in value:
        raise InvalidArgumentError(f"{name} is {value!r}: expected printable characters, no \\")
    return value


def server_wait(secs: float) -> float | Unset:
    """Return the seconds that the server is asked to wait, 0 to 60; nothing for 0."""
    if not 0 <= secs <= LONGEST_SERVER_WAIT_SECS:
        raise InvalidArgumentError(
            f"server_wait_secs is {secs!r}: expected 0 to {LONGEST_SERVER_WAIT_SECS};"
            " wait_for_finish waits longer"
        )
    return secs or UNSET


def deadline(secs: float | None) -> float:
    """Return the seconds that a wait may take; infinite for None."""
    if secs is not None and not secs >= 0:
        raise InvalidArgumentError(
            f"deadline_secs is {secs!r}: expected 0 or more seconds, or None for no deadline"
        )
    return math.inf if secs is None else secs


def number(name: str, value: float | None) -> float | Unset:
    """Return a number of 0 or more; nothing for None."""
    if value is None:
        return UNSET
    if isinstance(value, bool) or not 0 <= value < math.inf:
        raise InvalidArgumentError(f"{name} is {value!r}: expected a number of 0 or more, or None")
    return value


def memory(mbytes: int | None) -> models.RunTaskMemory | Unset:
    """Return one of the sizes that the contract lists; nothing for None."""
    if mbytes is None:
        return UNSET
    if mbytes not in RUN_TASK_MEMORY_VALUES:
        sizes = ", ".join(map(str, sorted(RUN_TASK_MEMORY_VALUES)))
        raise InvalidArgumentError(f"memory is {mbytes!r}: expected megabytes, one of {sizes}")
    return mbytes


def text(name: str, value: str) -> str:
    """Return text that UTF-8 can carry."""
    try:
        value.encode()
    except (AttributeError, UnicodeEncodeError):
        raise InvalidArgumentError(f"{name} is {value!r}: expected text") from None
    return value


def task_input(value: Mapping[str, Any]) -> models.TaskInput:
    """Return an input that JSON can carry."""
    if not isinstance(value, Mapping):
        raise InvalidArgumentError(f"task_input is {value!r}: expected a dict, a JSON object")
    try:
        json.dumps(dict(value), allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"task_input cannot be written as JSON: {error}") from error
    return models.TaskInput.from_dict(value)


def encoded(webhooks: Sequence[models.WebhookDefinition]) -> str:
    """Return the webhooks as the Base64 of a UTF-8 JSON array."""
    items = [webhook.to_dict() for webhook in webhooks]
    return base64.b64encode(json.dumps(items, ensure_ascii=False).encode()).decode()
