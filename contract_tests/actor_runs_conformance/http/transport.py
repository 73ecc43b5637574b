"""Sends requests, unusual ones too, and hands on every exchange.

A request that got no HTTP answer raises `NoAnswerError`: connection failures are not HTTP
rejections. 429 is answered with the documented back-off: wait a random time between DELAY and
twice DELAY, 500 ms at first, doubled each time.
"""

from __future__ import annotations

import asyncio
import random
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import httpx
from attrs import define, field, frozen

from actor_runs_conformance.http.exchange import Exchange, Headers, Request, Response
from actor_runs_conformance.http.no_answer import NoAnswer, explain
from actor_runs_conformance.http.unpacking import BadBodyError, TooLargeError, unpacked

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path
    from types import TracebackType

    from actor_runs_conformance.http.redaction import Redactor

USER_AGENT = f"actor-runs-conformance/{version('actor-runs')}"
ANSWER_LIMIT = 256 * 1024
"""Bytes that an answer may have, packed and unpacked: a Run object has a few thousand."""
BACK_OFF = 0.5
BACK_OFFS = 5
RETRIES = 2
# The server may close an idle connection just when it is used again; most wait 5 s or longer.
KEEP_ALIVE = 2.0
RUN_ACTOR = "runActor"
"""What the log calls a start by an Actor, which is no operation of the contract."""

STARTS = frozenset({"runTask", RUN_ACTOR})
REPEATABLE = frozenset({"getRun", "updateRun", "abortRun", "abortActorRun"})

UNANSWERED = (
    httpx.HTTPError,
    httpx.InvalidURL,
    BadBodyError,
    TimeoutError,
    OSError,
    UnicodeError,
)
"""What a request that gets no answer raises; `explain` says why."""

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
    """A request got no HTTP answer; `exchange.no_answer` and `exchange.error` say why."""

    def __init__(self, exchange: Exchange, request: ApiRequest) -> None:
        super().__init__(exchange.error)
        self.exchange = exchange
        self.request = request


def _is_chunked(request: ApiRequest) -> bool:
    return any(name.lower() == "transfer-encoding" for name, _ in request.headers)


async def _chunks(body: bytes | None) -> AsyncIterator[bytes]:
    """Yield a body in chunks, so that it goes out without a Content-Length."""
    for start in range(0, len(body or b""), 16):
        yield (body or b"")[start : start + 16]


