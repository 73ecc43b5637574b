"""The property tests of a check: generated cases of the six operations, and the state machine."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.properties import checks
from actor_runs_conformance.checks.properties.amounts import case_counts, cases_of
from actor_runs_conformance.checks.properties.results import Results
from actor_runs_conformance.checks.properties.safe_targets import INPUT, SafeTargets
from actor_runs_conformance.checks.properties.sender import CHECK, Sender, StartQuota
from actor_runs_conformance.checks.properties.worker_pool import (
    WorkerError,
    WorkerPool,
    worker_pool,
)
from actor_runs_conformance.http.exchange import status_of
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger.contract import operations
from actor_runs_conformance.ledger.statuses import has_ended
from actor_runs_conformance.results.finding import suite_error
from actor_runs_conformance.testkit.api import Api, NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, registered
from actor_runs_conformance.testkit.starts import START_PATIENCE, Starts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actor_runs_conformance.checks.properties.results import Evidence
    from actor_runs_conformance.checks.properties.sender import SentCase
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.registry import Check
    from actor_runs_conformance.testkit.session import Session

ANSWER_TIME = 60.0
"""Seconds that the answers to the cases of one operation may take together."""

TIME_LIMIT = 150.0
"""Seconds after which no more cases are sent."""

MACHINE_RUNS = 8
"""Runs that the state machine may start."""


async def run(session: Session) -> None:
    """Run them; see `actor_runs_conformance.checks.properties.run_generated`."""
    wanted = {
        check.name for check in _checks(session) if session.selected.intersection(check.promises)
    }
    machine = session.shard.first and not wanted.isdisjoint(checks.MACHINE_CHECKS)
    for_machine = min(MACHINE_RUNS, session.generated_runs * 2 // 3) if machine else 0
    async with asyncio.TaskGroup() as group:
        if wanted.difference(checks.MACHINE_CHECKS):
            group.create_task(_cases(session, session.generated_runs - for_machine))
        if for_machine:
            group.create_task(_machine(session, for_machine))
    session.write_further()


async def _machine(session: Session, runs: int) -> None:
    from actor_runs_conformance.checks.properties.machine import run_machine

    session.log.write("phase", name="stateful")
    await run_machine(session, runs)


async def _cases(session: Session, starts: int) -> None:
    if session.finished_run is None and starts > 1 and session.target.task is not None:
        starts -= 1
        session.finished_run = await _finished_run(session)
    safe_targets = await _look_up_targets(session)
    wanted = [name for name in operations() if _wanted(session, name)]
    counts = case_counts(session.profile, session.cases, wanted)
    longer = max(1.0, (session.cases or 0) / cases_of(session.profile))
    controls: dict[str, list[SentCase]] = {name: [] for name in counts}

    def judge_chunk(sender: Sender) -> None:
        beside = {name: [*controls[name], *other.sent] for name, other in senders.items()}
        chunk = Results({sender.operation: sender.sent}, ended=safe_targets.status, controls=beside)
        _judge(session, chunk, None, last=False)
        controls[sender.operation] = checks.worth_keeping(beside[sender.operation])

    senders = {
        name: Sender(
            session,
            name,
            safe_targets,
            StartQuota.divide(starts),
            ANSWER_TIME * longer,
            session.now() + TIME_LIMIT * longer,
            judge=judge_chunk,
        )
        for name in counts
    }
    results = Results(
        {name: sender.sent for name, sender in senders.items()},
        ended=safe_targets.status,
        controls=controls,
    )
    failure = None
    async with worker_pool(
        counts, seed=session.seed, workers=session.workers, shard=session.shard
    ) as pool:
        try:
            async with asyncio.TaskGroup() as group:
                for sender in senders.values():
                    group.create_task(_send_cases(session, sender, pool, results))
        except* WorkerError as errors:
            failure = str(errors.exceptions[0])
    session.remarks.extend(pool.warnings)
    results.missing = {name: _missing(sender) for name, sender in senders.items()}
    _judge(session, results, failure, last=True)


def _wanted(session: Session, operation: str) -> bool:
    return operation not in session.absent and any(
        session.ledger[name].holds_for(operation) for name in session.selected
    )


async def _send_cases(session: Session, sender: Sender, pool: WorkerPool, results: Results) -> None:
    async with aclosing(pool.cases(sender.operation)) as drawn:
        await sender.run(drawn)
    if sender.operation == "updateRun" and sender.safe_targets.live and sender.sent:
        await Api(session, CHECK).wait_for_replicas()
        results.read_back = await _get(session, str(sender.safe_targets.live))


async def _look_up_targets(session: Session) -> SafeTargets:
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


async def _finished_run(session: Session) -> str | None:
    """Start a run that ends at once, and return its id when it has ended; None when it has not."""
    starts = Starts(Api(session, CHECK, raw=True), own=1, patience=START_PATIENCE)
    try:
        exchange = await starts.start(INPUT, wait=20)
    except (NoAnswerError, NotExercisedError):
        return None
    data = exchange.data or {}
    return str(data["id"]) if has_ended(data) and data.get("id") else None


async def _get(session: Session, run: str) -> Exchange:
    try:
        return await Api(session, CHECK, raw=True).get(run)
    except NoAnswerError as error:
        return error.exchange


def _missing(sender: Sender) -> str:
    if sender.operation != "runTask" and sender.safe_targets.run(sender.operation) is None:
        return f"there was no run that cases of {sender.operation} may be addressed to"
    return sender.stopped or f"no valid request to {sender.operation} was accepted"


def _checks(session: Session) -> list[Check]:
    return [
        check
        for check in registered().values()
        if check.kind == "generated" and check.profile <= session.profile
    ]


def _judge(session: Session, results: Results, failure: str | None, *, last: bool) -> None:
    """Judge a chunk of cases; what it did not reach, a later one may, unless it is the last."""
    for check in _checks(session):
        if check.name in checks.MACHINE_CHECKS:
            continue
        if failure:
            for promise in set(check.promises) & session.selected:
                session.findings.add(check.name, suite_error(promise, failure))
        else:
            _put(session, check, check.function(results), last=last)


def _put(session: Session, check: Check, findings: Iterable[Evidence], *, last: bool) -> None:
    for finding, *exchanges in findings:
        if finding.promise not in check.promises:
            raise LookupError(f"the ledger does not say that {check.name} judges {finding.promise}")
        if finding.promise in session.selected and (last or finding.kept is not None):
            session.findings.add(check.name, finding, *exchanges)
