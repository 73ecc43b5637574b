"""Scenarios of the deprecated abort below an Actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.abort_run import (
    AT_ONCE,
    STUBBORN,
    ended,
    judge_aborted,
)
from actor_runs_conformance.checks.scenarios.references import actor_name
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import NOBODY, path
from actor_runs_conformance.ledger.contract import PREFIXES
from actor_runs_conformance.ledger.statuses import TERMINAL
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.asserts import about, judge_unchanged
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun


@scenario(uses=("finished", "live"), seconds=6)
async def deprecated_abort_of_finished_run(ctx: CheckContext) -> None:
    """The deprecated path answers as its successor does, under both prefixes and Actor names."""
    run = await ctx.fixtures.get("finished")
    if not run.actor:
        raise NotExercisedError("the run does not say which Actor it is of (actId)")
    await ctx.api.wait_for_replicas()
    before = await ctx.api.get(run.id)
    act = await ctx.api.abort(run.id, actor=run.actor)
    gone = act.status in {404, 410} and act.response is not None
    ctx.note(
        "ABT-02b",
        act,
        message=f"The deprecated path is {'gone' if gone else 'still there'}: {summary(act)}.",
    )
    for promise in ("ABT-02", "ABT-03"):
        ctx.judge(
            promise,
            before,
            act,
            kept=about(act, run.id),
            message=f"The deprecated abort of a finished run is answered {summary(act)}.",
            expected=f"200 with the run {run.id}",
            observed=summary(act),
        )
    if status_of(before) == "SUCCEEDED":
        await judge_unchanged(
            ctx, "ABT-06", before, act, what="Aborting a finished run by the deprecated path"
        )
    spelled = path("abortActorRun", actor=run.actor, run=run.id).replace(*PREFIXES)
    other = await ctx.api.send("POST", spelled, operation="abortActorRun")
    ctx.judge(
        "GEN-11",
        act,
        other,
        kept=about(other, run.id) and about(act, run.id),
        message=f"{PREFIXES[0]} is answered {summary(act)} and {PREFIXES[1]} {summary(other)}.",
        expected="200 with the same run under both",
        observed=[summary(act), summary(other)],
    )
    unknown = await ctx.api.abort(run.id, actor=NOBODY)
    ctx.refusal("ERR-02", unknown, act, what="An abort below an unknown Actor", statuses=(404,))
    ctx.note("ERR-02b", unknown, message=f"An unknown Actor is answered {summary(unknown)}.")
    ctx.note("ABT-04", unknown, message=f"Below another Actor: {summary(unknown)}.")
    name = await actor_name(ctx, run.actor)
    by_name = await ctx.api.abort(run.id, actor=name)
    ctx.judge(
        "ABT-03b",
        before,
        by_name,
        kept=about(by_name, run.id),
        message=f"The deprecated abort below {name} is answered {summary(by_name)}.",
        expected=f"200 with the run {run.id}",
        observed=summary(by_name),
    )


def _offered(ctx: CheckContext, run: StartedRun) -> str | None:
    """Return the Actor to abort a run below; None where only the successor is offered."""
    return None if "abortActorRun" in ctx.session.unsupported else run.actor or NOBODY


@scenario(runs=1, profile=Profile.FULL, seconds=8)
async def deprecated_abort_of_running_run(ctx: CheckContext) -> None:
    """The deprecated path stops a running run at once; `gracefully=0` is false."""
    run = await ctx.starts.begin(STUBBORN)
    await ctx.api.until_running(run.id)
    act = await ctx.api.abort(run.id, actor=_offered(ctx, run), gracefully="0")
    last = await ended(ctx, run.id, within=AT_ONCE)
    judge_aborted(ctx, "ABT-05", act, last, AT_ONCE)


@scenario(runs=1, profile=Profile.FULL, seconds=14)
async def deprecated_graceful_abort(ctx: CheckContext) -> None:
    """The deprecated path aborts gracefully; `gracefully=1` is true."""
    run = await ctx.starts.begin(STUBBORN)
    await ctx.api.until_running(run.id)
    act = await ctx.api.abort(run.id, actor=_offered(ctx, run), gracefully="1")
    await ctx.api.wait_for_replicas()
    during = await ctx.api.get(run.id)
    status = status_of(during)
    for promise in ("ABT-08", "GEN-17"):
        ctx.judge(
            promise,
            during,
            act,
            kept=act.status == 200 and status == "ABORTING",
            message="A graceful abort (gracefully=1) of a run that goes on was answered "
            f"{summary(act)}; {during.received - act.sent:.1f} s later the run is {status}.",
            expected="200, and ABORTING during the 30 s of grace",
            observed=[summary(act), status],
        )
    if status != "ABORTING":
        raise NotExercisedError(f"the run was not seen ABORTING: {summary(during)}")
    reboot = await ctx.api.reboot(run.id)
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(run.id)
    ctx.judge(
        "RBT-02b",
        during,
        reboot,
        after,
        kept=status_of(after) in {"ABORTING", "ABORTED"},
        message=f"A run that is ABORTING is {status_of(after)} after a reboot, which was answered "
        f"{summary(reboot)}.",
        expected="ABORTING or ABORTED",
        observed=status_of(after),
    )
    hard = await ctx.api.abort(run.id)
    last = await ended(ctx, run.id, within=8)
    shortened = status_of(last) in TERMINAL
    ctx.note(
        "ABT-11",
        last,
        hard,
        message="An immediate abort during the grace stops the run at once."
        if shortened
        else "An immediate abort during the grace does not shorten it.",
    )
