"""`--fail-fast`: ends a check at the first broken promise that counts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Collection

    from actor_runs_conformance.events.writer import Event

GRACE = 0.5
"""Seconds for what is found at the same moment."""


@define
class FirstBreach:
    """A listener of the log that cancels the task of the check; clean-up follows as ever.

    `ignored` are the promises whose breach is known or does not count. `found` is the promise that
    ended the check.
    """

    task: asyncio.Task[object]
    ignored: Collection[str]
    found: str | None = None
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop)

    def __call__(self, event: Event) -> None:
        """Take one event; safe from any thread."""
        if (
            self.found is None
            and event["event"] == "finding"
            and event["verdict"] == "failed"
            and event["promise"] not in self.ignored
        ):
            self.found = event["promise"]
            self._loop.call_soon_threadsafe(self._end_soon)

    def _end_soon(self) -> None:
        self._loop.call_later(GRACE, self.task.cancel)

    @property
    def message(self) -> str:
        """Why the check ended early."""
        return f"Stopped at the first broken promise, {self.found} (--fail-fast)."
