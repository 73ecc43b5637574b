"""Scenarios of Get run: whose run it is, in which status, and waiting."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import JSON
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.asserts import about, details, message_of
from actor_runs_conformance.testkit.history import LAG, SETTLING
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import MAY_CHANGE_AFTER_END, RECOMPUTED, object_at
from actor_runs_conformance.testkit.starts import HiddenRunError

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

WORK = 5.0
EARLY = 0.3
"""A wait may end this much before its time: clocks differ a little."""


@scenario(profile=Profile.READ_ONLY, uses=("finished",))
async def get_run(ctx: CheckContext) -> None:
    """Get run answers 200 with the run that the path names."""
    run = ctx.session.target.run or (await ctx.fixtures.get("finished")).id
    exchange = await ctx.api.get(run)
    for promise in ("GET-01", "GET-02"):
        ctx.judge(
            promise,
            exchange,
            kept=about(exchange, run),
            message=f"Get run of {run} is answered {summary(exchange)}, "
            f"about the run {(exchange.data or {}).get('id')}.",
            expected=f"200 with the run {run}",
            observed=summary(exchange),
        )


@scenario(uses=("finished", "live"))
async def get_in_every_status(ctx: CheckContext) -> None:
    """Get run answers at once for a run that works and for one that has ended."""
    try:
        live = await ctx.fixtures.get("live")
        await ctx.api.until_running(live.id)
    except NotExercisedError as error:
        hidden = (
            error.run if isinstance(error, HiddenRunError) else ctx.fixtures.started.get("live")
        )
        if hidden is not None:
            await _judge_hidden(ctx, hidden)
        raise
    exchange = await _promptly(ctx, live.id)
    limit = ctx.session.tolerance()
    seconds = exchange.received - exchange.sent
    status = status_of(exchange)
    ctx.judge(
        "GET-04",
        exchange,
        kept=exchange.status == 200 and seconds <= limit and status not in TERMINAL,
        message=f"Get run without waitForFinish took {seconds:.1f} s and showed {status}.",
        expected=f"within {limit:.1f} s (on this target), a status that is not terminal",
        observed=summary(exchange),
    )
    ended = await ctx.fixtures.get("finished")
    after = await ctx.api.get(ended.id)
    ctx.judge(
        "GET-03",
        exchange,
        after,
        kept=about(exchange, live.id) and about(after, ended.id),
        message=f"Get run answers {summary(exchange)} for a running run and {summary(after)} for "
        "a finished one.",
        expected="200 for both",
        observed=[summary(exchange), summary(after)],
    )


async def _promptly(ctx: CheckContext, run: str, wait: float | None = None) -> Exchange:
    """Read a run; where the answer was late, once more: who waits on purpose is late again."""
    exchange = await ctx.api.get(run, wait=wait)
    late = exchange.received - exchange.sent > ctx.session.tolerance()
    return await ctx.api.get(run, wait=wait and min(wait, 20)) if late else exchange


async def _judge_hidden(ctx: CheckContext, live: StartedRun) -> None:
    """Judge a run that was started and is not found although no replica can be behind."""
    await ctx.api.wait_for_replicas()
    again = await ctx.api.get(live.id)
    if again.status == HTTPStatus.NOT_FOUND:
        ctx.judge(
            "GET-03",
            live.start,
            again,
            kept=False,
            message=f"A run that was started {again.sent - live.start.received:.0f} s before is "
            f"answered {summary(again)}.",
            expected=f"200 with the run {live.id}",
            observed=summary(again),
        )


@scenario(uses=("live",), seconds=8)
async def wait_ends_with_time(ctx: CheckContext) -> None:
    """A wait for a run that goes on ends after that many seconds, decimals included."""
    live = await ctx.fixtures.get("live")
    await ctx.api.until_running(live.id)
    for promise, wait in (("GET-05b", 3.0), ("GEN-18", 1.5)):
        ctx.api.announce_wait(f"Get run to wait {wait:g} s", wait, "getRun")
        exchange = await ctx.api.get(live.id, wait=wait)
        seconds = exchange.received - exchange.sent
        if status_of(exchange) in TERMINAL:
            await _judge_early_end(ctx, exchange, live)
        limit = wait + ctx.session.tolerance(wait)
        ctx.judge(
            promise,
            exchange,
            kept=exchange.status == 200 and wait - EARLY <= seconds <= limit,
            message=f"waitForFinish={wait:g} on a run that goes on was answered "
            f"{exchange.status} after {seconds:.1f} s.",
            expected=f"200 after {wait:g} s, at most {limit:.1f} s (on this target)",
            observed=f"{summary(exchange)} after {seconds:.1f} s",
        )
        ctx.judge(
            "GET-06b",
            exchange,
            kept=exchange.status == 200 and status_of(exchange) not in {*TERMINAL, None},
            message=f"A wait that ended before the run shows {summary(exchange)}.",
            expected="a status that is not terminal",
            observed=summary(exchange),
        )


async def _judge_early_end(ctx: CheckContext, waited: Exchange, live: StartedRun) -> None:
    """Judge a wait that says that the run has ended, unless it has.

    Raises:
        UnreachableError: it has.
    """
    await ctx.api.wait_for_replicas()
    now = await ctx.api.get(live.id)
    if status_of(now) in TERMINAL or status_of(now) is None:
        raise NotExercisedError("the run that was to go on has ended")
    ctx.judge(
        "GET-06b",
        now,
        waited,
        kept=False,
        message=f"A wait that ended before the run shows {summary(waited)}, and later the run is "
        f"{status_of(now)}.",
        expected="a status that is not terminal",
        observed=summary(waited),
    )


@scenario(runs=1, seconds=12)
async def waiters_see_the_end(ctx: CheckContext) -> None:
    """All who wait for a run are answered as soon as it has ended, with its terminal status."""
    run = await ctx.starts.begin({"durationSecs": WORK, "exitCode": 0}, query=(("memory", "128"),))
    memory = object_at(run.first, "options").get("memoryMbytes")
    ctx.judge(
        "TSK-12",
        run.start,
        kept=memory == 128,
        message=f"memory=128 gives a run with options.memoryMbytes {memory}.",
        expected=128,
        observed=memory,
    )
    last_words = "the last words of this run"
    said = await ctx.api.set_status_message(run.id, last_words, terminal=True)
    ctx.api.announce_wait("a run of 5 s, by several at once", WORK + 10, "getRun")
    *waits, over, seen = await asyncio.gather(
        *(ctx.api.get(run.id, wait=wait) for wait in (30, 40, 50)),
        ctx.api.get(run.id, wait=999999),
        _watch(ctx, run.id),
    )
    _judge_waits(ctx, waits, seen)
    ctx.judge(
        "GET-07",
        over,
        kept=over.status == 200,
        message=f"waitForFinish=999999 is answered {summary(over)}.",
        expected="200: it counts as 60",
        observed=summary(over),
    )
    timeouts = [one for one in waits if one.status == 408]
    ctx.note(
        "ERR-21",
        *waits,
        message="A wait ended with 408." if timeouts else "Waits do not end with 408.",
    )
    _judge_last_words(ctx, said, seen, last_words)


async def _watch(ctx: CheckContext, run: str) -> Exchange:
    """Poll until the run has ended; this shows when it did, whatever waiting does."""
    return await ctx.api.until(run, has_ended, "the run to end", within=25, every=0.4)


def _judge_waits(ctx: CheckContext, waits: list[Exchange], seen: Exchange) -> None:
    if status_of(seen) not in TERMINAL:
        raise NotExercisedError(f"the run did not end in time: {summary(seen)}")
    limit = ctx.session.tolerance() + LAG
    for exchange in waits:
        late = exchange.received - seen.received
        seconds = exchange.received - exchange.sent
        terminal = status_of(exchange) in TERMINAL
        ctx.judge(
            "GET-05",
            seen,
            exchange,
            kept=exchange.status == 200 and terminal and late <= limit,
            message=f"A wait of at least 30 s was answered after {seconds:.1f} s with "
            f"{summary(exchange)}; the run ended {late:+.1f} s before."
            if terminal
            else f"A wait of at least 30 s was answered after {seconds:.1f} s with "
            f"{summary(exchange)}, before the run had ended.",
            expected=f"an answer when the run ends, at most {limit:.1f} s later (on this target)",
            observed=f"{summary(exchange)} after {seconds:.1f} s",
        )
        ctx.judge(
            "GET-06",
            exchange,
            kept=terminal,
            message=f"A wait that saw the run end shows {summary(exchange)}.",
            expected="a terminal status",
            observed=summary(exchange),
        )
    ends = {(status_of(one), str((one.data or {}).get("finishedAt"))) for one in waits}
    ctx.judge(
        "GET-11",
        *waits,
        kept=len(ends) == 1
        and all(status_of(one) in TERMINAL for one in waits)
        and all(one.received - seen.received <= limit for one in waits),
        message="Those who waited for one run did not all get the same finished run when it ended.",
        expected=f"one end for all, at most {limit:.1f} s after it (on this target)",
        observed=[f"{status_of(one)}, {one.received - seen.received:+.1f} s" for one in waits],
    )


def _judge_last_words(ctx: CheckContext, said: Exchange, seen: Exchange, words: str) -> None:
    data = seen.data or {}
    flag = (said.data or {}).get("isStatusMessageTerminal")
    ctx.judge(
        "PUT-07",
        said,
        seen,
        kept=said.status == 200 and flag is True and data.get("isStatusMessageTerminal") is True,
        message="A message was marked as the last, and the mark is not kept: "
        f"{flag} in the answer, {data.get('isStatusMessageTerminal')} later.",
        expected=True,
        observed=[flag, data.get("isStatusMessageTerminal")],
    )
    kept = message_of(seen) == words
    ctx.judge(
        "PUT-07b",
        said,
        seen,
        kept=kept,
        message="A message marked as the last survives the end of the run."
        if kept
        else "A message marked as the last does not survive the end of the run.",
        observed=message_of(seen),
    )


@scenario(profile=Profile.READ_ONLY, uses=("finished",))
async def wait_on_finished_run(ctx: CheckContext) -> None:
    """A wait for a run that has ended is answered at once; odd waits are noted."""
    run = await ctx.fixtures.get("finished")
    await ctx.api.wait_for_replicas()
    exchange = await _promptly(ctx, run.id, wait=60)
    seconds = exchange.received - exchange.sent
    limit = ctx.session.tolerance()
    ctx.judge(
        "GET-08",
        exchange,
        kept=about(exchange, run.id) and seconds <= limit,
        message=f"waitForFinish=60 on a finished run was answered {summary(exchange)} after "
        f"{seconds:.1f} s.",
        expected=f"200 within {limit:.1f} s (on this target)",
        observed=f"{summary(exchange)} after {seconds:.1f} s",
    )
    odd: dict[str, Exchange] = {}
    for value in ("-1", "", "abc", "1e1", "60.0"):
        odd[value] = await ctx.api.get(run.id, wait=value)
    odd["1&2"] = await ctx.api.get(run.id, query=(("waitForFinish", "1"), ("waitForFinish", "2")))
    told = ", ".join(f"{value!r}: {one.status}" for value, one in odd.items())
    ctx.note("GET-09", *odd.values(), message=f"Odd waitForFinish values: {told}.")
    body = await ctx.api.call("getRun", run=run.id, headers=JSON, body={"statusMessage": "ignored"})
    ctx.note("GET-15", body, message=f"Get run with a body: {summary(body)}.")


@scenario(uses=("live",), seconds=5)
async def waiter_hangs_up(ctx: CheckContext) -> None:
    """A caller who hangs up while waiting leaves the run as it is."""
    live = await ctx.fixtures.get("live")
    before = await ctx.api.until_running(live.id)
    await ctx.api.get_and_hang_up(live.id, wait=20, after=1.0)
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(live.id)
    ctx.judge(
        "GET-10",
        before,
        after,
        kept=status_of(after) == status_of(before),
        message=f"After a waiter hung up, the run is {status_of(after)}.",
        expected=status_of(before),
        observed=status_of(after),
    )


@scenario(uses=("failed",), seconds=22)
async def finished_run_is_stable(ctx: CheckContext) -> None:
    """Two reads of a run that ended more than ten seconds ago are equal, but for costs."""
    run = await ctx.fixtures.get("failed")
    ctx.api.announce_wait("the figures of a finished run to settle", SETTLING + LAG, "getRun")
    await asyncio.sleep(SETTLING + LAG)
    first = await ctx.api.get(run.id)
    await asyncio.sleep(2)
    second = await ctx.api.get(run.id)
    one, other = details(first), details(second)
    figures = [name for name in ("stats", "chargedEventCounts") if one.get(name) != other.get(name)]
    rest = [
        name
        for name in {*one, *other} - RECOMPUTED - MAY_CHANGE_AFTER_END
        if one.get(name) != other.get(name)
    ]
    for promise, differing in (("RTL-10", figures), ("GET-13", sorted(rest))):
        ctx.judge(
            promise,
            first,
            second,
            kept=not differing,
            message=f"{', '.join(differing)} of a run that ended more than 10 s ago still change.",
            expected={name: one.get(name) for name in differing},
            observed={name: other.get(name) for name in differing},
        )


@scenario(uses=("finished",))
async def fresh_run_is_found(ctx: CheckContext) -> None:
    """How soon a run that was just started is found is noted."""
    run = await ctx.fixtures.get("finished")
    history = ctx.session.history.runs.get(run.id)
    reads = [one for one in history.snapshots if one.operation == "getRun"] if history else []
    if not reads:
        raise NotExercisedError("the run was never read")
    exchange = await ctx.api.get(run.id)
    after = reads[0].received - run.start.received
    ctx.note("RTL-09", exchange, message=f"A fresh run was found {after:.1f} s after its start.")
