"""Scenarios of Abort run: at once, gracefully, and on runs that have ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.answers import about, accepted, details, message_of, seconds_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import object_at

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

GRACE_OVER = 40.0
"""Seconds after which a gracefully aborted run must have been stopped by force: 30, and some to stop."""
GRACE_LEAST = 25.0
"""Seconds that a gracefully aborted run is left alone at the least; a little under the 30 promised."""
AT_ONCE = 12.0
"""Seconds within which an immediate abort must have worked; clearly less than the grace."""
LISTENING = (2.5, 15.0)
"""Seconds that an Actor is given to start listening for platform events: at first, and when retried."""
STUBBORN = {"durationSecs": 80, "exitCode": 0, "onAbort": "ignore"}
OBEDIENT = {"durationSecs": 80, "exitCode": 0, "onAbort": "exit"}


async def ended(ctx: CheckContext, run: str, *, within: float) -> Exchange:
    """Poll until a run has ended or the time is over, whatever its status is then."""
    return await ctx.api.until(run, has_ended, "ABORTED after an abort", within=within)


def judge_aborted(
    ctx: CheckContext, promise: str, abort: Exchange, last: Exchange, limit: float
) -> bool:
    """Judge that a run became ABORTED within `limit` seconds of the abort."""
    seconds = last.received - abort.sent
    bound = limit + ctx.session.tolerance(limit)
    return ctx.judge(
        promise,
        last,
        abort,
        kept=abort.status == 200 and status_of(last) == "ABORTED" and seconds <= bound + 1,
        message=f"The abort was answered {summary(abort)}, and {seconds:.1f} s later the run is "
        f"{status_of(last)}.",
        expected=f"200, and ABORTED within {bound:.1f} s (on this target)",
        observed=f"{summary(abort)}, then {status_of(last)} after {seconds:.1f} s",
    )


@scenario(runs=1, seconds=10)
async def abort_of_running_run(ctx: CheckContext) -> None:
    """A running run is stopped at once, even one that would not end by itself."""
    run = await ctx.starts.begin(STUBBORN)
    await ctx.api.until_running(run.id)
    abort = await ctx.api.abort(run.id)
    for promise in ("ABT-01", "ABT-02", "ABT-25"):
        ctx.expect_run(promise, abort, run.id, what="Abort run of a running run")
    ctx.note("ABT-07b", abort, message=f"An immediate abort answers with {status_of(abort)}.")
    last = await ended(ctx, run.id, within=AT_ONCE)
    judge_aborted(ctx, "ABT-07", abort, last, AT_ONCE)
    judge_aborted(ctx, "ABT-05", abort, last, AT_ONCE)
    if status_of(last) != "ABORTED":
        raise NotExercisedError(f"the run was not ABORTED: {summary(last)}")
    finished = details(last).get("finishedAt")
    ctx.judge(
        "ABT-14b",
        abort,
        last,
        kept=bool(finished),
        message="A run is ABORTED and has no finishedAt.",
        expected="a date",
        observed=finished,
    )
    ctx.note("ABT-13", last, message=f"After an abort the message is {message_of(last)!r}.")
    options = object_at(details(abort), "options")
    shown = {name: options.get(name) for name in ("maxItems", "maxTotalChargeUsd")}
    ctx.note("ABT-16", abort, message=f"The answer of an abort shows {shown}.", observed=shown)
    await ctx.api.wait_for_replicas()
    before = await ctx.api.get(run.id)
    again = await ctx.api.abort(run.id)
    await ctx.expect_unchanged("ABT-06d", before, again, what="Aborting an ABORTED run")


@scenario(runs=1, profile=Profile.FULL)
async def abort_right_after_start(ctx: CheckContext) -> None:
    """A run that is aborted right after its start ends as ABORTED."""
    start = await ctx.starts.start(STUBBORN)
    run = str(details(start)["id"])
    abort = await ctx.api.abort(run)
    last = await ended(ctx, run, within=AT_ONCE)
    judge_aborted(ctx, "ABT-05b", abort, last, AT_ONCE)


@scenario(runs=1, seconds=38)
async def graceful_abort_of_stubborn_run(ctx: CheckContext) -> None:
    """A graceful abort leaves a run its 30 seconds, and then stops it by force."""
    run = await ctx.starts.begin(STUBBORN, wait=2.0)
    _judge_wait_for_longer_run(ctx, run)
    await ctx.api.until_running(run.id)
    ctx.api.announce_wait("ABORTED after a graceful abort", GRACE_OVER, "abortRun")
    abort = await ctx.api.abort(run.id, gracefully="true")
    if not accepted(abort):
        for promise in ("ABT-08b", "ABT-08c", "ABT-06e"):
            ctx.expect_run(promise, abort, run.id, what="A graceful abort of a running run")
        return
    ctx.note(
        "ABT-09",
        abort,
        message=f"A graceful abort is answered after {seconds_of(abort):.1f} s with "
        f"{status_of(abort)}.",
    )
    await ctx.api.wait_for_replicas()
    during = await ctx.api.get(run.id)
    if status_of(during) == "ABORTING":
        again = await ctx.api.abort(run.id, gracefully="true")
        ctx.judge(
            "ABT-06e",
            during,
            again,
            kept=about(again, run.id) and status_of(again) in {"ABORTING", "ABORTED"},
            message=f"Aborting an ABORTING run is answered {summary(again)}.",
            expected="200, run ABORTING",
            observed=summary(again),
        )
    else:
        ctx.not_exercised("ABT-06e", f"the run was not seen ABORTING: {summary(during)}")
    last = await ended(ctx, run.id, within=abort.sent + GRACE_OVER - ctx.session.now())
    seconds = last.received - abort.sent
    status = status_of(last)
    judge_aborted(ctx, "ABT-08b", abort, last, GRACE_OVER)
    ctx.judge(
        "ABT-08c",
        last,
        abort,
        kept=status not in TERMINAL or seconds >= GRACE_LEAST,
        message=f"A run that ignores a graceful abort was {status} after {seconds:.1f} s.",
        expected=f"its 30 s of grace, at least {GRACE_LEAST:g} s",
        observed=f"{status} after {seconds:.1f} s",
    )


def _judge_wait_for_longer_run(ctx: CheckContext, run: StartedRun) -> None:
    start, seconds = run.start, seconds_of(run.start)
    limit = 2.0 + ctx.session.tolerance(2.0)
    ctx.judge(
        "TSK-19b",
        start,
        kept=1.7 <= seconds <= limit + 1 and status_of(start) not in {*TERMINAL, None},
        message=f"waitForFinish=2 on the start of a longer run was answered after {seconds:.1f} s "
        f"with {summary(start)}.",
        expected=f"an answer after 2 s, at most {limit + 1:.1f} s (on this target), not terminal",
        observed=f"{summary(start)} after {seconds:.1f} s",
    )


# A target that is slow to tell its Actors makes a second run necessary: that one is the probe.
@scenario(runs=1, probes=True, seconds=12)
async def graceful_abort_of_obedient_run(ctx: CheckContext) -> None:
    """A graceful abort tells the Actor, which can exit long before it would be stopped by force."""
    pause, longer = LISTENING
    abort, last = await _abort_obedient_run(ctx, pause)
    if abort.status == 200 and not _ended_early(abort, last):
        pause = longer
        abort, last = await _abort_obedient_run(ctx, pause)
    status, seconds = status_of(last), last.received - abort.sent
    early = _ended_early(abort, last)
    ctx.judge(
        "ABT-08",
        last,
        abort,
        kept=abort.status == 200 and early,
        message=f"A graceful abort of a run that exits when told to was answered "
        f"{summary(abort)}, {pause:g} s after it was seen RUNNING; {seconds:.1f} s later the run is "
        f"{status}.",
        expected="a run that ends by itself well before the 30 s are over",
        observed=f"{status} after {seconds:.1f} s",
    )
    if early:
        ctx.note("ABT-10", last, message=f"A run that exits when told to abort is {status}.")


async def _abort_obedient_run(ctx: CheckContext, pause: float) -> tuple[Exchange, Exchange]:
    """Abort a run that obeys, `pause` seconds after it was RUNNING; return abort and last read."""
    run = await ctx.starts.begin(OBEDIENT)
    await ctx.api.until_running(run.id)
    await asyncio.sleep(pause)
    abort = await ctx.api.abort(run.id, gracefully="true")
    return abort, await ended(ctx, run.id, within=GRACE_LEAST if abort.status == 200 else 0.0)


def _ended_early(abort: Exchange, last: Exchange) -> bool:
    return status_of(last) in TERMINAL and last.received - abort.sent < GRACE_LEAST


@scenario(uses=("finished",), seconds=5)
async def abort_of_succeeded_run(ctx: CheckContext) -> None:
    """Aborting a run that has SUCCEEDED answers 200 and changes nothing."""
    run = await _abort_of_ended_run(ctx, "ABT-06", "finished", "SUCCEEDED")
    body = await ctx.api.call(
        "abortRun",
        run=run.id,
        headers=(("content-type", "text/plain"),),
        body=b"a body that nobody asked for",
    )
    ctx.note("ABT-17", body, message=f"An abort with a body is answered {summary(body)}.")
    answers = {
        value: await ctx.api.abort(run.id, gracefully=value) for value in ("yes", "", "null", "2")
    }
    statuses = ", ".join(f"{value!r}: {answer.status}" for value, answer in answers.items())
    ctx.note("ABT-20", *answers.values(), message=f"Values of gracefully: {statuses}.")


@scenario(uses=("failed",), seconds=6)
async def abort_of_failed_run(ctx: CheckContext) -> None:
    """Aborting a run that has FAILED answers 200 and changes nothing."""
    await _abort_of_ended_run(ctx, "ABT-06b", "failed", "FAILED")


@scenario(uses=("timed_out",), seconds=8)
async def abort_of_timed_out_run(ctx: CheckContext) -> None:
    """Aborting a run that has TIMED-OUT answers 200 and changes nothing."""
    await _abort_of_ended_run(ctx, "ABT-06c", "timed_out", "TIMED-OUT")


async def _abort_of_ended_run(
    ctx: CheckContext, promise: str, name: str, status: str
) -> StartedRun:
    run = await ctx.fixtures.get(name)
    await ctx.api.wait_for_replicas()
    before = await ctx.api.get(run.id)
    if status_of(before) != status:
        raise NotExercisedError(f"no run is {status}: {summary(before)}")
    abort = await ctx.api.abort(run.id)
    await ctx.expect_unchanged(promise, before, abort, what=f"Aborting a run that has {status}")
    return run
