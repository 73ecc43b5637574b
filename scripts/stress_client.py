"""A plain HTTP/1.1 client of one connection, fast enough not to be what is measured."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, cast

import httptools
from attrs import frozen


class Cut(Exception):  # noqa: N818 - what happened, not a mistake
    """The server closed the connection before it answered."""


@frozen
class Reply:
    """What the server answered."""

    status: int
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - any JSON value
        """Return the body's value."""
        return json.loads(self.body)


class _Protocol(asyncio.Protocol):
    def __init__(self) -> None:
        self.waiting: asyncio.Future[Reply] | None = None
        self.transport: asyncio.Transport | None = None
        self.lost = False
        self.asked_head = False
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._parts: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.connection_lost(None)

    def on_headers_complete(self) -> None:
        if self.asked_head:
            self.on_message_complete()

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status == 100:
            return
        self.lost = self.lost or not self._parser.should_keep_alive()
        reply = Reply(status, b"".join(self._parts))
        self._begin()
        if self.waiting and not self.waiting.done():
            self.waiting.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.lost = True
        if self.waiting and not self.waiting.done():
            self.waiting.set_exception(Cut())


class Client:
    """One connection, opened when it is needed."""

    def __init__(self, port: int) -> None:
        """Take the port of a server on this machine."""
        self._port = port
        self._protocol: _Protocol | None = None

    async def ask(self, asked: bytes) -> Reply:
        """Send the bytes of a request and return the answer.

        Raises:
            Cut: The connection was closed instead.
            OSError: Nobody listens.
        """
        loop = asyncio.get_running_loop()
        if self._protocol is None or self._protocol.lost:
            self.close()
            _, protocol = await loop.create_connection(_Protocol, "127.0.0.1", self._port)
            self._protocol = protocol
        self._protocol.asked_head = asked.startswith(b"HEAD ")
        self._protocol.waiting = loop.create_future()
        if self._protocol.transport:
            self._protocol.transport.write(asked)
        return await self._protocol.waiting

    def close(self) -> None:
        """Close the connection."""
        if self._protocol and self._protocol.transport:
            self._protocol.transport.abort()


class Repeated(asyncio.Protocol):
    """Sends one request again and again on one connection, and counts the answers.

    It knows an answer by its length, which takes a tenth of the time of parsing it: so that the
    server is what is measured. Every answer must have the length of the first, and be a 200.
    """

    def __init__(self, asked: bytes, length: int) -> None:
        """Take the request, and the length of its answer with its head, in bytes."""
        self._asked, self._length = asked, length
        self._left = length
        self.answers = 0
        self.wrong: bytes | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._asked)

    def data_received(self, data: bytes) -> None:
        """Count an answer that is complete, and send the next request."""
        began = self._left == self._length
        self._left -= len(data)
        if (began and not data.startswith(b"HTTP/1.1 200 ")) or self._left < 0:
            self.wrong = data[:200]
            self._transport.abort()
        elif not self._left:
            self._left = self._length
            self.answers += 1
            self._transport.write(self._asked)

    def close(self) -> None:
        """Close the connection."""
        self._transport.abort()


async def length_of_answer(port: int, asked: bytes) -> int:
    """Return how many bytes a server answers to a request, with the head."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    found = re.search(rb"(?i)\r\ncontent-length: (\d+)\r\n", head)
    if found is None:
        raise AssertionError(f"the answer has no Content-Length: {head!r}")
    return len(head) + int(found[1])


def request(method: str, path: str, token: str, body: object = None) -> bytes:
    """Return the bytes of a request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    if body is None:
        length = "Content-Length: 0\r\n" if method in {"POST", "PUT"} else ""
        return f"{head}{length}\r\n".encode()
    data = json.dumps(body).encode()
    head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data
