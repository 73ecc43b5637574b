"""How long after a request a run ended, by the target's own dates where it has them.

A poll sees an end late, on a busy machine by seconds: it shows how long the run took at most. The
dates of the run show both bounds, as its start lies within the exchange that started it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.ledger.statuses import has_ended
from actor_runs_conformance.testkit.api import POLL
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.run_fields import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.starts import StartedRun

ROUNDING = 1.0
"""Seconds by which dates may be off that are written down in whole seconds."""


@frozen
class Span:
    """Seconds that passed: surely `least`, surely not more than `most`."""

    least: float
    most: float

    def __str__(self) -> str:
        return f"{max(0.0, self.least):.1f} to {self.most:.1f} s"


def own_seconds(run: Mapping[str, Any]) -> float | None:
    """Return the seconds from a run's start to its end as it shows them.

    None when it does not, or shows an end before the start.
    """
    started, finished = moment(run.get("startedAt")), moment(run.get("finishedAt"))
    if started is None or finished is None or not has_ended(run):
        return None
    seconds = (finished - started).total_seconds()
    return seconds if seconds >= 0 else None


def until_end(run: StartedRun, request: Exchange, last: Exchange, *, late: float) -> Span:
    """Return how long after a request was sent a run ended.

    `last` is the first answer that showed the end, or the last that did not; `late` is by how many
    seconds it may have come too late.
    """
    # An answer that itself comes late may show an end that was long before it.
    least = last.sent - request.sent - LAG - POLL - late
    most = last.received - request.sent
    shown = last.data or {}
    lasted = own_seconds(shown)
    if lasted is not None:
        least = max(least, lasted - (request.sent - run.start.sent) - ROUNDING)
        # Once the answer to the start has shown the date, the start cannot have been later.
        if shown.get("startedAt") == run.first.get("startedAt"):
            most = min(most, lasted - (request.sent - run.start.received) + ROUNDING)
    return Span(min(least, most), most)
