"""The asynchronous transport, by aiohttp. Imported by the first `AsyncClient` only."""

from __future__ import annotations

import asyncio
import io
import math
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from ._transports import Sender, ssl_context
from .errors import ClientStateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._messages import Request, Steps

# Turns of the event loop in which it learns that a connection was closed.
TURNS = 3
LONGEST_HEADER = 65536


class Aio(Sender):
    """Sends each request by aiohttp: follows no redirect, decodes nothing, keeps no cookie."""

    blocks = False
    failures = (aiohttp.ClientError, OSError)
    unsent = (
        aiohttp.ClientHttpProxyError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.ClientConnectorError,
    )

    def __init__(self, proxy: str | None, ca_file: str | None) -> None:
        """Connect to nothing yet; `proxy` is the URL of one on the way."""
        self._proxy, self._ca_file = proxy, ca_file
        self._session: aiohttp.ClientSession | None = None

    async def exchange(self, request: Request, headers: Mapping[str, str]) -> Steps:
        """Send a request and read the answer."""
        if request.method == "POST":
            # aiohttp sends it once only: a connection that was closed while idle has to be known.
            for _ in range(TURNS):
                await asyncio.sleep(0)
        call = self._opened().request(
            request.method,
            URL(request.url, encoded=True),
            headers=headers,
            data=io.BytesIO(request.body) if request.body else None,
            proxy=self._proxy,
            ssl=ssl_context(self._ca_file) if request.url.startswith("https") else True,
            timeout=aiohttp.ClientTimeout(connect=request.connect_secs, ceil_threshold=math.inf),
            allow_redirects=False,
        )
        async with asyncio.timeout(request.timeout_secs), call as answer:
            yield answer.status, list(answer.raw_headers)
            async for piece in answer.content.iter_any():
                yield piece

    def _opened(self) -> aiohttp.ClientSession:
        """Return the session, which belongs to the event loop that it was first used in."""
        loop = asyncio.get_running_loop()
        if self._session is None:
            self._loop = loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("Content-Type",),
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
            )
            # It would send a GET again by itself, unseen by those who count attempts.
            self._session._retry_connection = False  # noqa: SLF001 - there is no other way
        if self._loop is not loop:
            raise ClientStateError(
                "this client was used in another event loop or process: make one for each"
            )
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        self.closed = True
        if self._session is not None:
            await self._session.close()
