"""One HTTP exchange with a target, as it happened; immutable, as findings point to it."""

from __future__ import annotations

from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from actor_runs_conformance.http import json_body
from actor_runs_conformance.http.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actor_runs_conformance.http.no_answer import NoAnswer
    from actor_runs_conformance.ledger.json_value import JsonValue

SMALL = 16 * 1024
"""Bytes of a body whose JSON is held as long as the answer: it takes ten times as much room."""

Headers = tuple[tuple[str, str], ...]


@lru_cache(maxsize=4)
def _json_of_large(body: bytes) -> JsonValue:
    return json_body.read(body)


def find_header(headers: Headers, name: str) -> str | None:
    """Return the first value of a header, whatever its case; None when it is absent."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


@frozen
class Request:
    """What the suite sent: the whole URL, every header it set, and the body's bytes.

    `body` is None when there was none. It still holds the token: only the log redacts.
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes | None = None

    def header(self, name: str) -> str | None:
        """Return the value of a header, whatever its case; None when it was not sent."""
        return find_header(self.headers, name)

    @property
    def chunked(self) -> bool:
        """Whether the body was sent in chunks, without its length."""
        return (self.header("transfer-encoding") or "").lower() == "chunked"


@frozen(slots=False)
class Response:
    """What the target answered: status, headers, the body's bytes, and how many seconds it took.

    Headers and body are as received; `beginning` returns what a message may show of the body.
    """

    status: int
    headers: Headers
    body: bytes
    seconds: float
    redactor: Redactor = field(factory=lambda: Redactor([]), eq=False, repr=False)

    def header(self, name: str) -> str | None:
        """Return the value of a header, whatever its case; None when it is absent."""
        return find_header(self.headers, name)

    def beginning(self, characters: int) -> str:
        """Return the first characters of the body as text, without the tokens."""
        return self.redactor.beginning(self.body, characters)

    @property
    def json(self) -> JsonValue:
        """The body as JSON, read leniently; None when it holds no JSON."""
        return self._json if len(self.body) <= SMALL else _json_of_large(self.body)

    @cached_property
    def _json(self) -> JsonValue:
        return json_body.read(self.body)

    @property
    def data(self) -> Mapping[str, Any] | None:
        """The object under `data`; None when the body has none."""
        data = self.json.get("data") if isinstance(self.json, dict) else None
        return data if isinstance(data, dict) else None

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The object under `error`; None when the body has none."""
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return error if isinstance(error, dict) else None

    @property
    def error_type(self) -> str | None:
        """The `error.type` of an error body; None when there is none."""
        kind = self.error.get("type") if self.error is not None else None
        return kind if isinstance(kind, str) else None

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether the status is 4xx."""
        return 400 <= self.status < 500

    @property
    def started_nothing(self) -> bool:
        """Whether a start with this answer certainly made no run: it is 4xx, and not 408.

        A 408 often comes from a proxy that gave up waiting; the start may have arrived.
        """
        return self.refused and self.status != HTTPStatus.REQUEST_TIMEOUT


@frozen
class Exchange:
    """A request and its response, or `error`, which says in words why there is none.

    `sent` is in seconds since the check of the target began. `operation` is an operationId of the
    contract, None when the request belongs to no operation. `run` is the run that the URL names.
    """

    id: int
    sent: float
    request: Request
    response: Response | None = None
    error: str | None = None
    check: str | None = None
    operation: str | None = None
    run: str | None = None
    ended: float | None = None
    no_answer: NoAnswer | None = None

    @property
    def received(self) -> float:
        """When the answer was complete, in seconds since the start; `sent` when there was none."""
        if self.ended is not None:
            return self.ended
        return self.sent + (self.response.seconds if self.response else 0.0)

    @property
    def status(self) -> int:
        """The response's status; 0 when there was no response."""
        return self.response.status if self.response else 0

    @property
    def data(self) -> Mapping[str, Any] | None:
        """The `data` of the answer; None when there was none."""
        return self.response.data if self.response else None

    @property
    def runs(self) -> Iterator[Mapping[str, Any]]:
        """The Run objects of the answer: one or none on the six operations."""
        data = self.data
        if self.operation is not None and self.response and self.response.ok and data is not None:
            yield data


def status_of(exchange: Exchange) -> str | None:
    """Return the run's status that an answer shows; None when it shows none."""
    status = exchange.data.get("status") if exchange.data is not None else None
    return status if isinstance(status, str) else None


def summary(exchange: Exchange) -> str:
    """Return the outcome of an exchange in a few words: status, and error type or run status."""
    response = exchange.response
    if response is None:
        return str(exchange.error)
    if response.error_type:
        return f"{response.status} {response.error_type}"
    if status_of(exchange):
        return f"{response.status}, run {status_of(exchange)}"
    return f"{response.status} {response.beginning(60)!r}"
