"""One request, and what is made of its answer or of its failure.

Longer than 100 lines for promises: what a refusal says, which run was started although its answer is
broken, and that no error shows the token.
"""

from __future__ import annotations

import functools
import json
import logging
import platform
import re
import time
from importlib import metadata
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode, urlsplit

import attrs

from actor_runs_api.validation import MismatchError, read_json, validator

from . import errors
from ._arguments import as_json
from ._messages import Answer, Request
from ._run import Run

if TYPE_CHECKING:
    from ._session import Session
    from ._transports import Sender

logger = logging.getLogger("actor_runs")
logger.addHandler(logging.NullHandler())

# Without an alternative to choose at each character, which takes a hundred times the memory.
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
STARTED = re.compile(rb'"data"\s*:\s*\{[^{}]*?"id"\s*:\s*"([^"\\]+)"')
LONGEST_URL = 65536
OK, CREATED, REDIRECTION = 200, 201, 300


@functools.cache
def usual_headers() -> dict[str, str]:
    """Return the headers of every request."""
    try:
        version = "/" + metadata.version("actor-runs")
    except metadata.PackageNotFoundError:  # As in an application that was frozen.
        version = ""
    name = f"actor-runs{version} python/{platform.python_version()}"
    return {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": name}


@attrs.define  # Frozen, it would take twice as long to make.
class Exchange:
    """A request, and what counts as its success.

    The token is part of the request only while that is on its way.

    Attributes:
        run_id: Which run the answer has to be about; None for one that is started.
    """

    request: Request
    run_id: str | None
    token: str | None = attrs.field(repr=False)

    @classmethod
    def of(
        cls, session: Session[Any, Any], parts: dict[str, Any], run_id: str | None, secs: float
    ) -> Self:
        """Return the exchange for what the generated code made of the arguments of a call.

        Raises:
            InvalidArgumentError: They cannot be sent.
        """
        validator("RunEnvelope")  # What cannot be loaded has to fail before anything is sent.
        headers = {**usual_headers(), **session.headers}
        body = as_json(parts["json"]) if "json" in parts else b""
        params = parts.get("params", {}).items()
        texts = {name: v if isinstance(v, str) else as_json(v) for name, v in params}
        query = urlencode(texts, quote_via=quote, safe="")
        url = session.base_url + parts["url"] + f"?{query}" * bool(query)
        if len(url) > LONGEST_URL:
            raise errors.InvalidArgumentError(f"the arguments are too long for a URL: {len(url)}")
        if body:
            headers["Content-Type"] = "application/json"
        request = Request(parts["method"].upper(), url, headers, body, secs)
        return cls(request, run_id, session._token)  # noqa: SLF001 - of this package

    async def attempt(self, sender: Sender, number: int) -> Run:
        """Send the request and read the answer.

        Raises:
            ExchangeError: The answer is no run, or there is none.
        """
        began, came = time.monotonic(), 0
        try:
            answer = await sender.send(self.request, self._headers())
            came = answer.status
        finally:
            secs = time.monotonic() - began
            if logger.isEnabledFor(logging.DEBUG):
                path = urlsplit(self.request.url).path
                about = self.request.method, path, came or "no answer", number, secs * 1000
                logger.debug("%s %s: %s, attempt %d, %.0f ms", *about)
        answer.secs = secs
        is_cut = answer.cut and answer.status < REDIRECTION
        if is_cut or answer.status == (OK if self.run_id else CREATED):
            return self._run(answer)
        raise self._refused(answer)

    def _headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**self.request.headers, **bearer}

    def _run(self, answer: Answer) -> Run:
        """Read a run."""
        if answer.cut and answer.cut.kind:
            after = f", after status {answer.status}" if answer.status else ""
            # Not from the transport's error: that may show the token, as an echo.
            raise answer.cut.kind(self._shown(f"{answer.cut}{after}"), **self._about(answer))
        try:
            run = read_run(answer, self.run_id)
        except MismatchError as mismatch:
            # As text: what is deep is too deep for a function that calls itself.
            value = json.loads(STRING.sub(self._redacted_string, json.dumps(mismatch.value)))
            if isinstance(value, str) and not mismatch.pointer:
                value = errors.excerpt(value)  # Only now: the rest of a cut token is not found.
            pointer, expected = map(self._redacted, (mismatch.pointer, mismatch.expected))
            raise errors.DecodeError(
                pointer=pointer, value=value, expected=expected, **self._about(answer)
            ) from None
        run._answer = answer  # noqa: SLF001 - of this package
        return run

    def _refused(self, answer: Answer) -> errors.ExchangeError:
        """Read the error envelope, or what a gateway says in its place."""
        status = answer.status
        if status < errors.LOWEST_REFUSAL:
            wanted = f"status {status} where the contract has {OK if self.run_id else CREATED}"
            is_redirect = status >= REDIRECTION and answer.header(b"location")
            hint = "; redirects are not followed" if is_redirect else ""
            return errors.UnexpectedStatusError(f"{wanted}{hint}", **self._about(answer))
        try:
            error = json.loads(answer.body)["error"]
            error_type, message = error["type"], str(error["message"])
        except (ValueError, RecursionError, TypeError, KeyError):
            # Not `response.text`: an answer can name an encoding that no text has.
            text = answer.body.decode("utf-8", "replace").strip()
            error_type, message = None, text or "an empty body"
        error_type = self._redacted(error_type) if isinstance(error_type, str) else None
        kind = errors.api_error_class(status, error_type)
        return kind(self._shown(message), status=status, type=error_type, **self._about(answer))

    def _about(self, answer: Answer) -> dict[str, Any]:
        url, run_id = self.request.url.partition("?")[0], None
        if not self.run_id and answer.status < REDIRECTION:
            # A run was started, however broken what the server says of it.
            found = STARTED.search(answer.body)
            place = answer.header(b"location").rpartition("/")[2]
            run_id = (found[1].decode("utf-8", "replace") if found else place) or None
        response = answer if answer.status else None
        return {"method": self.request.method, "url": url, "run_id": run_id, "response": response}

    def _shown(self, text: str) -> str:
        return errors.excerpt(self._redacted(text))

    def _redacted(self, text: str) -> str:
        return text.replace(self.token, "<token>") if self.token else text

    def _redacted_string(self, found: re.Match[str]) -> str:
        return json.dumps(self._redacted(json.loads(found[0])))


def read_run(answer: Answer, run_id: str | None) -> Run:
    """Decode the body of a success, which has to be about this run, if any.

    Raises:
        MismatchError: It cannot be read, is not JSON in UTF-8, or not what the contract says.
    """
    if answer.cut:
        raise MismatchError("", "", f"one that can be read: it {answer.cut}")
    run = Run.checked(read_json(answer.body), "RunEnvelope", "data")
    if run_id not in {None, run.id}:
        raise MismatchError("/data/id", run.id, f"the run {run_id!r}, which was asked for")
    return run
