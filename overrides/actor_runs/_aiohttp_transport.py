"""aiohttp below httpx, for many requests at once. Imported by the first `AsyncClient` only."""

from __future__ import annotations

import asyncio
import math

import aiohttp
import httpx
from yarl import URL

from ._transports import ssl_context

# The first that fits. Only the first three say that no byte of the request was sent.
EXCEPTIONS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (TimeoutError, httpx.ReadTimeout),
    (Exception, httpx.ReadError),
)

# Turns of the event loop in which it learns that a connection was closed.
TURNS = 3
LONGEST_HEADER = 65536


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends each request by aiohttp: follows no redirect, decodes nothing, keeps no cookie."""

    def __init__(self, proxy: str | None) -> None:
        """Connect to nothing yet; `proxy` is the URL of one on the way."""
        self._proxy = proxy
        self._ssl_context = ssl_context()
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the whole answer."""
        if request.method == "POST":
            # aiohttp sends it once only: a connection that was closed while idle has to be known.
            for _ in range(TURNS):
                await asyncio.sleep(0)
        connect_secs = request.extensions["timeout"]["connect"]
        try:
            async with self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers,
                data=request.content or None,
                allow_redirects=False,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(connect=connect_secs, ceil_threshold=math.inf),
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, OSError) as error:
            kind = next(ours for theirs, ours in EXCEPTIONS if isinstance(error, theirs))
            # The text of a proxy's refusal would show its URL, and a password in that.
            reason = getattr(error, "message", "") or str(error) or type(error).__name__
            failed = kind(reason, request=request)
        else:
            return httpx.Response(
                answer.status, headers=answer.raw_headers, stream=httpx.ByteStream(body)
            )
        raise failed  # Not from aiohttp's error: that shows the request's headers, and the token.

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, which belongs to the event loop that it was first used in."""
        loop = asyncio.get_running_loop()
        if self._session is None:
            self._loop = loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=self._ssl_context),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
            )
        if self._loop is not loop:
            raise RuntimeError("this client was used in another event loop: make one for each")
        return self._session

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
