"""Aborts the runs that the suite started and that have not ended: at the end, on Ctrl-C, after a crash."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.engine.offered import ABSENT
from actor_runs_conformance.http.exchange import status_of
from actor_runs_conformance.http.no_answer import NoAnswer
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger.promise import ABORTS, DOCUMENTED_ABORT
from actor_runs_conformance.ledger.statuses import TERMINAL
from actor_runs_conformance.testkit.api import Api

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.session import Session

CHECK = "cleanup"
READ = "getRun"
SETTLE = 6.0
TIMEOUT = 5.0
PAUSE = 0.3
CONCURRENT = 10


async def abort_all(session: Session) -> list[str]:
    """Abort every run of ours that was not seen to end; return those that may still be running.

    A start that is under way may add one more while the others are aborted.
    """
    ended: dict[str, bool | BaseException] = {}
    gate = asyncio.Semaphore(CONCURRENT)

    async def abort(run: str) -> bool:
        async with gate:
            return await _abort(session, run)

    while True:
        await session.transport.starts_answered(within=SETTLE + session.tolerance())
        runs = [run for run in session.runs.unfinished() if run not in ended]
        if not runs:
            break
        # If one fails, the others are aborted all the same, and the log gets its end.
        results = await asyncio.gather(*map(abort, runs), return_exceptions=True)
        ended |= dict(zip(runs, results, strict=True))
    left = [run for run, done in ended.items() if done is not True]
    for run in left:
        session.runs.end(run, session.runs.started.get(run) or "unknown", by="unknown")
    return left


async def _abort(session: Session, run: str) -> bool:
    """Abort a run and poll it until it has ended; return whether it was seen to."""
    api = Api(session, CHECK, raw=True)
    session.runs.aborted_by[run] = "cleanup"
    addresses, aborted, status = _addresses(session, run), False, None
    refused = False
    deadline = session.now() + SETTLE + session.tolerance()
    while True:
        # A run that has ended meanwhile may not be aborted: after a refusal it is looked at.
        operation = addresses[0] if addresses and not aborted and not refused else READ
        actor = session.runs.actor(run)
        try:
            exchange = await api.call(operation, run=run, actor=actor, timeout=TIMEOUT)
        except NoAnswerError as error:
            if error.exchange.no_answer in {NoAnswer.REFUSED, NoAnswer.BAD_URL}:
                return False
        else:
            same = str((exchange.data or {}).get("id")) == run
            status = status_of(exchange) if same else None
            # Until the target has taken the abort, it is sent again; not to an address without one.
            refused = False
            if operation != READ:
                aborted = same and bool(exchange.response and exchange.response.ok)
                refused = not aborted
                if exchange.status in ABSENT or (exchange.data and not same):
                    addresses.remove(operation)
        if status in TERMINAL:
            session.runs.end(run, str(status))
            return True
        if session.now() > deadline:
            return False
        await asyncio.sleep(PAUSE)


def _addresses(session: Session, run: str) -> list[str]:
    """Return the operations by which a run can be aborted, the one that is judged first."""
    found = [name for name in ABORTS if name not in session.absent]
    if session.runs.actor(run) is None:
        found = [name for name in found if name != DOCUMENTED_ABORT]
    return sorted(found, key=lambda name: name != session.abort_address)
