"""Scenarios of the graceful abort: the Actor is told, and stopped by force after 30 seconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.checks.scenarios.endings import (
    OBEDIENT,
    STUBBORN,
    ended,
    refused,
    span,
    under_way,
)
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.answers import about, accepted, seconds_of
from actor_runs_conformance.testkit.api import GRACE, NotExercisedError
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.run_times import Span
    from actor_runs_conformance.testkit.starts import StartedRun

BY_FORCE = 40.0
"""Seconds after which a gracefully aborted run has been stopped by force: 30, and some to stop."""
LEFT_ALONE = 28.0
"""Seconds that a gracefully aborted run is left alone at the least: 30, but for what dates hide."""
WATCHED = 50.0
"""Seconds after which a run that was to be stopped by force is given up."""
EARLY = 25.0
"""Seconds within which a run that ends when it is told to has ended by itself."""
AGAIN = 13.0
"""Seconds after which a run that is ABORTING is aborted a second time."""
NEAR = 1.5
"""Seconds within which something counts as what another thing brought about."""
LISTENING = (2.5, 15.0)
"""Seconds that an Actor is given to start listening for platform events: at first, and when retried."""


@frozen
class Grace:
    """What came of a graceful abort of a run that ignores it; `again` is the second abort of it."""

    run: StartedRun
    abort: Exchange
    last: Exchange
    during: Exchange | None = None
    again: Exchange | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the run was seen to end."""
        return has_ended(self.last.data or {})


# A target that is slow to tell its Actors makes a third run necessary: that one is the probe.
@scenario(runs=2, probes=True, seconds=38)
async def graceful_abort_of_stubborn_run(ctx: CheckContext) -> None:
    """A graceful abort tells the Actor, gives the run 30 seconds and then stops it by force."""
    run = await ctx.starts.begin(STUBBORN, wait=2.0)
    _judge_wait_for_longer_run(ctx, run)
    await _abort_gracefully(ctx, run)


@step("ABT-06e", "ABT-08", "ABT-08b", "ABT-08c", "ABT-09", "ABT-10")
async def _abort_gracefully(ctx: CheckContext, run: StartedRun) -> None:
    await ctx.api.until_running(run.id)
    ctx.api.announce_wait("ABORTED after a graceful abort", BY_FORCE, "abortRun")
    async with under_way(_abort_obedient_run(ctx)) as told:
        grace = await _abort_stubborn_run(ctx, run)
        if not accepted(grace.abort):
            for promise in ("ABT-08b", "ABT-08c"):
                ctx.expect_run(
                    promise, grace.abort, run.id, what="A graceful abort of a running run"
                )
        else:
            took = span(ctx, run, grace.abort, grace.last)
            _judge_second_abort(ctx, grace, took)
            _judge_grace(ctx, grace, took)
        await _judge_told(ctx, grace, *await told)


async def _abort_stubborn_run(ctx: CheckContext, run: StartedRun) -> Grace:
    async with under_way(ctx.api.abort(run.id, gracefully="true")) as abort:
        pause = AGAIN - ctx.session.tolerance(AGAIN)
        during = await ended(ctx, run.id, within=max(LAG, pause), abort=abort)
        if refused(abort) or has_ended(during.data or {}):
            return Grace(run, await abort, during)
        if status_of(during) != "ABORTING":
            last = await ended(ctx, run.id, within=WATCHED - AGAIN, abort=abort)
            return Grace(run, await abort, last, during)
        async with under_way(ctx.api.abort(run.id, gracefully="true")) as again:
            last = await ended(ctx, run.id, within=WATCHED - AGAIN)
            return Grace(run, await abort, last, during, await again)


def _judge_second_abort(ctx: CheckContext, grace: Grace, took: Span) -> None:
    """Judge that the second abort was accepted, and neither shortened the grace nor began it anew."""
    ctx.note(
        "ABT-09",
        grace.abort,
        message=f"A graceful abort is answered after {seconds_of(grace.abort):.1f} s with "
        f"{status_of(grace.abort)}.",
    )
    during, again = grace.during, grace.again
    if during is None or again is None:
        seen = summary(during or grace.last)
        ctx.not_exercised("ABT-06e", f"the run was not seen ABORTING: {seen}")
        return
    then = span(ctx, grace.run, again, grace.last)
    blamed = _by_second_abort(ctx, grace, took)
    ctx.judge(
        "ABT-06e",
        during,
        again,
        kept=about(again, grace.run.id) and status_of(again) in {"ABORTING", *TERMINAL},
        message=f"Aborting an ABORTING run is answered {summary(again)}.",
        expected="200, run ABORTING",
        observed=summary(again),
    )
    ctx.judge(
        "ABT-06e",
        during,
        grace.last,
        again,
        kept=not blamed,
        message=f"A run that was ABORTING was aborted again, and {status_of(grace.last)} {then} "
        f"later, which is {took} after the first abort.",
        expected="30 s of grace after the first abort",
        observed=str(took),
    )


def _by_second_abort(ctx: CheckContext, grace: Grace, took: Span) -> bool:
    """Whether the second abort is what ended the run early, or gave it another grace."""
    if grace.again is None or not grace.has_ended:
        return False
    then = span(ctx, grace.run, grace.again, grace.last)
    shortened = took.most < LEFT_ALONE and then.most <= NEAR
    begun_anew = took.least > _force_limit(ctx) and abs(then.most - GRACE) <= NEAR
    return shortened or begun_anew


def _force_limit(ctx: CheckContext) -> float:
    return BY_FORCE + 2 * ctx.session.loop_lag


