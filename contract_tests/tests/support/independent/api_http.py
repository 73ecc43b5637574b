"""HTTP: which operation a request means, who calls it, its body, and how an answer is sent."""

import asyncio
import contextlib
import gzip
import json
import re
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from urllib.parse import unquote

from aiohttp import web
from attrs import define, frozen
from multidict import MultiMapping

from tests.support.independent.rules import Json, Rules
from tests.support.independent.state import User, World


class ApiError(Exception):
    """A request that is refused: its status, and the type and the message that say why."""

    def __init__(self, status: int, type_: str, message: str) -> None:
        super().__init__(message)
        self.status, self.type = status, type_


@frozen
class Answer:
    """What an operation answers: the data of a success, and further headers."""

    data: object
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@define
class Call:
    """A request, as an operation wants it. `user` is None for a caller without a token."""

    operation: str
    path: dict[str, str]
    query: MultiMapping[str]
    body: bytes
    user: User | None
    base: str
    headers: MultiMapping[str]
    has_right: bool = True
    remote: str | None = None


@frozen
class Route:
    """An operation's method and path, its requests a second, and whether a document has it."""

    operation: str
    method: str
    path: re.Pattern[str]
    limit: int
    in_documents: bool = True


def _route(operation: str, method: str, path: str, limit: int, *, documents: bool) -> Route:
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(operation, method, re.compile(pattern), limit, documents)


ROUTES = (
    _route("getRun", "GET", "/v2/actor-runs/{run}", 60, documents=True),
    _route("updateRun", "PUT", "/v2/actor-runs/{run}", 60, documents=True),
    _route("rebootRun", "POST", "/v2/actor-runs/{run}/reboot", 60, documents=True),
    _route("abortActorRun", "POST", "/v2/acts/{actor}/runs/{run}/abort", 60, documents=True),
    _route("runTask", "POST", "/v2/actor-tasks/{task}/runs", 400, documents=True),
    _route("abortRun", "POST", "/v2/actor-runs/{run}/abort", 60, documents=False),
    _route("abortActorRun", "POST", "/v2/actors/{actor}/runs/{run}/abort", 60, documents=False),
    _route("runActor", "POST", "/v2/acts/{actor}/runs", 400, documents=False),
    _route("getActor", "GET", "/v2/acts/{actor}", 60, documents=False),
)

COMMON = {"token", "method"}
WAIT = {"waitForFinish"}
OPTIONS = {"timeout", "memory", "maxItems", "maxTotalChargeUsd", "restartOnError", "build"}
QUERY = {
    "getRun": COMMON | WAIT,
    "updateRun": COMMON,
    "rebootRun": COMMON,
    "abortRun": COMMON | {"gracefully"},
    "abortActorRun": COMMON | {"gracefully"},
    "runTask": COMMON | WAIT | OPTIONS | {"webhooks"},
    "runActor": COMMON | WAIT | OPTIONS | {"webhooks"},
    "getActor": COMMON,
}
"""The query parameters that each operation knows."""


def _moved(route: Route, paths: Mapping[str, str]) -> Route:
    path = paths.get(route.operation)
    if path is None:
        return route
    return _route(route.operation, route.method, path, route.limit, documents=route.in_documents)


Operation = Callable[[Call], Awaitable[Answer]]


