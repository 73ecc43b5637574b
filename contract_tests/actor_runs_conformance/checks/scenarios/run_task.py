"""Scenarios of Run task: the new run, and the names by which a task is started."""

from __future__ import annotations

from contextlib import suppress
from itertools import combinations
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.checks.scenarios.references import task_name
from actor_runs_conformance.checks.scenarios.restarts import REPORTS
from actor_runs_conformance.checks.scenarios.run_task_input import reported
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.transport import USER_AGENT
from actor_runs_conformance.ledger.statuses import TERMINAL, all_statuses
from actor_runs_conformance.results.finding import NEVER_SENT
from actor_runs_conformance.testkit.answers import accepted, details, seconds_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import MISSING, number_at, object_at, value_at
from actor_runs_conformance.testkit.starts import KnownRunError
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.context import CheckContext

IDS = ("id", "actId", "userId", "actorTaskId")
STORAGES = ("defaultKeyValueStoreId", "defaultDatasetId", "defaultRequestQueueId")
FIXED = (
    *(*IDS, *STORAGES, "startedAt", "meta.origin", "buildId", "buildNumber"),
    *(f"options.{name}" for name in ("build", "timeoutSecs", "memoryMbytes", "diskMbytes")),
)
"""What an answer says of a run, and no later one says otherwise."""
MAY_GO_AT_END = frozenset({"containerUrl", "isContainerServerReady"})
"""What leads to the container of a run, which is gone when the run has ended."""


@scenario(uses=("first", "second", "live"), seconds=4)
async def start_task(ctx: CheckContext) -> None:
    """Run task answers 201 with a new run of the task."""
    start = ctx.fixtures.refused_start or (await ctx.fixtures.get("first")).start
    data = start.data or {}
    for promise in ("TSK-01", "TSK-33"):
        ctx.judge(
            promise,
            start,
            kept=start.status == 201 and bool(data.get("id")) and "status" in data,
            message=f"Run task is answered {summary(start)}.",
            expected="201 with the new run",
            observed=summary(start),
        )
    if start is ctx.fixtures.refused_start:
        raise NotExercisedError(f"no run could be started: {summary(start)}")
    missing = [name for name in (*IDS, *STORAGES) if not data.get(name)]
    status = data.get("status")
    ctx.judge(
        "TSK-22",
        start,
        kept=not missing and str(status) in all_statuses(),
        message=f"A new run lacks {', '.join(missing)}."
        if missing
        else f"A new run has the status {status!r}.",
        expected=[*IDS, *STORAGES, "status"],
        observed=sorted(data),
    )
    await _judge_new_runs(ctx)
    ctx.judge(
        "LIF-01",
        start,
        kept=str(status) in all_statuses(),
        message=f"A new run has the status {status!r}.",
        expected="READY, or a later status",
        observed=status,
    )
    origin, agent = value_at(data, "meta.origin"), value_at(data, "meta.userAgent")
    ctx.note("TSK-22b", start, message=f"A run started here has the origin {origin!s}.")
    ctx.note(
        "OBJ-13b",
        start,
        message="meta.userAgent is that of the request."
        if agent == USER_AGENT
        else "meta.userAgent is not that of the request.",
    )
    charge = number_at(data, "options.maxTotalChargeUsd")
    ctx.note("TSK-16", start, message=f"By default, options.maxTotalChargeUsd is {charge}.")
    shown = "restartOnError" in object_at(data, "options")
    ctx.note(
        "TSK-18", start, message=f"options.restartOnError is {'shown' if shown else 'not shown'}."
    )


async def _judge_new_runs(ctx: CheckContext) -> None:
    """Judge that each start makes a run that was not there before, with storages of its own."""
    starts = []
    for name in ("first", "second", "live"):
        # What is there can be compared, whatever became of the other starts.
        with suppress(NotExercisedError):
            starts.append(await _start_of(ctx, name))
    known = [start for start in starts if ctx.session.runs.was_there(start)]
    for start in starts:
        ctx.judge(
            "TSK-01",
            start,
            kept=start not in known,
            message=f"A start is answered {summary(start)}, with a run that was there before.",
            expected="a new run",
            observed=summary(start),
        )
    runs = [start for start in starts if start not in known]
    for first, second in combinations(runs, 2):
        shared = _shared(STORAGES, first, second)
        ctx.judge(
            "TSK-22",
            first,
            second,
            kept=not shared,
            message=f"Two runs have the same {', '.join(shared)}.",
            expected="storages of its own for each run",
            observed=shared,
        )


