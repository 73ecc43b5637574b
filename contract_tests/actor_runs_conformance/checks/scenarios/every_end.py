"""Scenario of each way in which a run ends: who waits is told, and the run stays as it ended."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.checks.scenarios.anonymous import COSTS, access_of, judge_costs
from actor_runs_conformance.checks.scenarios.waits_for_ends import (
    judge_waits,
    wait_and_look,
    watch_end,
)
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.testkit.answers import about
from actor_runs_conformance.testkit.api import POLL, NotExercisedError
from actor_runs_conformance.testkit.fixtures import FIXTURES
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_times import own_seconds
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

ABORTED_AFTER, WAITED_AFTER, ABORTED_AT_ONCE_AFTER = 2.0, 3.0, 8.0
"""Seconds after which a run is aborted gracefully, waited for once more, and aborted at once."""
STAYS = 5.0
"""Seconds after its end that a run is read again: a replica may be behind by `LAG`."""


@frozen
class Ending:
    """A run that ends in its own way; `aborted` when the suite ends it.

    It goes on for `least` seconds at least after its start, or after it was seen RUNNING.
    """

    body: Mapping[str, Any]
    least: float
    query: Query = ()
    aborted: bool = False


ENDINGS: Mapping[str, Ending] = {
    "FAILED": Ending({"durationSecs": 6, "exitCode": 200}, 6.0, (("restartOnError", "false"),)),
    "TIMED-OUT": Ending({"durationSecs": 60, "onAbort": "ignore"}, 6.0, (("timeout", "6"),)),
    "ABORTED": Ending({"durationSecs": 60, "onAbort": "ignore"}, ABORTED_AFTER, aborted=True),
}


OF_EVERY_END = (
    "AUT-04",
    "AUT-05",
    "GET-03",
    "GET-04",
    "GET-05",
    "GET-05b",
    "GET-06",
    "LIF-02",
    "LIF-03b",
)
"""What is judged by each ending; the rest by the failed run alone."""


@scenario(runs=3, uses=("failed",), profile=Profile.FULL, seconds=22)
async def every_end_is_heard_of(ctx: CheckContext) -> None:
    """Who waits is answered however the run ends, and the run stays in the status it ended in."""
    endings = ENDINGS if ctx.wants(*OF_EVERY_END) else ("FAILED",)
    results = await asyncio.gather(
        *(_hear_of_end(ctx, status) for status in endings), return_exceptions=True
    )
    for result in results:
        if result is not None:
            raise result


async def _hear_of_end(ctx: CheckContext, status: str) -> None:
    ending = ENDINGS[status]
    run = await ctx.starts.begin(ending.body, query=ending.query)
    not_before = run.start.sent + ending.least
    if ending.aborted:
        await ctx.api.until_running(run.id)
        not_before = ctx.session.now() + ending.least
    anonymous = await ctx.api.get(run.id, token=None)
    # The second one begins to wait when a run that is aborted is ABORTING.
    pending = [asyncio.create_task(_wait_from(ctx, run.id, after)) for after in (0, WAITED_AFTER)]
    (seen, limit), _ = await asyncio.gather(
        watch_end(ctx, run.id, pending, within=45),
        _abort_twice(ctx, run.id) if ending.aborted else asyncio.sleep(0),
    )
    waits = await asyncio.gather(*pending)
    what = f"Get run of a run that is to end as {status}"
    if not ctx.expect_run("GET-03", seen, run.id, run.start, what=what):
        raise NotExercisedError(f"the run cannot be read: {summary(seen)}", because="GET-03")
    judge_waits(ctx, run.id, waits, seen, limit, not_before=not_before)
    shown = status_of(seen)
    if status == "FAILED":
        ctx.expect_value(
            "LIF-04", shown, status, seen, message=f"An Actor that exits 200 ends as {shown}."
        )
        await _judge_not_restarted(ctx, run, seen)
    await _judge_end_stays(ctx, run.id, seen)
    await _judge_without_token(ctx, run, anonymous, seen)


@step("LIF-02", "LIF-03b")
async def _judge_end_stays(ctx: CheckContext, run: str, seen: Exchange) -> None:
    shown, later, deadline = status_of(seen), seen, ctx.session.now() + STAYS
    while ctx.session.now() < deadline:
        await asyncio.sleep(POLL)
        later = await ctx.api.get(run)
    for promise in ("LIF-02", "LIF-03b"):
        ctx.expect_value(
            promise,
            status_of(later),
            shown,
            seen,
            later,
            message=f"A run that was {shown} is {status_of(later)} "
            f"{later.sent - seen.received:.0f} s later.",
        )


@step("AUT-04", "AUT-05", "GET-04")
async def _judge_without_token(
    ctx: CheckContext, run: StartedRun, before: Exchange, seen: Exchange
) -> None:
    """Judge that a reader without a token, who has read the run `before`, hears of its end too."""
    if not about(before, run.id) or access_of(seen) != access_of(run.start):
        return
    await asyncio.sleep(seen.received + STAYS - ctx.session.now())
    again = await ctx.api.get(run.id, token=None)
    what = f"Get run of a run that is {status_of(seen)}"
    if not ctx.expect_run("AUT-04", again, run.id, before, seen, what=f"{what} without a token"):
        ctx.not_exercised("GET-04", "the run cannot be read without a token", because="AUT-04")
        return
    if any((seen.data or {}).get(name) is not None for name in COSTS):
        judge_costs(ctx, seen, again, f"a run that is {status_of(seen)}")
    ctx.expect_value(
        "GET-04",
        status_of(again),
        status_of(seen),
        before,
        seen,
        again,
        message=f"Without a token a run is {status_of(again)} that was {status_of(seen)} "
        f"{again.sent - seen.received:.0f} s before.",
    )


@step("TSK-17c")
async def _judge_not_restarted(ctx: CheckContext, run: StartedRun, last: Exchange) -> None:
    """Judge by how long a failed run worked that it was not restarted: that need not be counted.

    A failed run that works shorter shows what a container takes to start.
    """
    shorter = await ctx.fixtures.get("failed")
    plain = await ctx.api.until_finished(shorter.id, within=LAG)
    longer, short = own_seconds(last.data or {}), own_seconds(plain.data or {})
    if longer is None or short is None:
        ctx.not_exercised("TSK-17c", "the target does not show when runs started and finished")
        return
    longer -= _seconds_until_work(ctx, run)
    work = ENDINGS["FAILED"].least - FIXTURES["failed"].body["durationSecs"]
    ctx.judge(
        "TSK-17c",
        plain,
        run.start,
        last,
        kept=longer - short < 2 * work - 1,
        message=f"With restartOnError=false a run of {ENDINGS['FAILED'].least:g} s that fails took "
        f"{longer - short:.1f} s longer, from READY on, than one that works {work:g} s less: it was "
        "restarted.",
        expected=f"about {work:g} s longer",
        observed=f"{longer - short:.1f} s longer",
    )


def _seconds_until_work(ctx: CheckContext, run: StartedRun) -> float:
    """Return for how many seconds at most a run was READY: it may wait long for a machine."""
    history = ctx.session.history.runs.get(run.id)
    seen = history.first_seen if history else {}
    after = [one.received for status, one in seen.items() if status != "READY"]
    return min(after, default=run.start.sent) - run.start.sent


async def _wait_from(ctx: CheckContext, run: str, seconds: float) -> Exchange:
    await asyncio.sleep(seconds)
    return await wait_and_look(ctx, run, 45)


async def _abort_twice(ctx: CheckContext, run: str) -> None:
    """Announce an abort, so that the run is ABORTING for a while, and abort it then.

    What the aborts are answered, and when, is not judged here.
    """

    async def abort(after: float, gracefully: str | None) -> None:
        await asyncio.sleep(after)
        with contextlib.suppress(NoAnswerError):
            await ctx.api.abort(run, gracefully=gracefully)

    await asyncio.gather(abort(ABORTED_AFTER, "true"), abort(ABORTED_AT_ONCE_AFTER, None))
