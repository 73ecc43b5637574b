"""The blocking transport for direct connections: by http.client, which reads an answer.

It is there for a measured aim: a blocking call takes half of what it takes by httpx. A request is
written in one piece, which http.client does in several steps and at more cost.
"""

from __future__ import annotations

import collections
import contextlib
import http.client
import io
import os
import select
import socket
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from ._messages import LARGEST_BODY
from ._transports import Sender, failure, ssl_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._messages import Request, Steps

PIECE = 64 * 1024
MOST_IDLE = 20
# Of an answer with everything around its body. http.client reads a chunk of length -1 at once.
MOST_BYTES = 2 * LARGEST_BODY
PORTS = {"http": 80, "https": 443}
Idle = dict[tuple[int, str, str], collections.deque[socket.socket]]


class Direct(Sender):
    """Sends requests, each by a connection that no other request is using."""

    # A ValueError is what a chunk of a negative length ends in.
    failures = (OSError, http.client.HTTPException, ValueError)

    def __init__(self, ca_file: str | None) -> None:
        """Connect to nothing yet."""
        self._ca_file = ca_file
        self._idle: Idle = collections.defaultdict(collections.deque)

    async def exchange(self, request: Request, headers: Mapping[str, str]) -> Steps:
        """Send a request and read the answer; suspends nothing."""
        until = time.monotonic() + request.timeout_secs
        url = urlsplit(request.url)
        # Of this process: a fork has copies of its parent's connections.
        idle = self._idle[os.getpid(), url.scheme, url.netloc]
        sock = unused(idle) or connected(url, request.connect_secs, self._ca_file)
        keeps = False
        try:
            sock.settimeout(remaining(until))
            with contextlib.suppress(ConnectionError):
                # Some servers refuse, and hang up, before they read everything.
                sock.sendall(written(request, url.netloc, headers))
            source = Source(sock, until)
            response = http.client.HTTPResponse(source, method=request.method)  # type: ignore[arg-type]
            response.begin()
            while response.status < http.client.OK:  # It only announces the answer.
                response.headers = response.msg = None  # type: ignore[assignment]
                response.begin()
            source.in_head = False
            pairs = response.headers.raw_items()
            yield response.status, [(k.encode("latin-1"), v.encode("latin-1")) for k, v in pairs]
            while piece := response.read(PIECE):
                yield piece
            if response.length:
                raise ConnectionResetError(f"{response.length} bytes are missing")
            keeps = not response.will_close and len(idle) < MOST_IDLE and not self.closed
        finally:
            if keeps:
                idle.append(sock)
            else:
                sock.close()

    async def close(self) -> None:
        """Close all connections; those in use when their requests end."""
        self.closed = True
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


def unused(idle: collections.deque[socket.socket]) -> socket.socket | None:
    """Take a connection that is still open and silent, and close those that are not."""
    with contextlib.suppress(IndexError):
        while sock := idle.pop():
            poll = select.poll()
            poll.register(sock, select.POLLIN)
            if not poll.poll(0):
                return sock
            sock.close()
    return None


def connected(url: SplitResult, within_secs: float, ca_file: str | None) -> socket.socket:
    """Return a new connection."""
    until = time.monotonic() + within_secs
    address = url.hostname or "", url.port or PORTS[url.scheme]
    try:
        sock = socket.create_connection(address, within_secs)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if url.scheme == "https":
            sock.settimeout(remaining(until))
            sock = ssl_context(ca_file).wrap_socket(sock, server_hostname=url.hostname)
    except OSError as error:
        raise failure(error, OSError) from None
    return sock


def written(request: Request, host: str, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a request. What has to be in ASCII and on one line is so by now."""
    lines = [f"{request.method} /{request.url.split('/', 3)[3]} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if request.method != "GET":
        lines.append(f"Content-Length: {len(request.body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + request.body


class Source(socket.SocketIO):
    """A connection that is used until a moment and a size, and whose end is no end of a head."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        """Begin with a head."""
        super().__init__(sock, "rb")
        self._connection, self._until = sock, until
        self.in_head, self._left = True, MOST_BYTES

    def makefile(self, _: str) -> io.BufferedReader:
        """Return what an answer reads."""
        return io.BufferedReader(self)

    def readinto(self, b: Any) -> int:  # noqa: ANN401 - as typeshed has it
        """Read what is there, or wait for it."""
        self._connection.settimeout(remaining(self._until))
        size = super().readinto(b) or 0
        if self.in_head and not size:
            raise ConnectionResetError("the head of the answer was cut off")
        self._left -= size
        if self._left < 0:
            raise ConnectionResetError("the answer has no end")
        return size


def remaining(until: float) -> float:
    """Return the seconds until a moment.

    Raises:
        TimeoutError: It is over. A socket on which there is always something to read never says so.
    """
    secs = until - time.monotonic()
    if secs <= 0:
        raise TimeoutError("took too long")
    return secs
