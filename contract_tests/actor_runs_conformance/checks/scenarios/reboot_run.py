"""Scenarios of Reboot run: a running run starts over, any other stays as it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.checks.scenarios.auth import BAD_TOKEN
from actor_runs_conformance.checks.scenarios.endings import under_way
from actor_runs_conformance.checks.scenarios.refused_reboots import judge_refusals
from actor_runs_conformance.checks.scenarios.restarts import (
    REPORTS,
    Watched,
    look_again,
    untouched,
    watch,
)
from actor_runs_conformance.checks.scenarios.storages import Stored, judge_kept, store
from actor_runs_conformance.checks.scenarios.waits_for_ends import lateness
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.ledger.promise import ABORTS
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.answers import about, details, seconds_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import scenario
from actor_runs_conformance.testkit.run_fields import number_at
from actor_runs_conformance.testkit.run_times import own_seconds
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

WORK = 16.0
"""Seconds that the Actor works, each time that it begins."""
BEFORE = 5.0
"""Seconds that it works before the reboot."""
CLOCK = 0.5
"""Seconds by which an Actor's clock may be ahead of ours."""
STORAGES = ("defaultKeyValueStoreId", "defaultDatasetId", "defaultRequestQueueId")
UNCHANGED = ("startedAt", "options", "meta", "buildId", "actId", "userId")
REFUSALS = (401, 402, 403)
LONG_WAIT = 15.0
"""Seconds that a wait lasts which begins before its run is rebooted."""
TO_THE_END = 50.0
"""Seconds of a wait that begins when a run is rebooted, and ends with the run."""
TIMEOUT = 28
"""Seconds after which the run that is rebooted twice times out."""


OF_NEWER = (
    "GET-05",
    "GET-05b",
    "RBT-01",
    "RBT-08",
    "RBT-09",
    "RBT-09b",
    "RBT-11",
    "AUT-07",
    "AUT-07c",
)
"""What takes a second run, which is started after the one that is rebooted first."""


@scenario(runs=2, uses=("second", "failed", "timed_out"), seconds=34)
async def reboot_of_running_run(ctx: CheckContext) -> None:
    """A reboot makes the run that the path names begin again, and is refused once it has finished."""
    # Both wait in line for their start at once, and the newer one is not waited for: starts may be
    # so slow that the older one would end meanwhile.
    first = asyncio.create_task(ctx.starts.begin({"durationSecs": WORK, "exitCode": 0, **REPORTS}))
    begun = asyncio.create_task(_start_newer(ctx))
    try:
        await _reboot_older(ctx, await first, begun)
    finally:
        await asyncio.gather(first, begun, return_exceptions=True)


@step(*OF_NEWER, waits=True)
async def _start_newer(ctx: CheckContext) -> StartedRun:
    body = {"durationSecs": 60, "onAbort": "ignore", **REPORTS}
    return await ctx.starts.begin(body, query=(("timeout", f"{TIMEOUT}"),))


async def _reboot_older(
    ctx: CheckContext, older: StartedRun, begun: asyncio.Task[StartedRun | None]
) -> None:
    """Reboot the older of two runs; `begun` is the newer one, as soon as it has been started."""
    running = await ctx.api.until_running(older.id)
    seen = ctx.session.now()
    tried, unknown, stored = await asyncio.gather(
        _reboot_with_bad_token(ctx, older, running), _reboot_unknown(ctx), _store(ctx, older)
    )
    if ctx.wants("RBT-03", "AUT-08b", waits=True):
        await asyncio.sleep(seen + BEFORE - ctx.session.now())
    newer = await begun
    before = await ctx.api.get(older.id)
    kept = tried is None or _judge_untouched(
        ctx, "AUT-08b", tried.run, before, "with an invalid token"
    )
    if status_of(before) != "RUNNING":
        reason = f"the run was not RUNNING when it was to be rebooted: {summary(before)}"
        raise NotExercisedError(reason, because=None if kept else "AUT-08b")
    reboot = await ctx.api.reboot(older.id)
    if not about(reboot, older.id) and status_of(await ctx.api.get(older.id)) in TERMINAL:
        raise NotExercisedError("the run ended just before it could be rebooted")
    what = "A reboot with an invalid token"
    if tried is not None and ctx.refusal("AUT-08b", tried.answer, reboot, what=what):
        ctx.refusal("AUT-08d", tried.answer, reboot, what=what, statuses=(401, 403))
    if unknown is not None:
        ctx.refusal("ERR-01", unknown, reboot, what="A reboot of an unknown run", statuses=(404,))
    if not _judge_answer(ctx, reboot, older):
        raise NotExercisedError(f"the run could not be rebooted: {summary(reboot)}")
    ctx.expect_value(
        "RBT-07",
        status_of(reboot),
        "RUNNING",
        reboot,
        message=f"The answer to a reboot shows {status_of(reboot)}.",
    )
    _judge_unchanged_fields(ctx, details(running), reboot)
    # Watched from the reboot on: a look that comes late would make the work seem longer.
    async with (
        under_way(_until_end(ctx, older)) as end,
        under_way(_wait_for_end(ctx, newer)) as told,
        under_way(_wait(ctx, newer)) as waited,
    ):
        if newer is not None:
            await _reboot_twice(ctx, newer, reboot)
        await _note_counters(ctx, older, details(before), reboot)
        await _judge_stored(ctx, stored or [], reboot)
        await judge_refusals(ctx, reboot)
        await _judge_wait(ctx, waited)
        if newer is not None:
            await _note_timeout(ctx, newer, told)
        await _judge_restart(ctx, reboot, end)


