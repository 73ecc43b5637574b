"""What both clients are made of."""

from __future__ import annotations

import math
import platform
import time
from importlib import metadata
from typing import TYPE_CHECKING

import attrs

from . import arguments
from .errors import InvalidArgumentError
from .exchange import Exchange
from .retries import Retries

if TYPE_CHECKING:
    import httpx

    from .operations import Operation, P

# How much longer than its deadline a wait may take, so that the last answer can arrive.
GRACE_SECS = 2.0


class Session:
    """Settings of a client, and how a call begins."""

    def __init__(
        self,
        token: str | None,
        base_url: str | None,
        http_timeout_secs: float,
        retries: Retries | None,
    ) -> None:
        """Look at the settings. Their meaning is described at `Client`."""
        self._token = arguments.token(token)
        self._base_url = arguments.base_url(base_url)
        if not 0 < http_timeout_secs < math.inf:
            raise InvalidArgumentError(
                f"http_timeout_secs is {http_timeout_secs!r}: expected a number above 0"
            )
        self._http_timeout_secs = http_timeout_secs
        self._retries = retries or Retries()

    def __repr__(self) -> str:
        """Return the settings without the token."""
        known = "with" if self._token else "without"
        return f"<{type(self).__name__} for {self._base_url} {known} a token>"

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
        if "json" not in parts:
            parts.get("headers", {}).pop("Content-Type", None)
        timeout_secs = self._http_timeout_secs + parts.get("params", {}).get("waitForFinish", 0)
        retries = self._retries
        if until < math.inf:
            remaining_secs = max(until - time.monotonic(), 0.0)
            timeout_secs = min(timeout_secs, remaining_secs + GRACE_SECS)
            retries = attrs.evolve(
                retries, deadline_secs=min(retries.deadline_secs, remaining_secs)
            )
        request = http.build_request(**parts, timeout=timeout_secs)
        return Exchange(operation, request, retries, self._token, timeout_secs)


def headers() -> dict[str, str]:
    """Return the headers of every request; the token is added to each as it is sent."""
    name = f"actor-runs/{metadata.version('actor-runs')} python/{platform.python_version()}"
    return {"Accept": "application/json", "User-Agent": name}
