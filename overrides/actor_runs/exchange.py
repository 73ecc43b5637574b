"""One call of an operation, without its input and output: both clients share it."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Generator
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import httpx

from .decoding import MismatchError, read_json, read_run
from .errors import (
    About,
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
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
READ = httpx.ByteStream(b"")

# What came of a request, and the steps of a call: see `session`.
Outcome = httpx.Response | Exception
Steps = Generator[httpx.Request | float, Outcome | None, Run]


@attrs.frozen
class Exchange:
    """The attempts of one call, and what is made of their answers."""

    operation: Operation[...]
    request: httpx.Request
    retries: Retries
    token: str | None = attrs.field(repr=False)

    def attempts(self, until: float, wait_secs: float) -> Steps:
        """Send the request until there is a run.

        None begins after `time.monotonic()` passes `until`. What the server was asked to wait uses
        up none of the time for attempts: a connection lost after a minute is no minute of failure.

        Raises:
            ExchangeError: There is none, and no further attempt to be made.
        """
        spent_secs = 0.0
        attempt = 0
        while True:
            attempt += 1
            began = time.monotonic()
            if self.token:
                self.request.headers[AUTHORIZATION] = f"Bearer {self.token}"
            try:
                outcome = yield self.request
            finally:
                self.request.headers.pop(AUTHORIZATION, None)
            assert outcome is not None
            ended = time.monotonic()
            if isinstance(outcome, httpx.Response):
                outcome.request = self.request
                outcome.elapsed = timedelta(seconds=ended - began)
            result = self._read(outcome)
            if logger.isEnabledFor(logging.DEBUG):
                self._log(outcome, result, attempt, ended - began)
            if isinstance(result, Run):
                return result
            spent_secs += max(ended - began - wait_secs, 0.0)
            delay = self.retries.delay_secs(
                result,
                attempt=attempt,
                remaining_secs=min(self.retries.deadline_secs - spent_secs, until - ended),
                idempotent=self.operation.idempotent,
            )
            if delay is None:
                raise result from (outcome if isinstance(outcome, Exception) else None)
            spent_secs += delay
            yield delay

    def _log(
        self, outcome: Outcome, result: Run | ExchangeError, attempt: int, secs: float
    ) -> None:
        came = outcome.status_code if isinstance(outcome, httpx.Response) else type(result).__name__
        method, path = self.request.method, self.request.url.path
        logger.debug("%s %s: %s, attempt %d, %.0f ms", method, path, came, attempt, secs * 1000)

    def _read(self, outcome: Outcome) -> Run | ExchangeError:
        if not isinstance(outcome, httpx.Response):
            return self._read_failure(outcome)
        status = outcome.status_code
        if status == self.operation.success:
            return self._read_success(outcome)
        if status >= httpx.codes.BAD_REQUEST:
            return self._read_refusal(outcome)
        wanted = f"where the contract has {self.operation.success}; redirects are not followed"
        return UnexpectedStatusError(f"status {status} {wanted}", **self._about(outcome))

    def _read_success(self, response: httpx.Response) -> Run | DecodeError:
        try:
            run = read_run(response.content)
        except MismatchError as mismatch:
            # As text: what is deep is too deep for a function that calls itself.
            value = json.loads(STRING.sub(self._redacted_string, json.dumps(mismatch.value)))
            return DecodeError(
                pointer=self._redacted(mismatch.pointer),
                # Cut only now: the rest of a token that was cut is not found.
                value=excerpt(value)
                if mismatch.pointer == "" and isinstance(value, str)
                else value,
                expected=self._redacted(mismatch.expected),
                **self._about(response),
            )
        response.stream = READ  # The stream refers to the response: a cycle for each run kept.
        run.response = response
        return run

    def _read_refusal(self, response: httpx.Response) -> ExchangeError:
        """Read the error envelope, or what a gateway says in its place."""
        try:
            error = read_json(response.content)["error"]
            error_type, message = self._redacted(str(error["type"])), str(error["message"])
        except (MismatchError, TypeError, KeyError):
            # Not `response.text`: an answer can name an encoding that no text has.
            text = response.content.decode("utf-8", "replace").strip()
            error_type, message = None, text or "an empty body"
        kind = api_error_class(response.status_code, error_type)
        message = excerpt(self._redacted(message))
        return kind(message, status=response.status_code, type=error_type, **self._about(response))

    def _read_failure(self, error: Exception) -> ExchangeError:
        reason = excerpt(self._redacted(str(error) or type(error).__name__))
        if kind := failure(error):
            return kind(reason, **self._about())
        return DecodeError(pointer="", value=reason, expected="a decodable body", **self._about())

    def _about(self, response: httpx.Response | None = None) -> About:
        url = str(self.request.url.copy_with(query=None))
        return {"method": self.request.method, "url": url, "response": response}

    def _redacted(self, text: str) -> str:
        return text.replace(self.token, "<token>") if self.token else text

    def _redacted_string(self, found: re.Match[str]) -> str:
        return json.dumps(self._redacted(json.loads(found[0])))
