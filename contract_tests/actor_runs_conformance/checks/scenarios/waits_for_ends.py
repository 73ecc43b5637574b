"""What scenarios of waits for a run that ends share: waiting, watching the end, and judging both."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.answers import seconds_of
from actor_runs_conformance.testkit.api import POLL, NotExercisedError
from actor_runs_conformance.testkit.history import LAG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.history import Snapshot


async def wait_and_look(ctx: CheckContext, run: str, seconds: float) -> Exchange:
    """Wait for a run; if the answer shows no end, read the run at once, to see whether it goes on."""
    waited = await ctx.api.get(run, wait=seconds)
    if status_of(waited) not in TERMINAL:
        await ctx.api.get(run)
    return waited


async def watch_end(
    ctx: CheckContext, run: str, waits: Sequence[asyncio.Task[Exchange]], *, within: float
) -> tuple[Exchange, float]:
    """Poll until the run has ended, and return the answer that shows it, whatever the waits show.

    Beside it stands by how many seconds a wait may end later.
    """
    since = ctx.session.now()
    seen = await ctx.api.until(run, has_ended, "the run to end", within=within, every=0.3)
    while has_ended(seen.data or {}) and not all(wait.done() for wait in waits):
        await asyncio.sleep(POLL)
        await ctx.api.get(run)
    return seen, lateness(ctx, run, since)


def lateness(ctx: CheckContext, run: str, since: float) -> float:
    """Return by how many seconds a wait may end later than the end of its run was seen.

    A replica may be behind by `LAG`; the slowest read since then, while the wait was under way, shows
    how late the target is by itself: in hearing of the end, and again in answering.
    """
    reads = [read.received - read.sent for read in _reads(ctx, run) if since <= read.sent]
    late = max(ctx.session.loop_lag, *reads, 0)
    return LAG + 0.5 + 10 * ctx.session.latency + 2 * late


def judge_waits(
    ctx: CheckContext,
    run: str,
    waits: list[Exchange],
    seen: Exchange,
    limit: float,
    *,
    not_before: float,
) -> bool:
    """Judge waits for a run that has ended; return whether one was answered while it went on.

    Such a wait has ended too soon, and shows nothing of how the end is told. `not_before` is a time
    before which the run cannot have ended.
    """
    if status_of(seen) not in TERMINAL:
        raise NotExercisedError(f"the run did not end in time: {summary(seen)}")
    early = [
        waited
        for waited in waits
        if status_of(waited) not in TERMINAL
        and (waited.received < not_before or _went_on(ctx, run, waited))
    ]
    for exchange in early:
        seconds = seconds_of(exchange)
        ctx.judge(
            "GET-05b",
            seen,
            exchange,
            kept=False,
            message=f"A wait of at least 30 s was answered after {seconds:.1f} s with "
            f"{summary(exchange)}, before the run had ended.",
            expected="no answer before the run has ended",
            observed=f"{summary(exchange)} after {seconds:.1f} s",
        )
        for promise in ("GET-05", "GET-06"):
            reason = f"a wait was answered before the run had ended: {summary(exchange)}"
            ctx.not_exercised(promise, reason, because="GET-05b")
    for exchange in (wait for wait in waits if wait not in early):
        late, seconds = exchange.received - seen.received, seconds_of(exchange)
        terminal = status_of(exchange) in TERMINAL
        ctx.judge(
            "GET-05",
            seen,
            exchange,
            kept=exchange.status == 200 and terminal and late <= limit,
            message=f"A wait of at least 30 s was answered after {seconds:.1f} s with "
            f"{summary(exchange)}, {late:.1f} s after the run had ended.",
            expected=f"an answer when the run ends, at most {limit:.1f} s later (on this target)",
            observed=f"{summary(exchange)} after {seconds:.1f} s",
        )
        ctx.judge(
            "GET-06",
            exchange,
            kept=terminal,
            message=f"A wait that saw the run end shows {summary(exchange)}.",
            expected="a terminal status",
            observed=summary(exchange),
        )
    return bool(early)


def _went_on(ctx: CheckContext, run: str, waited: Exchange) -> bool:
    """Whether a read that was sent after the answer to a wait shows that the run still went on."""
    return any(
        read.sent >= waited.received and not has_ended(read.data) for read in _reads(ctx, run)
    )


def _reads(ctx: CheckContext, run: str) -> list[Snapshot]:
    """Return the reads of a run that did not wait, as far as they were answered."""
    history = ctx.session.history.runs.get(run)
    return [
        snapshot
        for snapshot in (history.snapshots if history else ())
        if snapshot.operation == "getRun" and not snapshot.waited
    ]
