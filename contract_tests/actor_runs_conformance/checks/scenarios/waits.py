"""Scenarios of waiting with Get run: for a run that goes on, and for each way in which one ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.checks.scenarios.endings import OBEDIENT
from actor_runs_conformance.checks.scenarios.get_run import ATTEMPTS, get_promptly
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import JSON
from actor_runs_conformance.ledger.statuses import TERMINAL
from actor_runs_conformance.testkit.answers import about, seconds_of
from actor_runs_conformance.testkit.api import OWN, NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

EARLY = 0.3
"""Seconds by which a wait may end too soon: clocks differ a little."""
WAITS = ((3.0, True), (12.0, True), (2.0, False))
"""Waits for a run that goes on: the seconds, and whether with a token."""
DECIMAL = 1.9
"""Seconds of a wait with decimals; the first of `WAITS` is its control."""


@scenario(uses=("live",), seconds=15)
async def wait_ends_with_time(ctx: CheckContext) -> None:
    """A wait for a run that does not end lasts as long as asked for, decimals included."""
    live = await ctx.fixtures.get("live")
    await ctx.api.until_running(live.id)
    # Whether a caller without a token may read the run at all is not judged here.
    public = about(await ctx.api.get(live.id, token=None), live.id)
    waits = [
        (wait, OWN if owned else None)
        for wait, owned in (WAITS if ctx.wants("GET-05b", "GET-06b") else WAITS[:1])
        if owned or public
    ]
    decimals = [(DECIMAL, OWN)] if ctx.wants("GEN-18", "GET-06b") else []
    asked = [*waits, *decimals]
    ctx.api.announce_wait("waits of a run that goes on", max(wait for wait, _ in asked), "getRun")
    answers = await asyncio.gather(*(_timed_wait(ctx, live.id, *wait) for wait in asked))
    answered = [
        _Wait(seconds, token, exchange, limit)
        for (seconds, token), (exchange, limit) in zip(asked, answers, strict=True)
    ]
    whole = answered[: len(waits)]
    heeded = [await _judge_wait(ctx, "GET-05b", wait, live) for wait in whole]
    for decimal in answered[len(waits) :]:
        if all(heeded):
            await _judge_wait(ctx, "GEN-18", decimal, live, whole[0].exchange)
        else:
            reason = "waits without decimals are not heeded either"
            ctx.not_exercised("GEN-18", reason, because="GET-05b")


@frozen
class _Wait:
    """A wait for a run that goes on, its answer, and after how many seconds that is late."""

    seconds: float
    token: str | None
    exchange: Exchange
    limit: float


async def _judge_wait(
    ctx: CheckContext, promise: str, wait: _Wait, live: StartedRun, *control: Exchange
) -> bool:
    """Judge that a wait lasted as long as asked for, and its status; return whether it did."""
    exchange, seconds = wait.exchange, seconds_of(wait.exchange)
    if status_of(exchange) in TERMINAL:
        await judge_early_end(ctx, exchange, live)
    ctx.judge(
        "GET-06b",
        exchange,
        kept=exchange.status == 200 and status_of(exchange) not in {*TERMINAL, None},
        message=f"A wait that ended before the run did shows {summary(exchange)}.",
        expected="a status that is not terminal",
        observed=summary(exchange),
    )
    return ctx.judge(
        promise,
        *control,
        exchange,
        kept=exchange.status == 200 and wait.seconds - EARLY <= seconds <= wait.limit,
        message=f"waitForFinish={wait.seconds:g} on a running run"
        f"{'' if wait.token else ', without a token,'} was answered "
        f"{exchange.status} after {seconds:.1f} s.",
        expected=f"200 after {wait.seconds:g} s, at most {wait.limit:.1f} s (on this target)",
        observed=f"{summary(exchange)} after {seconds:.1f} s",
    )


async def _timed_wait(
    ctx: CheckContext, run: str, wait: float, token: str | None
) -> tuple[Exchange, float]:
    """Wait for a run that goes on; return the answer, and after how many seconds it is late.

    A plain read that is sent when the wait should be over shows how late the target is by itself.
    A wait that is late all the same is repeated: a machine may be busy for a moment.
    """
    attempt = 0
    while True:
        attempt += 1
        exchange, control = await asyncio.gather(
            ctx.api.get(run, wait=wait, token=token), read_after(ctx, run, wait, token)
        )
        limit = wait + ctx.session.tolerance(wait) + 2 * seconds_of(control)
        if seconds_of(exchange) <= limit or attempt == ATTEMPTS:
            return exchange, limit


async def read_after(
    ctx: CheckContext, run: str, seconds: float, token: str | None = OWN
) -> Exchange:
    """Read a run after so many seconds."""
    await asyncio.sleep(seconds)
    return await ctx.api.get(run, token=token)


async def judge_early_end(ctx: CheckContext, waited: Exchange, live: StartedRun) -> None:
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


@scenario(profile=Profile.READ_ONLY, uses=("finished",))
async def wait_on_finished_run(ctx: CheckContext) -> None:
    """A wait for a finished run is answered at once; how unusual waits are answered is noted."""
    run = await ctx.fixtures.get("finished")
    await _judge_wait_for_finished_run(ctx, run.id)
    answers = {
        value: await ctx.api.get(run.id, wait=value) for value in ("-1", "", "abc", "1e1", "60.0")
    }
    twice = (("waitForFinish", "1"), ("waitForFinish", "2"))
    answers["1&2"] = await ctx.api.get(run.id, query=twice)
    statuses = ", ".join(f"{value!r}: {answer.status}" for value, answer in answers.items())
    ctx.note("GET-09", *answers.values(), message=f"Values of waitForFinish: {statuses}.")
    body = await ctx.api.call("getRun", run=run.id, headers=JSON, body={"statusMessage": "ignored"})
    ctx.note("GET-15", body, message=f"Get run with a body: {summary(body)}.")


@step("GET-08")
async def _judge_wait_for_finished_run(ctx: CheckContext, run: str) -> None:
    await ctx.api.wait_for_replicas()
    exchange = await get_promptly(ctx, run, wait=60)
    limit, seconds = ctx.session.tolerance(), seconds_of(exchange)
    ctx.judge(
        "GET-08",
        exchange,
        kept=about(exchange, run) and seconds <= limit,
        message=f"waitForFinish=60 on a finished run was answered {summary(exchange)} after "
        f"{seconds:.1f} s.",
        expected=f"200 within {limit:.1f} s (on this target)",
        observed=f"{summary(exchange)} after {seconds:.1f} s",
    )


@scenario(runs=1, seconds=5)
async def waiter_hangs_up(ctx: CheckContext) -> None:
    """A caller who hangs up while waiting leaves the run as it is."""
    run = await ctx.starts.begin(OBEDIENT)
    before = await ctx.api.until_running(run.id)
    await ctx.api.get_and_hang_up(run.id, wait=20, after=1.0)
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(run.id)
    status = status_of(after)
    ctx.judge(
        "GET-10",
        before,
        after,
        kept=status in {"READY", "RUNNING"},
        message=f"After a waiter hung up, the run is {status}.",
        expected="RUNNING",
        observed=status,
    )
