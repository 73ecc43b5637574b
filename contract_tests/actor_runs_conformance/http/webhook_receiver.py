"""A webhook receiver on this machine: takes what a local target posts and remembers it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from actor_runs_conformance.http import json_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

LARGEST = 1 << 20
NO_WEBHOOK = (
    *(ValueError, OSError, TimeoutError),
    *(asyncio.IncompleteReadError, asyncio.LimitOverrunError),
)


@frozen
class Call:
    """A request that came in, `at` a moment of `time.monotonic`; `body` is None when it was no JSON."""

    method: str
    path: str
    content_type: str
    body: Any
    at: float = 0.0


@define
class Receiver:
    """What has come in so far; `url` is where."""

    url: str = ""
    calls: list[Call] = field(factory=list)
    _news: asyncio.Event = field(factory=asyncio.Event)

    async def until(self, holds: Callable[[Call], bool], *, within: float) -> Call | None:
        """Wait for a call that holds; None when there was none in so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    self._news.clear()
                    for call in self.calls:
                        if holds(call):
                            return call
                    await self._news.wait()
        return None

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and answer 200."""
        try:
            async with asyncio.timeout(10):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *fields = head.split("\r\n")
                method, path, _ = line.split(" ", 2)
                headers = {
                    name.strip().lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in fields)
                }
                body = await _body(reader, headers)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
            self.calls.append(
                Call(
                    method,
                    path,
                    headers.get("content-type", ""),
                    json_body.read(body),
                    time.monotonic(),
                )
            )
            self._news.set()
        except NO_WEBHOOK:
            pass  # Whoever that was, it posted none.
        finally:
            writer.close()


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return b"".join([chunk async for chunk in _chunks(reader)])
    return await reader.readexactly(min(int(headers.get("content-length") or 0), LARGEST))


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    left = LARGEST
    while size := int((await reader.readline()).partition(b";")[0], 16):
        left -= size
        if left < 0:
            raise ValueError("too large a body")
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver on a free port of 127.0.0.1."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield receiver
    finally:
        server.close()
