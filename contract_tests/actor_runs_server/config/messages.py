"""Messages about a configuration file: what is wrong, in which line, and what to write."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

# What each key takes.
EXPECTED: Final = {
    "token": "a string of at least one character",
    "general_access": '"ANYONE_WITH_ID_CAN_READ" or "RESTRICTED"',
    "command": 'a list of words, such as ["{python}", "main.py"]',
    "environment": 'a table of strings, such as LEVEL = "1"',
    "builds": 'tags and numbers, such as latest = "0.1.1"',
    "memory_mbytes": "a power of two from 128 to 32768",
    "timeout_secs": "whole seconds, 0 for no timeout",
    "input": "a table, such as {durationSecs = 1}",
    "webhooks": "a list of tables with eventTypes and requestUrl",
    "external_transfer_key": '"DATA_TRANSFER_EXTERNAL_GBYTES", with or without a "?"',
    "users": "a table for each user, such as [users.demo] with a token",
    "actors": 'a table for each Actor, such as [actors."demo~my-actor"] with a command',
    "tasks": 'a table for each task, such as [tasks."demo~my-task"] with an actor',
}

T = TypeVar("T", bound=msgspec.Struct)

UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$(.*)`)?", re.DOTALL)
MISSING: Final = re.compile(r"Object missing required field `(.*?)`(?: - at `\$(.*)`)?", re.DOTALL)
OTHER: Final = re.compile(r"(.*?)(?: - at `(?:key in )?\$(.*)`)?", re.DOTALL)
HEADER: Final = re.compile(r"\s*\[\[?([^\]]+)\]")
KEY: Final = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w.-])+)\s*=""")
PART: Final = re.compile(r"""\s*"[^"]*"\s*|\s*'[^']*'\s*|[^.]+""")


class EntryError(ValueError):
    """An invalid entry of the configuration; `where` is the path of keys to it."""

    def __init__(self, where: list[str], message: str) -> None:
        super().__init__(message)
        self.where = where


def convert(data: object, kind: type[T], where: list[str]) -> T:
    """Return a table as a struct.

    Raises:
        EntryError: The table is invalid.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise _entry_error(str(error), data, kind, where) from error


def hint(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known names: the nearest one, or all."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"Hint: did you mean {near[0]!r}?"
    return f"Hint: known are {', '.join(names)}." if names else "Hint: none is defined yet."


def line_of(text: str, where: list[str]) -> int:
    """Return the line, from 1, that holds the longest part of this path of keys."""
    best, depth = 1, 0
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        header, key = HEADER.match(line), KEY.match(line)
        if header:
            path = table = _parts(header[1])
        elif key:
            path = table + _parts(key[1])
        else:
            continue
        same = sum(1 for _ in _common(path, where))
        if same > depth and same in (len(path), len(where)):
            best, depth = number, same
    return best


def _common(first: list[str], second: list[str]) -> Iterable[str]:
    for left, right in zip(first, second, strict=False):
        if left != right:
            return
        yield left


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in PART.findall(dotted)]


def _entry_error(
    error: str,
    data: object,
    kind: type[msgspec.Struct],
    where: list[str],
) -> EntryError:
    """Put a validation error of msgspec into words, with names and values."""
    unknown, missing = UNKNOWN.fullmatch(error), MISSING.fullmatch(error)
    if unknown:
        inside = _steps(unknown[2])
        name = unknown[1]
        return EntryError(
            [*where, *inside, name], f"unknown key {name!r}. {hint(name, _fields(kind, inside))}"
        )
    if missing:
        path = [*where, *_steps(missing[2])]
        shown = f"{'.'.join(path)}: " if path else ""
        return EntryError(path, f"{shown}{missing[1]!r} is missing.{_expected([missing[1]])}")
    located = OTHER.fullmatch(error)
    inside = _steps(located[2]) if located else []
    value = data
    for step in inside:
        value = value.get(step) if isinstance(value, dict) else None
    # No token is shown, not even an invalid one.
    hidden = value is None or isinstance(value, dict) or "token" in inside
    given = "" if hidden else f", got {value!r}"
    message = (located[1] if located else error).split(", got")[0]
    path = [*where, *inside]
    return EntryError(
        path, f"{'.'.join(path)}: {message[:1].lower()}{message[1:]}{given}.{_expected(path)}"
    )


def _expected(path: list[str]) -> str:
    known = [EXPECTED[step] for step in path if step in EXPECTED]
    return f" Hint: {known[-1]}." if known else ""


def _steps(path: str | None) -> list[str]:
    """Return the keys of msgspec's path, without entries of mappings and lists."""
    return re.findall(r"\.([^.\[\]]+)", path or "")


def _fields(kind: type[msgspec.Struct], inside: list[str]) -> tuple[str, ...]:
    """Return the known keys of the table at this path."""
    for step in inside:
        kind = next(
            field.type
            for field in msgspec.structs.fields(kind)
            if field.name == step and isinstance(field.type, type)
        )
    return kind.__struct_fields__
