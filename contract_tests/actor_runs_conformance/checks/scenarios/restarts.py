"""Whether somebody who may not has rebooted or aborted a run.

A target need not count reboots. An Actor that reports shows them too: it begins again, and reports
again over the message that has replaced its first report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.checks.scenarios.run_task_input import report_in
from actor_runs_conformance.http.exchange import status_of
from actor_runs_conformance.ledger.statuses import has_ended
from actor_runs_conformance.testkit.answers import accepted, message_of
from actor_runs_conformance.testkit.run_fields import number_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

REPORTS = {"report": True}
"""What a start says so that the Actor of its run reports."""
PATIENCE = 3.0
"""Seconds that an Actor which runs is given to report."""


@frozen
class Watched:
    """A run as it was before somebody tried to reboot or abort it.

    `takes` is how many seconds after its start the Actor reported, and so about how long a restart
    takes to show; None where no restart would show by a report.
    """

    id: str
    before: Exchange
    takes: float | None


async def watch(ctx: CheckContext, run: StartedRun, before: Exchange, words: str) -> Watched:
    """Put a message over the report of a run's Actor, where it reports and updates are kept.

    `before` is an answer that shows the run as it is to stay.
    """
    if not ctx.session.offers("updateRun"):
        return Watched(run.id, before, None)
    seen = await ctx.api.until(run.id, _reports_or_ended, "the Actor's report", within=PATIENCE)
    if report_in(seen.data or {}) is None:
        return Watched(run.id, before, None)
    update = await ctx.api.set_status_message(run.id, words)
    is_kept = accepted(update) and message_of(update) == words
    return Watched(run.id, before, seen.received - run.start.sent if is_kept else None)


async def look_again(ctx: CheckContext, run: Watched) -> Exchange:
    """Return the run as it is when a restart of it would have shown."""
    await ctx.api.wait_for_replicas()
    if run.takes is None:
        return await ctx.api.get(run.id)
    return await ctx.api.until(run.id, _reports_or_ended, "a restart to show", within=run.takes)


def untouched(run: Watched, after: Exchange) -> bool:
    """Whether a run was not aborted, and no reboot of it is counted or shows by its Actor's report."""
    counts = [number_at(shown.data or {}, "stats.rebootCount") for shown in (run.before, after)]
    is_counted = None not in counts and counts[0] != counts[1]
    is_reported = run.takes is not None and report_in(after.data or {}) is not None
    return not (is_counted or is_reported or status_of(after) in {"ABORTING", "ABORTED"})


def _reports_or_ended(data: Mapping[str, Any]) -> bool:
    return report_in(data) is not None or has_ended(data)