@scenario(uses=("finished",))
async def start_answer_equals_get(ctx: CheckContext) -> None:
    """The answer to a start is the Run object that Get run returns."""
    run = await ctx.fixtures.get("finished")
    if run.start.operation != "runTask":
        raise NotExercisedError("the suite did not start this run")
    read = await ctx.api.get(run.id)
    now = details(read)
    # What is said later otherwise breaks other promises.
    soon = ctx.session.history.runs[run.id].first_read or now
    lost = [
        name
        for name, value in run.first.items()
        if value is not None and name not in now and name not in MAY_GO_AT_END
    ]
    others = [name for name in FIXED if _differs(run.first, soon, name)]
    retyped = [
        name
        for name, value in run.first.items()
        if value is not None and now.get(name) is not None and _kind(value) is not _kind(now[name])
    ]
    ctx.judge(
        "TSK-24",
        run.start,
        read,
        kept=not lost and not retyped and not others,
        message=_deviation(lost, retyped, others),
        expected={name: value_at(run.first, name) for name in others} or sorted(run.first),
        observed={name: value_at(soon, name) for name in others} or sorted(now),
    )


def _differs(start: Mapping[str, Any], now: Mapping[str, Any], name: str) -> bool:
    """Whether two answers show other values; one that is not shown yet is no other value."""
    before, after = value_at(start, name), value_at(now, name)
    return before not in (MISSING, None) and after not in (MISSING, None) and before != after


def _deviation(lost: list[str], retyped: list[str], others: list[str]) -> str:
    if lost:
        return f"Get run lacks {', '.join(lost)} of the start's answer."
    if retyped:
        return f"Get run has other types than the start's answer for {', '.join(retyped)}."
    return f"Get run shows other values than the start's answer for {', '.join(others)}."


def _kind(value: object) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


@scenario(uses=("first", "second", "live", "updated"))
async def start_twice(ctx: CheckContext) -> None:
    """The same start twice makes two runs, with storages of their own, even while the first works."""
    for one, other in (("first", "second"), ("live", "updated")):
        first, second = await _start_of(ctx, one), await _start_of(ctx, other)
        shared = _shared(("id", *STORAGES), first, second)
        for promise in ("TSK-23", "RTL-08"):
            ctx.judge(
                promise,
                first,
                second,
                kept=not shared,
                message=f"Two starts share {', '.join(shared)}. Does the server keep any state? "
                "A mock that answers from examples cannot keep this promise.",
                expected="two runs",
                observed=shared,
            )


async def _start_of(ctx: CheckContext, name: str) -> Exchange:
    """Return the answer to the start of a shared run, also where that is a run that was there."""
    try:
        return (await ctx.fixtures.get(name)).start
    except KnownRunError as known:
        return known.exchange


def _shared(names: Iterable[str], first: Exchange, second: Exchange) -> dict[str, JsonValue]:
    """Return what two starts have in common of these values."""
    one, other = first.data or {}, second.data or {}
    return {name: one[name] for name in names if one.get(name) and one[name] == other.get(name)}


@scenario(uses=("live", "updated"))
async def start_without_wait(ctx: CheckContext) -> None:
    """A start is answered at once; of two the quicker one counts, as a machine may be busy."""
    starts = [(await ctx.fixtures.get(name)).start for name in ("live", "updated")]
    start = min(starts, key=seconds_of)
    seconds = seconds_of(start)
    limit = 3 + ctx.session.tolerance()
    ctx.judge(
        "TSK-02",
        start,
        kept=seconds <= limit and status_of(start) not in TERMINAL,
        message=f"A start without waitForFinish took {seconds:.1f} s and showed {status_of(start)}.",
        expected=f"within {limit:.1f} s (on this target), not terminal",
        observed=f"{summary(start)} after {seconds:.1f} s",
    )


