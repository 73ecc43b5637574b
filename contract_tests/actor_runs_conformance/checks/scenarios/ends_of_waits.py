"""Scenario of several who wait for one run: all are told of its end, and its last words stay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.endings import under_way
from actor_runs_conformance.checks.scenarios.waits_for_ends import (
    judge_waits,
    wait_and_look,
    watch_end,
)
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.answers import accepted, details, message_of
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import object_at
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

WORK = 5.0
"""Seconds that the run works which several wait for."""
SOON = 0.2
"""Seconds from the beginning of waits for a run to the moment in which its message is set."""


@scenario(profile=Profile.FULL, runs=1, seconds=12)
async def waiters_see_the_end(ctx: CheckContext) -> None:
    """All who wait for a run are answered as soon as it has ended, with its final status."""
    run = await ctx.starts.begin({"durationSecs": WORK, "exitCode": 0}, query=(("memory", "128"),))
    memory = object_at(run.first, "options").get("memoryMbytes")
    ctx.expect_value(
        "TSK-12",
        memory,
        128,
        run.start,
        message=f"memory=128 gives a run with options.memoryMbytes {memory}.",
    )
    await _wait_together(ctx, run)


@step("ERR-21", "GET-05", "GET-05b", "GET-06", "GET-07", "GET-11", "PUT-05", "PUT-07", "PUT-07b")
async def _wait_together(ctx: CheckContext, run: StartedRun) -> None:
    last_words = "the last words of this run"
    ctx.api.announce_wait("a run of 5 s, by several at once", WORK + 10, "getRun")
    pending = [asyncio.create_task(wait_and_look(ctx, run.id, wait)) for wait in (30, 45, 60)]
    # Once the waits have begun: none of them is to end by it.
    async with under_way(_say_soon(ctx, run.id, last_words)) as said:
        over, (seen, limit) = await asyncio.gather(
            ctx.api.get(run.id, wait=999999), watch_end(ctx, run.id, pending, within=25)
        )
        waits = await asyncio.gather(*pending)
    early = judge_waits(ctx, run.id, waits, seen, limit, not_before=run.start.sent + WORK)
    if early:
        reason = "a wait was answered before the run had ended"
        ctx.not_exercised("GET-11", reason, because="GET-05b")
    else:
        _judge_same_end(ctx, waits, seen, limit)
    ctx.expect_status("GET-07", over, 200, what="waitForFinish=999999")
    timeouts = [wait for wait in waits if wait.status == 408]
    ctx.note(
        "ERR-21",
        *waits,
        message="A wait ended with 408." if timeouts else "Waits do not end with 408.",
    )
    update = await said
    _judge_last_words(ctx, update, seen, last_words)
    _judge_stays(ctx, run.id, update, last_words)


async def _say_soon(ctx: CheckContext, run: str, words: str) -> Exchange:
    await asyncio.sleep(SOON)
    return await ctx.api.set_status_message(run, words, terminal=True)


def _judge_stays(ctx: CheckContext, run: str, update: Exchange, words: str) -> None:
    """Judge that a run which may have begun to work since still has its message while it works."""
    history = ctx.session.history.runs.get(run)
    later = [
        snapshot
        for snapshot in (history.snapshots if history else ())
        if snapshot.data.get("status") == "RUNNING"
        and snapshot.operation == "getRun"
        and snapshot.sent >= update.received + LAG
    ]
    if message_of(update) != words or not later:
        return
    shown = later[-1].data.get("statusMessage")
    ctx.expect_value(
        "PUT-05",
        shown,
        words,
        update,
        message=f"A message that was set when the run was {status_of(update)} is {shown!r} "
        f"{later[-1].sent - update.received:.0f} s later, when it is RUNNING.",
    )


def _goes_on(ctx: CheckContext, seen: Exchange, since: float) -> bool:
    """Whether an answer that was asked for since then shows the run of `seen` without its end."""
    snapshots = ctx.session.history.runs[str(details(seen)["id"])].snapshots
    return any(one.sent >= since and not has_ended(one.data) for one in snapshots)


def _judge_same_end(
    ctx: CheckContext, waits: Sequence[Exchange], seen: Exchange, limit: float
) -> None:
    """Judge that all who waited got the same finished run, in time."""
    ends = {(status_of(wait), str((wait.data or {}).get("finishedAt"))) for wait in waits}
    ctx.judge(
        "GET-11",
        *waits,
        kept=len(ends) == 1
        and all(status_of(wait) in TERMINAL for wait in waits)
        and all(wait.received - seen.received <= limit for wait in waits),
        message="Those who waited for one run did not all get the same finished run when it ended.",
        expected=f"the same for all, at most {limit:.1f} s after the end (on this target)",
        observed=[f"{status_of(wait)}, {wait.received - seen.received:+.1f} s" for wait in waits],
    )


def _judge_last_words(ctx: CheckContext, update: Exchange, seen: Exchange, words: str) -> None:
    if not accepted(update) and not _goes_on(ctx, seen, update.received):
        for promise in ("PUT-07", "PUT-07b"):
            ctx.not_exercised(promise, f"the update came when the run had ended: {summary(update)}")
        return
    flags = [(shown.data or {}).get("isStatusMessageTerminal") for shown in (update, seen)]
    ctx.judge(
        "PUT-07",
        update,
        seen,
        kept=update.status == 200 and all(flag is True for flag in flags),
        message="A message was marked as the last one, and isStatusMessageTerminal is "
        f"{flags[0]} in the answer and {flags[1]} later.",
        expected=True,
        observed=flags,
    )
    kept = message_of(seen) == words
    ctx.judge(
        "PUT-07b",
        update,
        seen,
        kept=kept,
        message="A message marked as the last survives the end of the run."
        if kept
        else "A message marked as the last does not survive the end of the run.",
        observed=message_of(seen),
    )