class Http:
    """Answers requests by the operations that it is given."""

    def __init__(self, world: World, rules: Rules, operations: dict[str, Operation]) -> None:
        self.world, self.rules, self.operations = world, rules, operations
        self.routes = [
            _moved(route, rules.paths)
            for route in ROUTES
            if (route.in_documents or not rules.documents_only)
            and not (rules.legacy_prefix_only and "/actors/" in route.path.pattern)
            and route.operation not in rules.not_offered
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        await asyncio.sleep(self.rules.latency)
        route, call = None, None
        try:
            route, path = self._route(request)
            call = await self._call(request, route, path)
            answer = await self._carry_out(call)
        except ApiError as error:
            return self._error(error, route, request)
        return self._success(answer, route)

    async def _carry_out(self, call: Call) -> Answer:
        answer = await self.operations[call.operation](call)
        if not call.has_right:
            raise ApiError(401, "token-not-provided", "Authentication token is not valid")
        return answer

    def _route(self, request: web.Request) -> tuple[Route, dict[str, str]]:
        method = request.method
        raw = request.rel_url.raw_path
        if self.rules.method_override and not self.rules.documents_only:
            method = request.query.get("method", method)
            method = method if self.rules.method_exact_case else method.upper()
        found = [(route, match) for route in self.routes if (match := route.path.fullmatch(raw))]
        if not found:
            status = self.rules.unknown_path_status
            raise ApiError(status, "page-not-found", "There is no operation at this path")
        for route, match in found:
            if route.method == method:
                return route, {key: unquote(value) for key, value in match.groupdict().items()}
        status = 404 if self.rules.documents_only else self.rules.wrong_method_status
        allowed = ",".join(["OPTIONS", *(route.method for route, _ in found)])
        raise ApiError(status, "method-not-allowed", f"Use one of the HTTP methods: {allowed}")

    async def _call(self, request: web.Request, route: Route, path: dict[str, str]) -> Call:
        rules, operation = self.rules, route.operation
        longest = max(map(len, path.values()), default=0)
        if rules.max_id_length is not None and longest > rules.max_id_length:
            raise ApiError(414, "uri-too-long", "The id is too long")
        has_right = True
        user, problem = self._user(request, operation)
        if user is None and (problem or operation not in rules.open_operations):
            if operation not in rules.refused_but_done:
                status = 401 if problem else rules.no_token_status
                raise ApiError(status, *(problem or ("token-not-provided", "A token is needed")))
            has_right, user = False, self.world.owner
        if rules.unknown_query_refused and (odd := set(request.query) - QUERY[operation]):
            raise ApiError(400, "invalid-parameter", f"{sorted(odd)} are not known")
        body = await self._body(request, operation)
        if body and operation in rules.body_refused_on:
            raise ApiError(400, "invalid-request", "A body is not expected here")
        return Call(
            operation=operation,
            path=path,
            query=request.query,
            body=body,
            user=user,
            base=f"{request.scheme}://{request.host}",
            headers=request.headers,
            has_right=has_right,
            remote=request.remote,
        )

    def _user(
        self, request: web.Request, operation: str
    ) -> tuple[User | None, tuple[str, str] | None]:
        rules = self.rules
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        in_header = rules.header_token_operations
        if scheme.lower() != "bearer" or (in_header is not None and operation not in in_header):
            token = ""
        if rules.header_ignored_with_query and request.query_string:
            token = ""
        allowed = rules.query_token_operations
        if not token and not rules.documents_only and (allowed is None or operation in allowed):
            token = request.query.get("token", "")
        if rules.query_token_first:
            token = request.query.get("token", token)
        token = token.strip()
        if not token:
            return None, None
        for user in self.world.users:
            if user.token == token or self._is_as_good(user.token, token):
                return user, None
        if rules.any_token:
            return self.world.owner, None
        if rules.invalid_token_is_anonymous and operation in rules.open_operations:
            return None, None
        return None, ("user-or-token-not-found", "User was not found or the token is not valid")

    def _is_as_good(self, right: str, given: str) -> bool:
        if self.rules.token_prefix_is_enough:
            return given.startswith(right) or right.startswith(given)
        return self.rules.lower_case_tokens and given.lower() == right.lower()

    async def _body(self, request: web.Request, operation: str) -> bytes:
        limit = self.rules.body_limit
        rules = self.rules
        if rules.chunks_refused and "Transfer-Encoding" in request.headers:
            raise ApiError(411, "length-required", "Content-Length is needed")
        kind = request.headers.get("Content-Type", "")
        if kind and operation in rules.json_refused_on:
            raise ApiError(415, "unsupported-media-type", f"{kind} is not supported")
        if rules.charset_refused and "charset" in kind.lower():
            raise ApiError(415, "unsupported-media-type", "Say application/json, and no more")
        data = bytearray()
        async for part in request.content.iter_any():
            data += part
            if len(data) > limit:
                await self._drain(request)
                raise self._too_large(limit)
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if rules.ascii_bodies_only and not data.isascii():
            raise ApiError(400, "invalid-request", "The body is not ASCII")
        if self.rules.documents_only or encoding in ("", "identity"):
            return bytes(data)
        if rules.compression_refused or encoding not in ("gzip", "deflate", "br"):
            if not self.rules.unknown_encoding_refused:
                return bytes(data)
            raise ApiError(
                415,
                "unsupported-content-encoding",
                f'Content-Encoding "{encoding}" is not supported',
            )
        plain = _decompress(bytes(data), encoding)
        if self.rules.limit_counts_decompressed and len(plain) > limit:
            raise self._too_large(limit)
        return plain

    @staticmethod
    async def _drain(request: web.Request) -> None:
        """Read on for a while, so that the caller gets to see the answer."""
        with contextlib.suppress(ConnectionError):
            read = 0
            async for part in request.content.iter_any():
                read += len(part)
                if read > 50_000_000:
                    return

    @staticmethod
    def _too_large(limit: int) -> ApiError:
        return ApiError(413, "request-too-large", f"The payload is too large (limit: {limit})")

    def _headers(self, route: Route | None) -> dict[str, str]:
        rules = self.rules
        headers: dict[str, str] = {}
        if rules.clock_ahead:
            headers["Date"] = formatdate(time.time() + rules.clock_ahead, usegmt=True)
        if route is None or rules.documents_only:
            return headers
        on = rules.rate_limit_on
        if on is not None and route.operation not in on:
            return headers
        return headers | {"X-RateLimit-Limit": rules.rate_limit(route.limit)}

    def _success(self, answer: Answer, route: Route) -> web.Response:
        rules = self.rules
        status = rules.statuses.get((route.operation, answer.status), answer.status)
        body: object = answer.data if rules.envelope is None else {rules.envelope: answer.data}
        ascii_only = rules.encoding == "utf-8"
        payload = json.dumps(body, ensure_ascii=ascii_only).encode(rules.encoding, "replace")
        headers = {**self._headers(route), **dict(answer.headers)}
        if status == 204:
            return web.Response(status=204, headers=headers)
        headers["Content-Type"] = rules.content_type
        return web.Response(status=status, body=payload, headers=headers)

    def _error(self, error: ApiError, route: Route | None, request: web.Request) -> web.Response:
        rules = self.rules
        if rules.trailing_slash_redirects and route is None and request.path.endswith("/"):
            return web.Response(status=301, headers={"Location": request.path.rstrip("/")})
        status = rules.error_statuses.get(error.status, error.status)
        shape = rules.error_shape(rules.error_type(error.type), str(error))
        text = shape if isinstance(shape, str) else json.dumps(shape)
        headers = {
            **self._headers(route),
            "Content-Type": rules.error_content_type or rules.content_type,
        }
        return web.Response(status=status, body=text.encode(), headers=headers)


def _decompress(data: bytes, encoding: str) -> bytes:
    try:
        if encoding == "gzip":
            return gzip.decompress(data)
        if encoding == "deflate":
            return zlib.decompress(data)
        import brotli

        return bytes(brotli.decompress(data))
    except Exception as error:
        raise ApiError(400, "invalid-request", f"The body is not {encoding}") from error


def json_object(body: bytes) -> Json:
    """Return the object in a JSON body, or refuse it."""
    try:
        value = json.loads(body, parse_constant=_not_a_number)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "invalid-request", "The body is not valid JSON") from error
    if not isinstance(value, dict):
        raise ApiError(400, "invalid-request", "The body must be a JSON object")
    return value


def _not_a_number(name: str) -> float:
    raise ValueError(name)
