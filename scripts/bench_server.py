"""A server for scripts/bench.py: answers each request with the Get run example.

Prints its port. Waits as long as `waitForFinish` says, and then says SUCCEEDED.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

WAIT = re.compile(rb"waitForFinish=([0-9.]+)")


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
        wait = WAIT.search(self.received.partition(b"\r\n")[0])
        self.received = b""
        if wait is None:
            self.transport.write(self.now)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(float(wait[1]), self.transport.write, self.ended)


async def serve(example: bytes) -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(example), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]).read_bytes()))
