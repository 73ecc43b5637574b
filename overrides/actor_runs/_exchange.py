"""One request, and what is made of its answer or of its failure."""

from __future__ import annotations

import json
import logging
import re
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import httpx

from ._decoding import MismatchError, read_run
from ._transports import NO_ANSWER, decoded, failure
from .errors import DecodeError, ExchangeError, UnexpectedStatusError, api_error_class, excerpt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ._run import Run

    Send = Callable[[httpx.Request], Awaitable[httpx.Response]]

logger = logging.getLogger("actor_runs")
logger.addHandler(logging.NullHandler())

# Without an alternative to choose at each character, which takes a hundred times the memory.
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')


@attrs.frozen
class Exchange:
    """A request, and what counts as its success.

    The token is part of the request only while that is on its way.
    """

    request: httpx.Request
    success: int
    token: str | None = attrs.field(repr=False)

    async def attempt(self, send: Send, number: int) -> Run:
        """Send the request and read the answer.

        Raises:
            ExchangeError: The answer is no run, or there is none.
        """
        came: int | str = "broken off"
        began = time.monotonic()
        bare = self.request.headers
        if self.token:
            self.request.headers = bare.copy()
            self.request.headers["Authorization"] = f"Bearer {self.token}"
        try:
            response = await self._answer(send)
            came = getattr(response, "status_code", type(response).__name__)
        finally:
            self.request.headers = bare
            secs = time.monotonic() - began
            method, path = self.request.method, self.request.url.path
            logger.debug("%s %s: %s, attempt %d, %.0f ms", method, path, came, number, secs * 1000)
        if isinstance(response, ExchangeError):
            raise response  # Not from the transport's error: that may show the token, as an echo.
        response.request = self.request
        response.elapsed = timedelta(seconds=secs)
        if response.status_code == self.success:
            return self._run(response)
        raise self._refused(response)

    async def _answer(self, send: Send) -> httpx.Response | ExchangeError:
        try:
            return decoded(await send(self.request))
        except NO_ANSWER as error:
            return self._failed(error)

    def _run(self, response: httpx.Response) -> Run:
        try:
            run = read_run(response.content)
        except MismatchError as mismatch:
            # As text: what is deep is too deep for a function that calls itself.
            value = json.loads(STRING.sub(self._redacted_string, json.dumps(mismatch.value)))
            if isinstance(value, str) and not mismatch.pointer:
                value = excerpt(value)  # Only now: the rest of a token that was cut is not found.
            raise DecodeError(
                pointer=self._redacted(mismatch.pointer),
                value=value,
                expected=self._redacted(mismatch.expected),
                **self._about(response),
            ) from None
        run.response = response
        return run

    def _refused(self, response: httpx.Response) -> ExchangeError:
        """Read the error envelope, or what a gateway says in its place."""
        status = response.status_code
        if status < httpx.codes.BAD_REQUEST:
            wanted = f"status {status} where the contract has {self.success}"
            hint = "; redirects are not followed" * response.has_redirect_location
            return UnexpectedStatusError(wanted + hint, **self._about(response))
        try:
            error = json.loads(response.content)["error"]
            error_type, message = error["type"], str(error["message"])
        except (ValueError, RecursionError, TypeError, KeyError):
            # Not `response.text`: an answer can name an encoding that no text has.
            text = response.content.decode("utf-8", "replace").strip()
            error_type, message = None, text or "an empty body"
        error_type = self._redacted(error_type) if isinstance(error_type, str) else None
        kind = api_error_class(status, error_type)
        message = excerpt(self._redacted(message))
        return kind(message, status=status, type=error_type, **self._about(response))

    def _failed(self, error: Exception) -> ExchangeError:
        reason = excerpt(self._redacted(str(error) or type(error).__name__))
        if kind := failure(error):
            return kind(reason, **self._about())
        return DecodeError(pointer="", value=reason, expected="a decodable body", **self._about())

    def _about(self, response: httpx.Response | None = None) -> dict[str, Any]:
        url = str(self.request.url.copy_with(query=None))
        return {"method": self.request.method, "url": url, "response": response}

    def _redacted(self, text: str) -> str:
        return text.replace(self.token, "<token>") if self.token else text

    def _redacted_string(self, found: re.Match[str]) -> str:
        return json.dumps(self._redacted(json.loads(found[0])))
