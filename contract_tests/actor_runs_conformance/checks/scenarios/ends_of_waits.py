"""Scenarios of waits for a run that ends, however it does: who waits is told, and last words stay."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.answers import message_of, seconds_of
from actor_runs_conformance.testkit.api import POLL, NotExercisedError
from actor_runs_conformance.testkit.fixtures import FIXTURES
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import object_at
from actor_runs_conformance.testkit.run_times import own_seconds
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

WORK = 5.0
"""Seconds that the run works which several wait for."""
STAYS = 5.0
"""Seconds after its end that a run is read again: a replica may be behind by `LAG`."""


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


@step("ERR-21", "GET-05", "GET-05b", "GET-06", "GET-07", "GET-11", "PUT-07", "PUT-07b")
async def _wait_together(ctx: CheckContext, run: StartedRun) -> None:
    last_words = "the last words of this run"
    update = await ctx.api.set_status_message(run.id, last_words, terminal=True)
    ctx.api.announce_wait("a run of 5 s, by several at once", WORK + 10, "getRun")
    pending = [asyncio.create_task(_wait(ctx, run.id, wait)) for wait in (30, 40, 50)]
    over, (seen, limit) = await asyncio.gather(
        ctx.api.get(run.id, wait=999999), _watch(ctx, run.id, pending, within=25)
    )
    waits = await asyncio.gather(*pending)
    early = _judge_waits(ctx, run.id, waits, seen, limit, not_before=run.start.sent + WORK)
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
    _judge_last_words(ctx, update, seen, last_words)


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


async def _wait(ctx: CheckContext, run: str, seconds: float) -> Exchange:
    """Wait for a run; if the answer shows no end, read the run at once, to see whether it goes on."""
    waited = await ctx.api.get(run, wait=seconds)
    if status_of(waited) not in TERMINAL:
        await ctx.api.get(run)
    return waited


async def _watch(
    ctx: CheckContext, run: str, waits: Sequence[asyncio.Task[Exchange]], *, within: float
) -> tuple[Exchange, float]:
    """Poll until the run has ended, and return the answer that shows it, whatever the waits show.

    Beside it stands by how many seconds a wait may end later. A replica may be behind by `LAG`; the
    slowest poll, until the waits are answered, shows how late the target is by itself.
    """
    since = ctx.session.now()
    seen = await ctx.api.until(run, has_ended, "the run to end", within=within, every=0.3)
    while has_ended(seen.data or {}) and not all(wait.done() for wait in waits):
        await asyncio.sleep(POLL)
        await ctx.api.get(run)
    history = ctx.session.history.runs.get(run)
    polls = [
        snapshot.received - snapshot.sent
        for snapshot in (history.snapshots if history else ())
        if snapshot.operation == "getRun" and since <= snapshot.sent and not snapshot.waited
    ]
    late = max(ctx.session.loop_lag, *polls, 0)
    limit = LAG + 0.5 + 10 * ctx.session.latency + late
    return seen, limit


def _judge_waits(
    ctx: CheckContext,
    run: str,
    waits: list[Exchange],
    seen: Exchange,
    limit: float,
    *,
    not_before: float,
) -> bool:
    """Judge waits for a run that has ended; return whether one was answered while it went on.

    Such a wait has ended too soon, and shows nothing of how the end is told. `not_before` is a time
    before which the run cannot have ended.
    """
    if status_of(seen) not in TERMINAL:
        raise NotExercisedError(f"the run did not end in time: {summary(seen)}")
    early = [
        waited
        for waited in waits
        if status_of(waited) not in TERMINAL
        and (waited.received < not_before or _went_on(ctx, run, waited))
    ]
    for exchange in early:
        seconds = seconds_of(exchange)
        ctx.judge(
            "GET-05b",
            seen,
            exchange,
            kept=False,
            message=f"A wait of at least 30 s was answered after {seconds:.1f} s with "
            f"{summary(exchange)}, before the run had ended.",
            expected="no answer before the run has ended",
            observed=f"{summary(exchange)} after {seconds:.1f} s",
        )
        for promise in ("GET-05", "GET-06"):
            reason = f"a wait was answered before the run had ended: {summary(exchange)}"
            ctx.not_exercised(promise, reason, because="GET-05b")
    for exchange in (wait for wait in waits if wait not in early):
        late, seconds = exchange.received - seen.received, seconds_of(exchange)
        terminal = status_of(exchange) in TERMINAL
        ctx.judge(
            "GET-05",
            seen,
            exchange,
            kept=exchange.status == 200 and terminal and late <= limit,
            message=f"A wait of at least 30 s was answered after {seconds:.1f} s with "
            f"{summary(exchange)}, {late:.1f} s after the run had ended.",
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
    return bool(early)


def _went_on(ctx: CheckContext, run: str, waited: Exchange) -> bool:
    """Whether a read that was sent after the answer to a wait shows that the run still went on."""
    history = ctx.session.history.runs.get(run)
    return any(
        snapshot.sent >= waited.received
        and snapshot.operation == "getRun"
        and not snapshot.waited
        and not has_ended(snapshot.data)
        for snapshot in (history.snapshots if history else ())
    )


ABORTED_AFTER, WAITED_AFTER, ABORTED_AT_ONCE_AFTER = 2.0, 3.0, 8.0
"""Seconds after which a run is aborted gracefully, waited for once more, and aborted at once."""


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


OF_EVERY_END = ("GET-05", "GET-05b", "GET-06", "LIF-02", "LIF-03b")
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
    # The second one begins to wait when a run that is aborted is ABORTING.
    pending = [asyncio.create_task(_wait_from(ctx, run.id, after)) for after in (0, WAITED_AFTER)]
    (seen, limit), _ = await asyncio.gather(
        _watch(ctx, run.id, pending, within=45),
        _abort_twice(ctx, run.id) if ending.aborted else asyncio.sleep(0),
    )
    waits = await asyncio.gather(*pending)
    _judge_waits(ctx, run.id, waits, seen, limit, not_before=not_before)
    shown = status_of(seen)
    if status == "FAILED":
        ctx.expect_value(
            "LIF-04", shown, status, seen, message=f"An Actor that exits 200 ends as {shown}."
        )
        await _judge_not_restarted(ctx, run, seen)
    await _judge_end_stays(ctx, run.id, seen)


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
    work = ENDINGS["FAILED"].least - FIXTURES["failed"].body["durationSecs"]
    ctx.judge(
        "TSK-17c",
        plain,
        run.start,
        last,
        kept=longer - short < 2 * work - 1,
        message=f"With restartOnError=false a run of {ENDINGS['FAILED'].least:g} s that fails took "
        f"{longer - short:.1f} s longer than one that works {work:g} s less: it was restarted.",
        expected=f"about {work:g} s longer",
        observed=f"{longer - short:.1f} s longer",
    )


async def _wait_from(ctx: CheckContext, run: str, seconds: float) -> Exchange:
    await asyncio.sleep(seconds)
    return await _wait(ctx, run, 45)


async def _abort_twice(ctx: CheckContext, run: str) -> None:
    """Announce an abort, so that the run is ABORTING for a while, and abort it then.

    What the aborts are answered, and when, is not judged here.
    """

    async def abort(after: float, gracefully: str | None) -> None:
        await asyncio.sleep(after)
        with contextlib.suppress(NoAnswerError):
            await ctx.api.abort(run, gracefully=gracefully)

    await asyncio.gather(abort(ABORTED_AFTER, "true"), abort(ABORTED_AT_ONCE_AFTER, None))


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
