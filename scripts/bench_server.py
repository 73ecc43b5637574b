"""A server for scripts/bench.py: answers each request with the Get run example.

Prints its port. To a request with `waitForFinish` it says SUCCEEDED, after a second.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

WAIT_SECS = 1.0


def answer(body: bytes) -> bytes:
    """Return the whole answer for a body."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self, example: bytes) -> None:
        """Prepare the two answers."""
        self.now = answer(example)
        self.ended = answer(example.replace(b'"READY"', b'"SUCCEEDED"'))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        """Answer a request as soon as its head is there; benchmarks send no bodies."""
        self.received += data
        if b"\r\n\r\n" not in self.received:
            return
        waits = b"waitForFinish=" in self.received.partition(b"\r\n")[0]
        self.received = b""
        if waits:
            loop = asyncio.get_running_loop()
            loop.call_later(WAIT_SECS, self.transport.write, self.ended)
        else:
            self.transport.write(self.now)


async def serve(example: bytes) -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(example), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]).read_bytes()))