@scenario(runs=5, uses=("first",), profile=Profile.FULL, needs_token=True, seconds=6)
async def task_references(ctx: CheckContext) -> None:
    """A task is named by its id, by its owner and name, or by `~name`."""
    first = await ctx.fixtures.get("first")
    identity = first.first.get("actorTaskId")
    task = ctx.session.target.task or ctx.session.target.short_task or ""
    if not isinstance(identity, str):
        raise NotExercisedError("the run does not say which task it is of (actorTaskId)")
    number = first.first.get("buildNumber")
    if not number:  # A build may be resolved only when the container starts.
        number = details(await ctx.api.get(first.id)).get("buildNumber")
    body = {"durationSecs": 0.2, **REPORTS} if ctx.session.target.controlled else None
    by_number = None
    if number:
        by_number = await ctx.starts.start(body, task=identity, query=(("build", str(number)),))
    # Whether a task's id is understood does not depend on the build number: where that start was
    # refused, the id is sent alone. Only then does it cost a run.
    by_id = by_number
    if by_id is None or not accepted(by_id):
        by_id = await ctx.starts.start(body, task=identity)
    token = ctx.session.target.token or ""
    name = await task_name(ctx, task)
    short = f"~{name.partition('~')[2]}"
    answers = {identity: by_id, task: first.start}
    answers[short] = await ctx.starts.start(body, task=short)
    for reference, exchange in answers.items():
        shown = (exchange.data or {}).get("actorTaskId")
        ctx.judge(
            "GEN-14c" if reference.startswith("~") else "GEN-14",
            first.start,
            exchange,
            kept=exchange.status == 201 and shown == identity,
            message=f"A start of {reference!r} is answered {summary(exchange)}, task {shown}.",
            expected=f"201 with a run of the task {identity}",
            observed=summary(exchange),
        )
    _judge_build_number(ctx, number, by_number, by_id)
    query = await ctx.starts.start(body, task=task, token=None, query=(("token", token),))
    ctx.expect_status(
        "AUT-02", query, 201, first.start, what="Run task with the token in the query"
    )
    await _judge_same_input(ctx, by_id, query, task=identity, body=body)
    upper = await ctx.starts.start(body, task=name.upper())
    ctx.note("GEN-14b", upper, message=f"A task's name in capitals: {summary(upper)}.")


def _judge_build_number(
    ctx: CheckContext, number: object, start: Exchange | None, plain: Exchange
) -> None:
    """Judge a start with a build number beside `plain`, which names the task the same way."""
    if start is None:
        ctx.not_exercised("TSK-13b", f"{NEVER_SENT} (buildNumber)")
        return
    if not accepted(plain):
        ctx.not_exercised(
            "TSK-13b", f"the same start without build was not accepted either: {summary(plain)}"
        )
        return
    options = object_at(start.data or {}, "options")
    pair = [options.get("build"), (start.data or {}).get("buildNumber")]
    ctx.expect_value(
        "TSK-13b",
        pair,
        [number, number],
        plain,
        start,
        message=f"A start with build={number} ({summary(start)}) shows options.build and "
        f"buildNumber {pair}.",
    )


@step("GEN-14")
async def _judge_same_input(
    ctx: CheckContext,
    by_id: Exchange,
    by_name: Exchange,
    *,
    task: str,
    body: Mapping[str, Any] | None,
) -> None:
    """Judge that a task has the same saved input by whichever name it is started, where runs report.

    `task` and `body` are what the one by its id has sent.
    """
    with suppress(NotExercisedError):
        seen = [await _input_seen(ctx, start) for start in (by_id, by_name)]
        if seen[0] != seen[1]:
            # Another start, meanwhile, may have changed what is saved.
            again = await _input_seen(ctx, await ctx.starts.start(body, task=task))
            if again != seen[0]:
                raise NotExercisedError(
                    "the saved input does not stay what it was", because="TSK-07"
                )
        ctx.expect_value(
            "GEN-14",
            *seen,
            by_name,
            by_id,
            message="A start of a task by its id has another input than the same start by its name.",
        )


async def _input_seen(ctx: CheckContext, start: Exchange) -> JsonValue:
    """Return the input that the Actor of a run reports."""
    seen: JsonValue = (await reported(ctx, str(details(start)["id"])))["input"]
    return seen
