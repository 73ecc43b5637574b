"""Looks at arguments before anything is sent.

What the contract says of its parameters is held against its own schemas; a table has what only this
client knows: its settings, and ids that would lead to another path.

Longer than 100 lines for the promise that bad input is refused before it is sent, with its value and
what is expected: most of it are the rules.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import math
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from actor_runs_api.schemas import PARAMETERS
from actor_runs_api.types import UNSET, Unset
from actor_runs_api.validation import validator

from .errors import InvalidArgumentError

if TYPE_CHECKING:
    import attrs

    from actor_runs_api.models import WebhookDefinition

T = TypeVar("T")
# Whether a value is acceptable, and what is.
Rule = tuple[Callable[[Any], object], str]

JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
PUBLIC_URL = "https://api.apify.com"
LONGEST_SERVER_WAIT_SECS = PARAMETERS["waitForFinish"]["maximum"]
LONGEST_HTTP_TIMEOUT_SECS = 86400
TYPES = {"boolean": "True or False", "string": "text", "integer": "a whole number"}
# What the contract calls an argument, where it is not the same name in camel case.
NAMES = {
    "is_terminal": "isStatusMessageTerminal",
    "run_timeout_secs": "timeout",
    "server_wait_secs": "waitForFinish",
}
# Headers that every request has anyway, or that say where it ends.
OURS = r"(?i:authorization|connection|content-.*|host|transfer-encoding)"
HEADER_NAME, HEADER_VALUE = rf"(?!{OURS}$)[!#$%&'*+.^_`|~0-9A-Za-z-]+", "[!-~]([ -~]*[!-~])?"


def between(low: float, high: float) -> Callable[[float], bool]:
    """Return whether a number lies there: no bool, and none that no float can carry."""
    return lambda value: not isinstance(value, bool) and low <= value + 0.0 <= high


def _is_id(value: str) -> bool:
    return value.isprintable() and not re.search(r"[/\\]|^\.{0,2}$", value)


def _is_address(value: str) -> bool:
    url = urlsplit(value)
    is_web = url.scheme in {"http", "https"} and (url.hostname or "").encode("idna") != b""
    return is_web and (url.port or 1) > 0 and not re.search(r"\s", value)


def _are_headers(value: Mapping[str, str]) -> bool:
    pairs = value.items()
    return all(re.fullmatch(HEADER_NAME, k) and re.fullmatch(HEADER_VALUE, v) for k, v in pairs)


def _are_webhooks(value: Sequence[WebhookDefinition]) -> bool:
    # A sequence: what can be gone through only once would be used up here.
    items = isinstance(value, Sequence) and [webhook.to_dict() for webhook in value]
    return validator("WebhookDefinitions").is_valid(items)


ABOVE_ZERO = sys.float_info.min
ID: Rule = (_is_id, "an id or user~name, not user/name, of printable characters and no \\")
RULES: dict[str, Rule] = {
    **dict.fromkeys(("actor_id", "run_id", "task_id"), ID),
    "base_url": (_is_address, "http(s)://host[:port][/path]"),
    "ca_file": (lambda path: path is None or isinstance(path, str), "the path of a file"),
    "deadline_secs": (between(0, math.inf), "0 or more seconds"),
    "every_secs": (between(1, LONGEST_SERVER_WAIT_SECS), "1 to 60 seconds"),
    "first_delay_secs": (between(ABOVE_ZERO, sys.float_info.max), "more than 0 seconds"),
    "headers": (_are_headers, "names and values in ASCII, and none of what every request has"),
    "http_timeout_secs": (
        between(ABOVE_ZERO, LONGEST_HTTP_TIMEOUT_SECS),
        f"a number above 0, {LONGEST_HTTP_TIMEOUT_SECS} at most",
    ),
    # No schema of the contract can say it.
    "memory": (
        lambda value: validator("memory").is_valid(value) and math.frexp(value)[0] == 0.5,
        "a number: megabytes, a power of two, 128 or more",
    ),
    "repeat_starts": (lambda value: isinstance(value, bool), "True or False"),
    "retries": (lambda value: callable(value.delay_secs), "an object of the class Retries"),
    "task_input": (lambda value: isinstance(value, Mapping), "a dict, a JSON object"),
    "webhooks": (_are_webhooks, "a list of WebhookDefinition objects as the contract has them"),
}
# What a rule may raise of a value that it is not made for.
UNFIT = (TypeError, ValueError, AttributeError, LookupError, OverflowError)


@functools.cache
def rule(name: str) -> Rule:
    """Return the rule for an argument: of the table, or else as the contract has it."""
    if name in RULES:
        return RULES[name]
    theirs = NAMES.get(name) or re.sub("_(.)", lambda found: found[1].upper(), name)
    kind, about = PARAMETERS[theirs]["type"], PARAMETERS[theirs]["description"]
    expected = f"{TYPES.get(kind, 'a number')}: {about.partition(' Absent means')[0]}"
    # Finite, since no server reads a number of 400 digits.
    finite = math.isfinite if kind in {"integer", "number"} else bool
    is_valid = validator(theirs).is_valid
    return lambda value: is_valid(value) and (finite(value) or not value), expected


def checked(name: str, value: T) -> T:
    """Return an argument that is acceptable."""
    accepts, expected = rule(name)
    with contextlib.suppress(*UNFIT):
        if accepts(value):
            return value
    raise InvalidArgumentError(f"{name} is {value!r}: expected {expected}")


def given(name: str, value: T | None) -> T | Unset:
    """Return an argument that is acceptable; nothing for None."""
    return UNSET if value is None else checked(name, value)


def deadline(secs: float | None) -> float:
    """Return a deadline that is acceptable; None never comes."""
    return checked("deadline_secs", math.inf if secs is None else secs)


def check_setting(_: object, setting: attrs.Attribute[T], value: T) -> None:
    """Refuse a setting that is not acceptable."""
    checked(setting.name, value)


def base_url(argument: str | None) -> str:
    """Return the URL before `/v2`: the argument, `APIFY_API_BASE_URL`, or the public one."""
    text = checked("base_url", argument or os.environ.get("APIFY_API_BASE_URL") or PUBLIC_URL)
    url = urlsplit(text)
    if "@" in url.netloc or "?" in text or "#" in text:
        raise InvalidArgumentError(
            f"base_url for {url.hostname!r} has a user, query or fragment: leave it out"
        )
    if url.path.rstrip("/").endswith("/v2"):
        raise InvalidArgumentError(f"base_url is {text!r}: give what stands before /v2")
    if not text.isascii():
        import httpx

        text = str(httpx.URL(text))  # It knows how names and paths are written in ASCII.
    return text.rstrip("/")


def token(argument: str | None) -> str | None:
    """Return the token: the argument, or `APIFY_TOKEN`. An empty one means none."""
    value = os.environ.get("APIFY_TOKEN", "") if argument is None else argument
    if not (isinstance(value, str) and re.fullmatch("[!-~]*", value)):
        raise InvalidArgumentError("the token is unfit for a header: expected visible ASCII")
    return value or None


def encoded(webhooks: Sequence[WebhookDefinition] | None) -> str | Unset:
    """Return the webhooks as the Base64 of a UTF-8 JSON array; nothing for none."""
    items = [webhook.to_dict() for webhook in webhooks or ()]
    return base64.b64encode(as_json(items)).decode() if items else UNSET


def as_json(value: object) -> bytes:
    """Return a value as JSON in UTF-8.

    Raises:
        InvalidArgumentError: JSON has no word for it.
    """
    try:
        return JSON.encode(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"the arguments cannot be sent: {error}") from error
