"""Looks at arguments before anything is sent: what each may be stands in one table."""

from __future__ import annotations

import base64
import json
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from actor_runs_api import models
from actor_runs_api.models.run_task_memory import RUN_TASK_MEMORY_VALUES as SIZES
from actor_runs_api.types import UNSET, Unset

from .errors import InvalidArgumentError

if TYPE_CHECKING:
    import attrs

T = TypeVar("T")
# Whether a value is acceptable, and what is.
Rule = tuple[Callable[[Any], object], str]

PUBLIC_URL = "https://api.apify.com"
LONGEST_SERVER_WAIT_SECS = 60
LONGEST_HTTP_TIMEOUT_SECS = 86400
MEMORY = f"megabytes, one of {', '.join(map(str, sorted(SIZES)))}"


def _is_amount(value: float) -> bool:
    return not isinstance(value, bool) and value >= 0 and math.isfinite(value)


def _is_id(value: str) -> bool:
    is_segment = value not in {"", ".", ".."} and "/" not in value
    return is_segment and "\\" not in value and value.isprintable()


def _is_address(value: str) -> bool:
    url = httpx.URL(value)
    is_web = url.scheme in {"http", "https"} and url.host.encode("idna") != b""
    return is_web and (url.port or 1) in range(1, 65536) and not re.search(r"\s", value)


def _are_webhooks(value: Sequence[models.WebhookDefinition]) -> bool:
    # A sequence: what can be gone through only once would be used up here.
    return isinstance(value, Sequence) and all(
        isinstance(webhook, models.WebhookDefinition) and isinstance(webhook.event_types, list)
        for webhook in value
    )


AMOUNT: Rule = (_is_amount, "a number of 0 or more, or None")
FLAG: Rule = (lambda value: isinstance(value, bool), "True or False")
ID: Rule = (_is_id, "an id or user~name, not user/name, of printable characters and no \\")
TEXT: Rule = (lambda value: isinstance(value.encode(), bytes), "text")
RULES: dict[str, Rule] = {
    **dict.fromkeys(("actor_id", "run_id", "task_id"), ID),
    **dict.fromkeys(("build", "general_access", "status_message"), TEXT),
    **dict.fromkeys(("gracefully", "is_terminal", "repeat_starts", "restart_on_error"), FLAG),
    **dict.fromkeys(("max_items", "max_total_charge_usd", "run_timeout_secs"), AMOUNT),
    "base_url": (_is_address, "http(s)://host[:port][/path]"),
    "deadline_secs": (lambda secs: _is_amount(secs) or secs == math.inf, "0 or more seconds"),
    "first_delay_secs": (lambda secs: _is_amount(secs) and secs > 0, "more than 0 seconds"),
    "http_timeout_secs": (
        lambda secs: _is_amount(secs) and 0 < secs <= LONGEST_HTTP_TIMEOUT_SECS,
        f"a number above 0, {LONGEST_HTTP_TIMEOUT_SECS} at most",
    ),
    "memory": (lambda size: isinstance(size, int) and size in SIZES, MEMORY),
    "retries": (lambda value: callable(value.delay_secs), "an object of the class Retries"),
    "server_wait_secs": (
        lambda secs: _is_amount(secs) and secs <= LONGEST_SERVER_WAIT_SECS,
        f"0 to {LONGEST_SERVER_WAIT_SECS}; wait_for_finish waits longer",
    ),
    "task_input": (lambda value: isinstance(value, Mapping), "a dict, a JSON object"),
    "webhooks": (_are_webhooks, "a list of WebhookDefinition objects with lists of event_types"),
}
# What a rule may raise of a value that it is not made for.
UNFIT = (TypeError, ValueError, AttributeError, LookupError, OverflowError, httpx.InvalidURL)


def is_acceptable(name: str, value: object) -> bool:
    """Whether a value is what an argument of this name may be."""
    try:
        return bool(RULES[name][0](value))
    except UNFIT:
        return False


def checked(name: str, value: T) -> T:
    """Return an argument that is acceptable."""
    if not is_acceptable(name, value):
        raise InvalidArgumentError(f"{name} is {value!r}: expected {RULES[name][1]}")
    return value


def given(name: str, value: T | None) -> T | Unset:
    """Return an argument that is acceptable; nothing for None."""
    return UNSET if value is None else checked(name, value)


def check_setting(_: object, setting: attrs.Attribute[T], value: T) -> None:
    """Refuse a setting that is not acceptable."""
    checked(setting.name, value)


def base_url(argument: str | None) -> str:
    """Return the URL before `/v2`: the argument, `APIFY_API_BASE_URL`, or the public one."""
    text = checked("base_url", argument or os.environ.get("APIFY_API_BASE_URL") or PUBLIC_URL)
    url = httpx.URL(text)
    if url.userinfo or "?" in text or "#" in text:
        raise InvalidArgumentError(
            f"base_url for {url.host!r} has a user, query or fragment: leave it out"
        )
    if url.path.rstrip("/").endswith("/v2"):
        raise InvalidArgumentError(f"base_url is {text!r}: give what stands before /v2")
    return text.rstrip("/")


def token(argument: str | None) -> str | None:
    """Return the token: the argument, or `APIFY_TOKEN`. An empty one means none."""
    value = os.environ.get("APIFY_TOKEN", "") if argument is None else argument
    if not (isinstance(value, str) and re.fullmatch("[!-~]*", value)):
        raise InvalidArgumentError(
            "the token is none that a header can carry:"
            " expected printable ASCII without blanks or line ends"
        )
    return value or None


def encoded(webhooks: Sequence[models.WebhookDefinition]) -> str | Unset:
    """Return the webhooks as the Base64 of a UTF-8 JSON array; nothing for none."""
    items = [webhook.to_dict() for webhook in given("webhooks", webhooks) or ()]
    try:
        return base64.b64encode(json.dumps(items).encode()).decode() if items else UNSET
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"webhooks hold what JSON has no word for: {error}") from error
