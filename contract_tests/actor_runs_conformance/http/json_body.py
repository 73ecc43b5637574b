"""Reads the JSON of a target: leniently to work with it, strictly to judge its form.

A byte order mark or a NaN breaks one promise; the others can still be judged.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from actor_runs_conformance.ledger.json_value import JsonValue

LEVELS = 60


def read(body: bytes) -> JsonValue:
    """Return the value of a body; None when the body holds no JSON.

    Other encodings than UTF-8 are recognised by their first bytes; `NaN` and `Infinity` are read
    as text. A lone surrogate is read as a question mark, and what is nested deeper than any
    promise looks is read as null: both crash most JSON consumers.
    """
    try:
        value = json.loads(body, parse_constant=str, parse_int=_number)
    except (ValueError, RecursionError):
        return None
    return _sanitised(value)


def is_json(body: bytes) -> bool:
    """Return whether a body is JSON as RFC 8259 has it: in UTF-8, without a byte order mark."""
    try:
        json.loads(body.decode("utf-8"), parse_constant=refuse_constant, parse_int=float)
    except (ValueError, RecursionError):
        return False
    return True


def refuse_constant(constant: str) -> NoReturn:
    """Raise a ValueError for `NaN` and `Infinity`, which Python's reader accepts as JSON."""
    raise ValueError(f"{constant} is not JSON")


def _number(digits: str) -> float:
    try:
        return int(digits)
    except ValueError:  # Python refuses integers of thousands of digits.
        return float(digits)


def _sanitised(value: JsonValue, levels: int = LEVELS) -> JsonValue:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list) and levels:
        return [_sanitised(item, levels - 1) for item in value]
    if isinstance(value, dict) and levels:
        return {_sanitised(key): _sanitised(item, levels - 1) for key, item in value.items()}
    return None if isinstance(value, list | dict) else value
