"""Scenarios of Get run: whose run it is, in which status, and what stays as it was."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.no_answer import NoAnswer
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger.statuses import TERMINAL
from actor_runs_conformance.testkit.answers import about, accepted, details, seconds_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.history import LAG, SETTLING
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import MAY_CHANGE_AFTER_END, RECOMPUTED
from actor_runs_conformance.testkit.starts import HiddenRunError

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

ATTEMPTS = 3
"""How often a read is sent at most that is answered late: what waits on purpose is late each time."""


@scenario(profile=Profile.READ_ONLY, uses=("finished",))
async def get_run(ctx: CheckContext) -> None:
    """Get run answers 200 with the run that the path names."""
    try:
        run = ctx.session.target.run or (await ctx.fixtures.get("finished")).id
    except NotExercisedError:
        # A run that cannot be read is what is judged here.
        run = (await ctx.fixtures.get("first")).id
    exchange = await ctx.api.get(run)
    _judge_answer(ctx, exchange, run, f"Get run of {run}")


@scenario(uses=("live", "updated"))
async def get_of_two_runs(ctx: CheckContext) -> None:
    """Of two runs that go on, Get run answers with the one that the path names."""
    both = [await ctx.fixtures.get(name) for name in ("live", "updated")]
    older, newer = sorted(both, key=lambda run: run.start.received)
    for run, which in ((older, "older"), (newer, "newer")):
        exchange = await ctx.api.get(run.id)
        _judge_answer(ctx, exchange, run.id, f"Get run of the {which} of two runs")
    # Less than an id is easier to guess. Where ids are counted, it may be that of another run.
    others = {
        "without its last character": newer.id[:-1],
        "with a character more": f"{newer.id}x",
        "that no run has": NOBODY,
    }
    for which, other in others.items():
        if not other:
            continue
        answer = await ctx.api.get(other)
        ctx.judge(
            "GET-02",
            exchange,
            answer,
            kept=not accepted(answer) or about(answer, other),
            message=f"Get run of an id {which} is answered {summary(answer)}.",
            expected="no run, or the one that has this id",
            observed=summary(answer),
        )


def _judge_answer(ctx: CheckContext, exchange: Exchange, run: str, what: str) -> None:
    ctx.expect_details("GET-01", exchange, what=what)
    ctx.expect_run_of_path("GET-02", exchange, run, what=what, because="GET-01")


@scenario(uses=("finished", "live", "failed", "timed_out"))
async def get_in_every_status(ctx: CheckContext) -> None:
    """Get run answers at once for a running run, and for runs that ended in each way."""
    live = await _live(ctx)
    exchange = await get_promptly(ctx, live.id)
    _judge_prompt(ctx, exchange, "without waitForFinish")
    try:
        zero = await get_promptly(ctx, live.id, wait=0)
    except NoAnswerError as error:
        if error.exchange.no_answer is not NoAnswer.TIMEOUT:
            raise
        zero = error.exchange
    _judge_prompt(ctx, zero, "with waitForFinish=0")
    ctx.expect_run("GET-03", exchange, live.id, live.start, what="Get run of a run that goes on")
    for name in ("finished", "failed", "timed_out"):
        await _get_ended(ctx, name)


def _judge_prompt(ctx: CheckContext, exchange: Exchange, how: str) -> None:
    limit, seconds = ctx.session.tolerance(), seconds_of(exchange)
    status = status_of(exchange)
    ctx.judge(
        "GET-04",
        exchange,
        kept=exchange.status == 200 and seconds <= limit and status not in TERMINAL,
        message=f"Get run {how} took {seconds:.1f} s and showed {status}.",
        expected=f"within {limit:.1f} s (on this target), a status that is not terminal",
        observed=summary(exchange),
    )


async def _live(ctx: CheckContext) -> StartedRun:
    """Return the run that goes on; judge the reads that stand in its way."""
    try:
        live = await ctx.fixtures.get("live")
        await ctx.api.until_running(live.id)
    except HiddenRunError as error:
        _judge_hidden(ctx, error.run, error.found)
        raise
    except NotExercisedError:
        started = ctx.fixtures.started.get("live")
        if started is not None:
            await _judge_unread(ctx, started)
        raise
    except NoAnswerError as error:
        await _judge_unanswered(ctx, error.exchange)
        raise
    return live


async def _get_ended(ctx: CheckContext, name: str) -> None:
    """Judge Get run of a shared run that has ended, or that is not found any more."""
    try:
        run = await ctx.fixtures.get(name)
    except NotExercisedError:
        started = ctx.fixtures.started.get(name)
        if name == "finished":
            started = await ctx.fixtures.get("first")
        if started is not None:
            await _judge_unread(ctx, started)
        return
    after = await ctx.api.get(run.id)
    ended = status_of(after) or "over"
    ctx.expect_run("GET-03", after, run.id, run.start, what=f"Get run of a run that is {ended}")


async def get_promptly(ctx: CheckContext, run: str, wait: float | None = None) -> Exchange:
    """Read a run, and again while the answer is late: a machine may be busy for a moment."""
    exchange = await ctx.api.get(run, wait=wait)
    for _ in range(ATTEMPTS - 1):
        if seconds_of(exchange) <= ctx.session.tolerance():
            break
        exchange = await ctx.api.get(run, wait=wait and min(wait, 20))
    return exchange


def _judge_hidden(ctx: CheckContext, run: StartedRun, found: Exchange) -> None:
    """Judge a run that was started, and cannot be read although no replica can be behind."""
    age = found.sent - run.start.received
    late = found.status != HTTPStatus.NOT_FOUND or age > LAG
    if found.response and found.response.refused and late:
        ctx.judge(
            "GET-03",
            run.start,
            found,
            kept=False,
            message=f"Get run of a run that was started {age:.0f} s before is answered "
            f"{summary(found)}.",
            expected=f"200 with the run {run.id}",
            observed=summary(found),
        )


async def _judge_unread(ctx: CheckContext, run: StartedRun) -> None:
    await ctx.api.wait_for_replicas()
    _judge_hidden(ctx, run, await ctx.api.get(run.id))


async def _judge_unanswered(ctx: CheckContext, first: Exchange) -> None:
    """Judge a read of a run that is not answered, although reads of others are."""
    if first.operation != "getRun" or first.run is None or first.no_answer is not NoAnswer.TIMEOUT:
        return
    control = await ctx.api.get(NOBODY)
    try:
        await ctx.api.get(first.run)
    except NoAnswerError as error:
        again = error.exchange
        ctx.judge(
            "GET-04",
            first,
            control,
            again,
            kept=again.no_answer is not NoAnswer.TIMEOUT,
            message=f"Get run without waitForFinish of a run that goes on gets no answer "
            f"({again.error}); of an unknown run it is answered {control.status} after "
            f"{seconds_of(control):.1f} s.",
            expected="an answer at once",
            observed=str(again.error),
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
