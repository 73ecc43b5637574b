"""Uvicorn's HTTP protocol with a limit on the head of a request."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from actor_runs_server.api_error import ApiError

if TYPE_CHECKING:
    from starlette.types import Scope

MAX_HEAD_BYTES: Final = 65_536
# How long the rest of a refused request is read and discarded.
LINGER_SECS: Final = 1.0
TRANSPORT: Final = "actor_runs_server.transport"
TOO_LARGE: Final = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


async def drop_connection(scope: Scope) -> None:
    """Close the connection of a request at once, without an answer.

    Raises:
        ConnectionResetError: The application is called in process, without a connection.
    """
    extension = scope.get("extensions", {}).get(TRANSPORT)
    if extension is None:
        raise ConnectionResetError("the connection was dropped, as a test has ordered")
    extension["transport"].abort()
    # Let the server notice it, which otherwise reports that there was no answer.
    await asyncio.sleep(0)


class LimitedProtocol(HttpToolsProtocol):
    """Answers 431 and closes the connection once a head exceeds the limit."""

    _in_head = True
    _head_bytes = 0
    _refused = False

    def data_received(self, data: bytes) -> None:
        """Pass the head on in pieces that stay within the limit, and the body as it comes."""
        if self._refused:
            return
        while self._in_head and data and not self.transport.is_closing():
            room = MAX_HEAD_BYTES - self._head_bytes
            piece, data = data[:room], data[room:]
            self._head_bytes += len(piece)
            super().data_received(piece)
            if self._in_head and self._head_bytes >= MAX_HEAD_BYTES:
                self._refuse()
                return
        if data and not self.transport.is_closing():
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Let the application close the connection without an answer."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}

    def on_headers_complete(self) -> None:
        """Note the end of the head."""
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect the next head."""
        self._in_head = True
        super().on_message_complete()

    def _refuse(self) -> None:
        message = f"The head of a request is limited to {MAX_HEAD_BYTES} bytes."
        body = msgspec.json.encode(ApiError("invalid-request", message).body())
        head = STATUS_LINE[TOO_LARGE] + b"content-type: application/json; charset=utf-8\r\n"
        length = f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
        self.transport.write(head + length + body)
        self._refused = True
        # A connection that is closed with unread data is reset, and the answer may be lost.
        self.loop.call_later(LINGER_SECS, self.transport.close)
