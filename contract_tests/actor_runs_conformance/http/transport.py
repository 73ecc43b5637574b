"""Sends requests, odd ones too, and records every exchange.

Connection failures are not HTTP rejections: a request that got no HTTP
answer raises `NoAnswerError` and is never taken for a rejection. 429 is answered with the
documented back-off: wait a random time between DELAY and twice DELAY, 500 ms at first, doubled
each time.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import httpx
from attrs import define, field, frozen

from actor_runs_conformance.http.exchange import Exchange, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from actor_runs_conformance.testkit.session import Session

USER_AGENT = f"actor-runs-conformance/{version('actor-runs')}"
ANSWER_LIMIT = 32 * 1024 * 1024
BACK_OFF = 0.5
BACK_OFFS = 5
RETRIES = 2
# The server may close an idle connection just when it is used again; most wait 5 s or longer.
KEEP_ALIVE = 2.0
REPEATABLE = frozenset({"getRun", "updateRun", "abortRun", "abortActorRun"})
NO_URL = "no URL"
"""How the error of an exchange begins that was not sent: no URL holds the id that a target gave."""
HOPELESS = ("no answer within", NO_URL)
"""Errors that come again: a deadline that passed once would pass again, and cost as much."""

Query = tuple[tuple[str, str], ...]


@frozen
class ApiRequest:
    """A request before it is addressed: `path` begins with `/v2` and is already percent-encoded.

    `token` is sent as a Bearer header; None sends none. `operation` and `run` say what it is about.
    `timeout` is how many seconds the whole answer may take.
    """

    method: str
    path: str
    query: Query = ()
    headers: Headers = ()
    body: bytes | None = None
    token: str | None = field(default=None, repr=False)
    operation: str | None = None
    run: str | None = None
    timeout: float = 10.0

    @property
    def target(self) -> str:
        """The path with its query, each name and value percent-encoded."""
        query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in self.query)
        return f"{self.path}?{query}" if query else self.path


class NoAnswerError(Exception):
    """A request, `message`, got no HTTP answer; `exchange.error` says why."""

    def __init__(self, exchange: Exchange, message: ApiRequest) -> None:
        """Take the exchange that failed, and what was to be sent."""
        super().__init__(exchange.error)
        self.exchange = exchange
        self.message = message


def _is_chunked(message: ApiRequest) -> bool:
    return any(name.lower() == "transfer-encoding" for name, _ in message.headers)


async def _chunks(body: bytes | None) -> AsyncIterator[bytes]:
    """Yield a body in chunks, so that it goes out without a Content-Length."""
    for start in range(0, len(body or b""), 16):
        yield (body or b"")[start : start + 16]


def explain(error: BaseException, timeout: float) -> str:
    """Return what befell the connection, in a few words."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"no answer within {round(timeout, 1):g} s"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "connection reset"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or cause}"
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ConnectError():
            return f"cannot connect: {error}"
        case httpx.RemoteProtocolError():
            text = str(error)
            if "without sending a response" in text:
                return "connection closed without an answer"
            if "complete message body" in text or "incomplete" in text:
                return "connection closed in the middle of the answer"
            if "location header" in text:
                return f"a redirect that leads nowhere: {text}"
            return f"the answer is not HTTP: {text}"
        case httpx.DecodingError():
            return f"the answer's content encoding is broken: {error}"
        case httpx.ReadError() | httpx.WriteError() | httpx.CloseError():
            return "connection reset"
        case httpx.InvalidURL() | UnicodeError():
            return f"a redirect that leads nowhere: {error}"
    return f"{type(error).__name__}: {error}"


