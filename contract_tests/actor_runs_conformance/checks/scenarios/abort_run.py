"""Scenarios of the abort at the address where it is judged: at once, and on runs that have ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.endings import (
    STUBBORN,
    ended,
    expect_end_stays,
    span,
)
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.promise import OWN_PATH_ABORT
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended, runs_or_ended
from actor_runs_conformance.testkit.answers import accepted, details, message_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import MAY_CHANGE_AFTER_END, object_at
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Set

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

AT_ONCE = 6.0
"""Seconds within which an immediate abort must have worked; clearly less than the grace."""
ACCESS = frozenset({"generalAccess"})
BY_FORCE = 40.0
"""Seconds after which even a run that was given the grace, unasked, has ended."""


async def abort_and_watch(ctx: CheckContext, run: str, abort: Exchange, promise: str) -> Exchange:
    """Judge by a promise that a run which was aborted ends as ABORTED, and return its last read."""
    shown = (abort.data or {}).get("id")
    if shown is not None and shown != run:
        raise NotExercisedError("another run was aborted", because="ABT-25")
    last = await ended(ctx, run, within=BY_FORCE if accepted(abort) else AT_ONCE)
    ctx.judge(
        promise,
        last,
        abort,
        kept=accepted(abort) and status_of(last) == "ABORTED",
        message=f"The abort was answered {summary(abort)}, and {last.received - abort.sent:.1f} s "
        f"later the run is {status_of(last)}.",
        expected="200, and ABORTED",
        observed=[summary(abort), status_of(last)],
    )
    return last


@scenario(runs=2, seconds=18)
async def abort_of_running_run(ctx: CheckContext) -> None:
    """Running runs are stopped at once, each by its own id, even if they would not end themselves."""
    older = await ctx.starts.begin(STUBBORN)
    newer = await ctx.starts.begin(STUBBORN, query=(("restartOnError", "true"),))
    seen = [
        await ctx.api.until(run.id, runs_or_ended, "RUNNING", within=15) for run in (older, newer)
    ]
    abort = await ctx.api.abort(older.id)
    _judge_answer(ctx, abort, older)
    others = [summary(read) for read in seen if status_of(read) != "RUNNING"]
    if others:
        raise NotExercisedError(f"the run was not seen RUNNING: {others[0]}")
    aside = await ctx.api.get(newer.id)
    ctx.judge(
        "ABT-25",
        abort,
        aside,
        kept=status_of(aside) not in {"ABORTING", *TERMINAL},
        message=f"When an older run is aborted, a newer one is {status_of(aside)}.",
        expected="RUNNING",
        observed=status_of(aside),
    )
    ctx.note("ABT-07b", abort, message=f"An immediate abort answers with {status_of(abort)}.")
    second = await ctx.api.abort(newer.id, gracefully="false")
    _judge_answer(ctx, second, newer)
    await asyncio.gather(
        _judge_at_once(ctx, older, abort, "without `gracefully`"),
        _judge_at_once(ctx, newer, second, "with gracefully=false"),
    )
    await _judge_aborted_run(ctx, abort, older)


def _judge_answer(ctx: CheckContext, abort: Exchange, run: StartedRun) -> None:
    what = "An abort of a running run"
    ctx.expect_details("ABT-02", abort, what=what)
    ctx.expect_run_of_path("ABT-25", abort, run.id, what=what, because="ABT-02")


@step("ABT-05", "ABT-07", "LIF-02", "LIF-03b")
async def _judge_at_once(ctx: CheckContext, run: StartedRun, abort: Exchange, what: str) -> None:
    last = await abort_and_watch(ctx, run.id, abort, "ABT-05")
    if not has_ended(last.data or {}):
        ctx.not_exercised("ABT-07", f"the run did not end: {summary(last)}", because="ABT-05")
        return
    took, bound = span(ctx, run, abort, last), AT_ONCE + 2 * ctx.session.loop_lag
    ctx.judge(
        "ABT-07",
        last,
        abort,
        kept=took.least <= bound,
        message=f"An abort {what} stopped a run only after {took}.",
        expected=f"at once, within {bound:.1f} s",
        observed=str(took),
    )
    if status_of(last) != "ABORTED":
        return
    later = await expect_end_stays(ctx, run.id, last)
    ctx.judge(
        "ABT-05",
        abort,
        last,
        later,
        kept=has_ended(later.data or {}),
        message=f"A run that was ABORTED is {status_of(later)} again.",
        expected="ABORTED",
        observed=status_of(later),
    )


@step("ABT-06d", "ABT-13", "ABT-14b", "ABT-16")
async def _judge_aborted_run(ctx: CheckContext, abort: Exchange, run: StartedRun) -> None:
    last = await ended(ctx, run.id, within=AT_ONCE)
    if status_of(last) != "ABORTED":
        raise NotExercisedError(f"the run is not ABORTED: {summary(last)}")
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
    if not ctx.wants("ABT-06d"):
        return
    again = await ctx.api.abort(str(details(last)["id"]))
    await ctx.expect_unchanged("ABT-06d", last, again, what="Aborting an ABORTED run")


@scenario(profile=Profile.FULL, runs=1, uses=("finished",), seconds=9)
async def abort_at_own_path(ctx: CheckContext) -> None:
    """The abort is offered at the run's own path too: it stops a run, and leaves a finished one."""
    run = await ctx.starts.begin(STUBBORN)
    await ctx.api.until_running(run.id)
    abort = await ctx.api.abort(run.id, at=OWN_PATH_ABORT)
    if not ctx.expect_run("ABT-01", abort, run.id, what="Abort run at the run's own path"):
        return
    await abort_and_watch(ctx, run.id, abort, "ABT-01")
    finished = await ctx.fixtures.get("finished")
    before = await ctx.api.get(finished.id)
    again = await ctx.api.abort(finished.id, at=OWN_PATH_ABORT)
    await ctx.expect_unchanged(
        "ABT-01", before, again, what="Abort run of a finished run at its own path"
    )


