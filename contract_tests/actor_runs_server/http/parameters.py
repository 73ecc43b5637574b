"""Query parameters: documented ones are read strictly, unknown ones are ignored.

If a parameter is given twice, the last one counts. A value that is not of the documented type is
refused with `invalid-value`; a `waitForFinish` above 60 counts as 60, which public clients rely on.
"""

from __future__ import annotations

import math
import re
from typing import Final, get_args
from urllib.parse import parse_qsl

from actor_runs_server.api_error import ApiError
from actor_runs_server.config.config import Memory

MAX_WAIT: Final = 60.0
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
