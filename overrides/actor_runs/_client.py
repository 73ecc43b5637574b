"""The two clients: how each of them sends, sleeps and gives back what comes of a call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from contextlib import aclosing, closing
from typing import Any, Self

import attrs
import httpx

from ._operations import Operations
from ._run import Run
from ._transports import async_transport, sync_transport


@attrs.define(eq=False)
class Client(Operations[Run]):
    """Calls the API and waits for each answer. May be shared by threads.

    Use it in a `with` statement, or call `close()`.

    Args:
        token: The API token. None takes `APIFY_TOKEN`; an empty one means none, also where
            `APIFY_TOKEN` is set. Without a token only `get_run` and `wait_for_finish` work.
        base_url: What stands before `/v2`. None takes `APIFY_API_BASE_URL`, or the public one.
        http_timeout_secs: How long HTTP may take, for each attempt, beyond what the server is
            asked to wait. `AsyncClient` bounds the whole attempt by it. `Client` bounds the body
            of the answer as a whole, but connecting, sending and each piece of the answer's head
            one by one: a head that drips in byte by byte can take longer.
        retries: How persistent to be, see `Retries`.
        transport: What carries the requests, in place of the usual.

    Raises:
        InvalidArgumentError: A setting is not acceptable.
    """

    transport: httpx.BaseTransport | None = attrs.field(default=None, kw_only=True, repr=False)
    _http: httpx.BaseTransport = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Connect to nothing yet."""
        self._http = self.transport or sync_transport(self.base_url)

    def _begin(self, call: Coroutine[Any, Any, Run]) -> Run:
        """Run a call to its end, which one step is: sending and sleeping suspend nothing here."""
        try:
            call.send(None)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        raise RuntimeError("a call of a blocking client was suspended")

    async def _send(self, request: httpx.Request) -> httpx.Response:
        until = time.monotonic() + request.extensions["timeout"]["read"]
        response = self._http.handle_request(request)
        if not response.is_closed:
            assert isinstance(response.stream, httpx.SyncByteStream)
            pieces = []
            with closing(response.stream) as stream:
                for piece in stream:
                    pieces.append(piece)
                    if time.monotonic() > until:
                        raise httpx.ReadTimeout("the body took too long")
            response.stream = httpx.ByteStream(b"".join(pieces))
        return response

    async def _sleep(self, secs: float) -> None:
        time.sleep(secs)  # noqa: ASYNC251 - blocking is what this client does

    def close(self) -> None:
        """Close all connections."""
        self._closed = True
        self._http.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()


@attrs.define(eq=False)
class AsyncClient(Operations[Coroutine[Any, Any, Run]]):
    """Calls the API for asyncio; a thousand waits at once are fine. Otherwise like `Client`.

    Use it in an `async with` statement, or await `aclose()`.
    """

    transport: httpx.AsyncBaseTransport | None = attrs.field(default=None, kw_only=True, repr=False)
    _http: httpx.AsyncBaseTransport = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Connect to nothing yet."""
        self._http = self.transport or async_transport(self.base_url)

    def _begin(self, call: Coroutine[Any, Any, Run]) -> Coroutine[Any, Any, Run]:
        return call

    async def _send(self, request: httpx.Request) -> httpx.Response:
        async with asyncio.timeout(request.extensions["timeout"]["read"]):
            response = await self._http.handle_async_request(request)
            if not response.is_closed:
                assert isinstance(response.stream, httpx.AsyncByteStream)
                async with aclosing(response.stream) as stream:
                    pieces = [piece async for piece in stream]
                response.stream = httpx.ByteStream(b"".join(pieces))
        return response

    async def _sleep(self, secs: float) -> None:
        await asyncio.sleep(secs)

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.aclose()
