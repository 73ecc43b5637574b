"""Templates of webhooks: JSON in which `{{resource.id}}` stands for a value."""

from __future__ import annotations

import json
import re
from typing import Any, Final

DEFAULT_TEMPLATE: Final = """{
    "userId": {{userId}},
    "createdAt": {{createdAt}},
    "eventType": {{eventType}},
    "eventData": {{eventData}},
    "resource": {{resource}}
}"""
VARIABLE: Final = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
# A string without an end is matched once, up to the end of the template: looking for its end again
# from each quote inside it would take quadratic time.
STRING_OR_VARIABLE: Final = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|' + VARIABLE.pattern, re.DOTALL)
HEADER_NAME: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
# These belong to the connection; a template must not set them.
OWN_HEADERS: Final = frozenset({"host", "content-length", "connection", "transfer-encoding"})


def render(template: str, values: dict[str, Any], *, inside_strings: bool) -> str:
    """Fill the variables of a template; an unknown one becomes null.

    Args:
        template: JSON in which variables stand for values.
        values: The variables; a dot leads into an object.
        inside_strings: Whether variables inside strings are filled too. A string that consists
            of one variable becomes its value.
    """

    def fill(match: re.Match[str]) -> str:
        string: str | None = match[1]
        if string is None:
            return json.dumps(_value(values, match[2]))
        if not inside_strings:
            return string
        whole = VARIABLE.fullmatch(string[1:-1])
        if whole:
            return json.dumps(_value(values, whole[1]))
        return VARIABLE.sub(lambda part: _inner(_value(values, part[1])), string)

    return STRING_OR_VARIABLE.sub(fill, template)


def as_headers(text: str) -> dict[str, str]:
    """Return the headers of a filled template; none if it is not a JSON object."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {
        name: _as_text(value).replace("\r", "").replace("\n", "")
        for name, value in document.items()
        if HEADER_NAME.fullmatch(name) and name.lower() not in OWN_HEADERS
    }


def _inner(value: object) -> str:
    """Return a value as the inside of a JSON string."""
    return json.dumps(_as_text(value))[1:-1]


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _value(values: dict[str, Any], path: str) -> object:
    here: object = values
    for step in path.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here
