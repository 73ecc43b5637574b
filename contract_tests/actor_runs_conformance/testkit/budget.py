"""The runs that a check of a target may start: counted before the request, never exceeded."""

from __future__ import annotations

import asyncio
import threading

from attrs import define, field

STARTS_AT_ONCE = 3


class BudgetSpentError(Exception):
    """No run is left to start."""


@define
class Budget:
    """How many runs may be started, and how many were.

    A start is taken before its request is sent, and given back only when the target refused it
    with 4xx: after anything else a run may exist, after 408 too. Safe to call from several threads. Another
    process gets a part of its own by `allot`, so that no count is shared between processes.
    """

    max: int
    used: int = 0
    allotted: int = 0
    closed: bool = False
    _lock: threading.Lock = field(factory=threading.Lock, repr=False)

    @property
    def left(self) -> int:
        """How many more runs may be started."""
        return self.max - self.used - self.allotted

    def take(self) -> int:
        """Take one start and return how many are used.

        Raises:
            BudgetSpentError: none is left, or all is over.
        """
        with self._lock:
            if self.closed:
                raise BudgetSpentError("the check is over")
            if self.left < 1:
                raise BudgetSpentError(f"all {self.max} runs of the budget are used up")
            self.used += 1
            return self.used

    def close(self) -> None:
        """Let nothing be started any more."""
        self.closed = True

    def give_back(self) -> None:
        """Give back a start that the target refused."""
        with self._lock:
            self.used -= 1

    def allot(self, runs: int) -> int:
        """Set aside up to this many starts for someone else and return how many it were."""
        with self._lock:
            granted = max(0, min(runs, self.left))
            self.allotted += granted
            return granted

    def settle(self, granted: int, used: int) -> None:
        """Close an allotment of `granted` starts of which `used` were used."""
        with self._lock:
            self.allotted -= granted
            self.used += used


@define
class StartLimits:
    """What limits the starts of all scenarios together, beside the budget.

    `probes_left` is how many starts that a good target refuses may still be accepted; they are
    sent one by one, under `probing`. `at_once` lets few runs be started at the same time.
    """

    probes_left: int = 2
    probing: asyncio.Lock = field(factory=asyncio.Lock)
    at_once: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(STARTS_AT_ONCE))
