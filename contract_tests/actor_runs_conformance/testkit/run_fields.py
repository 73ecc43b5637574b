"""Reads values of a Run object, whatever a target may have put in their place, and compares two.

The sets below name the fields that may differ between two answers about the same run.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from actor_runs_conformance.ledger.json_value import JsonValue

MAY_CHANGE_AFTER_END = frozenset({"statusMessage", "isStatusMessageTerminal", "generalAccess"})
FIGURES = frozenset(
    {
        "stats",
        "usage",
        "usageUsd",
        "usageTotalUsd",
        "chargedEventCounts",
        "accountedChargedEventCounts",
    }
)
"""What may change for some seconds after the end, until figures have settled."""
RECOMPUTED = frozenset({"usage", "usageUsd", "usageTotalUsd"})
"""What may change at any time, and is not shown to every reader."""
COUNTERS = (
    "stats.migrationCount",
    "stats.rebootCount",
    "stats.restartCount",
    "stats.resurrectCount",
    "stats.metamorph",
)
DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
LARGEST = sys.float_info.max


class Missing:
    """What stands where an object has nothing."""

    def __repr__(self) -> str:
        return "absent"


MISSING = Missing()


def value_at(data: Mapping[str, Any], path: str) -> JsonValue:
    """Return the value at a dotted path; `MISSING` when it is absent."""
    value: Any = data
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return MISSING
        value = value[part]
    return value


def number_at(data: Mapping[str, Any], path: str) -> float | None:
    """Return the number at a dotted path; None when there is none to reckon with."""
    return number(value_at(data, path))


def number(value: JsonValue) -> float | None:
    """Return a value that is a number; None when it is none, or beyond a double."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) <= LARGEST else None


def object_at(data: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return the object at a dotted path; an empty one when there is none."""
    value = value_at(data, path)
    return value if isinstance(value, dict) else {}


def moment(value: JsonValue) -> dt.datetime | None:
    """Return a date of the API as a moment; None when it is none."""
    if not isinstance(value, str) or not DATE.fullmatch(value):
        return None
    try:
        return dt.datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def changed(before: Mapping[str, Any], after: Mapping[str, Any], free: Set[str]) -> list[str]:
    """Return the keys that both have and that differ, except those that are free to."""
    return [
        name
        for name in before
        if name in after and name not in free and before[name] != after[name]
    ]
