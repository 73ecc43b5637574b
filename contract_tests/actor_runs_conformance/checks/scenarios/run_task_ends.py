"""Scenarios of how a started run ends: exit code, restart, timeout, and a start that waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.endings import (
    STUBBORN,
    ended,
    expect_end_stays,
    under_way,
)
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.results.finding import NEVER_SENT
from actor_runs_conformance.testkit.answers import accepted, details, seconds_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.fixtures import FIXTURES
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import moment, number_at
from actor_runs_conformance.testkit.run_times import own_seconds
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun


ATTEMPT = 3.0
"""Seconds that a run works which fails, and is restarted."""
HIGHEST = 255
"""The highest exit code there is."""
EARLY = 0.3
"""Seconds by which a wait may end too soon: clocks differ a little."""
SHORT = 6.0
"""Seconds that a run works whose start waits for its end."""
LONG_WAIT = 30.0
"""Seconds at most that such a start waits."""
WAIT = 1.5
"""Seconds that a start waits for a run which goes on."""


@scenario(uses=("finished", "failed"), seconds=9)
async def exit_code_decides_status(ctx: CheckContext) -> None:
    """Exit code 0 ends as SUCCEEDED, any other as FAILED, without a restart."""
    done, failed = await ctx.fixtures.get("finished"), await ctx.fixtures.get("failed")
    await _judge_exit_codes(ctx, done, failed)
    read = await ctx.api.get(failed.id)
    restarts = number_at(details(read), "stats.restartCount")
    if restarts is None:
        ctx.not_exercised("TSK-17c", f"{NEVER_SENT} (stats.restartCount)")
        return
    ctx.judge(
        "TSK-17c",
        failed.start,
        read,
        kept=restarts == 0,
        message=f"With restartOnError=false a run that fails is restarted {restarts:g} times.",
        expected="no restart",
        observed=summary(read),
    )


@step("LIF-02", "LIF-03", "LIF-03b", "LIF-04")
async def _judge_exit_codes(ctx: CheckContext, done: StartedRun, failed: StartedRun) -> None:
    await asyncio.gather(
        _judge_exit_code(ctx, done, 0, "SUCCEEDED"), _judge_exit_code(ctx, failed, 7, "FAILED")
    )


async def _judge_exit_code(ctx: CheckContext, run: StartedRun, code: int, status: str) -> None:
    first = await ctx.api.until(run.id, has_ended, "the end", within=LAG)
    for read in (first, await expect_end_stays(ctx, run.id, first)):
        ctx.judge(
            "LIF-04",
            run.start,
            read,
            kept=status_of(read) == status,
            message=f"A run whose Actor exits {code} is {status_of(read)}.",
            expected=status,
            observed=summary(read),
        )


@scenario(runs=1, uses=("failed",), profile=Profile.FULL, seconds=25)
async def restart_on_error(ctx: CheckContext) -> None:
    """With `restartOnError=true` a run that fails is restarted."""
    run = await ctx.starts.begin(
        {"durationSecs": ATTEMPT, "exitCode": 9}, query=(("restartOnError", "true"),)
    )
    last = await ctx.api.until_finished(run.id, within=60)
    restarts = number_at(details(last), "stats.restartCount") or 0
    once = await ctx.fixtures.get("failed")
    plain = await ctx.api.until_finished(once.id, within=3)
    work = (FIXTURES["failed"].body["durationSecs"], ATTEMPT)
    seconds = _seconds_between((once, plain), (run, last))
    if seconds is None:
        raise NotExercisedError("the target does not show when runs started and finished")
    # What a container takes to start is in both, so that only the work makes the difference.
    least = ATTEMPT - work[0] + ATTEMPT / 2
    ctx.judge(
        "TSK-17",
        once.start,
        plain,
        run.start,
        last,
        # Whatever it is restarted with, only other input than it was given lets it succeed: where a
        # run that fails does not succeed anyway.
        kept=seconds >= least and status_of(last) in {"FAILED", status_of(plain)},
        message=f"With restartOnError=true a run that fails after {ATTEMPT:g} s is "
        f"{status_of(last)} with {restarts:g} restarts. By startedAt and finishedAt it took "
        f"{seconds:.1f} s longer than a run of {work[0]:g} s that is not restarted.",
        expected=f"at least one restart, so at least {least:g} s longer, and no success",
        observed=f"{status_of(last)}, stats.restartCount {restarts:g}, {seconds:.1f} s longer",
    )
    ctx.note(
        "TSK-17b",
        last,
        message=f"A run that always fails is restarted {restarts:g} times and ends as "
        f"{status_of(last)}.",
    )


def _seconds_between(
    shorter: tuple[StartedRun, Exchange], longer: tuple[StartedRun, Exchange]
) -> float | None:
    """Return by how many seconds a run took longer than another, by their own dates.

    The start is that of the first answer: a restart may begin it anew.
    """
    took = []
    for run, exchange in (shorter, longer):
        start, end = moment(run.first.get("startedAt")), moment(details(exchange).get("finishedAt"))
        if start is None or end is None:
            return None
        took.append((end - start).total_seconds())
    return took[1] - took[0]


@scenario(uses=("timed_out",), seconds=6)
async def run_times_out(ctx: CheckContext) -> None:
    """A run that exceeds its timeout ends as TIMED-OUT."""
    try:
        run = await ctx.fixtures.get("timed_out")
    except NotExercisedError:
        # Started and not ended although its time is long over: that is what is judged.
        if "timed_out" not in ctx.fixtures.started:
            raise
        run = ctx.fixtures.started["timed_out"]
    # A replica may be behind what was seen already.
    last = await ctx.api.until_status(run.id, "TIMED-OUT", within=LAG)
    ctx.judge(
        "TSK-11",
        run.start,
        last,
        kept=status_of(last) == "TIMED-OUT",
        message=f"A run of 60 s with timeout=2 is {status_of(last)} "
        f"{last.sent - run.start.received:.0f} s after its start.",
        expected="TIMED-OUT",
        observed=summary(last),
    )
    if status_of(last) == "TIMED-OUT" and ctx.wants("LIF-02", "LIF-03b"):
        await expect_end_stays(ctx, run.id, last)


@scenario(runs=1, profile=Profile.FULL, seconds=6)
async def start_and_wait_for_end(ctx: CheckContext) -> None:
    """A start that waits is answered with 201 as soon as its run has finished."""
    ctx.api.announce_wait("a start that waits for its run", LONG_WAIT + 2, "runTask")
    start = await ctx.starts.start({"durationSecs": SHORT, "exitCode": HIGHEST}, wait=LONG_WAIT)
    await _judge_wait_for_end(ctx, start)
    ctx.expect_value(
        "TSK-19c",
        start.status,
        201,
        start,
        message=f"A start that waited is answered {start.status}.",
    )
    if not accepted(start):
        return
    _judge_location(ctx, start)
    if status_of(start) in TERMINAL:
        ctx.expect_value(
            "LIF-04",
            status_of(start),
            "FAILED",
            start,
            message=f"An Actor that exits {HIGHEST} ends as {status_of(start)}.",
        )


async def _judge_wait_for_end(ctx: CheckContext, start: Exchange) -> None:
    """Judge a start that waits for up to `LONG_WAIT` for the end of its run."""
    seconds = seconds_of(start)
    lasted = own_seconds(start.data or {}) or SHORT
    observed = f"{summary(start)} after {seconds:.1f} s"
    message = f"waitForFinish={LONG_WAIT:g} on the start of a run of {SHORT:g} s was answered after {seconds:.1f} s with {summary(start)}"
    run = (start.data or {}).get("id")
    if accepted(start) and run and status_of(start) not in TERMINAL:
        later = await ctx.api.get(str(run))
        goes_on = accepted(later) and not has_ended(details(later))
        if goes_on and seconds >= LONG_WAIT - EARLY:
            # It may have waited that long for a machine of its own.
            reason = f"a run of {SHORT:g} s had not ended after {LONG_WAIT:g} s: {summary(later)}"
            ctx.not_exercised("TSK-19", reason)
            return
        if seconds < SHORT or goes_on:
            ctx.judge(
                "TSK-19b",
                later,
                start,
                kept=False,
                message=f"{message}, before the run had ended.",
                expected="no answer before the run has ended",
                observed=observed,
            )
            reason = f"the start was answered before its run had ended: {summary(start)}"
            ctx.not_exercised("TSK-19", reason, because="TSK-19b")
            return
    ctx.judge(
        "TSK-19",
        start,
        kept=accepted(start)
        and status_of(start) in TERMINAL
        and seconds < 25 + max(0.0, lasted - SHORT) + ctx.session.tolerance(),
        message=f"{message}.",
        expected="a terminal status, as soon as the run has ended",
        observed=observed,
    )


@scenario(runs=1, uses=("first",), profile=Profile.FULL, seconds=6)
async def start_and_wait_in_vain(ctx: CheckContext) -> None:
    """A start whose run goes on is answered with 201 when its wait is over; gracefully=0 is false."""
    control = (await ctx.fixtures.get("first")).start
    start = await ctx.starts.start(STUBBORN, wait=WAIT)
    seconds, status = seconds_of(start), status_of(start)
    limit = WAIT + 1 + ctx.session.tolerance(WAIT) + 2 * ctx.session.slowest_start
    ctx.judge(
        "TSK-19b",
        control,
        start,
        kept=accepted(start) and status not in TERMINAL and WAIT - EARLY <= seconds <= limit,
        message=f"waitForFinish={WAIT:g} on the start of a run of 80 s was answered after "
        f"{seconds:.1f} s with {summary(start)}.",
        expected=f"an answer after {WAIT:g} s, at most {limit:.1f} s (on this target), not terminal",
        observed=f"{summary(start)} after {seconds:.1f} s",
    )
    ctx.expect_status("TSK-19c", start, 201, control, what="A start whose wait is over")
    if accepted(start):
        _judge_location(ctx, start)
        await _abort_with_0(ctx, str(details(start)["id"]))


@step("GEN-17")
async def _abort_with_0(ctx: CheckContext, run: str) -> None:
    """Judge that an abort with gracefully=0 does not leave a run that ignores it its 30 seconds."""
    async with under_way(ctx.api.abort(run, gracefully="0")) as pending:
        last = await ended(ctx, run, within=10, abort=pending)
        shown = await pending if pending.done() else last
    ctx.judge(
        "GEN-17",
        last,
        shown,
        kept=accepted(shown) and has_ended(last.data or {}),
        message=f"An abort with gracefully=0 is answered {summary(shown)}; some seconds later the "
        f"run is {status_of(last)}.",
        expected="a run that has ended, without 30 s of grace",
        observed=[summary(shown), status_of(last)],
    )


def _judge_location(ctx: CheckContext, start: Exchange) -> None:
    location = start.response.header("location") if start.response else None
    ctx.judge(
        "TSK-03",
        start,
        kept=bool(location),
        message="The answer to a start that waited has no Location.",
        expected="a header Location",
        observed=location,
    )
