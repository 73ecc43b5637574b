"""What can go wrong, as one tree.

ActorRunsError
├── InvalidArgumentError                    refused before anything was sent (also a ValueError)
├── ClientStateError                        a client that cannot be used now (also a RuntimeError)
├── StillRunningError                       `call_task` ran out of time (also a TimeoutError)
└── ExchangeError                           what a request ended with
    ├── ApiError                            the server refused: status 4xx or 5xx
    │   ├── InvalidRequestError             400
    │   │   └── InvalidInputError           the Actor's input is not what its schema asks for
    │   ├── UnauthorizedError               401
    │   ├── PaymentRequiredError            402
    │   │   └── LimitExceededError          a limit of the account is reached
    │   │       ├── MemoryLimitError          its memory
    │   │       └── ConcurrentRunsLimitError  its concurrent runs
    │   ├── ForbiddenError                  403
    │   │   └── JobFinishedError            the run has ended already
    │   ├── NotFoundError                   404
    │   ├── RateLimitError                  429, after the last attempt
    │   └── ServerError                     5xx, after the last attempt
    ├── AnswerError                         an answer, but not as the contract says
    │   ├── UnexpectedStatusError           a redirect, or a success other than the documented one
    │   └── DecodeError                     no JSON, or it breaks the contract at a pointer
    └── TransportError                      no whole answer arrived
        ├── NotConnectedError               no byte of the request reached the server
        │   ├── UnknownHostError            nobody knows a host of that name
        │   └── TlsError                    no TLS with this server, or its certificate is not trusted
        ├── ConnectionLostError             the server may or may not have acted
        └── HttpTimeoutError                too slow; the server may or may not have acted

No message, repr or log record holds the token.
"""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

import attrs

from ._messages import Answer

if TYPE_CHECKING:
    import httpx

    from ._run import Run

LONGEST_EXCERPT = 300
LOWEST_REFUSAL, LOWEST_SERVER_ERROR = 400, 500


class ActorRunsError(Exception):
    """Base of every error of this client."""


class InvalidArgumentError(ActorRunsError, ValueError):
    """An argument that is refused before anything is sent. Says its value and what is expected."""


class ClientStateError(ActorRunsError, RuntimeError):
    """The client is closed, or belongs to another event loop or process."""


@attrs.define(slots=False)
class StillRunningError(ActorRunsError, TimeoutError):
    """The time of `call_task` is over; the run goes on.

    Attributes:
        run: The run as last seen.
    """

    run: Run

    def __str__(self) -> str:
        """Return which run goes on, and what can be done about it."""
        hint = "wait for it with wait_for_finish, or end it with abort_run"
        return f"run {self.run.id} is still {self.run.status} and goes on: {hint}"


@attrs.define(slots=False)
class ExchangeError(ActorRunsError):
    """Base of the errors that a request ended with.

    Attributes:
        method: HTTP method of the request, for example `GET`.
        url: URL of the request without its query.
        message: What went wrong, in one sentence.
        run_id: Id of the run that was started all the same; None if none was, or its id is not
            known.
    """

    message: str
    method: str = attrs.field(kw_only=True)
    url: str = attrs.field(kw_only=True)
    run_id: str | None = attrs.field(default=None, kw_only=True)
    _response: httpx.Response | Answer | None = attrs.field(default=None, kw_only=True, repr=False)

    @property
    def response(self) -> httpx.Response | None:
        """The answer, if one arrived. Its request carries no token."""
        return self._response.response if isinstance(self._response, Answer) else self._response

    def __str__(self) -> str:
        """Return the message and the request it is about."""
        started = f"; run {self.run_id} was started and goes on" if self.run_id else ""
        return f"{self.message}{started} ({self.method} {self.url})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with all attributes, as across processes."""
        return (copyreg.__newobj__, (type(self), *self.args), vars(self))  # type: ignore[attr-defined]


