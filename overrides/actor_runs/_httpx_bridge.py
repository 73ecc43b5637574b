"""Transports of httpx below this client."""

from __future__ import annotations

import functools
import os
from asyncio import timeout
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import httpx

from ._transports import Sender

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

    from ._messages import Request, Steps


def proxied(proxy: str, context: ssl.SSLContext | None) -> httpx.HTTPTransport:
    """Return a transport that leads through a proxy."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    return httpx.HTTPTransport(verify=context or True, limits=limits, proxy=proxy)


class ByHttpx(Sender):
    """Sends by a transport of httpx."""

    failures = (httpx.RequestError, TimeoutError)
    # A proxy's error is that it did not connect any further.
    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    slow = (httpx.TimeoutException, TimeoutError)

    def __init__(self, make: Callable[[], Any], *, blocks: bool) -> None:
        """Make the transport, now and again in each fork."""
        self.blocks, self._made = blocks, functools.cache(lambda _: make())
        self._made(os.getpid())

    @property
    def transport(self) -> Any:  # noqa: ANN401 - of one kind or the other
        """The transport of this process: a fork has copies of its parent's connections."""
        return self._made(os.getpid())

    async def exchange(self, request: Request, headers: Mapping[str, str]) -> Steps:
        """Send a request and read the answer; suspends nothing where it blocks."""
        theirs, transport = request.to_httpx(headers), self.transport
        async with nullcontext() if self.blocks else timeout(request.timeout_secs):
            if self.blocks:
                response: httpx.Response = transport.handle_request(theirs)
            else:
                response = await transport.handle_async_request(theirs)
            try:
                if response.is_closed:  # The transport has read it, for instance to log it.
                    response.headers.pop("content-encoding", None)
                yield response.status_code, response.headers.raw
                if response.is_closed:
                    yield response.content
                elif self.blocks:
                    for piece in response.iter_raw():
                        yield piece
                else:
                    async for piece in response.aiter_raw():
                        yield piece
            finally:
                if self.blocks:
                    response.close()
                elif not response.is_closed:
                    await response.aclose()

    async def close(self) -> None:
        """Close the transport."""
        self.closed = True
        if self.blocks:
            self.transport.close()
        else:
            await self.transport.aclose()
