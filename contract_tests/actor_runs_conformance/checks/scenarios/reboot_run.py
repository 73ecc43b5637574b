"""Scenarios of Reboot run: a running run starts over, any other stays as it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.checks.scenarios.auth import BAD_TOKEN
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.asserts import about, details
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import (
    FIGURES,
    MAY_CHANGE_AFTER_END,
    changed,
    number_at,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext

WORK = 14.0
BEFORE = 5.0
"""Seconds that the Actor works before the reboot."""
STORAGES = ("defaultKeyValueStoreId", "defaultDatasetId", "defaultRequestQueueId")
KEPT = ("startedAt", "options", "meta", "buildId", "actId", "userId")
REFUSALS = (401, 402, 403)


@scenario(runs=1, uses=("failed", "timed_out"), seconds=32)
async def reboot_of_running_run(ctx: CheckContext) -> None:
    """A running run that is rebooted begins again; once it has finished, a reboot is refused."""
    run = await ctx.starts.begin({"durationSecs": WORK, "exitCode": 0})
    running = await ctx.api.until_running(run.id)
    anonymous = await ctx.api.reboot(run.id, token=None)
    invalid = await ctx.api.reboot(run.id, token=BAD_TOKEN)
    unknown = await ctx.api.reboot(NOBODY)
    await asyncio.sleep(BEFORE)
    before = await ctx.api.get(run.id)
    if status_of(before) != "RUNNING":
        raise NotExercisedError(f"the run ended before it could be rebooted: {summary(before)}")
    act = await ctx.api.reboot(run.id)
    if not about(act, run.id) and status_of(await ctx.api.get(run.id)) in TERMINAL:
        raise NotExercisedError("the run ended just before it could be rebooted")
    for promise in ("RBT-01", "RBT-09"):
        ctx.judge(
            promise,
            before,
            act,
            kept=about(act, run.id),
            message=f"Reboot run of a running run is answered {summary(act)}, about the run "
            f"{(act.data or {}).get('id')}.",
            expected=f"200 with the run {run.id}",
            observed=summary(act),
        )
    what = "A reboot without a token"
    if ctx.refusal("AUT-07", anonymous, act, what=what):
        ctx.refusal("AUT-07c", anonymous, act, what=what, statuses=REFUSALS)
    what = "A reboot with an invalid token"
    if ctx.refusal("AUT-08b", invalid, act, what=what):
        ctx.refusal("AUT-08d", invalid, act, what=what, statuses=(401, 403))
    ctx.refusal("ERR-01", unknown, act, what="A reboot of an unknown run", statuses=(404,))
    if not about(act, run.id):
        raise NotExercisedError(f"the run could not be rebooted: {summary(act)}")
    ctx.judge(
        "RBT-07",
        act,
        kept=status_of(act) == "RUNNING",
        message=f"The answer to a reboot shows {status_of(act)}.",
        expected="RUNNING",
        observed=status_of(act),
    )
    _judge_what_stays(ctx, details(running), act)
    for name in ("failed", "timed_out"):
        # A replica may be behind what was seen already.
        ended = await ctx.api.until_finished((await ctx.fixtures.get(name)).id, within=LAG)
        await _judge_refusal(ctx, act, ended)
    ctx.api.announce_wait("a rebooted run to do its work again", WORK, "rebootRun")
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(run.id)
    ctx.note("LIF-06", act, after, message=f"After a reboot the run is {status_of(after)}.")
    _note_counters(ctx, details(before), act, after)
    last = await _judge_restart(ctx, run.id, act)
    await _judge_refusal(ctx, act, last)


def _judge_what_stays(ctx: CheckContext, before: Mapping[str, Any], act: Exchange) -> None:
    data = details(act)
    for promise, names in (("RBT-04", STORAGES), ("RBT-05", KEPT)):
        changes = [name for name in names if data.get(name) != before.get(name)]
        if promise == "RBT-05" and (data.get("finishedAt") or data.get("exitCode") is not None):
            changes.append("finishedAt or exitCode")
        ctx.judge(
            promise,
            act,
            kept=not changes,
            message=f"A reboot changes {', '.join(changes)}."
            if changes
            else "A rebooted run keeps what it was.",
            expected={name: before.get(name) for name in changes},
            observed={name: data.get(name) for name in changes},
        )


def _note_counters(
    ctx: CheckContext, before: Mapping[str, Any], act: Exchange, after: Exchange
) -> None:
    def count(data: Mapping[str, Any], name: str) -> float:
        return number_at(data, f"stats.{name}") or 0

    now = details(after)
    told = {
        name: [count(before, name), count(now, name)]
        for name in ("rebootCount", "restartCount", "resurrectCount", "migrationCount")
    }
    ctx.note(
        "RBT-06",
        act,
        after,
        message=f"stats.rebootCount went from {told['rebootCount'][0]:g} to "
        f"{told['rebootCount'][1]:g}.",
        observed=told,
    )


async def _judge_restart(ctx: CheckContext, run: str, act: Exchange) -> Exchange:
    """The Actor works 14 s: whoever begins again at the reboot ends 14 s after it, not 9."""
    last = await ctx.api.until(run, has_ended, "the rebooted run to end", within=30)
    if status_of(last) not in TERMINAL:
        raise NotExercisedError(f"the rebooted run did not end: {summary(last)}")
    seconds = last.received - act.received
    ctx.judge(
        "RBT-03",
        last,
        act,
        kept=status_of(last) == "SUCCEEDED" and seconds >= WORK - BEFORE / 3,
        message=f"An Actor that works {WORK:g} s was rebooted after {BEFORE:g} s, and its run "
        f"was {status_of(last)} {seconds:.1f} s later: it did not begin again.",
        expected=f"SUCCEEDED {WORK:g} s after the reboot",
        observed=f"{status_of(last)} after {seconds:.1f} s",
    )
    return last


async def _judge_refusal(ctx: CheckContext, control: Exchange, ended: Exchange) -> None:
    """The control of this refusal is the reboot that was accepted while a run was RUNNING."""
    data, status = details(ended), status_of(ended)
    act = await ctx.api.reboot(str(data["id"]))
    refused = ctx.refusal("RBT-02", act, control, what=f"A reboot of a run that is {status}")
    ctx.note("ERR-07", act, message=f"A reboot of a run that is {status}: {summary(act)}.")
    if not refused:
        return
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(str(data["id"]))
    changes = changed(data, details(after), MAY_CHANGE_AFTER_END | FIGURES)
    ctx.judge(
        "RBT-02",
        ended,
        after,
        act,
        kept=not changes,
        message=f"A reboot of a run that is {status} is refused and yet changes "
        f"{', '.join(changes)}.",
        expected="the run as it was",
        observed={name: (after.data or {}).get(name) for name in changes},
    )


@scenario(runs=1, profile=Profile.FULL, seconds=16)
async def reboot_twice(ctx: CheckContext) -> None:
    """A run can be rebooted again; whether its timeout begins anew is noted."""
    run = await ctx.starts.begin(
        {"durationSecs": 60, "onAbort": "ignore"}, query=(("timeout", "9"),)
    )
    running = await ctx.api.until_running(run.id)
    await asyncio.sleep(1.5)
    first = await ctx.api.reboot(run.id)
    await asyncio.sleep(2)
    second = await ctx.api.reboot(run.id, query=(("unasked", "1"),), body=b"{}")
    ctx.note("RBT-11", first, second, message=f"Two reboots: {summary(first)}, {summary(second)}.")
    ctx.note("RBT-09b", second, message=f"A reboot with a body and a query: {summary(second)}.")
    last = await ctx.api.until_finished(run.id, within=16)
    seconds = last.received - running.received
    ctx.note(
        "RBT-08",
        last,
        message=f"A run with a timeout of 9 s, rebooted after 3.5 s, was {status_of(last)} after "
        f"{seconds:.0f} s.",
    )
