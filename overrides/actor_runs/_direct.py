"""The blocking transport for direct connections: http.client, which never repeats a request.

Longer than the shortest way to use http.client, for promises: one time limit holds for a whole
request, heads and bodies have an end, and processes share no connection.
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

from ._messages import LARGEST_BODY, Answer, NoAnswerError, Request
from ._transports import failure, ssl_context
from .errors import ConnectionLostError

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_HEAD = 128 * 1024
PIECE = 64 * 1024
MOST_IDLE = 20
SHORTEST_TIMEOUT_SECS = 0.001
FAILURES = (OSError, http.client.HTTPException)
Connection = http.client.HTTPConnection
Idle = dict[tuple[int, str, str], collections.deque[Connection]]


class Direct:
    """Sends requests, each by a connection that no other request is using."""

    def __init__(self, ca_file: str | None) -> None:
        """Connect to nothing yet."""
        self.closed, self._ca_file = False, ca_file
        self._idle: Idle = collections.defaultdict(collections.deque)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Answer:
        """Send a request and read the answer; suspends nothing."""
        until = time.monotonic() + request.timeout_secs
        url = urlsplit(request.url)
        # Of this process: a fork has copies of its parent's connections.
        idle = self._idle[os.getpid(), url.scheme, url.netloc]
        connection = unused(idle) or self._connected(url, request.connect_secs)
        keeps = False
        try:
            answer = exchange(connection, request, headers, until)
            is_whole = answer.cut is None and connection.sock is not None
            keeps = is_whole and len(idle) < MOST_IDLE and not self.closed
        except FAILURES as error:
            raise failure(error) from None
        finally:
            (idle.append if keeps else Connection.close)(connection)
        return answer

    def _connected(self, url: SplitResult, within_secs: float) -> Connection:
        until = time.monotonic() + within_secs
        usual = 443 if url.scheme == "https" else 80
        connection = Connection(url.hostname or "", url.port or usual)
        connection.default_port = usual
        try:
            sock = socket.create_connection((connection.host, connection.port), within_secs)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if url.scheme == "https":
                sock.settimeout(remaining(until))
                context = ssl_context(self._ca_file)
                sock = context.wrap_socket(sock, server_hostname=connection.host)
        except OSError as error:
            raise failure(error, OSError) from None
        connection.sock = sock
        return connection

    async def close(self) -> None:
        """Close all connections; those in use when their requests end."""
        self.closed = True
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


def unused(idle: collections.deque[Connection]) -> Connection | None:
    """Take a connection that is still open and silent, and close those that are not."""
    with contextlib.suppress(IndexError):
        while connection := idle.pop():
            poll = select.poll()
            poll.register(connection.sock, select.POLLIN)
            if not poll.poll(0):
                return connection
            connection.close()
    return None


def exchange(
    connection: Connection, request: Request, headers: Mapping[str, str], until: float
) -> Answer:
    """Send a request by a connection and read the answer."""
    source = Source(connection.sock, until)
    connection.response_class = source.response  # type: ignore[assignment]
    connection.sock.settimeout(remaining(until))
    cut, pieces = None, []
    target = request.url.split("/", 3)[3]
    try:
        connection.request(request.method, f"/{target}", request.body or None, headers)
    except ConnectionError as error:
        cut = failure(error)  # Some servers refuse, and hang up, before they read everything.
    response = connection.getresponse()
    source.in_head, source.left = False, LARGEST_BODY
    try:
        while not response.isclosed():
            pieces.append(response.read(PIECE))
        if response.length:
            cut = NoAnswerError(f"{response.length} bytes are missing", ConnectionLostError)
    except FAILURES as error:
        cut = failure(error)
    except NoAnswerError as error:
        cut = error
    finally:
        response.close()
    names_and_values = list(response.headers.raw_items())
    return Answer(request, response.status, names_and_values, b"".join(pieces), cut)


class Response(http.client.HTTPResponse):
    """An answer, after those that only announce it."""

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        while http.client.CONTINUE <= self.status < http.client.OK:
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()


class Source(io.RawIOBase):
    """A socket that is read until a moment, and for so many bytes at most."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        """Begin with a head."""
        self._raw: io.RawIOBase = sock.makefile("rb", buffering=0)
        self._sock, self._until, self.in_head, self.left = sock, until, True, LARGEST_HEAD

    def response(self, _: socket.socket, method: str) -> http.client.HTTPResponse:
        """Return the answer that is read from here."""
        return Response(self, method=method)  # type: ignore[arg-type]

    def makefile(self, _: str) -> io.BufferedReader:
        """Return what an answer reads."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - as typeshed has it
        """Read what is there, or wait for it."""
        self._sock.settimeout(remaining(self._until))
        size = self._raw.readinto(buffer) or 0
        if self.in_head and not size:
            raise ConnectionResetError("the head of the answer was cut off")
        self.left -= size
        if self.left < 0:
            raise NoAnswerError("has no end", ConnectionLostError if self.in_head else None)
        return size

    def close(self) -> None:
        """Let the connection be closed, too."""
        self._raw.close()
        super().close()


def remaining(until: float) -> float:
    """Return the seconds until a moment, more than 0."""
    return max(until - time.monotonic(), SHORTEST_TIMEOUT_SECS)
