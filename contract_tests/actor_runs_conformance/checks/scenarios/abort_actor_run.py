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
from actor_runs_conformance.testkit.answers import about
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun


@scenario(uses=("finished", "live"), seconds=6)
async def deprecated_abort_of_finished_run(ctx: CheckContext) -> None:
    """The deprecated path answers like its successor, under both prefixes and names of the Actor."""
    run = await ctx.fixtures.get("finished")
    if not run.actor:
        raise NotExercisedError("the run does not say which Actor it is of (actId)")
    await ctx.api.wait_for_replicas()
    before = await ctx.api.get(run.id)
    abort = await ctx.api.abort(run.id, actor=run.actor)
    gone = abort.status in {404, 410}
    ctx.note(
        "ABT-02b",
        abort,
        message=f"The deprecated path is {'gone' if gone else 'still there'}: {summary(abort)}.",
    )
    for promise in ("ABT-02", "ABT-03"):
        ctx.expect_run(
            promise, abort, run.id, before, what="The deprecated abort of a finished run"
        )
    if status_of(before) == "SUCCEEDED":
        await ctx.expect_unchanged(
            "ABT-06", before, abort, what="Aborting a finished run by the deprecated path"
        )
    address = path("abortActorRun", actor=run.actor, run=run.id).replace(*PREFIXES)
    respelled = await ctx.api.send("POST", address, operation="abortActorRun")
    ctx.judge(
        "GEN-11",
        abort,
        respelled,
        kept=about(respelled, run.id) and about(abort, run.id),
        message=f"{PREFIXES[0]} is answered {summary(abort)} and {PREFIXES[1]} {summary(respelled)}.",
        expected="200 with the same run under both",
        observed=[summary(abort), summary(respelled)],
    )
    unknown = await ctx.api.abort(run.id, actor=NOBODY)
    ctx.refusal("ERR-02", unknown, abort, what="An abort below an unknown Actor", statuses=(404,))
    ctx.note("ERR-02b", unknown, message=f"An unknown Actor is answered {summary(unknown)}.")
    ctx.note("ABT-04", unknown, message=f"An abort below another Actor: {summary(unknown)}.")
    name = await actor_name(ctx, run.actor)
    by_name = await ctx.api.abort(run.id, actor=name)
    ctx.expect_run("ABT-03b", by_name, run.id, before, what=f"The deprecated abort below {name}")


def _offered(ctx: CheckContext, run: StartedRun) -> str | None:
    """Return the Actor to abort a run below; None where only the successor is offered."""
    return None if "abortActorRun" in ctx.session.unsupported else run.actor or NOBODY


@scenario(runs=1, profile=Profile.FULL, seconds=8)
async def deprecated_abort_of_running_run(ctx: CheckContext) -> None:
    """The deprecated path stops a running run at once; `gracefully=0` is false."""
    run = await ctx.starts.begin(STUBBORN)
    await ctx.api.until_running(run.id)
    abort = await ctx.api.abort(run.id, actor=_offered(ctx, run), gracefully="0")
    last = await ended(ctx, run.id, within=AT_ONCE)
    judge_aborted(ctx, "ABT-05", abort, last, AT_ONCE)


@scenario(runs=1, profile=Profile.FULL, seconds=14)
async def deprecated_graceful_abort(ctx: CheckContext) -> None:
    """The deprecated path aborts gracefully; `gracefully=1` is true."""
    run = await ctx.starts.begin(STUBBORN)
    await ctx.api.until_running(run.id)
    abort = await ctx.api.abort(run.id, actor=_offered(ctx, run), gracefully="1")
    await ctx.api.wait_for_replicas()
    during = await ctx.api.get(run.id)
    status = status_of(during)
    for promise in ("ABT-08", "GEN-17"):
        ctx.judge(
            promise,
            during,
            abort,
            kept=abort.status == 200 and status == "ABORTING",
            message="A graceful abort (gracefully=1) of a running run was answered "
            f"{summary(abort)}; {during.received - abort.sent:.1f} s later the run is {status}.",
            expected="200, and ABORTING during the 30 s of grace",
            observed=[summary(abort), status],
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
    immediate = await ctx.api.abort(run.id)
    last = await ended(ctx, run.id, within=8)
    shortened = status_of(last) in TERMINAL
    ctx.note(
        "ABT-11",
        last,
        immediate,
        message="An immediate abort during the grace stops the run at once."
        if shortened
        else "An immediate abort during the grace does not shorten it.",
    )
