"""Transports of httpx below this client."""

from __future__ import annotations

import os
import time
from asyncio import timeout
from contextlib import aclosing, closing, nullcontext
from typing import TYPE_CHECKING, Any, cast

import httpx

from ._messages import Answer, NoAnswerError, Request, collect
from ._transports import failure

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Mapping

    Transport = httpx.BaseTransport | httpx.AsyncBaseTransport

# No byte of the request was sent. A proxy's error is that it did not connect any further.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
SLOW = (httpx.TimeoutException, TimeoutError)
FAILURES = (httpx.RequestError, TimeoutError)


def proxied(proxy: str, context: ssl.SSLContext | None) -> httpx.HTTPTransport:
    """Return a transport that leads through a proxy."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.HTTPTransport(verify=context or True, limits=limits, proxy=proxy)


class ByHttpx:
    """Sends by a transport of httpx; `blocks` tells whether without an event loop."""

    def __init__(self, make: Callable[[], Transport], *, blocks: bool) -> None:
        """Make the transport, now and again in each fork."""
        self.closed, self._make, self._blocks = False, make, blocks
        self._by_process = {os.getpid(): make()}

    @property
    def transport(self) -> Transport:
        """The transport of this process: a fork has copies of its parent's connections."""
        process = os.getpid()
        if process not in self._by_process:
            self._by_process[process] = self._make()
        return self._by_process[process]

    async def send(self, request: Request, headers: Mapping[str, str]) -> Answer:
        """Send a request and read the answer; suspends nothing where it blocks."""
        theirs, until = request.to_httpx(headers), time.monotonic() + request.timeout_secs
        response, cut, found = None, None, []
        try:
            async with nullcontext() if self._blocks else timeout(request.timeout_secs):
                response = await self._handle(theirs)
                if response.is_closed:  # The transport has read it, for instance to log it.
                    found = [response.content]
                    response.headers.pop("content-encoding", None)
                else:
                    async with aclosing(self._pieces(response, until)) as pieces:
                        await collect(pieces, found)
        except FAILURES as error:
            cut = failure(error, UNSENT, SLOW)
        except NoAnswerError as error:
            cut = error
        if response is None:
            raise cut or NoAnswerError("")
        status, raw = response.status_code, response.headers.raw
        return Answer.of(request, status, raw, b"".join(found), cut)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        if self._blocks:
            return cast("httpx.BaseTransport", self.transport).handle_request(request)
        return await cast("httpx.AsyncBaseTransport", self.transport).handle_async_request(request)

    async def _pieces(self, response: httpx.Response, until: float) -> AsyncGenerator[bytes]:
        stream: Any = response.stream
        if not self._blocks:
            async with aclosing(stream):
                async for piece in stream:
                    yield piece
            return
        with closing(stream):
            for piece in stream:
                yield piece
                if time.monotonic() > until:
                    raise TimeoutError("the body took too long")

    async def close(self) -> None:
        """Close the transport."""
        self.closed = True
        if self._blocks:
            cast("httpx.BaseTransport", self.transport).close()
        else:
            await cast("httpx.AsyncBaseTransport", self.transport).aclose()