@attrs.define(slots=False)
class ApiError(ExchangeError):
    """The server refused the request.

    Attributes:
        status: HTTP status, 400 to 599.
        type: The server's name for the error, for example `record-not-found`. None if the answer
            is not the documented JSON, as from a gateway. New ones may appear.
    """

    status: int = attrs.field(kw_only=True)
    type: str | None = attrs.field(kw_only=True)

    def __str__(self) -> str:
        """Return status, type and message, and the request they are about."""
        return f"{self.status} {self.type or 'without a type'}: {super().__str__()}"


class InvalidRequestError(ApiError):
    """400: a parameter or the body is not acceptable."""


class InvalidInputError(InvalidRequestError):
    """The Actor's input is not acceptable."""


class UnauthorizedError(ApiError):
    """401: the token is missing or not valid."""


class PaymentRequiredError(ApiError):
    """402: the account does not allow it."""


class LimitExceededError(PaymentRequiredError):
    """402: a limit of the account is reached. Nothing is queued; try again when others end."""


class MemoryLimitError(LimitExceededError):
    """402: the run would exceed the account's memory for all runs and builds."""


class ConcurrentRunsLimitError(LimitExceededError):
    """402: the account runs as many Actors as it may."""


class ForbiddenError(ApiError):
    """403: the token's account may not do this, or not now."""


class JobFinishedError(ForbiddenError):
    """403: the run has ended already, so that it cannot be rebooted."""


class NotFoundError(ApiError):
    """404: there is no such run, task or Actor for this token."""


class RateLimitError(ApiError):
    """429: too many requests, also after the last attempt."""


class ServerError(ApiError):
    """5xx: the server or a gateway before it failed, also after the last attempt."""


class AnswerError(ExchangeError):
    """The server answered, but not as the contract says."""


class UnexpectedStatusError(AnswerError):
    """A redirect, which is never followed, or a success other than the documented one."""


@attrs.define(slots=False)
class DecodeError(AnswerError):
    """A body that the contract does not allow.

    Attributes:
        pointer: JSON pointer into the body, for example `/data/finishedAt`; empty for the whole.
        value: What stands there, without the token; the body's beginning if it is no JSON.
        expected: What the contract says about that place.
    """

    pointer: str = attrs.field(kw_only=True)
    value: object = attrs.field(kw_only=True, repr=False)
    expected: str = attrs.field(kw_only=True)
    message: str = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Say what stands where, and what the contract says."""
        place = f"{self.pointer or 'the body'} is {excerpt(repr(self.value))}"
        self.message = f"{place}; the contract says: {self.expected}"


class TransportError(ExchangeError):
    """No whole answer arrived."""


class NotConnectedError(TransportError):
    """No byte of the request reached the server."""


class UnknownHostError(NotConnectedError):
    """Nobody knows a host of that name. Tried twice, no longer."""


class TlsError(NotConnectedError):
    """The server speaks no TLS here, or its certificate is not trusted. Not tried again."""


class ConnectionLostError(TransportError):
    """The connection broke; the server may or may not have acted.

    With `AsyncClient` also where the server sends more than the length that it announced; `Client`
    reads what it announced, which is a `DecodeError` if that is no whole body.
    """


class HttpTimeoutError(TransportError):
    """HTTP took longer than it may; the server may or may not have acted."""


BY_TYPE: dict[str, type[ApiError]] = {
    "actor-memory-limit-exceeded": MemoryLimitError,
    "concurrent-runs-limit-exceeded": ConcurrentRunsLimitError,
    "invalid-input": InvalidInputError,
    "invalid-input-schema": InvalidInputError,
    "job-finished": JobFinishedError,
}

BY_STATUS: dict[int, type[ApiError]] = {
    400: InvalidRequestError,
    401: UnauthorizedError,
    402: PaymentRequiredError,
    403: ForbiddenError,
    404: NotFoundError,
    429: RateLimitError,
}


def api_error_class(status: int, error_type: str | None) -> type[ApiError]:
    """Return the class for a refusal: by its documented type, or else by its status."""
    if status >= LOWEST_SERVER_ERROR:
        return ServerError
    return BY_TYPE.get(error_type or "") or BY_STATUS.get(status, ApiError)


def excerpt(text: str) -> str:
    """Return the text, or its beginning if it is long."""
    return text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}…"
