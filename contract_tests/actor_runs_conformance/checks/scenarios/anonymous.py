"""Scenarios of readers without a token: what they see of a run, and what its owner may change in that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.results.finding import NEVER_SENT
from actor_runs_conformance.testkit.answers import (
    about,
    accepted,
    details,
)
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.context import CheckContext

COSTS = ("usageUsd", "usageTotalUsd")
PUBLIC = "ANYONE_WITH_ID_CAN_READ"
ACCESS_DELAY = 60.0
"""Seconds after which a change of general access must have taken effect."""


@scenario(profile=Profile.READ_ONLY, uses=("finished",), seconds=5)
async def anonymous_get(ctx: CheckContext) -> None:
    """Get run answers a caller without a token, and hides the costs."""
    run = await ctx.fixtures.get("finished")
    owner = await ctx.api.get(run.id)
    anonymous = await ctx.api.get(run.id, token=None)
    access = access_of(owner)
    refused = anonymous.response is not None and anonymous.response.refused
    if refused and access != PUBLIC:
        # What settings refuse is judged on a run whose access is opened first.
        raise NotExercisedError(f"the run's general access ({access}) refuses strangers")
    ctx.expect_run("AUT-04", anonymous, run.id, owner, what="Get run without a token")
    if not about(anonymous, run.id):
        raise NotExercisedError(f"the run cannot be read without a token: {summary(anonymous)}")
    judge_costs(ctx, owner, anonymous, "a run that has ended")
    waited = await ctx.api.get(run.id, token=None, wait=1)
    judge_costs(ctx, owner, waited, "a run that has ended, with waitForFinish,")
    hidden = sorted(set(details(owner)) - set(details(anonymous)) - set(COSTS))
    ctx.note(
        "AUT-05b",
        owner,
        anonymous,
        message=f"Beside costs, {', '.join(hidden)} are hidden without a token."
        if hidden
        else "Nothing but costs is hidden without a token.",
        observed=hidden,
    )


@scenario(uses=("finished", "live"), seconds=3)
async def anonymous_get_of_running_run(ctx: CheckContext) -> None:
    """A caller without a token may read a run that goes on too, and wait, and sees no costs."""
    done, live = await ctx.fixtures.get("finished"), await ctx.fixtures.get("live")
    ended, control = await ctx.api.get(done.id), await ctx.api.get(done.id, token=None)
    await ctx.api.until_running(live.id)
    owner = await ctx.api.get(live.id)
    if access_of(owner) != PUBLIC and not about(control, done.id):
        raise NotExercisedError(f"the run's general access ({access_of(owner)}) refuses strangers")
    if access_of(owner) != access_of(ended):
        raise NotExercisedError("the general access of a run changes when it ends")
    for wait, what in (
        (None, "a run that goes on"),
        (1, "a run that goes on, with waitForFinish,"),
    ):
        anonymous = await ctx.api.get(live.id, token=None, wait=wait)
        ctx.expect_run(
            "AUT-04", anonymous, live.id, control, owner, what=f"Get run of {what} without a token"
        )
        judge_costs(ctx, owner, anonymous, what)


def access_of(exchange: Exchange) -> JsonValue:
    """Return the general access that an answer shows; None when it shows none."""
    return (exchange.data or {}).get("generalAccess")


def judge_costs(ctx: CheckContext, owner: Exchange, anonymous: Exchange, what: str) -> None:
    """Judge that costs which the owner is shown are hidden from a caller without a token."""
    owned, seen = owner.data or {}, anonymous.data or {}
    shown = [name for name in COSTS if seen.get(name) is not None]
    if not shown and all(owned.get(name) is None for name in COSTS):
        ctx.not_exercised("AUT-05", NEVER_SENT)
        return
    ctx.judge(
        "AUT-05",
        owner,
        anonymous,
        kept=not shown,
        message=f"Get run of {what} shows {' and '.join(shown)} to a caller without a token.",
        expected="neither usageUsd nor usageTotalUsd",
        observed={name: seen[name] for name in shown},
    )


async def _until_read(ctx: CheckContext, run: str, *, readable: bool) -> Exchange:
    """Read without a token until that works, or stops working; give up after about a minute."""
    deadline = ctx.session.now() + ACCESS_DELAY
    ctx.api.announce_wait("a change of general access to take effect", ACCESS_DELAY, "getRun")
    pause = 0.5
    while True:
        exchange = await ctx.api.get(run, token=None)
        if (exchange.status == 200) is readable or ctx.session.now() > deadline:
            return exchange
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 5)


@scenario(runs=1, seconds=14)
async def general_access(ctx: CheckContext) -> None:
    """General access is updated: then a caller without a token is answered, or refused."""
    run = await ctx.starts.begin({"durationSecs": 120, "exitCode": 0})
    await _restrict(ctx, run.id)
    await _set_and_read(ctx, run.id, "FOLLOW_USER_SETTING")
    opened = await _set_access(ctx, run.id, PUBLIC)
    await _judge_set(ctx, run.id, PUBLIC, opened)
    await _judge_open(ctx, run.id, opened)
    for invalid in ("invalid", 0, None):
        probe = await _set_access(ctx, run.id, invalid)
        ctx.refusal("PUT-12", probe, opened, what=f"generalAccess {invalid!r}", statuses=(400,))


@step("PUT-11", "AUT-06")
async def _restrict(ctx: CheckContext, run: str) -> None:
    update = await _set_access(ctx, run, "RESTRICTED")
    await _judge_set(ctx, run, "RESTRICTED", update)
    if about(update, run) and ctx.wants("AUT-06"):
        refused = await _until_read(ctx, run, readable=False)
        owner = await ctx.api.get(run)
        ctx.refusal(
            "AUT-06",
            refused,
            owner,
            what="Get run of a restricted run without a token",
            statuses=(401, 403, 404),
        )


@step("PUT-11")
async def _set_and_read(ctx: CheckContext, run: str, value: str) -> None:
    await _judge_set(ctx, run, value, await _set_access(ctx, run, value))


@step("PUT-11")
async def _judge_set(ctx: CheckContext, run: str, value: str, update: Exchange) -> None:
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(run)
    shown = access_of(after)
    ctx.judge(
        "PUT-11",
        update,
        after,
        kept=about(update, run) and shown in (value, None),
        message=f"After generalAccess was set to {value} ({summary(update)}), reads show {shown}.",
        expected=value,
        observed=shown,
    )


async def _set_access(ctx: CheckContext, run: str, value: JsonValue) -> Exchange:
    body = {"runId": run, "statusMessage": "with general access", "generalAccess": value}
    return await ctx.api.update(run, body)


@step("AUT-04", "AUT-05")
async def _judge_open(ctx: CheckContext, run: str, opened: Exchange) -> None:
    """Judge that a run which anyone may read, or whose access nobody can set, is read by anyone."""
    owner = await ctx.api.get(run)
    if not accepted(opened) and access_of(owner) is not None:
        ctx.not_exercised("AUT-04", f"general access cannot be opened: {summary(opened)}")
        return
    anonymous = await _until_read(ctx, run, readable=True)
    what = "Get run without a token"
    ctx.expect_run("AUT-04", anonymous, run, opened, owner, what=what)
    if about(anonymous, run):
        judge_costs(ctx, owner, anonymous, "a run that anyone may read")
