"""The journal of requests, for tests that ask what a client has sent."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from attrs import Factory, define, frozen

# Older requests are forgotten.
KEPT: Final = 1_000
# Of a longer body only the beginning is kept.
BODY_BYTES: Final = 65_536
SECRET: Final = ("authorization", "cookie")


@define
class Entry:
    """One request, and the status of its answer; None while there is none."""

    time: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    status: int | None = None
    fault: str | None = None

    def shown(self) -> dict[str, Any]:
        """Return the entry without tokens."""
        return {
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "query": {
                name: "<token>" if "token" in name.lower() else value
                for name, value in self.query.items()
            },
            "headers": {
                name: "<token>" if name in SECRET else value for name, value in self.headers.items()
            },
            "body": self.body.decode("utf-8", "replace"),
            "status": self.status,
            "fault": self.fault,
        }


@frozen
class Journal:
    """The latest requests, oldest first."""

    entries: deque[Entry] = Factory(lambda: deque(maxlen=KEPT))
