"""The outermost layer: what applies to every request.

Paths keep their percent-encoding until they are split, so that an encoded slash stays in its
segment. `?method=` overrides the method. Any web page may read any answer. Each request writes a
line of JSON to the access log, never with a token.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import msgspec
from starlette.requests import ClientDisconnect

from actor_runs_server.api_error import ApiError
from actor_runs_server.http import parameters

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCESS: Final = logging.getLogger("actor_runs_server.access")
LOG: Final = logging.getLogger("actor_runs_server")

QUERY: Final = "actor_runs_server.query"
TOKEN: Final = re.compile(r"(^|[?&;])([^=&;?]*)=[^&;]*")
EXPOSED: Final = b"Location, X-RateLimit-Limit, Allow, Retry-After"
CORS: Final = ((b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", EXPOSED))
JSON: Final = b"application/json; charset=utf-8"
# Headers that a wildcard does not cover in browsers, and the one that the documents name.
ALLOWED_HEADERS: Final = b"*, Authorization, Content-Type, Content-Encoding, User-Agent"


def encode(value: object) -> bytes:
    """Return the bytes of a JSON answer."""
    return msgspec.json.encode(value)


def redact(query: str) -> str:
    """Return a query string without the values of tokens."""
    return TOKEN.sub(
        lambda match: f"{match[1]}{match[2]}=<token>" if _is_token(match[2]) else match[0], query
    )


def _is_token(name: str) -> bool:
    return "token" in unquote(name.replace("+", " ")).lower()


async def send_json(
    send: Send, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    """Send a whole JSON answer."""
    length = (b"content-length", str(len(body)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", JSON), length, *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def send_error(send: Send, error: ApiError, *headers: tuple[bytes, bytes]) -> None:
    """Send an error in the documented envelope."""
    extra = tuple((k.lower().encode(), v.encode()) for k, v in error.headers.items())
    await send_json(send, error.status, encode(error.body()), extra + headers)


class ApiMiddleware:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection of any kind."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # A copy: the connection must know the method that was really sent, as HEAD has no body.
        scope = {**scope}
        raw: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
        scope["path"] = raw.decode("latin-1").rstrip("/") or "/"
        scope[QUERY] = query = parameters.read(scope["query_string"])
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        if query.get("method") and scope["method"] != "OPTIONS":
            scope["method"] = query["method"].upper()[:20]
        await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *CORS]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            pass
        except Exception as error:
            # A database that cannot be written needs no traceback; anything else is a bug.
            bug = error if not isinstance(error, sqlite3.Error) else None
            what = (scope["method"], scope["path"], error)
            LOG.log(logging.ERROR, "%s %s failed: %s", *what, exc_info=bug)
            if not status:
                await send_error(sending, ApiError("internal-server-error"))
        if ACCESS.isEnabledFor(logging.INFO):
            ACCESS.info("%s", _line(scope, status, time.perf_counter() - began))


def _line(scope: Scope, status: int, seconds: float) -> str:
    client = scope.get("client")
    record: dict[str, Any] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "client": client[0] if client else None,
        "method": scope["method"],
        "path": scope["path"],
        "query": redact(scope["query_string"].decode("latin-1")),
        "status": status,
        "seconds": round(seconds, 6),
    }
    return msgspec.json.encode(record).decode()
