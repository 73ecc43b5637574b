"""What both clients are made of: their settings, and what a call and a wait go through.

A call is a generator of steps: a request to send, to be told what came of it, or seconds to sleep.
So each rule stands once, and a client only does what the steps say.
"""

from __future__ import annotations

import platform
import time
from importlib import metadata
from typing import TYPE_CHECKING

import attrs
import httpx

from . import arguments
from .errors import NotFoundError
from .exchange import Exchange, Steps
from .operations import GET_RUN
from .retries import PERHAPS_SEEN, UNSEEN, Retries
from .transports import CONNECT_TIMEOUT_SECS

if TYPE_CHECKING:
    from .operations import Operation, P
    from .run import Run

# How much longer than its deadline a wait may take, so that the last answer can arrive.
GRACE_SECS = 5.0
# A run may be unknown for so long after it was started.
NOT_FOUND_GRACE_SECS = 3.0
NOT_FOUND_PAUSE_SECS = 0.25
# A server that does not wait is not asked more often than this.
SHORTEST_ROUND_SECS = 1.0
# What httpx knows as one timeout each.
TIMEOUTS = ("connect", "read", "write", "pool")


def headers() -> httpx.Headers:
    """Return the headers of every request; the token is added to each as it is sent."""
    name = f"actor-runs/{metadata.version('actor-runs')} python/{platform.python_version()}"
    return httpx.Headers(
        {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": name}
    )


@attrs.define(eq=False)
class Session:
    """Settings of a client, and how a call begins. Their meaning is described at `Client`."""

    _token: str | None = attrs.field(default=None, converter=arguments.token, repr=False)
    base_url: str = attrs.field(default=None, kw_only=True, converter=arguments.base_url)
    http_timeout_secs: float = attrs.field(
        default=30.0, kw_only=True, validator=arguments.check_http_timeout
    )
    retries: Retries = attrs.field(factory=Retries, kw_only=True)
    _headers: httpx.Headers = attrs.field(init=False, repr=False, factory=headers)
    _closed: bool = attrs.field(init=False, repr=False, default=False)

    def _call(
        self, until: float, operation: Operation[P], *args: P.args, **kwargs: P.kwargs
    ) -> Steps:
        """Begin a call that no attempt helps any more after `time.monotonic()` passes `until`."""
        if self._closed:
            raise RuntimeError("this client is closed: make a new one")
        parts = operation.request(*args, **kwargs)
        params = parts.get("params")
        wait_secs = (params or {}).get("waitForFinish", 0)
        remaining_secs = max(until - time.monotonic(), 0.0)
        timeout_secs = min(self.http_timeout_secs + wait_secs, remaining_secs + GRACE_SECS)
        connect_secs = min(timeout_secs, CONNECT_TIMEOUT_SECS)
        request = httpx.Request(
            parts["method"],
            self.base_url + parts["url"],
            params=params or None,
            headers=self._headers,
            json=parts.get("json"),
            extensions={
                "timeout": {**dict.fromkeys(TIMEOUTS, timeout_secs), "connect": connect_secs}
            },
        )
        exchange = Exchange(operation, request, self.retries, self._token)
        return exchange.attempts(until, wait_secs)

    def _wait(self, run_id: str, deadline_secs: float | None) -> Steps:
        """Ask for a run, slice by slice, until it ends or time runs out."""
        started = time.monotonic()
        until = started + arguments.deadline(deadline_secs)
        last: Run | None = None
        while True:
            began = time.monotonic()
            wait_secs = round(min(max(until - began, 0.0), arguments.LONGEST_SERVER_WAIT_SECS), 3)
            try:
                last = yield from self._call(until, GET_RUN, run_id, server_wait_secs=wait_secs)
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
            yield max(min(pause, until - time.monotonic()), 0.0)