@frozen
class Tried:
    """A run that somebody tried to reboot who may not, and the answer."""

    run: Watched
    answer: Exchange


@step("AUT-08b", "AUT-08d")
async def _reboot_with_bad_token(ctx: CheckContext, run: StartedRun, running: Exchange) -> Tried:
    watched = await watch(ctx, run, running, "said by its owner")
    return Tried(watched, await _reboot_and_abort(ctx, run.id, BAD_TOKEN))


@step("ERR-01")
async def _reboot_unknown(ctx: CheckContext) -> Exchange:
    return await ctx.api.reboot(NOBODY)


@step("RBT-04b")
async def _store(ctx: CheckContext, run: StartedRun) -> list[Stored]:
    return await store(ctx, run)


@step("RBT-04b")
async def _judge_stored(ctx: CheckContext, stored: list[Stored], reboot: Exchange) -> None:
    await ctx.api.wait_for_replicas()
    await judge_kept(ctx, stored, reboot)


def _judge_answer(ctx: CheckContext, reboot: Exchange, run: StartedRun) -> bool:
    """Judge the answer to a reboot by the run's id in the path; return whether it is about that run."""
    for promise in ("RBT-01", "RBT-09"):
        ctx.expect_run(promise, reboot, run.id, what="Reboot run of a running run")
    return about(reboot, run.id)


async def _reboot_and_abort(ctx: CheckContext, run: str, token: str | None) -> Exchange:
    """Reboot and abort a run as somebody who may not; return the answer to the reboot."""
    reboot = await ctx.api.reboot(run, token=token)
    for address in filter(ctx.session.offers, ABORTS):
        await ctx.api.abort(run, at=address, token=token)
    return reboot


def _judge_untouched(
    ctx: CheckContext, promise: str, run: Watched, after: Exchange, caller: str
) -> bool:
    return ctx.judge(
        promise,
        run.before,
        after,
        kept=untouched(run, after),
        message=f"Reboot run and the abort {caller} changed a run: it is {summary(after)}.",
        expected="the run as it was",
        observed=summary(after),
    )


@step("GET-05b", waits=True)
async def _wait(ctx: CheckContext, run: StartedRun | None) -> Exchange | None:
    return await ctx.api.get(run.id, wait=LONG_WAIT) if run else None


@step("GET-05b", waits=True)
async def _judge_wait(ctx: CheckContext, waited: asyncio.Task[Exchange | None]) -> None:
    """Judge that a wait for a run that was rebooted meanwhile did not end by that."""
    exchange = await waited
    if exchange is None or has_ended(exchange.data or {}):
        return
    seconds = seconds_of(exchange)
    ctx.judge(
        "GET-05b",
        exchange,
        kept=exchange.status == 200 and seconds >= LONG_WAIT - CLOCK,
        message=f"waitForFinish={LONG_WAIT:g} on a run that was rebooted meanwhile was answered "
        f"{summary(exchange)} after {seconds:.1f} s.",
        expected=f"200 after {LONG_WAIT:g} s",
        observed=f"{summary(exchange)} after {seconds:.1f} s",
    )


