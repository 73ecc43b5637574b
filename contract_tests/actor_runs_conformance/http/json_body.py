"""Reads the JSON of a target: leniently to work with it, and strictly to judge its form.

A byte order mark or a NaN breaks one promise; it is no reason not to look at the others.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

LEVELS = 60


def read(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value of a body; None when there is none in it.

    Encodings other than UTF-8 are told by their first bytes, `NaN` and `Infinity` are read as text.
    Half a surrogate pair is read as a question mark, and what is nested deeper than any promise
    looks as null: JSON can spell both, and few who are handed them can bear them.
    """
    try:
        value = json.loads(body, parse_constant=str, parse_int=_number)
    except (ValueError, RecursionError):
        return None
    return _bearable(value)


def is_json(body: bytes) -> bool:
    """Return whether a body is JSON as RFC 8259 has it: in UTF-8, without a byte order mark."""
    try:
        json.loads(body.decode("utf-8"), parse_constant=refuse_constant, parse_int=float)
    except (ValueError, RecursionError):
        return False
    return True


def refuse_constant(constant: str) -> NoReturn:
    """Raise a ValueError for `NaN` and `Infinity`, which Python's reader takes for JSON."""
    raise ValueError(f"{constant} is not JSON")


def _number(digits: str) -> float:
    try:
        return int(digits)
    except ValueError:  # Some thousands of digits.
        return float(digits)


def _bearable(value: Any, levels: int = LEVELS) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list) and levels:
        return [_bearable(item, levels - 1) for item in value]
    if isinstance(value, dict) and levels:
        return {_bearable(key): _bearable(item, levels - 1) for key, item in value.items()}
    return None if isinstance(value, list | dict) else value
