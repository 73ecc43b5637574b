"""A request as a curl command that anyone can paste: the token is `$APIFY_TOKEN`."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actor_runs_conformance.exchange import Exchange
    from actor_runs_conformance.redaction import Redactor

# What curl sends by itself, or what belongs to the connection.
LEFT_OUT = {"host", "connection", "content-length", "accept-encoding", "user-agent", "accept"}
BODY_LIMIT = 2000


def quoted(text: str) -> str:
    """Quote for a shell; a redacted token becomes `$APIFY_TOKEN`, outside the single quotes."""
    return "".join(
        '"$APIFY_TOKEN"' if part == "<token>" else shlex.quote(part)
        for part in re.split(r"(<token>)", text)
        if part
    )


def reproduce(exchange: Exchange, redactor: Redactor) -> str:
    """Return the curl command that sends this request again."""
    request = exchange.request
    parts = ["curl -i"]
    if request.method != "GET" or request.body is not None:
        parts.append(f"-X {shlex.quote(request.method)}")
    parts.append(quoted(redactor.text(request.url)))
    for name, value in request.headers:
        if name.lower() not in LEFT_OUT:
            parts.append(f"-H {quoted(redactor.text(f'{name}: {value}'))}")
    body = request.body
    if body is not None:
        try:
            text = redactor.text(body.decode("utf-8"))
        except UnicodeDecodeError:
            text = None
        if text is None or len(body) > BODY_LIMIT:
            size = f"{len(body)} bytes"
            parts.append(f"--data-binary @body   # {size}, see the exchange in the report")
        else:
            parts.append(f"--data-binary {quoted(text) if text else chr(39) * 2}")
    return " ".join(parts)
