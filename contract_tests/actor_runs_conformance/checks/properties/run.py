"""The generated part of a check: cases of the six operations and the state machine, at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.properties import checks
from actor_runs_conformance.checks.properties.case import Numbers
from actor_runs_conformance.checks.properties.safe_targets import INPUT, SafeTargets
from actor_runs_conformance.checks.properties.traffic import CHECK, Sender, start_quota, take
from actor_runs_conformance.checks.properties.worker_pool import DrawingError, WorkerPool, drawing
from actor_runs_conformance.http.exchange import status_of
from actor_runs_conformance.http.requests import JSON, call
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger.statuses import has_ended
from actor_runs_conformance.results.finding import suite_error
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actor_runs_conformance.checks.properties.checks import Evidence, Results
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.session import Session

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


async def run(session: Session) -> None:
    """Do it; see `actor_runs_conformance.checks.properties.run_generated`."""
    wanted = session.selected & MACHINE_JUDGES
    for_machine = min(MACHINE, session.generated_runs * 2 // 3) if wanted else 0
    async with asyncio.TaskGroup() as group:
        group.create_task(_cases(session, session.generated_runs - for_machine))
        if for_machine:
            group.create_task(_machine(session, for_machine))


async def _machine(session: Session, runs: int) -> None:
    from actor_runs_conformance.checks.properties.machine import run_machine

    session.log.write("phase", name="stateful")
    await run_machine(session, runs)


async def _cases(session: Session, starts: int) -> None:
    if session.finished_run is None and starts > 1 and session.target.task is not None:
        starts -= 1
        session.finished_run = await _finish_one(session, session.target.task)
    safe_targets = await _ground(session)
    numbers = {
        name: number for name, number in NUMBERS[session.profile].items() if _wanted(session, name)
    }
    lanes = {
        name: Sender(
            session, name, safe_targets, start_quota(starts), PATIENCE, session.log.now() + LIMIT
        )
        for name in numbers
    }
    results = checks.Results(
        {name: sender.sent for name, sender in lanes.items()}, ended=safe_targets.status
    )
    failure = None
    async with drawing(numbers, seed=session.seed, workers=session.workers) as drawn:
        try:
            async with asyncio.TaskGroup() as group:
                for sender in lanes.values():
                    group.create_task(_lane(session, sender, drawn, results))
        except* DrawingError as errors:
            failure = str(errors.exceptions[0])
    results.missing = {name: _missing(sender) for name, sender in lanes.items()}
    _judge(session, results, failure)


def _wanted(session: Session, operation: str) -> bool:
    return any(session.ledger[name].holds_for(operation) for name in session.selected)


async def _lane(session: Session, sender: Sender, drawn: WorkerPool, results: Results) -> None:
    await sender.run(drawn.cases(sender.operation))
    if sender.operation == "updateRun" and sender.safe_targets.live and sender.sent:
        results.read_back = await _read_back(session, sender)


async def _ground(session: Session) -> SafeTargets:
    """Look at the runs that cases will be addressed to."""
    given = session.target.run if session.profile is Profile.READ_ONLY else None
    finished = session.finished_run or given
    actor = status = None
    if finished is not None:
        found = await _get(session, finished)
        actor, status = (found.data or {}).get("actId"), status_of(found)
    return SafeTargets(
        live=session.live_run,
        finished=finished,
        actor=actor if isinstance(actor, str) and actor else None,
        task=session.target.task if session.profile is not Profile.READ_ONLY else None,
        read_only=session.profile is Profile.READ_ONLY,
        ended=session.finished_run is not None,
        status=status,
    )


async def _finish_one(session: Session, task: str) -> str | None:
    """Start a run that ends at once, and return its id when it has; None when it has not."""
    if not await take(session):
        return None
    message = call(
        "runTask",
        task=task,
        query=(("waitForFinish", "20"),),
        headers=JSON,
        body=INPUT,
        token=session.target.token,
        timeout=30 + session.tolerance(20),
    )
    try:
        exchange = await session.transport.send(message, check=CHECK)
    except NoAnswerError:
        return None
    if exchange.response and exchange.response.started_nothing:
        session.budget.give_back()
    data = exchange.data or {}
    return str(data["id"]) if has_ended(data) and data.get("id") else None


async def _get(session: Session, run: str) -> Exchange:
    message = call("getRun", run=run, token=session.target.token, timeout=10 + session.tolerance())
    try:
        return await session.transport.send(message, check=CHECK)
    except NoAnswerError as error:
        return error.exchange


async def _read_back(session: Session, sender: Sender) -> Exchange:
    """Read the updated run when no replica can be behind the last update any more."""
    await asyncio.sleep(LAG + min(session.latency, 2.0))
    return await _get(session, str(sender.safe_targets.live))


def _missing(sender: Sender) -> str:
    if sender.operation != "runTask" and sender.safe_targets.run(sender.operation) is None:
        return f"there was no run that cases of {sender.operation} may be addressed to"
    return sender.stopped or f"no valid request to {sender.operation} was accepted"


def _judge(session: Session, results: Results, failure: str | None) -> None:
    for check in registered().values():
        if check.kind != "generated" or check.profile > session.profile:
            continue
        if not check.function.__module__.endswith(".checks"):
            continue
        if failure:
            for promise in set(check.promises) & session.selected:
                session.findings.add(check.name, suite_error(promise, failure))
        else:
            _put(session, check.name, check.function(results))
    for further in checks.FURTHER:
        _put(session, CHECK, further(results))


def _put(session: Session, check: str, findings: Iterable[Evidence]) -> None:
    for finding, *exchanges in findings:
        if finding.promise in session.selected:
            session.findings.add(check, finding, *exchanges)