@define
class Transport:
    """The connection to a target; an asynchronous context manager."""

    session: Session
    _client: httpx.AsyncClient = field(init=False, repr=False)
    _random: random.Random = field(init=False, repr=False)
    _starts: set[asyncio.Task[Exchange]] = field(factory=set, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Open no connection yet."""
        target = self.session.target
        self._random = random.Random(self.session.seed)  # noqa: S311 - spreads retries
        self._client = httpx.AsyncClient(
            headers={"accept": "application/json", "user-agent": USER_AGENT},
            limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_ALIVE),
            timeout=None,  # noqa: S113 - each request has a deadline of its own
            follow_redirects=False,
            # No request but those that the log shows: a session would lend its rights to a stranger.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=not target.local,
        )

    async def __aenter__(self) -> Self:
        """Return the transport."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, message: ApiRequest, *, check: str | None = None) -> Exchange:
        """Send a message and return the exchange with its answer.

        429 is retried after the documented back-off; a connection that fails is tried again for
        operations that may be repeated. Every attempt is recorded.

        Raises:
            NoAnswerError: there was no HTTP answer, the retries included.
        """
        retries = RETRIES if message.operation in REPEATABLE or message.method == "GET" else 0
        exchange = await self._answered(message, check, retries)
        for attempt in range(BACK_OFFS):
            if exchange.status != 429:
                break
            delay = BACK_OFF * 2**attempt
            await asyncio.sleep(self._random.uniform(delay, 2 * delay))
            exchange = await self._answered(message, check, retries)
        return exchange

    async def _answered(self, message: ApiRequest, check: str | None, retries: int) -> Exchange:
        while True:
            exchange = await self.once(message, check=check)
            if exchange.response is not None:
                return exchange
            if retries == 0 or str(exchange.error).startswith(HOPELESS):
                raise NoAnswerError(exchange, message)
            retries -= 1
            await asyncio.sleep(0.3)

    async def once(self, message: ApiRequest, *, check: str | None = None) -> Exchange:
        """Send a message once and return the recorded exchange, with an answer or an error.

        A start that is under way goes on when its caller is cancelled: only its answer names the
        run. See `starts_answered`.
        """
        if message.operation != "runTask":
            return await self._once(message, check)
        start = asyncio.create_task(self._once(message, check))
        self._starts.add(start)
        start.add_done_callback(self._starts.discard)
        return await asyncio.shield(start)

    async def starts_answered(self, *, within: float) -> None:
        """Wait for the answers to starts that are under way, so many seconds at most."""
        if self._starts:
            await asyncio.wait(self._starts, timeout=within)

    async def _once(self, message: ApiRequest, check: str | None) -> Exchange:
        headers = message.headers
        if message.token is not None:
            headers = (*headers, ("authorization", f"Bearer {message.token}"))
        url = self.session.target.url + message.target
        sent = self.session.log.now()
        response, problem = None, None
        try:
            request = self._client.build_request(
                message.method,
                url,
                headers=[(name.encode(), value.encode("utf-8")) for name, value in headers],
                content=_chunks(message.body) if _is_chunked(message) else message.body,
            )
        except httpx.InvalidURL as error:
            problem = f"{NO_URL}: {error}"
        else:
            url = str(request.url)
            response, problem = await self._receive(request, message.timeout, sent)
        return self.session.observe(
            Exchange(
                id=0,
                sent=sent,
                request=Request(message.method, url, headers, message.body),
                response=response,
                error=problem,
                check=check,
                operation=message.operation,
                run=message.run,
                ended=self.session.log.now(),
            )
        )

    async def _receive(
        self,
        request: httpx.Request,
        timeout: float,  # noqa: ASYNC109 - of the exchange
        sent: float,
    ) -> tuple[Response | None, str | None]:
        """Return the answer, or what befell the connection in its place."""
        try:
            async with asyncio.timeout(timeout):
                return await self._read(request, sent), None
        # The library follows no redirect and yet reads its address: no URL, or no host's name.
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, UnicodeError) as error:
            return None, explain(error, timeout)

    async def _read(self, request: httpx.Request, sent: float) -> Response:
        answer = await self._client.send(request, stream=True)
        try:
            chunks, size = [], 0
            async for chunk in answer.aiter_bytes():
                chunks.append(chunk)
                size += len(chunk)
                if size > ANSWER_LIMIT:
                    break
            return Response(
                answer.status_code,
                tuple(answer.headers.multi_items()),
                b"".join(chunks),
                self.session.log.now() - sent,
                self.session.log.redactor,
            )
        finally:
            await answer.aclose()
