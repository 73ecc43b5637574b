"""How `wait_for_finish` goes from slice to slice, without its input and output."""

from __future__ import annotations

import math
import time

import attrs

from .arguments import LONGEST_SERVER_WAIT_SECS
from .errors import ExchangeError, InvalidArgumentError, NotFoundError
from .retries import PERHAPS_SEEN, UNSEEN
from .run import Run

# A run may be unknown for so long after it was started.
NOT_FOUND_GRACE_SECS = 3.0
NOT_FOUND_PAUSE_SECS = 0.25
# A server that does not wait is not asked more often than this.
SHORTEST_ROUND_SECS = 1.0


def _known(_: object, __: object, secs: float | None) -> None:
    if secs is not None and not secs >= 0:
        raise InvalidArgumentError(
            f"deadline_secs is {secs!r}: expected 0 or more seconds, or None for no deadline"
        )


@attrs.define
class Waiting:
    """One wait for a run: says how long each slice is and what follows it.

    `retries_secs` is for how long a slice is tried again while the wait has time.
    """

    deadline_secs: float | None = attrs.field(validator=_known)
    retries_secs: float = 0.0
    run: Run | None = None
    started: float = attrs.field(factory=time.monotonic)
    round_started: float = 0.0

    @property
    def until(self) -> float:
        """The `time.monotonic()` at which time runs out."""
        return math.inf if self.deadline_secs is None else self.started + self.deadline_secs

    @property
    def remaining_secs(self) -> float:
        """How much time is left."""
        return max(self.until - time.monotonic(), 0.0)

    def next_slice_secs(self) -> float:
        """Return how long the server is asked to wait next."""
        self.round_started = time.monotonic()
        return round(min(self.remaining_secs, LONGEST_SERVER_WAIT_SECS), 3)

    def after(self, outcome: Run | ExchangeError) -> Run | float:
        """Return the run if the wait is over, or else the seconds to pause before the next slice.

        Raises:
            ExchangeError: The run cannot be read, and time is left or it never could be read.
        """
        now = time.monotonic()
        remaining = self.remaining_secs
        if isinstance(outcome, Run):
            self.run = outcome
            if outcome.ended or not remaining:
                return outcome
            return min(max(self.round_started + SHORTEST_ROUND_SECS - now, 0.0), remaining)
        # Time is up also where no other attempt would have begun before it is.
        time_up = self.until <= max(now, self.round_started + self.retries_secs)
        if isinstance(outcome, NotFoundError) and self.run is None:
            if now - self.started < NOT_FOUND_GRACE_SECS and remaining:
                return min(NOT_FOUND_PAUSE_SECS, remaining)
        elif self.run and time_up and isinstance(outcome, UNSEEN + PERHAPS_SEEN):
            return self.run
        raise outcome
