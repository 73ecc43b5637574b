"""Scenarios of Get run: whose run it is, in which status, and waiting."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import JSON
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.answers import about, details, message_of, seconds_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.history import LAG, SETTLING
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import MAY_CHANGE_AFTER_END, RECOMPUTED, object_at
from actor_runs_conformance.testkit.starts import HiddenRunError

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

WORK = 5.0
"""Seconds that the run works which several wait for."""
EARLY = 0.3
"""Seconds by which a wait may end too soon: clocks differ a little."""


@scenario(profile=Profile.READ_ONLY, uses=("finished",))
async def get_run(ctx: CheckContext) -> None:
    """Get run answers 200 with the run that the path names."""
    run = ctx.session.target.run or (await ctx.fixtures.get("finished")).id
    exchange = await ctx.api.get(run)
    for promise in ("GET-01", "GET-02"):
        ctx.expect_run(promise, exchange, run, what=f"Get run of {run}")


@scenario(uses=("finished", "live"))
async def get_in_every_status(ctx: CheckContext) -> None:
    """Get run answers at once, for a running run and for a finished one."""
    try:
        live = await ctx.fixtures.get("live")
        await ctx.api.until_running(live.id)
    except NotExercisedError as error:
        started = ctx.fixtures.started.get("live")
        hidden = error.run if isinstance(error, HiddenRunError) else started
        if hidden is not None:
            await _judge_hidden(ctx, hidden)
        raise
    exchange = await _get_promptly(ctx, live.id)
    limit, seconds = ctx.session.tolerance(), seconds_of(exchange)
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


async def _get_promptly(ctx: CheckContext, run: str, wait: float | None = None) -> Exchange:
    """Read a run, and again if the answer was late: a server that waits on purpose is late twice."""
    exchange = await ctx.api.get(run, wait=wait)
    late = seconds_of(exchange) > ctx.session.tolerance()
    return await ctx.api.get(run, wait=wait and min(wait, 20)) if late else exchange


async def _judge_hidden(ctx: CheckContext, live: StartedRun) -> None:
    """Judge a run that was started, and is not found once no replica can be behind any more."""
    await ctx.api.wait_for_replicas()
    again = await ctx.api.get(live.id)
    if again.status == HTTPStatus.NOT_FOUND:
        ctx.judge(
            "GET-03",
            live.start,
            again,
            kept=False,
            message=f"Get run of a run that was started {again.sent - live.start.received:.0f} s "
            f"before is answered {summary(again)}.",
            expected=f"200 with the run {live.id}",
            observed=summary(again),
        )


@scenario(uses=("live",), seconds=8)
async def wait_ends_with_time(ctx: CheckContext) -> None:
    """A wait for a run that does not end lasts as long as asked for, decimals included."""
    live = await ctx.fixtures.get("live")
    await ctx.api.until_running(live.id)
    for promise, wait in (("GET-05b", 3.0), ("GEN-18", 1.5)):
        ctx.api.announce_wait(f"Get run to wait {wait:g} s", wait, "getRun")
        exchange = await ctx.api.get(live.id, wait=wait)
        seconds = seconds_of(exchange)
        if status_of(exchange) in TERMINAL:
            await _judge_early_end(ctx, exchange, live)
        limit = wait + ctx.session.tolerance(wait)
        ctx.judge(
            promise,
            exchange,
            kept=exchange.status == 200 and wait - EARLY <= seconds <= limit,
            message=f"waitForFinish={wait:g} on a running run was answered "
            f"{exchange.status} after {seconds:.1f} s.",
            expected=f"200 after {wait:g} s, at most {limit:.1f} s (on this target)",
            observed=f"{summary(exchange)} after {seconds:.1f} s",
        )
        ctx.judge(
            "GET-06b",
            exchange,
            kept=exchange.status == 200 and status_of(exchange) not in {*TERMINAL, None},
            message=f"A wait that ended before the run did shows {summary(exchange)}.",
            expected="a status that is not terminal",
            observed=summary(exchange),
        )


async def _judge_early_end(ctx: CheckContext, waited: Exchange, live: StartedRun) -> None:
    """Judge an answer that shows a terminal status, unless the run has really ended.

    Raises:
        NotExercisedError: it has.
    """
    await ctx.api.wait_for_replicas()
    now = await ctx.api.get(live.id)
    if status_of(now) in TERMINAL or status_of(now) is None:
        raise NotExercisedError("the run that was to keep running has ended")
    ctx.judge(
        "GET-06b",
        now,
        waited,
        kept=False,
        message=f"A wait that ended before the run did shows {summary(waited)}; later the run is "
        f"{status_of(now)}.",
        expected="a status that is not terminal",
        observed=summary(waited),
    )


@scenario(runs=1, seconds=12)
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
    last_words = "the last words of this run"
    update = await ctx.api.set_status_message(run.id, last_words, terminal=True)
    ctx.api.announce_wait("a run of 5 s, by several at once", WORK + 10, "getRun")
    *waits, over, seen = await asyncio.gather(
        *(ctx.api.get(run.id, wait=wait) for wait in (30, 40, 50)),
        ctx.api.get(run.id, wait=999999),
        _watch(ctx, run.id),
    )
    _judge_waits(ctx, waits, seen)
    ctx.expect_status("GET-07", over, 200, what="waitForFinish=999999")
    timeouts = [wait for wait in waits if wait.status == 408]
    ctx.note(
        "ERR-21",
        *waits,
        message="A wait ended with 408." if timeouts else "Waits do not end with 408.",
    )
    _judge_last_words(ctx, update, seen, last_words)


async def _watch(ctx: CheckContext, run: str) -> Exchange:
    """Poll until the run has ended; this shows when it did, whatever the waits show."""
    return await ctx.api.until(run, has_ended, "the run to end", within=25, every=0.4)


def _judge_waits(ctx: CheckContext, waits: list[Exchange], seen: Exchange) -> None:
    if status_of(seen) not in TERMINAL:
        raise NotExercisedError(f"the run did not end in time: {summary(seen)}")
    limit = ctx.session.tolerance() + LAG
    for exchange in waits:
        late, seconds = exchange.received - seen.received, seconds_of(exchange)
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


@scenario(profile=Profile.READ_ONLY, uses=("finished",))
async def wait_on_finished_run(ctx: CheckContext) -> None:
    """A wait for a finished run is answered at once; how unusual waits are answered is noted."""
    run = await ctx.fixtures.get("finished")
    await ctx.api.wait_for_replicas()
    exchange = await _get_promptly(ctx, run.id, wait=60)
    limit, seconds = ctx.session.tolerance(), seconds_of(exchange)
    ctx.judge(
        "GET-08",
        exchange,
        kept=about(exchange, run.id) and seconds <= limit,
        message=f"waitForFinish=60 on a finished run was answered {summary(exchange)} after "
        f"{seconds:.1f} s.",
        expected=f"200 within {limit:.1f} s (on this target)",
        observed=f"{summary(exchange)} after {seconds:.1f} s",
    )
    answers = {
        value: await ctx.api.get(run.id, wait=value) for value in ("-1", "", "abc", "1e1", "60.0")
    }
    twice = (("waitForFinish", "1"), ("waitForFinish", "2"))
    answers["1&2"] = await ctx.api.get(run.id, query=twice)
    statuses = ", ".join(f"{value!r}: {answer.status}" for value, answer in answers.items())
    ctx.note("GET-09", *answers.values(), message=f"Values of waitForFinish: {statuses}.")
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
    ctx.expect_value(
        "GET-10",
        status_of(after),
        status_of(before),
        before,
        after,
        message=f"After a waiter hung up, the run is {status_of(after)}.",
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
    before, after = details(first), details(second)
    fixed = sorted({*before, *after} - RECOMPUTED - MAY_CHANGE_AFTER_END)
    for promise, names in (("RTL-10", ("stats", "chargedEventCounts")), ("GET-13", fixed)):
        ctx.expect_same(
            promise,
            names,
            before,
            after,
            first,
            second,
            what="Waiting, more than 10 s after a run's end,",
        )


@scenario(uses=("finished",))
async def fresh_run_is_found(ctx: CheckContext) -> None:
    """How soon a new run can be read is noted."""
    run = await ctx.fixtures.get("finished")
    history = ctx.session.history.runs.get(run.id)
    snapshots = history.snapshots if history else []
    reads = [snapshot for snapshot in snapshots if snapshot.operation == "getRun"]
    if not reads:
        raise NotExercisedError("the run was never read")
    exchange = await ctx.api.get(run.id)
    after = reads[0].received - run.start.received
    ctx.note("RTL-09", exchange, message=f"A fresh run was found {after:.1f} s after its start.")
