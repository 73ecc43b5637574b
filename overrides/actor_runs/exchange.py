"""One call of an operation, without its input and output: both clients share it."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import attrs
import httpx

from .decoding import MismatchError, read_json, read_run
from .errors import (
    DecodeError,
    ExchangeError,
    UnexpectedStatusError,
    api_error_class,
    excerpt,
)
from .run import Run
from .transports import failure

if TYPE_CHECKING:
    from .operations import Operation
    from .retries import Retries

logger = logging.getLogger("actor_runs")
logger.addHandler(logging.NullHandler())

AUTHORIZATION = "Authorization"


@attrs.define
class Exchange:
    """The attempts of one call: gives the request to send, and judges what came of it."""

    operation: Operation[...]
    request: httpx.Request
    retries: Retries
    token: str | None = attrs.field(repr=False)
    timeout_secs: float = 0.0
    started: float = attrs.field(factory=time.monotonic)
    attempt: int = 0
    attempt_started: float = 0.0

    def next_request(self) -> httpx.Request:
        """Return the request for the next attempt."""
        self.attempt += 1
        self.attempt_started = time.monotonic()
        if self.token:
            self.request.headers[AUTHORIZATION] = f"Bearer {self.token}"
        return self.request

    def judge(self, outcome: httpx.Response | Exception) -> Run | float:
        """Return the run, or the seconds to wait before the next attempt.

        Raises:
            ExchangeError: There is neither.
        """
        self.request.headers.pop(AUTHORIZATION, None)
        result = self._read(outcome)
        now = time.monotonic()
        logger.debug(
            "%s %s: %s, attempt %d, %.0f ms",
            self.request.method,
            self.request.url.path,
            outcome.status_code if isinstance(outcome, httpx.Response) else type(result).__name__,
            self.attempt,
            (now - self.attempt_started) * 1000,
        )
        if isinstance(result, Run):
            return result
        delay = self.retries.delay_secs(
            result,
            attempt=self.attempt,
            elapsed_secs=now - self.started,
            idempotent=self.operation.idempotent,
        )
        if delay is None:
            raise result from (outcome if isinstance(outcome, Exception) else None)
        return delay

    def _read(self, outcome: httpx.Response | Exception) -> Run | ExchangeError:
        about: dict[str, Any] = {
            "method": self.request.method,
            "url": str(self.request.url.copy_with(query=None)),
        }
        if not isinstance(outcome, httpx.Response):
            kind = failure(outcome)
            if kind is None:
                return DecodeError(
                    pointer="", value=str(outcome), expected="a body that can be decoded", **about
                )
            reason = str(outcome) or type(outcome).__name__
            return kind(self._redacted(excerpt(reason)), **about)
        about["response"] = outcome
        if outcome.status_code == self.operation.success:
            return self._read_success(outcome, about)
        if outcome.status_code < httpx.codes.BAD_REQUEST:
            message = (
                f"the server answered {outcome.status_code} where the contract has"
                f" {self.operation.success}; redirects are not followed"
            )
            return UnexpectedStatusError(message, **about)
        return self._read_refusal(outcome, about)

    def _read_success(self, response: httpx.Response, about: dict[str, Any]) -> Run | DecodeError:
        try:
            run = read_run(response.content)
        except MismatchError as mismatch:
            return DecodeError(
                pointer=mismatch.pointer,
                value=mismatch.value,
                expected=self._redacted(mismatch.expected),
                shown=self._redacted(repr(mismatch.value)),
                **about,
            )
        run.response = response
        return run

    def _read_refusal(self, response: httpx.Response, about: dict[str, Any]) -> ExchangeError:
        """Read the error envelope, or what a gateway says in its place."""
        try:
            error = read_json(response.content)["error"]
            error_type, message = str(error["type"]), str(error["message"])
        except (MismatchError, TypeError, KeyError):
            error_type, message = None, response.text.strip() or "an empty body"
        return api_error_class(response.status_code, error_type)(
            self._redacted(excerpt(message)),
            status=response.status_code,
            type=error_type and self._redacted(excerpt(error_type)),
            **about,
        )

    def _redacted(self, text: str) -> str:
        return text.replace(self.token, "<token>") if self.token else text