def _judge_grace(ctx: CheckContext, grace: Grace, took: Span) -> None:
    if _by_second_abort(ctx, grace, took):
        for promise in ("ABT-08b", "ABT-08c"):
            reason = "the second abort changed when the run was stopped"
            ctx.not_exercised(promise, reason, because="ABT-06e")
        return
    status = status_of(grace.last)
    left_alone = ctx.judge(
        "ABT-08c",
        grace.last,
        grace.abort,
        kept=not grace.has_ended or took.most >= LEFT_ALONE,
        message=f"A run that ignores a graceful abort was {status} after {took}.",
        expected=f"its 30 s of grace, at least {LEFT_ALONE:g} s",
        observed=f"{status} after {took}",
    )
    if not left_alone:
        ctx.not_exercised("ABT-08b", "the run was stopped before the 30 s", because="ABT-08c")
        return
    bound = _force_limit(ctx)
    ctx.judge(
        "ABT-08b",
        grace.last,
        grace.abort,
        kept=status == "ABORTED" and took.least <= bound,
        message=f"A run that ignores a graceful abort is {status} after {took}.",
        expected=f"ABORTED after 30 s, at most {bound:.1f} s",
        observed=f"{status} after {took}",
    )


def _judge_wait_for_longer_run(ctx: CheckContext, run: StartedRun) -> None:
    start, seconds = run.start, seconds_of(run.start)
    limit = 2.0 + ctx.session.tolerance(2.0) + ctx.session.slowest_start
    ctx.judge(
        "TSK-19b",
        start,
        kept=1.7 <= seconds <= limit + 1 and status_of(start) not in {*TERMINAL, None},
        message=f"waitForFinish=2 on the start of a longer run was answered after {seconds:.1f} s "
        f"with {summary(start)}.",
        expected=f"an answer after 2 s, at most {limit + 1:.1f} s (on this target), not terminal",
        observed=f"{summary(start)} after {seconds:.1f} s",
    )


async def _abort_obedient_run(ctx: CheckContext) -> tuple[Exchange, Exchange]:
    """Abort a run that ends when it is told to; return the abort and the last read.

    An Actor that was not told is given another chance, with more time to begin to listen.
    """
    first, longer = LISTENING
    abort, last = await _abort_listening_run(ctx, first)
    if accepted(abort) and not _ended_early(abort, last):
        return await _abort_listening_run(ctx, longer)
    return abort, last


async def _abort_listening_run(ctx: CheckContext, pause: float) -> tuple[Exchange, Exchange]:
    """Abort such a run this many seconds after it was seen RUNNING."""
    run = await ctx.starts.begin(OBEDIENT)
    await ctx.api.until_running(run.id)
    await asyncio.sleep(pause)
    async with under_way(ctx.api.abort(run.id, gracefully="true")) as pending:
        last = await ended(ctx, run.id, within=EARLY, abort=pending)
        return await pending, last


def _ended_early(abort: Exchange, last: Exchange) -> bool:
    return has_ended(last.data or {}) and last.received - abort.sent < EARLY


async def _judge_told(ctx: CheckContext, grace: Grace, abort: Exchange, last: Exchange) -> None:
    status, seconds = status_of(last), last.received - abort.sent
    early = _ended_early(abort, last)
    if early and grace.has_ended and grace.last.received - grace.abort.sent < LEFT_ALONE:
        # A run that does not listen was stopped too: nothing shows that this one was told.
        reason = "runs are stopped before their grace is over, whether their Actors listen or not"
        ctx.not_exercised("ABT-08", reason, because="ABT-08c")
        return
    ctx.judge(
        "ABT-08",
        last,
        abort,
        kept=accepted(abort) and early,
        message=f"A graceful abort of a run that exits when told to was answered "
        f"{summary(abort)}; {seconds:.1f} s later the run is {status}.",
        expected="a run that ends by itself well before the 30 s are over",
        observed=f"{status} after {seconds:.1f} s",
    )
    if early:
        ctx.note("ABT-10", last, message=f"A run that exits when told to abort is {status}.")


@scenario(runs=1, profile=Profile.FULL, seconds=14)
async def boolean_as_number(ctx: CheckContext) -> None:
    """`gracefully=1` is true; whether an immediate abort shortens the grace is noted."""
    run = await ctx.starts.begin(STUBBORN)
    await ctx.api.until_running(run.id)
    async with under_way(ctx.api.abort(run.id, gracefully="1")) as pending:
        await ctx.api.wait_for_replicas()
        during = await ctx.api.get(run.id)
        status = status_of(during)
        shown = await pending if pending.done() else during
        ctx.judge(
            "GEN-17",
            during,
            shown,
            kept=accepted(shown) and status == "ABORTING",
            message=f"A graceful abort (gracefully=1) is answered {summary(shown)}; some seconds "
            f"later the run is {status}.",
            expected="ABORTING during the 30 s of grace",
            observed=[summary(shown), status],
        )
        if status != "ABORTING":
            raise NotExercisedError(f"the run was not seen ABORTING: {summary(during)}")
        await _abort_at_once(ctx, run.id)


@step("ABT-11")
async def _abort_at_once(ctx: CheckContext, run: str) -> None:
    async with under_way(ctx.api.abort(run, gracefully="false")) as immediate:
        last = await ended(ctx, run, within=8)
        answers = [await immediate] if immediate.done() else []
    shortens = has_ended(last.data or {})
    ctx.note(
        "ABT-11",
        last,
        *answers,
        message="An immediate abort during the grace stops the run at once."
        if shortens
        else "An immediate abort during the grace does not shorten it.",
    )
