"""How a fault gets into the reference server: around it, or inside it.

Around: a middleware that hands each request to `before` and each answer to `after`. `before` may
change the request, answer it in place of the server, or leave it; `after` may change the answer.
Inside: `replaces` a part of the service by a faulty subclass of it.
"""

import json
import re
import urllib.parse
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, evolve, field, frozen

from actor_runs_conformance.ledger import contract


def _pattern(path: str) -> str:
    """Return what matches a path of the contract; its group is the run or the task."""
    either = path.replace("/acts/{actorId}/", "/act(?:or)?s/[^/]+/")
    return re.sub(r"\{\w+\}", "([^/]+)", either)


OPERATIONS = tuple(
    (name, operation.method, _pattern(operation.path))
    for name, operation in contract.operations().items()
)
ABORTS = ("abortRun", "abortActorRun")
TERMINAL = ("SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED")


@define
class Request:
    """A request on its way to the server; what is changed here is what the server sees."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    server: "Server" = field(repr=False, default=None)
    receive: Callable | None = field(repr=False, default=None)

    @property
    def operation(self) -> str | None:
        """The operation that the request names; None for neighbours and for what is not there."""
        asked = self.query.get("method", self.method).upper()
        for name, method, pattern in OPERATIONS:
            if method == asked and re.fullmatch(pattern, self.path):
                return name
        return None

    @property
    def subject(self) -> str:
        """The id or name of the run or task in the path; "" when there is none."""
        for _, _, pattern in OPERATIONS:
            if match := re.fullmatch(pattern, self.path):
                return urllib.parse.unquote(match[1])
        return ""

    @property
    def anonymous(self) -> bool:
        return "authorization" not in self.headers and "token" not in self.query

    @property
    def from_actor(self) -> bool:
        """Whether the fixture Actor sends it: no fault is to hinder what the suite rests on."""
        return self.headers.get("user-agent") is None

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    async def gone(self) -> None:
        """Return when the caller has hung up."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


@define
class Answer:
    """An answer on its way to the caller."""

    status: int
    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, status: int, value: object, **headers: str) -> "Answer":
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        base = {"content-type": "application/json; charset=utf-8", "x-ratelimit-limit": "60"}
        return cls(status, base | names, json.dumps(value).encode())

    @classmethod
    def error(cls, status: int, kind: str, message: str = "This server is faulty.") -> "Answer":
        return cls.of(status, {"error": {"type": kind, "message": message}})

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @json.setter
    def json(self, value: object) -> None:
        self.body = json.dumps(value, ensure_ascii=False).encode()

    @property
    def run(self) -> dict | None:
        """The Run object of a success answer; None when it holds none."""
        value = self.json if 200 <= self.status < 300 else None
        data = value.get("data") if isinstance(value, dict) else None
        return data if isinstance(data, dict) and "status" in data else None

    @property
    def problem(self) -> dict | None:
        """The error object of an error answer; None when it holds none."""
        value = self.json if self.status >= 400 else None
        return value.get("error") if isinstance(value, dict) else None


Before = Callable[[Request], "Answer | Awaitable[Answer | None] | None"]
After = Callable[[Request, Answer], "Awaitable[None] | None"]


@frozen
class Server:
    """The reference server below a tampering: takes requests of the tampering's own."""

    app: Callable

    async def call(self, request: Request) -> Answer:
        """Let the server answer a request."""
        return await _ask(self.app, {"type": "http"}, request)


@frozen
class Tampering:
    """The middleware."""

    app: Callable
    before: Before | None = None
    after: After | None = None

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = await _received(scope, receive)
        request.server, request.receive = Server(self.app), receive
        answer = None
        if self.before and not request.from_actor:
            answer = await _maybe(self.before(request))
        if answer is None:
            answer = await _ask(self.app, scope, request, receive)
        if self.after and not request.from_actor:
            await _maybe(self.after(request, answer))
        headers = {k: v for k, v in answer.headers.items() if k.lower() != "content-length"}
        if answer.status != 204:
            headers["content-length"] = str(len(answer.body))
        raw = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})


async def _maybe(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


async def _received(scope: dict, receive: Callable) -> Request:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
    query = urllib.parse.parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    path = scope["raw_path"].decode("ascii").partition("?")[0]
    return Request(scope["method"], path, dict(query), headers, body)


async def _ask(
    app: Callable, scope: dict, request: Request, receive: Callable | None = None
) -> Answer:
    headers = {k: v for k, v in request.headers.items() if k != "content-length"}
    if request.body and "transfer-encoding" not in headers:
        headers["content-length"] = str(len(request.body))
    inner = {
        "http_version": "1.1", "scheme": "http", "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1), "asgi": {"version": "3.0"}, "state": {},
    } | scope | {
        "method": request.method,
        "path": urllib.parse.unquote(request.path),
        "raw_path": request.path.encode(),
        "query_string": urllib.parse.urlencode(request.query).encode(),
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
    }  # fmt: skip
    sent = [{"type": "http.request", "body": request.body, "more_body": False}]
    answer = Answer(500, {}, b"")

    async def give() -> dict:
        if sent:
            return sent.pop()
        if receive is not None:
            return await receive()  # A caller who hangs up.
        return {"type": "http.disconnect"}

    async def take(message: dict) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            pairs = message.get("headers", [])
            answer.headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in pairs}
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    await app(inner, give, take)
    return answer


@frozen
class Fault:
    """One way to be wrong.

    `breaks` are the promises that it breaks: the first must be found broken, the others may be.
    `found_by` is the check that must find it, where that is not the one that the ledger names.
    `wrong` says in one present-tense sentence what the server does. `beside` are further promises
    to judge, whose checks make the requests that show it. `whole` asks for a check of everything.
    `profile` is the least one that finds it.
    """

    name: str
    operation: str
    breaks: tuple[str, ...]
    wrong: str
    before: Before | None = None
    after: After | None = None
    parts: Callable[[Any], Any] | None = None
    beside: tuple[str, ...] = ()
    found_by: str | None = None
    whole: bool = False
    profile: str = "full"


# Short forms for what many faults have in common.


def replaces(part: str) -> Callable:
    """Decorate a function from the class of a part to a faulty subclass of it."""

    def decorate(make: Callable[[type], type]) -> Callable:
        return lambda parts: evolve(parts, **{part: make(getattr(parts, part))})

    return decorate


def on(operations: str | tuple[str, ...], change: Callable) -> Callable:
    """Tamper with these operations only, whatever the case."""
    wanted = (operations,) if isinstance(operations, str) else operations

    def chosen(request: Request, *rest: Answer) -> Any:
        # An `after` sees the operation that was asked for: the path does not change.
        return change(request, *rest) if request.operation in wanted else None

    return chosen


def runs(change: Callable[[dict], Any], *operations: str) -> After:
    """Change the Run object of every success answer, or of those of some operations."""

    def edit(request: Request, answer: Answer) -> None:
        run = answer.run
        if run is not None and (not operations or request.operation in operations):
            value = answer.json
            changed = change(value["data"])
            if isinstance(changed, dict):
                value["data"] = changed
            answer.json = value

    return edit


def status(was: int, now: int, *operations: str) -> After:
    """Answer with another status code."""

    def edit(request: Request, answer: Answer) -> None:
        if answer.status == was and (not operations or request.operation in operations):
            answer.status = now

    return edit


def without_query(name: str, *operations: str) -> Before:
    """Ignore a query parameter."""

    def edit(request: Request) -> None:
        if not operations or request.operation in operations:
            request.query.pop(name, None)

    return edit
