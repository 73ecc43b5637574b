"""Why a request got no HTTP answer: a connection failure is not a rejection."""

from __future__ import annotations

import ssl
from enum import StrEnum

import httpx

from actor_runs_conformance.http.shortage import shortage
from actor_runs_conformance.http.unpacking import BadBodyError, TooLargeError


class NoAnswer(StrEnum):
    """The kinds of failure that leave a request without an HTTP answer."""

    REFUSED = "refused"
    NO_CONNECTION = "no connection"
    TIMEOUT = "timeout"
    TLS = "TLS"
    RESET = "reset"
    NOT_HTTP = "not HTTP"
    BAD_REDIRECT = "bad redirect"
    BAD_URL = "bad URL"
    TOO_LARGE = "too large"
    NOT_SENT = "not sent"
    OTHER = "other"

    @property
    def nothing_arrived(self) -> bool:
        """Whether the target certainly received nothing of the request."""
        return self in {
            NoAnswer.REFUSED,
            NoAnswer.NO_CONNECTION,
            NoAnswer.TLS,
            NoAnswer.BAD_URL,
            NoAnswer.NOT_SENT,
        }

    @property
    def worth_a_retry(self) -> bool:
        """Whether the same request may be answered when it is sent again.

        A deadline that passed once would pass again, and cost as much time.
        """
        return self not in {NoAnswer.TIMEOUT, NoAnswer.BAD_URL, NoAnswer.TOO_LARGE}


def explain(error: BaseException, timeout: float) -> tuple[NoAnswer, str]:
    """Return what went wrong with a connection, as a kind and in a few words.

    `timeout` is how many seconds the answer was given.
    """
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return NoAnswer.TIMEOUT, f"no answer within {round(timeout, 1):g} s"
    cause: BaseException | None = error
    while cause is not None:
        lacking = shortage(cause)
        if lacking is not None:
            return NoAnswer.NOT_SENT, lacking
        if isinstance(cause, ConnectionRefusedError):
            return NoAnswer.REFUSED, "connection refused"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return NoAnswer.RESET, "connection reset"
        if isinstance(cause, ssl.SSLError):
            return NoAnswer.TLS, f"TLS failed: {cause.reason or cause}"
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ConnectError():
            return NoAnswer.NO_CONNECTION, f"cannot connect: {error}"
        case httpx.RemoteProtocolError():
            return _explain_protocol_error(str(error))
        case TooLargeError():
            return NoAnswer.TOO_LARGE, str(error)
        case BadBodyError():
            return NoAnswer.NOT_HTTP, str(error)
        case httpx.ReadError() | httpx.WriteError() | httpx.CloseError():
            return NoAnswer.RESET, "connection reset"
        # The library follows no redirect, but reads where it leads.
        case httpx.InvalidURL() | UnicodeError():
            return NoAnswer.BAD_REDIRECT, f"a redirect that leads nowhere: {error}"
    return NoAnswer.OTHER, f"{type(error).__name__}: {error}"


def _explain_protocol_error(text: str) -> tuple[NoAnswer, str]:
    if "without sending a response" in text:
        return NoAnswer.RESET, "connection closed without an answer"
    if "complete message body" in text or "incomplete" in text:
        return NoAnswer.RESET, "connection closed in the middle of the answer"
    if "location header" in text:
        return NoAnswer.BAD_REDIRECT, f"a redirect that leads nowhere: {text}"
    return NoAnswer.NOT_HTTP, f"the answer is not HTTP: {text}"
