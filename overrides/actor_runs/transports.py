"""What carries the requests, and what its failures mean.

httpx is the interface of both clients. Below it, the synchronous one uses httpx's own transport,
which Ctrl-C can interrupt, and the asynchronous one uses pyreqwest's, since httpx's own takes
20 seconds of processor time for 1,000 requests at once, and this one half a second.
"""

from __future__ import annotations

import functools
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
from pyreqwest.client import ClientBuilder
from pyreqwest.compatibility.httpx import HttpxTransport
from pyreqwest.exceptions import DecodeError as UndecodableError
from pyreqwest.exceptions import PyreqwestError

from .errors import ConnectionLostError, HttpTimeoutError, NotConnectedError, TransportError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

CONNECT_TIMEOUT_SECS = 10

# What a transport raises if no whole answer arrives.
NO_ANSWER = (httpx.RequestError, PyreqwestError, TimeoutError)


def async_transport() -> httpx.AsyncBaseTransport:
    """Return the transport for many requests at once. It follows no redirect."""
    builder = ClientBuilder().follow_redirects(enable=False).referer(enable=False)
    return HttpxTransport(builder.connect_timeout(timedelta(seconds=CONNECT_TIMEOUT_SECS)).build())


@functools.cache
def ssl_context() -> ssl.SSLContext:
    """Return the one context that all clients share; making it takes 17 ms."""
    return httpx.create_ssl_context()


class TimedStream(httpx.SyncByteStream):
    """A body that must arrive in time as a whole, not only piece by piece."""

    def __init__(self, stream: httpx.SyncByteStream, until: float) -> None:
        """Wrap a stream that must end before `time.monotonic()` passes `until`."""
        self._stream = stream
        self._until = until

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces of the body while there is time."""
        for piece in self._stream:
            yield piece
            if time.monotonic() > self._until:
                raise httpx.ReadTimeout("the body took too long")

    def close(self) -> None:
        """Close the stream inside."""
        self._stream.close()


def failure(error: Exception) -> type[TransportError] | None:
    """Return what a transport's exception means, or None if an answer came but is not readable."""
    cause = error if isinstance(error, PyreqwestError) else error.__cause__
    if isinstance(cause, PyreqwestError):
        return _pyreqwest_failure(cause)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return NotConnectedError
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return HttpTimeoutError
    return None if isinstance(error, httpx.DecodingError) else ConnectionLostError


def _pyreqwest_failure(error: PyreqwestError) -> type[TransportError] | None:
    """Tell the phase by the causes, since the class alone names any phase a connect error."""
    details = getattr(error, "details", None) or {}
    causes = {cause["message"] for cause in details.get("causes") or ()}
    if "client error (Connect)" in causes:
        return NotConnectedError
    if isinstance(error, TimeoutError):
        return HttpTimeoutError
    broken = {"client error (SendRequest)", "error reading a body from connection"}
    if isinstance(error, UndecodableError) and not causes & broken:
        return None
    return ConnectionLostError
