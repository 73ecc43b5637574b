"""A request as a curl command that anyone can paste: the token is `$APIFY_TOKEN`."""

from __future__ import annotations

import base64
import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.redaction import Redactor

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
    """Return the curl command that sends this request again.

    A body that is not plain text is piped in through base64; a long one must be taken from the
    log.
    """
    request = exchange.request
    parts = ["curl -i"]
    if request.method != "GET" or request.body is not None:
        parts.append(f"-X {shlex.quote(request.method)}")
    parts.append(quoted(redactor.text(request.url)))
    for name, value in request.headers:
        if name.lower() not in LEFT_OUT:
            parts.append(f"-H {quoted(redactor.text(f'{name}: {value}'))}")
    body = request.body
    if body is None:
        return " ".join(parts)
    if len(body) > BODY_LIMIT:
        return f"{' '.join(parts)} --data-binary @body   # {len(body)} bytes, see the log"
    text = _plain(body)
    if text is not None:
        return (
            f"{' '.join(parts)} --data-raw {quoted(redactor.text(text)) if text else chr(39) * 2}"
        )
    piped = base64.b64encode(body).decode()
    return f"echo {piped} | base64 -d | {' '.join(parts)} --data-binary @-"


def _plain(body: bytes) -> str | None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if all(char.isprintable() or char in "\n\t" for char in text) else None
