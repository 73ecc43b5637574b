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
from urllib.parse import urlsplit

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


class Direct:
    """Sends requests, each by a connection that no other request is using."""

    def __init__(self, ca_file: str | None) -> None:
        """Connect to nothing yet."""
        self.closed, self._ca_file = False, ca_file
        self._idle: dict[tuple[int, str], collections.deque[Connection]] = {}

    async def send(self, request: Request, headers: Mapping[str, str]) -> Answer:
        """Send a request and read the answer; suspends nothing."""
        until = time.monotonic() + request.timeout_secs
        url = urlsplit(request.url)
        origin = f"{url.scheme}://{url.netloc}"
        # Of this process: a fork has copies of its parent's connections.
        idle = self._idle.setdefault((os.getpid(), origin), collections.deque())
        with contextlib.ExitStack() as unless_kept:
            connection = unused(idle) or Connection(origin)
            unless_kept.callback(connection.close)
            try:
                connection.open(self._ca_file, request.connect_secs)
            except OSError as error:
                raise failure(error, OSError) from None
            try:
                answer = connection.exchange(request, request.url[len(origin) :], headers, until)
            except FAILURES as error:
                raise failure(error) from None
            if connection.sock and not (answer.cut or self.closed or len(idle) >= MOST_IDLE):
                unless_kept.pop_all()
                idle.append(connection)
        return answer

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


class Connection(http.client.HTTPConnection):
    """A connection to one server."""

    def __init__(self, origin: str) -> None:
        """Connect to nothing yet."""
        url = urlsplit(origin)
        self.is_tls = url.scheme == "https"
        self.default_port = 443 if self.is_tls else 80
        super().__init__(url.hostname or "", url.port or self.default_port)

    def open(self, ca_file: str | None, within_secs: float) -> None:
        """Connect, unless it is."""
        if self.sock is None:
            until = time.monotonic() + within_secs
            self.sock = socket.create_connection((self.host, self.port), within_secs)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.is_tls:
                self.sock.settimeout(remaining(until))
                context = ssl_context(ca_file)
                self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def exchange(
        self, request: Request, target: str, headers: Mapping[str, str], until: float
    ) -> Answer:
        """Send a request and read the answer."""
        source = Source(self.sock, until)
        self.response_class = source.response  # type: ignore[assignment]
        self.sock.settimeout(remaining(until))
        cut, pieces = None, []
        try:
            self.request(request.method, target, request.body or None, headers)
        except ConnectionError as error:
            cut = failure(error)  # Some servers refuse, and hang up, before they read everything.
        response = self.getresponse()
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
        raw = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in response.getheaders()]
        return Answer(request, response.status, raw, b"".join(pieces), cut)


class Source(io.RawIOBase):
    """A socket that is read until a moment, and for so many bytes at most."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        """Begin with the head."""
        self._sock, self._until = sock, until
        self._raw: io.RawIOBase = sock.makefile("rb", buffering=0)
        self.in_head, self.left = True, LARGEST_HEAD

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
        if not size and self.in_head:
            raise ConnectionResetError("the head of the answer was cut off")
        self.left -= size
        if self.left < 0:
            lost = ConnectionLostError if self.in_head else None
            raise NoAnswerError("has no end", lost)
        return size

    def close(self) -> None:
        """Let the connection be closed, too."""
        self._raw.close()
        super().close()


class Response(http.client.HTTPResponse):
    """An answer. Those that only announce it are skipped."""

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        while http.client.CONTINUE <= self.status < http.client.OK:
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()


def remaining(until: float) -> float:
    """Return the seconds until a moment, more than 0."""
    return max(until - time.monotonic(), SHORTEST_TIMEOUT_SECS)
