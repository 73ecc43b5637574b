"""The runs that a check of a target may start: counted before the request, never exceeded."""

from __future__ import annotations

import asyncio
import math

from attrs import define, field

STARTS_AT_ONCE = 3
PAUSE = 0.2


class BudgetSpentError(Exception):
    """No run is left to start."""


@define
class Budget:
    """How many runs may be started, and how many were.

    A start is taken before its request is sent, and given back only when the target refused it
    with 4xx: after anything else a run may exist, after 408 too.
    """

    max: int
    used: int = 0
    closed: bool = False

    def take(self) -> None:
        """Take one start.

        Raises:
            BudgetSpentError: none is left, or the budget was closed.
        """
        if self.closed:
            raise BudgetSpentError("the check is over")
        if self.used >= self.max:
            raise BudgetSpentError(f"all {self.max} runs of the budget are used up")
        self.used += 1

    async def take_within(self, seconds: float) -> None:
        """Take one start, waiting for others to give one back for this many seconds at most.

        Starts that scenarios expect to be refused hold a part of the budget for a moment.

        Raises:
            BudgetSpentError: none was left all the time, or the budget was closed.
        """
        for _ in range(int(seconds / PAUSE)):
            if self.closed or self.used < self.max:
                break
            await asyncio.sleep(PAUSE)
        self.take()

    def give_back(self) -> None:
        """Give back a start that the target refused."""
        self.used -= 1

    def close(self) -> None:
        """Let nothing be started any more."""
        self.closed = True


@define
class StartLimits:
    """What limits the starts of all scenarios together, beside the budget.

    `probes_left` is how many starts that a good target refuses may still be accepted; they are
    sent one by one, under `probing`. `still_probing` is how many scenarios may send more of them;
    `probing_is_over` is set when it is one at most. `at_once` lets few runs be started at the same time.
    `accepted_at` is when the last start was answered with anything but 402, on the session's clock.
    """

    probes_left: int = 8
    accepted_at: float = -math.inf
    probing: asyncio.Lock = field(factory=asyncio.Lock)
    still_probing: int = 0
    probing_is_over: asyncio.Event = field(factory=asyncio.Event)
    at_once: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(STARTS_AT_ONCE))

    @property
    def spare(self) -> int:
        """How many of the starts kept for refusals nobody will need."""
        return max(0, self.probes_left - self.still_probing)
