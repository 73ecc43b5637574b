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
# What a template must not decide, as it belongs to the connection.
OWN_HEADERS: Final = frozenset({"host", "content-length", "connection", "transfer-encoding"})


def render(template: str, values: dict[str, Any], *, inside_strings: bool) -> str:
    """Fill the variables of a template, such as `{{resource.id}}`; unknown ones become null.

    Args:
        template: JSON in which variables stand for values.
        values: The variables.
        inside_strings: Whether variables inside string values are filled as well, which demands
            that the template is JSON on its own.
    """
    if not inside_strings:
        return VARIABLE.sub(lambda match: json.dumps(_value(values, match[1])), template)
    quoted = re.sub(r'(?<!")\{\{\s*([\w.-]+)\s*\}\}(?!")', r'"{{\1}}"', template)
    try:
        document = json.loads(template)
    except ValueError:
        try:
            document = json.loads(quoted)
        except ValueError:
            return render(template, values, inside_strings=False)
    return json.dumps(_filled(document, values))


def _filled(document: Any, values: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(document, dict):
        return {key: _filled(value, values) for key, value in document.items()}
    if isinstance(document, list):
        return [_filled(value, values) for value in document]
    if not isinstance(document, str):
        return document
    whole = VARIABLE.fullmatch(document)
    if whole:
        return _value(values, whole[1])
    return VARIABLE.sub(lambda match: _as_text(_value(values, match[1])), document)


def _as_text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else json.dumps(value)


def _value(values: dict[str, Any], path: str) -> Any:  # noqa: ANN401 - any JSON value
    here: Any = values
    for step in path.split("."):
        here = here.get(step) if isinstance(here, dict) else None
    return here


def as_headers(text: str) -> dict[str, str]:
    """Return the headers of a filled template; none when it is not a JSON object."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {
        name: _as_text(value).replace("\r", "").replace("\n", "")
        for name, value in document.items()
        if re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII) and name.lower() not in OWN_HEADERS
    }
