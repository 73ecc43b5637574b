"""Templates of webhooks: JSON in which `{{resource.id}}` stands for a value."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import msgspec

DEFAULT_TEMPLATE: Final = """{
    "userId": {{userId}},
    "createdAt": {{createdAt}},
    "eventType": {{eventType}},
    "eventData": {{eventData}},
    "resource": {{resource}}
}"""
VARIABLES: Final = ("userId", "createdAt", "eventType", "eventData", "resource")
VARIABLE: Final = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
# A string without an end is matched once, up to the end of the template: looking for its end again
# from each quote inside it would take quadratic time.
STRING_OR_VARIABLE: Final = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|' + VARIABLE.pattern, re.DOTALL)
HEADER_NAME: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
# These belong to the connection; those of a template are left out.
OWN_HEADERS: Final = frozenset({"host", "content-length", "connection", "transfer-encoding"})


def problem(template: str, *, inside_strings: bool) -> str | None:
    """Return what is wrong with a template, or None."""
    unknown = [
        name
        for string, outside in STRING_OR_VARIABLE.findall(template)
        for name in ([outside] if outside else VARIABLE.findall(string) if inside_strings else [])
        if name.split(".")[0] not in VARIABLES
    ]
    if unknown:
        return f"has the unknown variable {unknown[0][:100]!r}; known are {', '.join(VARIABLES)}"
    try:
        msgspec.json.decode(render(template, {}, inside_strings=inside_strings))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        return f"is not JSON once its variables are filled: {error}"
    return None


def headers_problem(template: str, *, inside_strings: bool) -> str | None:
    """Return what is wrong with a template of headers, or None."""
    found = problem(template, inside_strings=inside_strings)
    if found:
        return found
    headers = json.loads(render(template, {}, inside_strings=inside_strings))
    if not isinstance(headers, dict):
        return "is not a JSON object of names and values"
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name):
            return f"sets {name[:100]!r}, which is not the name of a header"
        if isinstance(value, dict | list) or not _as_text(value).isprintable():
            return f"has a value for {name[:100]!r} that is not a line of text"
    return None


def render(template: str, values: dict[str, Any], *, inside_strings: bool) -> str:
    """Fill the variables of a template; one without a value becomes null.

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
    """Return the headers of a filled template; line breaks are removed from their values."""
    document = json.loads(text)
    return {
        name: "".join(_as_text(value).splitlines())
        for name, value in document.items()
        if name.lower() not in OWN_HEADERS
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
