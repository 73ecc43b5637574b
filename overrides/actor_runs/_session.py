"""What both clients are made of: their settings, and what a call and a wait go through.

A call is a coroutine, whichever client makes it, and each rule stands once. What a client adds is
how to send and to sleep. Those of the blocking client suspend nothing, so that its calls end with
their first step, and need no event loop.
"""

from __future__ import annotations

import abc
import math
import platform
import time
from importlib import metadata
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs
import httpx

from actor_runs_api.api.actor_runs.get_run import _get_kwargs as request_get_run
from actor_runs_api.types import UNSET

from . import _arguments
from ._exchange import Exchange
from ._retries import PERHAPS_SEEN, UNSEEN, Retries
from ._transports import CONNECT_TIMEOUT_SECS
from .errors import ExchangeError, InvalidArgumentError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ._run import Run

# How much longer than its deadline a wait may take, so that the last answer can arrive.
GRACE_SECS = 5.0
# A run may be unknown for so long after it was started.
NOT_FOUND_GRACE_SECS = 3.0
NOT_FOUND_PAUSE_SECS = 0.25
# A server that does not wait is not asked more often than this.
SHORTEST_ROUND_SECS = 1.0

R = TypeVar("R")


def headers() -> httpx.Headers:
    """Return the headers of every request; the token is added to each as it is sent."""
    name = f"actor-runs/{metadata.version('actor-runs')} python/{platform.python_version()}"
    return httpx.Headers(
        {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": name}
    )


@attrs.define(eq=False)
class Session(abc.ABC, Generic[R]):
    """Settings of a client, and how a call begins. Their meaning is described at `Client`."""

    _token: str | None = attrs.field(default=None, converter=_arguments.token, repr=False)
    base_url: str = attrs.field(default=None, kw_only=True, converter=_arguments.base_url)
    http_timeout_secs: float = attrs.field(
        default=30.0, kw_only=True, validator=_arguments.check_setting
    )
    retries: Retries = attrs.field(
        factory=Retries, kw_only=True, validator=_arguments.check_setting
    )
    _headers: httpx.Headers = attrs.field(init=False, repr=False, factory=headers)
    _closed: bool = attrs.field(init=False, repr=False, default=False)

    @abc.abstractmethod
    def _begin(self, call: Coroutine[Any, Any, Run]) -> R:
        """Return what a method returns: the run of a call, or what to await for it."""

    @abc.abstractmethod
    async def _send(self, request: httpx.Request) -> httpx.Response:
        """Send a request within its time and read the body of the answer, as it is encoded."""

    @abc.abstractmethod
    async def _sleep(self, secs: float) -> None:
        """Let time pass."""

    async def _call(
        self,
        parts: dict[str, Any],
        *,
        success: int = 200,
        idempotent: bool = False,
        until: float = math.inf,
    ) -> Run:
        """Send a request until there is a run.

        No attempt begins after `time.monotonic()` passes `until`. What the server was asked to wait
        uses up none of the time for attempts: a connection lost after a minute is no minute of
        failure.

        Args:
            parts: What httpx takes to build the request.
            success: The one status that means success.
            idempotent: Whether doing it twice has the effect of doing it once.
            until: When no attempt helps any more.

        Raises:
            ExchangeError: There is no run, and no further attempt to be made.
        """
        wait_secs = parts.get("params", {}).get("waitForFinish", 0)
        remaining_secs = max(until - time.monotonic(), 0.0)
        timeout_secs = min(self.http_timeout_secs + wait_secs, remaining_secs + GRACE_SECS)
        exchange = Exchange(self._request(parts, timeout_secs), success, self._token)
        deadline = time.monotonic() + self.retries.deadline_secs
        attempt = 0
        while True:
            if self._closed:
                raise RuntimeError("this client is closed: make a new one")
            attempt += 1
            began = time.monotonic()
            try:
                return await exchange.attempt(self._send, attempt)
            except ExchangeError as error:
                ended = time.monotonic()
                deadline += min(ended - began, wait_secs)
                delay = self.retries.delay_secs(
                    error,
                    attempt=attempt,
                    remaining_secs=min(deadline, until) - ended,
                    idempotent=idempotent,
                )
                if delay is None:
                    raise
            await self._sleep(delay)

    def _request(self, parts: dict[str, Any], timeout_secs: float) -> httpx.Request:
        # Less than the whole, so that what did not even connect is told from what is slow.
        connect_secs = min(CONNECT_TIMEOUT_SECS, timeout_secs * 0.9)
        timeout = httpx.Timeout(timeout_secs, connect=connect_secs)
        try:
            return httpx.Request(
                parts["method"],
                self.base_url + parts["url"],
                params=parts.get("params") or None,
                headers=self._headers,
                json=parts.get("json"),
                extensions={"timeout": timeout.as_dict()},
            )
        except (TypeError, ValueError, RecursionError, httpx.InvalidURL) as error:
            raise InvalidArgumentError(f"the arguments cannot be sent: {error}") from error

    async def _wait(self, run_id: str, deadline_secs: float) -> Run:
        """Ask for a run, slice by slice, until it ends or time runs out."""
        started = time.monotonic()
        until = started + deadline_secs
        last: Run | None = None
        while True:
            began = time.monotonic()
            wait_secs = round(min(max(until - began, 0.0), _arguments.LONGEST_SERVER_WAIT_SECS), 3)
            try:
                parts = request_get_run(run_id, wait_for_finish=wait_secs or UNSET)
                last = await self._call(parts, idempotent=True, until=until)
                if last.ended or time.monotonic() >= until:
                    return last
                pause = began + SHORTEST_ROUND_SECS - time.monotonic()
            except NotFoundError:
                # Also after it was seen: another replica may be behind.
                if time.monotonic() >= min(started + NOT_FOUND_GRACE_SECS, until):
                    raise
                pause = NOT_FOUND_PAUSE_SECS
            except UNSEEN + PERHAPS_SEEN:
                # Time is up also where attempts could have gone on until it is.
                if last and until <= time.monotonic() + self.retries.deadline_secs:
                    return last
                raise
            await self._sleep(max(min(pause, until - time.monotonic()), 0.0))