@step("AUT-07", "AUT-07c", "GET-05", "GET-05b", "RBT-01", "RBT-09", "RBT-09b", "RBT-11", waits=True)
async def _reboot_twice(ctx: CheckContext, run: StartedRun, control: Exchange) -> None:
    """Reboot a newer run after an older one, and once more with what nobody asked for.

    Before, somebody without a token tries to. `control` is a reboot by who may.
    """
    before = await ctx.api.until_running(run.id)
    watched = await watch(ctx, run, before, "said by its owner")
    anonymous = await _reboot_and_abort(ctx, run.id, None)
    what = "A reboot without a token"
    if ctx.refusal("AUT-07", anonymous, control, what=what):
        ctx.refusal("AUT-07c", anonymous, control, what=what, statuses=REFUSALS)
    _judge_untouched(ctx, "AUT-07", watched, await look_again(ctx, watched), "without a token")
    first = await ctx.api.reboot(run.id)
    if first.status != 200 and status_of(await ctx.api.get(run.id)) != "RUNNING":
        return
    _judge_answer(ctx, first, run)
    await asyncio.sleep(2)
    second = await ctx.api.reboot(run.id, query=(("unasked", "1"),), body=b"{}")
    ctx.note("RBT-11", first, second, message=f"Two reboots: {summary(first)}, {summary(second)}.")
    ctx.note("RBT-09b", second, message=f"A reboot with a body and a query: {summary(second)}.")


@step("GET-05", "RBT-08", waits=True)
async def _note_timeout(
    ctx: CheckContext, run: StartedRun, told: asyncio.Task[Exchange | None]
) -> None:
    last = await ctx.api.until(run.id, has_ended, "TIMED-OUT", within=TIMEOUT + 6)
    seconds = own_seconds(last.data or {}) or last.received - run.start.received
    ctx.note(
        "RBT-08",
        last,
        message=f"A run with a timeout of {TIMEOUT} s, rebooted twice, was {status_of(last)} after "
        f"{seconds:.0f} s.",
    )
    await _judge_told(ctx, run, last, told)


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


@step("RBT-06", "LIF-06")
async def _note_counters(
    ctx: CheckContext, run: StartedRun, before: Mapping[str, Any], reboot: Exchange
) -> None:
    def count(data: Mapping[str, Any], name: str) -> float:
        return number_at(data, f"stats.{name}") or 0

    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(run.id)
    ctx.note("LIF-06", reboot, after, message=f"After a reboot the run is {status_of(after)}.")
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


@step("GET-05", waits=True)
async def _wait_for_end(ctx: CheckContext, run: StartedRun | None) -> Exchange | None:
    return await ctx.api.get(run.id, wait=TO_THE_END) if run else None


@step("GET-05", waits=True)
async def _judge_told(
    ctx: CheckContext, run: StartedRun, last: Exchange, told: asyncio.Task[Exchange | None]
) -> None:
    """Judge that who waits for a run that is rebooted meanwhile is told of its end."""
    waited = await told
    if waited is None or not has_ended(last.data or {}):
        return
    late, limit = waited.received - last.received, lateness(ctx, run.id, waited.sent)
    if late < 0 and not has_ended(waited.data or {}):
        return  # A wait that ends too soon is judged elsewhere.
    ctx.judge(
        "GET-05",
        last,
        waited,
        kept=waited.status == 200 and late <= limit,
        message=f"waitForFinish={TO_THE_END:g} on a run that was rebooted meanwhile was answered "
        f"{summary(waited)} {late:.1f} s after the run had ended.",
        expected=f"200 as soon as the run has ended, at most {limit:.1f} s later (on this target)",
        observed=f"{late:.1f} s later",
    )


@step("RBT-03", waits=True)
async def _until_end(ctx: CheckContext, run: StartedRun) -> Exchange:
    return await ctx.api.until(run.id, has_ended, "the rebooted run", within=40)


@step("RBT-03", waits=True)
async def _judge_restart(
    ctx: CheckContext, reboot: Exchange, end: asyncio.Task[Exchange | None]
) -> None:
    """Judge that the Actor began again: then it works as long as if it had not worked before."""
    ctx.api.announce_wait("a rebooted run to do its work again", WORK, "rebootRun")
    last = await end
    assert last is not None
    status, seconds = status_of(last), last.received - reboot.sent
    if status not in TERMINAL:
        raise NotExercisedError(f"the rebooted run did not end: {summary(last)}")
    ctx.judge(
        "RBT-03",
        last,
        reboot,
        kept=status == "SUCCEEDED" and seconds >= WORK - CLOCK,
        message=f"An Actor that works {WORK:g} s was rebooted after {BEFORE:g} s, and its run "
        f"was {status} {seconds:.1f} s later: it did not begin again.",
        expected=f"SUCCEEDED {WORK:g} s after the reboot",
        observed=f"{status} after {seconds:.1f} s",
    )
