"""The stand-in: answers a client as a situation says, and records every request with its time."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import re
import zlib
from collections.abc import Callable, Mapping  # noqa: TC003 - beside the table
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, urlsplit

import brotli  # type: ignore[import-untyped]
import h11
from attrs import define, field, frozen

from actor_runs_conformance.clients.answers import Answer, check_lawful
from actor_runs_conformance.http.exchange import Exchange, Headers, Request, Response, find_header
from actor_runs_conformance.ledger import contract

LARGEST_BODY = 16 * 1024 * 1024
MOST_REQUESTS = 5_000
"""A client that asks without pause is stopped here: the connection is closed without an answer."""


DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "br": brotli.decompress,
}


@frozen
class Received:
    """A request as it arrived; `at` is in seconds since the situation began.

    `operation` is an operationId, None when the request addresses none; `ids` are the path's
    parameters, decoded. `target` is the path with its query, as it was sent.
    """

    at: float
    method: str
    target: str
    headers: Headers
    body: bytes
    operation: str | None
    ids: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path without the query, as it was sent."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query parameters, decoded, but for `token`; the last one where a name is repeated."""
        pairs = parse_qsl(urlsplit(self.target).query, keep_blank_values=True)
        return {name: value for name, value in pairs if name != "token"}

    @property
    def token(self) -> str | None:
        """The token that the request carries, in its header or in its query; None without one."""
        header = find_header(self.headers, "authorization") or ""
        if header.lower().startswith("bearer "):
            return header[7:].strip()
        return dict(parse_qsl(urlsplit(self.target).query)).get("token")

    @property
    def media_type(self) -> str | None:
        """The type of the body in lower case, without its parameters; None without one."""
        kind = (find_header(self.headers, "content-type") or "").partition(";")[0]
        return kind.strip().lower() or None

    @property
    def content(self) -> bytes:
        """The body without its content encoding; empty when that is unknown or broken."""
        decode = DECODERS.get(find_header(self.headers, "content-encoding") or "identity")
        with contextlib.suppress(OSError, ValueError, EOFError, zlib.error, brotli.error):
            return decode(self.body) if decode else b""
        return b""

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The value of the body; None when it is empty or no JSON in UTF-8."""
        with contextlib.suppress(ValueError):
            return json.loads(self.content.decode())
        return None

    @property
    def wait(self) -> float:
        """The `waitForFinish` of the request in seconds; 0 without one or when it is no number."""
        with contextlib.suppress(ValueError):
            return float(self.query.get("waitForFinish") or 0)
        return 0.0


class Script(Protocol):
    """How a situation answers: called for each request, with all that came before it."""

    def __call__(self, request: Received, earlier: list[Received], /) -> Answer:
        """Return the answer."""
        ...


@define
class StandIn:
    """A server on a port of its own on loopback; an asynchronous context manager.

    `on_request` is called when a request arrives. `fault` is set when the situation's own script
    failed or answered unlawfully: an error of the suite, never of the client.
    """

    script: Script
    clock: Callable[[], float]
    requests: list[Received] = field(factory=list)
    exchanges: list[Exchange] = field(factory=list)
    on_request: Callable[[], None] = lambda: None
    fault: str | None = None
    url: str = ""
    _server: asyncio.Server = field(init=False, repr=False)
    _began: float = 0.0
    _serving: set[asyncio.Task[None]] = field(factory=set, init=False)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._began = self.clock()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            while (request := await self._receive(connection, reader)) is not None:
                if not await self._answer(request, connection, writer):
                    break
                connection.start_next_cycle()
        except (h11.ProtocolError, OSError, asyncio.IncompleteReadError):
            pass  # The client hung up, or speaks no HTTP: the record shows what had arrived.
        except asyncio.CancelledError:
            pass  # The situation is over.
        finally:
            self._serving.discard(task)
            with contextlib.suppress(OSError):
                writer.close()

    async def _receive(
        self, connection: h11.Connection, reader: asyncio.StreamReader
    ) -> Received | None:
        head: h11.Request | None = None
        at = 0.0
        body = bytearray()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Request):
                head, at = event, self.clock() - self._began
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > LARGEST_BODY:
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _received(at, head, bytes(body), self.url)
            else:
                return None

    async def _answer(
        self, request: Received, connection: h11.Connection, writer: asyncio.StreamWriter
    ) -> bool:
        """Send the answer; return whether the connection goes on."""
        earlier = list(self.requests)
        self.requests.append(request)
        self.on_request()
        if len(earlier) >= MOST_REQUESTS:
            return False
        sent = self.clock()
        try:
            answer = self.script(request, earlier)
            check_lawful(request.operation, answer)
        except Exception as error:  # noqa: BLE001 - a fault of the suite is never the client's
            self.fault = f"{type(error).__name__}: {error}"
            return False
        place = len(self.exchanges)
        self.exchanges.append(self._exchange(request, sent))
        await asyncio.sleep(answer.after)
        self.exchanges[place] = self._exchange(request, sent, answer)
        if answer.cut == "no answer":
            return False
        whole, headers = answer.body, answer.headers
        if not answer.broken and _takes_gzip(request):
            whole, headers = gzip.compress(whole), (*headers, ("Content-Encoding", "gzip"))
        head = h11.Response(
            status_code=answer.status,
            headers=[*headers, ("Content-Length", str(len(whole)))],
        )
        writer.write(connection.send(head) or b"")
        body = whole[: len(whole) // 2] if answer.cut else whole
        writer.write(connection.send(h11.Data(data=body)) or b"")
        if answer.cut is None:
            writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        return answer.cut is None and connection.our_state is h11.DONE

    def _exchange(self, request: Received, sent: float, answer: Answer | None = None) -> Exchange:
        response = error = None
        if answer is None:
            error = "held back until the client hung up or the situation ended"
        elif answer.cut == "no answer":
            error = "closed without an answer, as the situation says"
        else:
            body = answer.body[: len(answer.body) // 2] if answer.cut else answer.body
            response = Response(answer.status, answer.headers, body, answer.after)
            error = "cut off in the middle of the body" if answer.cut else None
        return Exchange(
            id=0,
            sent=sent,
            request=Request(
                request.method,
                self.url + request.target,
                request.headers,
                request.body or None,
            ),
            response=response,
            error=error,
            operation=request.operation,
            run=request.ids.get("runId"),
            ended=self.clock(),
        )


def _takes_gzip(request: Received) -> bool:
    """Whether the client says that it can read an answer in gzip."""
    accepted = (find_header(request.headers, "accept-encoding") or "").split(",")
    return any(
        coding.partition(";")[0].strip() == "gzip" and ";q=0" not in coding.replace(" ", "")
        for coding in accepted
    )


def _received(at: float, head: h11.Request, body: bytes, url: str) -> Received:
    method, target = head.method.decode("latin-1"), head.target.decode("latin-1")
    # A client may name the whole URL, as it does towards a proxy.
    target = re.sub("^http://[^/?#]*", "", target) or "/"
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in head.headers)
    meant = _meant_method(method, target)
    found = contract.match(url, meant, url + target) if meant else None
    operation, ids = (found[0].id, found[1]) if found else (None, {})
    return Received(at, method, target, headers, body, operation, ids)


def _meant_method(method: str, target: str) -> str | None:
    """Return the method that counts, None for none: the query may override it (GEN-07).

    In a request line `get` is another method than `GET`, as HTTP has it.
    """
    own = method if method == method.upper() else None
    return dict(parse_qsl(urlsplit(target).query)).get("method", own)