@scenario(runs=1, profile=Profile.FULL)
async def abort_right_after_start(ctx: CheckContext) -> None:
    """A run that is aborted right after its start ends as ABORTED."""
    start = await ctx.starts.start(STUBBORN)
    run = str(details(start)["id"])
    abort = await ctx.api.abort(run)
    await abort_and_watch(ctx, run, abort, "ABT-05b")


@scenario(uses=("finished",), seconds=8)
async def abort_of_succeeded_run(ctx: CheckContext) -> None:
    """Aborting a run that has SUCCEEDED answers 200 and changes nothing."""
    if ctx.wants("ABT-06"):
        await _abort_of_ended_run(ctx, "ABT-06", "finished", "SUCCEEDED", MAY_CHANGE_AFTER_END)
    run = await ctx.fixtures.get("finished")
    body = await ctx.api.abort(
        run.id, headers=(("content-type", "text/plain"),), body=b"a body that nobody asked for"
    )
    ctx.note("ABT-17", body, message=f"An abort with a body is answered {summary(body)}.")
    answers = {
        value: await ctx.api.abort(run.id, gracefully=value) for value in ("yes", "", "null", "2")
    }
    statuses = ", ".join(f"{value!r}: {answer.status}" for value, answer in answers.items())
    ctx.note("ABT-20", *answers.values(), message=f"Values of gracefully: {statuses}.")


@scenario(uses=("failed",), seconds=9)
async def abort_of_failed_run(ctx: CheckContext) -> None:
    """Aborting a run that has FAILED answers 200 and changes nothing."""
    await _abort_of_ended_run(ctx, "ABT-06b", "failed", "FAILED")


@scenario(uses=("timed_out",), seconds=11)
async def abort_of_timed_out_run(ctx: CheckContext) -> None:
    """Aborting a run that has TIMED-OUT answers 200 and changes nothing."""
    await _abort_of_ended_run(ctx, "ABT-06c", "timed_out", "TIMED-OUT")


async def _abort_of_ended_run(
    ctx: CheckContext, promise: str, name: str, status: str, free: Set[str] = ACCESS
) -> None:
    """Judge the abort of a shared run; `free` is what other scenarios may change meanwhile."""
    run = await ctx.fixtures.get(name)
    await ctx.api.wait_for_replicas()
    before = await ctx.api.get(run.id)
    if status_of(before) != status:
        _judge_earlier_abort(ctx, promise, run, status, before)
        raise NotExercisedError(f"no run is {status}: {summary(before)}")
    for how, gracefully in (("Aborting", None), ("Gracefully aborting", "true")):
        abort = await ctx.api.abort(run.id, gracefully=gracefully)
        what = f"{how} a run that has {status}"
        if not await ctx.expect_unchanged(promise, before, abort, what=what, free=free):
            return


def _judge_earlier_abort(
    ctx: CheckContext, promise: str, run: StartedRun, status: str, before: Exchange
) -> None:
    """Judge that a shared run was not changed by the abort that another scenario has sent."""
    had_ended = status in ctx.session.history.runs[run.id].first_seen
    if had_ended and run.id in ctx.session.runs.aborted_by and status_of(before) == "ABORTED":
        ctx.expect_value(
            promise,
            "ABORTED",
            status,
            before,
            message=f"A run that had {status} was aborted, and is ABORTED now.",
        )
