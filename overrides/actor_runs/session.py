"""What both clients are made of."""

from __future__ import annotations

import math
import platform
import time
from importlib import metadata
from typing import TYPE_CHECKING

import attrs
import httpx

from . import arguments
from .exchange import Exchange
from .retries import Retries

if TYPE_CHECKING:
    from .operations import Operation, P

# How much longer than its deadline a wait may take, so that the last answer can arrive.
GRACE_SECS = 5.0


@attrs.define(eq=False)
class Session:
    """Settings of a client, and how a call begins. Their meaning is described at `Client`."""

    _token: str | None = attrs.field(default=None, converter=arguments.token, repr=False)
    base_url: str = attrs.field(default=None, kw_only=True, converter=arguments.base_url)
    http_timeout_secs: float = attrs.field(
        default=30.0, kw_only=True, validator=arguments.check_http_timeout
    )
    retries: Retries = attrs.field(factory=Retries, kw_only=True)

    def _exchange(
        self,
        http: httpx.Client | httpx.AsyncClient,
        until: float,
        operation: Operation[P],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Exchange:
        """Begin a call that no attempt helps any more after `time.monotonic()` passes `until`."""
        parts = operation.request(*args, **kwargs)
        params = parts.get("params")
        timeout_secs = self.http_timeout_secs + (params or {}).get("waitForFinish", 0)
        retries = self.retries
        if until < math.inf:
            remaining_secs = max(until - time.monotonic(), 0.0)
            timeout_secs = min(timeout_secs, remaining_secs + GRACE_SECS)
            deadline_secs = min(retries.deadline_secs, remaining_secs)
            retries = attrs.evolve(retries, deadline_secs=deadline_secs)
        # By hand, since what httpx does to join it with a client's settings takes 60 µs.
        request = httpx.Request(
            parts["method"],
            self.base_url + parts["url"],
            params=params or None,
            headers=http.headers,
            json=parts.get("json"),
            extensions={"timeout": httpx.Timeout(timeout_secs).as_dict()},
        )
        return Exchange(operation, request, retries, self._token, timeout_secs)


def headers() -> dict[str, str]:
    """Return the headers of every request; the token is added to each as it is sent."""
    name = f"actor-runs/{metadata.version('actor-runs')} python/{platform.python_version()}"
    return {"Accept": "application/json", "User-Agent": name}
