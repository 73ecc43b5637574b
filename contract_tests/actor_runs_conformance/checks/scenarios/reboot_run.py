"""Scenarios of Reboot run: a running run starts over, any other stays as it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.checks.scenarios.auth import BAD_TOKEN
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.answers import about, details
from actor_runs_conformance.testkit.api import NotExercisedError
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
"""Seconds that the Actor works, each time that it begins."""
BEFORE = 5.0
"""Seconds that it works before the reboot."""
STORAGES = ("defaultKeyValueStoreId", "defaultDatasetId", "defaultRequestQueueId")
UNCHANGED = ("startedAt", "options", "meta", "buildId", "actId", "userId")
REFUSALS = (401, 402, 403)


@scenario(runs=1, uses=("failed", "timed_out"), seconds=32)
async def reboot_of_running_run(ctx: CheckContext) -> None:
    """A reboot makes a running run begin again, and is refused once the run has finished."""
    run = await ctx.starts.begin({"durationSecs": WORK, "exitCode": 0})
    running = await ctx.api.until_running(run.id)
    anonymous = await ctx.api.reboot(run.id, token=None)
    invalid = await ctx.api.reboot(run.id, token=BAD_TOKEN)
    unknown = await ctx.api.reboot(NOBODY)
    await asyncio.sleep(BEFORE)
    before = await ctx.api.get(run.id)
    if status_of(before) != "RUNNING":
        raise NotExercisedError(f"the run ended before it could be rebooted: {summary(before)}")
    reboot = await ctx.api.reboot(run.id)
    if not about(reboot, run.id) and status_of(await ctx.api.get(run.id)) in TERMINAL:
        raise NotExercisedError("the run ended just before it could be rebooted")
    for promise in ("RBT-01", "RBT-09"):
        ctx.expect_run(promise, reboot, run.id, before, what="Reboot run of a running run")
    what = "A reboot without a token"
    if ctx.refusal("AUT-07", anonymous, reboot, what=what):
        ctx.refusal("AUT-07c", anonymous, reboot, what=what, statuses=REFUSALS)
    what = "A reboot with an invalid token"
    if ctx.refusal("AUT-08b", invalid, reboot, what=what):
        ctx.refusal("AUT-08d", invalid, reboot, what=what, statuses=(401, 403))
    ctx.refusal("ERR-01", unknown, reboot, what="A reboot of an unknown run", statuses=(404,))
    if not about(reboot, run.id):
        raise NotExercisedError(f"the run could not be rebooted: {summary(reboot)}")
    ctx.expect_value(
        "RBT-07",
        status_of(reboot),
        "RUNNING",
        reboot,
        message=f"The answer to a reboot shows {status_of(reboot)}.",
    )
    _judge_unchanged_fields(ctx, details(running), reboot)
    for name in ("failed", "timed_out"):
        # A replica may be behind what was seen already.
        ended = await ctx.api.until_finished((await ctx.fixtures.get(name)).id, within=LAG)
        await _judge_refusal(ctx, reboot, ended)
    ctx.api.announce_wait("a rebooted run to do its work again", WORK, "rebootRun")
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(run.id)
    ctx.note("LIF-06", reboot, after, message=f"After a reboot the run is {status_of(after)}.")
    _note_counters(ctx, details(before), reboot, after)
    last = await _judge_restart(ctx, run.id, reboot)
    await _judge_refusal(ctx, reboot, last)


def _judge_unchanged_fields(ctx: CheckContext, before: Mapping[str, Any], reboot: Exchange) -> None:
    data = details(reboot)
    for promise, names in (("RBT-04", STORAGES), ("RBT-05", UNCHANGED)):
        changes = [name for name in names if data.get(name) != before.get(name)]
        if promise == "RBT-05" and (data.get("finishedAt") or data.get("exitCode") is not None):
            changes.append("finishedAt or exitCode")
        ctx.judge(
            promise,
            reboot,
            kept=not changes,
            message=f"A reboot changes {', '.join(changes)}."
            if changes
            else "A rebooted run keeps what it was.",
            expected={name: before.get(name) for name in changes},
            observed={name: data.get(name) for name in changes},
        )


def _note_counters(
    ctx: CheckContext, before: Mapping[str, Any], reboot: Exchange, after: Exchange
) -> None:
    def count(data: Mapping[str, Any], name: str) -> float:
        return number_at(data, f"stats.{name}") or 0

    now = details(after)
    counters = {
        name: [count(before, name), count(now, name)]
        for name in ("rebootCount", "restartCount", "resurrectCount", "migrationCount")
    }
    ctx.note(
        "RBT-06",
        reboot,
        after,
        message=f"stats.rebootCount went from {counters['rebootCount'][0]:g} to "
        f"{counters['rebootCount'][1]:g}.",
        observed=counters,
    )


async def _judge_restart(ctx: CheckContext, run: str, reboot: Exchange) -> Exchange:
    """Judge that the Actor began again: it then ends 14 s after the reboot, not 9."""
    last = await ctx.api.until(run, has_ended, "the rebooted run to end", within=30)
    if status_of(last) not in TERMINAL:
        raise NotExercisedError(f"the rebooted run did not end: {summary(last)}")
    seconds = last.received - reboot.received
    ctx.judge(
        "RBT-03",
        last,
        reboot,
        kept=status_of(last) == "SUCCEEDED" and seconds >= WORK - BEFORE / 3,
        message=f"An Actor that works {WORK:g} s was rebooted after {BEFORE:g} s, and its run "
        f"was {status_of(last)} {seconds:.1f} s later: it did not begin again.",
        expected=f"SUCCEEDED {WORK:g} s after the reboot",
        observed=f"{status_of(last)} after {seconds:.1f} s",
    )
    return last


async def _judge_refusal(ctx: CheckContext, control: Exchange, ended: Exchange) -> None:
    """Judge the refusal of a reboot beside `control`, one that was accepted while a run was RUNNING."""
    data, status = details(ended), status_of(ended)
    reboot = await ctx.api.reboot(str(data["id"]))
    refused = ctx.refusal("RBT-02", reboot, control, what=f"A reboot of a run that is {status}")
    ctx.note("ERR-07", reboot, message=f"A reboot of a run that is {status}: {summary(reboot)}.")
    if not refused:
        return
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(str(data["id"]))
    changes = changed(data, details(after), MAY_CHANGE_AFTER_END | FIGURES)
    ctx.judge(
        "RBT-02",
        ended,
        after,
        reboot,
        kept=not changes,
        message=f"A reboot of a run that is {status} is refused and still changes "
        f"{', '.join(changes)}.",
        expected="the run as it was",
        observed={name: (after.data or {}).get(name) for name in changes},
    )


@scenario(runs=1, profile=Profile.FULL, seconds=16)
async def reboot_twice(ctx: CheckContext) -> None:
    """A run can be rebooted twice; whether that restarts its timeout is noted."""
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
