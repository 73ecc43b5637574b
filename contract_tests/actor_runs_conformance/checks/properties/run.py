"""The generated part of a check: cases of the six operations and the state machine, at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.properties import checks
from actor_runs_conformance.checks.properties.case import Numbers
from actor_runs_conformance.checks.properties.drawing import Drawing, DrawingError, drawing
from actor_runs_conformance.checks.properties.guard import INPUT, Ground
from actor_runs_conformance.checks.properties.traffic import CHECK, Lane, rations, take
from actor_runs_conformance.http.exchange import status_of
from actor_runs_conformance.http.requests import JSON, call
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, registry
from actor_runs_conformance.testkit.started_runs import has_ended

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actor_runs_conformance.checks.properties.checks import Finding, Results
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.session import Context

PATIENCE = 60.0
"""Seconds that the answers to the cases of an operation may take, all in all."""

LIMIT = 150.0
"""Seconds after which no more cases are sent, whatever is slow."""

MACHINE = 8
"""Runs that the state machine may start."""

MACHINE_JUDGES = frozenset(
    [
        "ABT-05",
        "ABT-06d",
        "ABT-21",
        "ABT-22",
        "PUT-01",
        "PUT-04b",
        "PUT-05",
        "PUT-06",
        "PUT-10",
        "RBT-01",
        "RBT-02",
        "RBT-05",
        "RBT-06",
        "RBT-07",
        "RBT-11",
    ]
)

NUMBERS: Mapping[Profile, Mapping[str, Numbers]] = {
    Profile.READ_ONLY: {"getRun": Numbers(60, 60, 60)},
    Profile.SAFE: {
        "getRun": Numbers(30, 30, 30),
        "updateRun": Numbers(20, 30, 20),
        "rebootRun": Numbers(0, 0, 30),
        "abortRun": Numbers(2, 30, 20),
        "abortActorRun": Numbers(2, 30, 20),
        "runTask": Numbers(20, 30, 20),
    },
    Profile.FULL: {
        "runTask": Numbers(45, 200, 60),
        "updateRun": Numbers(110, 130, 75),
        "getRun": Numbers(45, 45, 75),
        "abortRun": Numbers(3, 45, 75),
        "abortActorRun": Numbers(3, 45, 75),
        "rebootRun": Numbers(0, 0, 75),
    },
}


async def run(context: Context) -> None:
    """Do it; see `actor_runs_conformance.checks.properties.run_generated`."""
    wanted = context.selected & MACHINE_JUDGES
    for_machine = min(MACHINE, context.generated_runs * 2 // 3) if wanted else 0
    async with asyncio.TaskGroup() as group:
        group.create_task(_cases(context, context.generated_runs - for_machine))
        if for_machine:
            group.create_task(_machine(context, for_machine))


async def _machine(context: Context, runs: int) -> None:
    from actor_runs_conformance.checks.properties.machine import run_machine

    context.log.write("phase", name="stateful")
    await run_machine(context, runs)


async def _cases(context: Context, starts: int) -> None:
    if context.finished_run is None and starts > 1 and context.target.task is not None:
        starts -= 1
        context.finished_run = await _finish_one(context, context.target.task)
    ground = await _ground(context)
    numbers = {
        name: number for name, number in NUMBERS[context.profile].items() if _wanted(context, name)
    }
    lanes = {
        name: Lane(context, name, ground, rations(starts), PATIENCE, context.log.now() + LIMIT)
        for name in numbers
    }
    results = checks.Results({name: lane.sent for name, lane in lanes.items()}, ended=ground.status)
    failure = None
    async with drawing(numbers, seed=context.seed, workers=context.workers) as drawn:
        try:
            async with asyncio.TaskGroup() as group:
                for lane in lanes.values():
                    group.create_task(_lane(context, lane, drawn, results))
        except* DrawingError as errors:
            failure = str(errors.exceptions[0])
    results.missing = {name: _missing(lane) for name, lane in lanes.items()}
    _judge(context, results, failure)


def _wanted(context: Context, operation: str) -> bool:
    return any(context.ledger[name].holds_for(operation) for name in context.selected)


async def _lane(context: Context, lane: Lane, drawn: Drawing, results: Results) -> None:
    await lane.run(drawn.cases(lane.operation))
    if lane.operation == "updateRun" and lane.ground.live and lane.sent:
        results.read_back = await _read_back(context, lane)


async def _ground(context: Context) -> Ground:
    """Look at the runs that cases will be addressed to."""
    given = context.target.run if context.profile is Profile.READ_ONLY else None
    finished = context.finished_run or given
    actor = status = None
    if finished is not None:
        found = await _get(context, finished)
        actor, status = (found.data or {}).get("actId"), status_of(found)
    return Ground(
        live=context.live_run,
        finished=finished,
        actor=actor if isinstance(actor, str) and actor else None,
        task=context.target.task if context.profile is not Profile.READ_ONLY else None,
        read_only=context.profile is Profile.READ_ONLY,
        ended=context.finished_run is not None,
        status=status,
    )


async def _finish_one(context: Context, task: str) -> str | None:
    """Start a run that ends at once, and return its id when it has; None when it has not."""
    if not await take(context):
        return None
    message = call(
        "runTask",
        task=task,
        query=(("waitForFinish", "20"),),
        headers=JSON,
        body=INPUT,
        token=context.target.token,
        timeout=30 + context.slack(20),
    )
    try:
        exchange = await context.wire.send(message, check=CHECK)
    except NoAnswerError:
        return None
    if exchange.response and exchange.response.started_nothing:
        context.budget.give_back()
    data = exchange.data or {}
    return str(data["id"]) if has_ended(data) and data.get("id") else None


async def _get(context: Context, run: str) -> Exchange:
    message = call("getRun", run=run, token=context.target.token, timeout=10 + context.slack())
    try:
        return await context.wire.send(message, check=CHECK)
    except NoAnswerError as error:
        return error.exchange


async def _read_back(context: Context, lane: Lane) -> Exchange:
    """Read the updated run when no replica can be behind the last update any more."""
    await asyncio.sleep(LAG + min(context.latency, 2.0))
    return await _get(context, str(lane.ground.live))


def _missing(lane: Lane) -> str:
    if lane.operation != "runTask" and lane.ground.run(lane.operation) is None:
        return f"there was no run that cases of {lane.operation} may be addressed to"
    return lane.stopped or f"no valid request to {lane.operation} was accepted"


def _judge(context: Context, results: Results, failure: str | None) -> None:
    for check in registry().values():
        if check.kind != "generated" or check.profile > context.profile:
            continue
        if not check.function.__module__.endswith(".checks"):
            continue
        if failure:
            for promise in set(check.promises) & context.selected:
                context.board.error(promise, check.name, failure)
        else:
            _put(context, check.name, check.function(results))
    for further in checks.FURTHER:
        _put(context, CHECK, further(results))


def _put(context: Context, check: str, findings: Iterable[Finding]) -> None:
    for finding in findings:
        if finding.promise not in context.selected:
            continue
        if isinstance(finding, checks.Unreached):
            context.board.unreached(finding.promise, check, finding.reason)
        else:
            context.board.judge(
                finding.promise,
                check,
                *finding.exchanges,
                kept=finding.kept,
                message=finding.message,
                expected=finding.expected,
                observed=finding.observed,
            )
