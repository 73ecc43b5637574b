"""Ends a check when there is no more to learn: all that was asked for is broken, or `--fail-fast`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Collection

    from actor_runs_conformance.events.writer import Event

GRACE = 0.5
"""Seconds for what is found at the same moment as the first broken promise."""
FINAL = frozenset({"failed", "warned"})
"""Verdicts of findings that no later finding changes."""


@define
class EarlyEnd:
    """A listener of the log that cancels the task of the check; clean-up follows as ever.

    Attributes:
        task: the task to cancel.
        asked: the promises that the user named and that can be judged; empty where all are.
        counted: the promises at whose breach `--fail-fast` ends; empty without it.
        first: the promise of them that was found broken.
        complete: whether all that was asked for is broken.
    """

    task: asyncio.Task[object]
    asked: Collection[str] = ()
    counted: Collection[str] = ()
    first: str | None = field(default=None, init=False)
    complete: bool = field(default=False, init=False)
    _left: set[str] = field(init=False)
    _done: bool = field(default=False, init=False)
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop)

    def __attrs_post_init__(self) -> None:
        self._left = set(self.asked)

    def __call__(self, event: Event) -> None:
        """Take one event; safe from any thread."""
        if event["event"] != "finding" or event["verdict"] not in FINAL or self.over:
            return
        self._left.discard(event["promise"])
        if self.asked and not self._left:
            self.complete = True
            self._loop.call_soon_threadsafe(self._end)
        elif event["verdict"] == "failed" and event["promise"] in self.counted:
            self.first = event["promise"]
            self._loop.call_soon_threadsafe(self._end_soon)

    def _end_soon(self) -> None:
        self._loop.call_later(GRACE, self._end)

    def _end(self) -> None:
        if not self._done:
            self.task.cancel()

    def disarm(self) -> None:
        """Leave the task alone from now on: the check has come to its end, and clean-up follows."""
        self._done = True

    @property
    def over(self) -> bool:
        """Whether the check ends, or has ended, because of what was found."""
        return self.complete or self.first is not None

    @property
    def message(self) -> str:
        """Why the check ended early."""
        if self.complete:
            return "All that was asked for is broken; the check ended there."
        return f"Stopped at the first broken promise, {self.first} (--fail-fast)."
