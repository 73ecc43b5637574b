"""The time of a server, which a test may move forward."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime

from attrs import define


def timestamp(millis: int) -> str:
    """Return a time in the documented format: UTC, milliseconds, `Z`."""
    moment = datetime.fromtimestamp(millis / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis % 1000:03d}Z"


@define(eq=False)
class Clock:
    """Tells the time and sleeps; `advance` makes both skip ahead."""

    _ahead_secs: float = 0.0
    _moved: asyncio.Event | None = None

    def millis(self) -> int:
        """Return the time in milliseconds since 1970."""
        return time.time_ns() // 1_000_000 + int(self._ahead_secs * 1000)

    def monotonic(self) -> float:
        """Return seconds that only grow, from an arbitrary start."""
        return time.monotonic() + self._ahead_secs

    def advance(self, seconds: float) -> None:
        """Move the time forward and wake whoever sleeps no longer than that."""
        self._ahead_secs += seconds
        if self._moved:
            self._moved.set()
            self._moved = None

    async def sleep_until(self, moment: float) -> None:
        """Return when `monotonic` has reached this moment."""
        while (left := moment - self.monotonic()) > 0:
            self._moved = self._moved or asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()

    async def sleep(self, seconds: float) -> None:
        """Return after this many seconds."""
        await self.sleep_until(self.monotonic() + seconds)
