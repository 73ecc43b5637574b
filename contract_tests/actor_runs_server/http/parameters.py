"""Query parameters: read strictly, and never overlooked.

The six operations of the contract ignore unknown ones, all other endpoints refuse them. If a
parameter is given twice, the last one counts. A value that is not of the documented type is
refused with `invalid-value`; a `waitForFinish` above 60 counts as 60, which public clients rely on.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, get_args
from urllib.parse import parse_qsl

from actor_runs_server.api_error import ApiError
from actor_runs_server.config.config import Memory, Options
from actor_runs_server.records.database import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_WAIT: Final = 60.0
MAX_PAGE: Final = 1_000
# Understood at every endpoint.
ALWAYS_KNOWN: Final = ("token", "method")
# Documented parameters that this server refuses, and why.
NOT_OFFERED: Final = {
    "simplified": "it is for results of a product that no longer exists",
    "skipFailedPages": "it is for results of a product that no longer exists",
    "view": "datasets have no schema here",
    "collection": "key-value stores have no schema here",
    "forcePermissionLevel": "Actors have no permission levels here",
    "allowsAgenticUsers": "Actors are not paid for by agents here",
    "includeUnrunnableActors": "every Actor can be started here",
    "responseFormat": "there is one format",
}
# The largest integer that every JSON reader keeps exactly.
MAX_INTEGER: Final = 2**53 - 1
MEMORY: Final[tuple[Memory, ...]] = get_args(Memory)
BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)

Query = dict[str, str]


def read(query_string: bytes) -> Query:
    """Return the parameters, the last of each name; undecodable bytes are replaced."""
    if not query_string:
        return {}
    text = query_string.decode("latin-1")
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace"))


def only(query: Query, *names: str) -> None:
    """Refuse parameters that an endpoint does not know, rather than overlook them.

    Raises:
        ApiError: 400, which lists the known ones.
    """
    for name in query:
        if name not in names and name not in ALWAYS_KNOWN:
            if name in NOT_OFFERED:
                message = f"Query parameter {name!r} is not offered here: {NOT_OFFERED[name]}."
                raise ApiError("invalid-parameter", message)
            known = f"known: {', '.join(names)}" if names else "this endpoint knows none"
            raise ApiError("invalid-parameter", f"Unknown query parameter {name[:100]!r}; {known}.")


def boolean(query: Query, name: str) -> bool | None:
    """Return a boolean, spelt `true`/`false` or `1`/`0`; None when it is absent."""
    if name not in query:
        return None
    value = BOOLEANS.get(query[name].lower())
    if value is None:
        raise _refused(name, query[name], "true, false, 1 or 0")
    return value


def number(query: Query, name: str, *, refusal: str = "invalid-value") -> float | None:
    """Return a number, 0 or greater; None when it is absent."""
    if name not in query:
        return None
    text = query[name]
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    if math.isnan(value):
        raise _refused(name, text, "a number")
    if value < 0:
        raise _refused(name, text, "0 or greater", refusal)
    return min(value, float(MAX_INTEGER))


def whole(query: Query, name: str, default: int, most: int | None = None) -> int:
    """Return a whole number, 0 or greater and at most `most`; the default when it is absent."""
    value = number(query, name)
    if value is None:
        return default
    if value != int(value):
        raise _refused(name, query[name], "a whole number")
    if most is not None and value > most:
        raise _refused(name, query[name], f"at most {most}")
    return int(value)


def choice(query: Query, name: str, choices: Iterable[str]) -> str | None:
    """Return one of several words; None when it is absent."""
    value = query.get(name)
    if value is not None and value not in choices:
        raise _refused(name, value, f"one of {', '.join(choices)}")
    return value


def names(query: Query, name: str) -> tuple[str, ...]:
    """Return the parts of a list that is separated by commas; none when it is absent."""
    return tuple(part.strip() for part in query.get(name, "").split(",") if part.strip())


def moment(query: Query, name: str) -> int | None:
    """Return a time in milliseconds since 1970, given in ISO 8601; None when it is absent."""
    text = query.get(name)
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise _refused(name, text, "a time such as 2026-01-31T12:00:00.000Z") from None
    value = value if value.tzinfo else value.replace(tzinfo=UTC)
    return int(value.timestamp() * 1000)


def page(query: Query, most: int = MAX_PAGE) -> Page:
    """Return which part of a list is wanted: `offset`, `limit` and `desc`."""
    return Page(
        offset=whole(query, "offset", 0),
        limit=min(whole(query, "limit", most) or most, most),
        newest_first=bool(boolean(query, "desc")),
    )


def options(query: Query) -> Options:
    """Return the options of a run."""
    return Options(
        timeout_secs=timeout_seconds(query),
        memory_mbytes=memory_megabytes(query),
        build=query.get("build"),
        max_items=max_items(query),
        max_total_charge_usd=max_total_charge_usd(query),
        restart_on_error=boolean(query, "restartOnError"),
    )


def wait_seconds(query: Query) -> float:
    """Return how long to wait for the end of a run: 0 to 60 seconds, 0 when absent."""
    return min(number(query, "waitForFinish") or 0.0, MAX_WAIT)


def timeout_seconds(query: Query) -> int | None:
    """Return the timeout in whole seconds, rounded up so that a short one is not none; 0 is none."""
    value = number(query, "timeout")
    return None if value is None else math.ceil(value)


def memory_megabytes(query: Query) -> Memory | None:
    """Return the memory in megabytes, a power of two from 128 to 32768."""
    value = number(query, "memory")
    if value is None:
        return None
    for size in MEMORY:
        if value == size:
            return size
    raise _refused("memory", query["memory"], "a power of two from 128 to 32768")


def max_items(query: Query) -> int | None:
    """Return the number of items that may be charged."""
    value = number(query, "maxItems", refusal="max-items-must-be-greater-than-zero")
    return None if value is None else int(value)


def max_total_charge_usd(query: Query) -> float | None:
    """Return what the run may cost in US dollars; 0 is no cap."""
    name = "maxTotalChargeUsd"
    return number(query, name, refusal="max-total-charge-usd-must-be-greater-than-zero")


def _refused(name: str, value: str, expected: str, kind: str = "invalid-value") -> ApiError:
    shown = value if len(value) <= 100 else value[:100] + "…"
    return ApiError(kind, f"Query parameter {name!r} is {shown!r}; expected: {expected}.")
