"""A resource: one path, its methods, its rate limit.

Handlers take a `Call` and return an `Answer`; they refuse with an `ApiError`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from attrs import Factory, define, frozen
from starlette.requests import Request

from actor_runs_server.api_error import ApiError
from actor_runs_server.http.middleware import ALLOWED_HEADERS, JSON, QUERY, send_error
from actor_runs_server.runs.auth import Caller

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from actor_runs_server.http.parameters import Query

# The caller of a request whose token has not been looked up yet.
UNKNOWN: Final = Caller("")
DEFAULT_LIMIT: Final = 60
PRUNE_ABOVE: Final = 10_000


class Call:
    """A request with its query, the decoded parameters of its path, and who is calling."""

    __slots__ = ("_receive", "_request", "_scope", "caller", "path", "query")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._scope = scope
        self._receive = receive
        self._request: Request | None = None
        self.query: Query = scope[QUERY]
        self.path = {name: unquote(value) for name, value in scope["path_params"].items()}
        # None without a token, UNKNOWN until it is looked up.
        self.caller: Caller | None = UNKNOWN

    @property
    def request(self) -> Request:
        """The request; made when it is needed, as reading a run needs none of it."""
        if self._request is None:
            self._request = Request(self._scope, self._receive)
        return self._request

    @property
    def authorization(self) -> str:
        """The Authorization header; "" without one."""
        for name, value in self._scope["headers"]:
            if name == b"authorization":
                return str(value, "latin-1")
        return ""

    @property
    def base_url(self) -> str:
        """The URL of this server as the caller has addressed it, without a slash at the end."""
        url = self.request.base_url
        return f"{url.scheme}://{url.netloc}"


@define
class Answer:
    """What is sent back."""

    body: bytes | AsyncIterator[bytes]
    status: int = 200
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler = Callable[[Call], Awaitable[Answer]]


class Rates:
    """Counts requests by key and second; a `limit` replaces that of every resource."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._counts: dict[tuple[str, int], int] = {}

    def limit(self, usual: int) -> int:
        """Return how many requests a second a resource accepts."""
        return self._limit or usual

    def check(self, key: str, most: int) -> None:
        """Count a request.

        Raises:
            ApiError: 429 above the limit.
        """
        if len(self._counts) > PRUNE_ABOVE:
            self._counts.clear()
        # Paths of one run or task may have different limits.
        slot = (f"{key} {most}", int(time.monotonic()))
        self._counts[slot] = count = self._counts.get(slot, 0) + 1
        if count > most:
            raise ApiError(
                "rate-limit-exceeded",
                f"You have exceeded the rate limit of {most} requests per second",
            )


@frozen(eq=False)
class Resource:
    """An ASGI application for one path: chooses the handler by method."""

    methods: Mapping[str, Handler]
    limit: int = DEFAULT_LIMIT
    rates: Rates | None = None
    limit_header: tuple[bytes, bytes] = Factory(
        lambda self: (b"x-ratelimit-limit", str(self.limit).encode()), takes_self=True
    )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method = scope["method"]
        if method == "OPTIONS":
            await self._preflight(scope, send)
            return
        handler = self.methods.get("GET" if method == "HEAD" else method)
        try:
            if self.rates:
                self.rates.check(_subject(scope["path"]), self.limit)
            if handler is None:
                raise self._not_allowed()
            answer = await handler(Call(scope, receive))
        except ApiError as error:
            await send_error(send, error, self.limit_header)
            return
        headers = [(b"content-type", answer.content_type), self.limit_header, *answer.headers]
        start = {"type": "http.response.start", "status": answer.status, "headers": headers}
        if isinstance(answer.body, bytes):
            headers.append((b"content-length", str(len(answer.body)).encode()))
            await send(start)
            await send({"type": "http.response.body", "body": answer.body})
            return
        await send(start)
        if method != "HEAD":
            async for piece in answer.body:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _allowed(self) -> str:
        head = ["HEAD"] if "GET" in self.methods else []
        return ", ".join(["OPTIONS", *self.methods, *head])

    def _not_allowed(self) -> ApiError:
        allowed = self._allowed()
        return ApiError(
            "method-not-allowed",
            f"This API end-point can only be accessed using the following HTTP methods: {allowed}",
            {"Allow": allowed},
        )

    async def _preflight(self, scope: Scope, send: Send) -> None:
        asked = dict(scope["headers"]).get(b"access-control-request-headers")
        allowed = ALLOWED_HEADERS + (b", " + asked if asked else b"")
        methods = self._allowed().encode()
        headers = [
            (b"allow", methods),
            (b"access-control-allow-methods", methods),
            (b"access-control-allow-headers", allowed),
            (b"access-control-max-age", b"600"),
            (b"content-length", b"0"),
            self.limit_header,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _subject(path: str) -> str:
    """Return what a limit applies to: the run, task or storage of a path, or the path itself."""
    _, *segments = path.split("/")
    return "/".join(segments[1:3]) if len(segments) > 2 else path
