"""Scenarios of what is peculiar to the documented, deprecated address below an Actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.abort_run import abort_and_watch
from actor_runs_conformance.checks.scenarios.endings import STUBBORN
from actor_runs_conformance.checks.scenarios.references import actor_name
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import NOBODY, path
from actor_runs_conformance.ledger.contract import PREFIXES
from actor_runs_conformance.testkit.answers import about
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.context import CheckContext


@scenario(uses=("finished",), seconds=4)
async def deprecated_abort_of_finished_run(ctx: CheckContext) -> None:
    """The deprecated path knows the Actor by its id, under both prefixes, and by its name."""
    run = await ctx.fixtures.get("finished")
    if not run.actor:
        raise NotExercisedError("the run does not say which Actor it is of (actId)")
    abort = await ctx.api.abort(run.id, actor=run.actor)
    gone = abort.status in {404, 410}
    ctx.note(
        "ABT-02b",
        abort,
        message=f"The deprecated path is {'gone' if gone else 'still there'}: {summary(abort)}.",
    )
    ctx.expect_run("ABT-03", abort, run.id, what="The deprecated abort of a finished run")
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
    what = f"The deprecated abort below {name}"
    ctx.expect_run("ABT-03b", by_name, run.id, what=what)
    anonymous = await ctx.api.abort(run.id, actor=name, token=None)
    ctx.refusal("AUT-07", anonymous, by_name, what=f"{what} without a token")


@scenario(runs=1, profile=Profile.FULL, seconds=8)
async def abort_below_named_actor(ctx: CheckContext) -> None:
    """A running run is stopped below its Actor's name as it is below the Actor's id."""
    run = await ctx.starts.begin(STUBBORN)
    name = await actor_name(ctx, run.actor)
    await ctx.api.until_running(run.id)
    abort = await ctx.api.abort(run.id, actor=name)
    await abort_and_watch(ctx, run.id, abort, "ABT-03b")