@define
class Transport:
    """The connection to a target; an asynchronous context manager.

    Attributes:
        base_url: what stands before `/v2` in the target's addresses.
        clock: returns the seconds since the check of the target began.
        observe: is handed each exchange as it ends, and returns it with its `id`.
        redactor: keeps tokens out of what messages show of an answer.
        seed: spreads the retries.
        local: whether the target is on this machine, where no proxy is asked.
        ca_file: certificates to trust besides those of SSL_CERT_FILE or else of certifi.
    """

    base_url: str
    clock: Callable[[], float]
    observe: Callable[[Exchange], Exchange]
    redactor: Redactor
    seed: int = 1
    local: bool = False
    ca_file: Path | None = None
    _client: httpx.AsyncClient = field(init=False, repr=False)
    _random: random.Random = field(init=False, repr=False)
    _has_answered: bool = field(default=False, init=False, repr=False)
    _starts: set[asyncio.Task[Exchange]] = field(factory=set, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - spreads retries
        self._client = httpx.AsyncClient(
            headers={"accept": "application/json", "user-agent": USER_AGENT},
            limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_ALIVE),
            timeout=None,  # noqa: S113 - each request has a deadline of its own
            follow_redirects=False,
            # A cookie would let a later request act for someone whom the log does not show.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=not self.local,
            verify=self._certificates(),
        )

    def _certificates(self) -> ssl.SSLContext:
        if self.local and self.base_url.startswith("http:"):
            return httpx.create_ssl_context(verify=False)  # Nobody here speaks TLS.
        context = httpx.create_ssl_context()
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        return context

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def send(self, request: ApiRequest, *, check: str | None = None) -> Exchange:
        """Send a request and return the exchange with its answer.

        429 is retried after the documented back-off; a connection that fails is tried again for
        operations that may be repeated. Every attempt is recorded.

        Raises:
            NoAnswerError: there was no HTTP answer, the retries included.
        """
        retries = RETRIES if request.operation in REPEATABLE or request.method == "GET" else 0
        exchange = await self._answered(request, check, retries)
        for attempt in range(BACK_OFFS):
            if exchange.status != 429:
                break
            delay = BACK_OFF * 2**attempt
            await asyncio.sleep(self._random.uniform(delay, 2 * delay))
            exchange = await self._answered(request, check, retries)
        return exchange

    async def _answered(self, request: ApiRequest, check: str | None, retries: int) -> Exchange:
        while True:
            exchange = await self.once(request, check=check)
            if exchange.response is not None:
                self._has_answered = True
                return exchange
            reason = exchange.no_answer
            if reason is NoAnswer.REFUSED and not self._has_answered:
                raise NoAnswerError(exchange, request)  # Nobody is there, and none will come soon.
            if retries == 0 or not (reason and reason.worth_a_retry):
                raise NoAnswerError(exchange, request)
            retries -= 1
            await asyncio.sleep(0.3)

    async def once(self, request: ApiRequest, *, check: str | None = None) -> Exchange:
        """Send a request once and return the recorded exchange, with an answer or an error.

        A start that is under way goes on when its caller is cancelled: only its answer names the
        run. See `starts_answered`.
        """
        if request.operation not in STARTS:
            return await self._once(request, check)
        start = asyncio.create_task(self._once(request, check))
        self._starts.add(start)
        start.add_done_callback(self._starts.discard)
        return await asyncio.shield(start)

    async def starts_answered(self, *, within: float) -> None:
        """Wait for the answers to starts that are under way, so many seconds at most."""
        if self._starts:
            await asyncio.wait(self._starts, timeout=within)

    async def _once(self, request: ApiRequest, check: str | None) -> Exchange:
        headers = request.headers
        if request.token is not None:
            # Nothing may stand behind the blank of an empty token: no header value ends with one.
            headers = (*headers, ("authorization", f"Bearer {request.token}".rstrip()))
        url = self.base_url + request.target
        sent = self.clock()
        response, no_answer, problem = None, None, None
        try:
            prepared = self._client.build_request(
                request.method,
                url,
                headers=[(name.encode(), value.encode("utf-8")) for name, value in headers],
                content=_chunks(request.body) if _is_chunked(request) else request.body,
            )
        except httpx.InvalidURL as error:
            no_answer, problem = NoAnswer.BAD_URL, f"no URL: {error}"
        else:
            url = str(prepared.url)
            response, no_answer, problem = await self._receive(prepared, request.timeout, sent)
        return self.observe(
            Exchange(
                id=0,
                sent=sent,
                request=Request(request.method, url, headers, request.body),
                response=response,
                error=problem,
                no_answer=no_answer,
                check=check,
                operation=request.operation,
                run=request.run,
                ended=self.clock(),
            )
        )

    async def _receive(
        self,
        prepared: httpx.Request,
        timeout: float,  # noqa: ASYNC109 - of the exchange
        sent: float,
    ) -> tuple[Response | None, NoAnswer | None, str | None]:
        """Return the answer, or what went wrong in its place, as a kind and in words."""
        try:
            async with asyncio.timeout(timeout):
                return await self._read(prepared, sent), None, None
        except UNANSWERED as error:
            return None, *explain(error, timeout)

    async def _read(self, prepared: httpx.Request, sent: float) -> Response:
        answer = await self._client.send(prepared, stream=True)
        try:
            packed = await self._collect(answer)
            body = unpacked(packed, answer.headers.get("content-encoding", ""), limit=ANSWER_LIMIT)
            return Response(
                answer.status_code,
                tuple(answer.headers.multi_items()),
                body,
                self.clock() - sent,
                self.redactor,
            )
        finally:
            await answer.aclose()

    async def _collect(self, answer: httpx.Response) -> bytes:
        """Return the body as received; raise TooLargeError where it goes on and on."""
        found = bytearray()
        async for piece in answer.aiter_raw():
            found += piece
            if len(found) > ANSWER_LIMIT:
                raise TooLargeError(f"the answer has more than {ANSWER_LIMIT} bytes")
        return bytes(found)
