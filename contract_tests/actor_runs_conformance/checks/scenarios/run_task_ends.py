"""Scenarios of how a started run ends: exit code, restart, timeout, and a start that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL
from actor_runs_conformance.testkit.answers import accepted, details, seconds_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import number_at

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.context import CheckContext


@scenario(uses=("finished", "failed"), seconds=4)
async def exit_code_decides_status(ctx: CheckContext) -> None:
    """Exit code 0 ends as SUCCEEDED, any other as FAILED, without a restart."""
    done, failed = await ctx.fixtures.get("finished"), await ctx.fixtures.get("failed")
    for run, status in ((done, "SUCCEEDED"), (failed, "FAILED")):
        read = await ctx.api.until_status(run.id, status, within=3)
        ctx.judge(
            "LIF-04",
            run.start,
            read,
            kept=status_of(read) == status,
            message=f"An Actor that exits {0 if run is done else 7} ends as {status_of(read)}.",
            expected=status,
            observed=summary(read),
        )
    restarts = number_at(read.data or {}, "stats.restartCount") or 0
    ctx.judge(
        "TSK-17c",
        failed.start,
        read,
        kept=restarts == 0 and status_of(read) == "FAILED",
        message=f"With restartOnError=false a run that fails is restarted {restarts:g} times.",
        expected="FAILED, no restart",
        observed=summary(read),
    )


@scenario(runs=1, profile=Profile.FULL, seconds=25)
async def restart_on_error(ctx: CheckContext) -> None:
    """With `restartOnError=true` a run that fails is restarted."""
    run = await ctx.starts.begin(
        {"durationSecs": 1.5, "exitCode": 1}, query=(("restartOnError", "true"),)
    )
    last = await ctx.api.until_finished(run.id, within=60)
    restarts = number_at(details(last), "stats.restartCount") or 0
    seconds = last.received - run.start.received
    ctx.judge(
        "TSK-17",
        run.start,
        last,
        kept=restarts >= 1 or seconds >= 3.0,
        message=f"With restartOnError=true a run that fails after 1.5 s is {status_of(last)} after "
        f"{seconds:.1f} s, with {restarts:g} restarts.",
        expected="at least one restart",
        observed=f"{status_of(last)}, stats.restartCount {restarts:g}",
    )
    ctx.note(
        "TSK-17b",
        last,
        message=f"A run that always fails is restarted {restarts:g} times and ends as "
        f"{status_of(last)}.",
    )


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


@scenario(runs=1, profile=Profile.FULL, seconds=6)
async def start_and_wait_for_end(ctx: CheckContext) -> None:
    """A start that waits is answered with 201 as soon as its run has finished."""
    ctx.api.announce_wait("a start that waits for its run", 32, "runTask")
    start = await ctx.starts.start({"durationSecs": 1, "exitCode": 0}, wait=30)
    seconds = seconds_of(start)
    ctx.judge(
        "TSK-19",
        start,
        kept=accepted(start)
        and status_of(start) in TERMINAL
        and seconds < 25 + ctx.session.tolerance(),
        message=f"waitForFinish=30 on the start of a run of 1 s was answered after {seconds:.1f} s "
        f"with {summary(start)}.",
        expected="a terminal status, as soon as the run has ended",
        observed=f"{summary(start)} after {seconds:.1f} s",
    )
    ctx.expect_value(
        "TSK-19c",
        start.status,
        201,
        start,
        message=f"A start that waited is answered {start.status}.",
    )
