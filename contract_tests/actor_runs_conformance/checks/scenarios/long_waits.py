"""Scenarios of waits for a minute and for more, which only `--profile thorough` has the time for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.waits import EARLY, judge_early_end, read_after
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.no_answer import NoAnswer
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger.statuses import TERMINAL
from actor_runs_conformance.testkit.answers import accepted, seconds_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

LONGEST = 60.0
"""Seconds that a wait lasts at most."""
BEYOND = 90.0
"""Seconds of the waits that ask for more."""
WORK = {"durationSecs": 150, "exitCode": 0}
"""What the runs do that are waited for: they outlast every wait, late ones too."""


@scenario(profile=Profile.THOROUGH, runs=3, seconds=68)
async def waits_of_a_minute_and_more(ctx: CheckContext) -> None:
    """A wait of 60 s lasts as long, and one that asks for more lasts no longer."""
    run = await ctx.starts.begin(WORK)
    await ctx.api.until_running(run.id)
    ctx.api.announce_wait("waits of a minute", LONGEST + ctx.session.tolerance(LONGEST))
    results = await asyncio.gather(
        *(_read(ctx, run, wait) for wait in (LONGEST, BEYOND)),
        *(_start(ctx, run, wait) for wait in (LONGEST, BEYOND)),
        return_exceptions=True,
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result
    if not any(results):
        raise NotExercisedError("no answer was held for a minute")


async def _read(ctx: CheckContext, run: StartedRun, wait: float) -> bool:
    """Judge a wait of Get run for a run that goes on; return whether the answer was held."""
    answer, limit = await _timed(ctx, run, ctx.api.get(run.id, wait=wait))
    what = f"waitForFinish={wait:g} on a running run"
    held = _judge_longest(ctx, answer, run, limit, what)
    if answer.response is None:
        return held
    if status_of(answer) in TERMINAL:
        await judge_early_end(ctx, answer, run)
    seconds = seconds_of(answer)
    ctx.judge(
        "GET-05b" if wait <= LONGEST else "GET-07",
        answer,
        kept=answer.status == 200 and LONGEST - EARLY <= seconds <= limit,
        message=f"{what} was answered {answer.status} after {seconds:.1f} s.",
        expected=f"200 after {LONGEST:g} s, at most {limit:.1f} s (on this target)",
        observed=f"{summary(answer)} after {seconds:.1f} s",
    )
    return held


async def _start(ctx: CheckContext, run: StartedRun, wait: float) -> bool:
    """Judge a start that waits for a run that goes on; return whether the answer was held.

    A start without a wait was accepted before.
    """
    answer, limit = await _timed(ctx, run, ctx.starts.start(WORK, wait=wait))
    what = f"waitForFinish={wait:g} on the start of a run that goes on"
    held = _judge_longest(ctx, answer, run, limit, what)
    if answer.response is None:
        return held
    seconds, status = seconds_of(answer), status_of(answer)
    ctx.judge(
        "TSK-19b" if wait <= LONGEST else "GET-07",
        run.start,
        answer,
        kept=accepted(answer) and status not in TERMINAL and LONGEST - EARLY <= seconds <= limit,
        message=f"{what} was answered after {seconds:.1f} s with {summary(answer)}.",
        expected=f"an answer after {LONGEST:g} s, at most {limit:.1f} s (on this target), not terminal",
        observed=f"{summary(answer)} after {seconds:.1f} s",
    )
    return held


async def _timed(
    ctx: CheckContext, run: StartedRun, waiting: Awaitable[Exchange]
) -> tuple[Exchange, float]:
    """Return what comes of a wait, be it no answer in time, and after how many seconds it is late.

    A plain read that is sent when the wait should be over shows how late the target is by itself.
    """
    answer, control = await asyncio.gather(
        _answer_or_silence(waiting), read_after(ctx, run.id, LONGEST)
    )
    return answer, LONGEST + ctx.session.tolerance(LONGEST) + 2 * seconds_of(control)


async def _answer_or_silence(waiting: Awaitable[Exchange]) -> Exchange:
    try:
        return await waiting
    except NoAnswerError as error:
        if error.exchange.no_answer is NoAnswer.TIMEOUT:
            return error.exchange
        raise


def _judge_longest(
    ctx: CheckContext, answer: Exchange, run: StartedRun, limit: float, what: str
) -> bool:
    """Judge that an answer was not held longer than a wait may last; return whether it was held.

    What was answered sooner shows nothing of it.
    """
    seconds = seconds_of(answer)
    if seconds < LONGEST - EARLY:
        return False
    came = "was answered" if answer.response else "had no answer"
    ctx.judge(
        "GET-07b",
        run.start,
        answer,
        kept=seconds <= limit,
        message=f"{what} {came} after {seconds:.1f} s.",
        expected=f"an answer after {LONGEST:g} s, at most {limit:.1f} s (on this target)",
        observed=f"{summary(answer)} after {seconds:.1f} s",
    )
    return True
