"""Tries the first runs before anything is judged by runs: can they be read, and do they obey?"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.engine.offered import ABSENT, NotOffered
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.results.finding import broken
from actor_runs_conformance.testkit.api import Api, NotExercisedError
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.run_fields import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.fixtures import Fixtures
    from actor_runs_conformance.testkit.session import Session
    from actor_runs_conformance.testkit.starts import StartedRun

PREFLIGHT = "preflight"
"""The name under which the log shows what is sent and found before the checks begin."""

WITHIN = 6.0
"""Seconds that the first runs are given to end; a target that needs longer is judged untried."""

BLOCKED = 0.8
"""Seconds of the first run, which works for 1 s: a start that is quicker has not waited for it."""

AT_ONCE = "TSK-02"
"""The promise that a start answers without waiting for the run to finish."""

NO_RUN = "record-not-found"
HIDDEN = 6.0
"""Seconds that a started run may stay unknown to a target that answers `NO_RUN`."""

EXIT_CODE = 7
LONGER = 0.25
"""Seconds by which the run that is to work for 1 s lasts longer than the one of 0.5 s, at least."""


async def unreadable(session: Session, run: StartedRun) -> NotOffered | None:
    """Return that Get run is not offered, if it does not know a run that was started."""
    api = Api(session, PREFLIGHT, raw=True)
    deadline = session.now() + LAG + session.tolerance()
    while True:
        try:
            exchange = await api.get(run.id)
        except NoAnswerError:
            return None
        if exchange.status not in ABSENT:
            return None
        # Who says that there is no such run has the operation, and may come to know the run.
        served = exchange.response is not None and exchange.response.error_type == NO_RUN
        if session.now() > deadline + (HIDDEN if served else 0):
            return NotOffered("getRun", exchange)
        await asyncio.sleep(0.25)


def judge_blocking(session: Session, run: StartedRun) -> None:
    """Judge a start that is answered when its run has ended, once for all that needs longer runs."""
    response = run.start.response
    if response is None or response.seconds < BLOCKED or not session.target.controlled:
        return
    if status_of(run.start) not in TERMINAL:
        return
    session.starts_block = True
    if AT_ONCE in session.selected:
        message = (
            f"A start without waitForFinish is answered after {response.seconds:.1f} s, "
            f"when its run is {status_of(run.start)}."
        )
        finding = broken(AT_ONCE, message, "an answer at once", summary(run.start))
        session.findings.add(PREFLIGHT, finding, run.start)


async def try_fixture(session: Session, fixtures: Fixtures) -> str | None:
    """Return what is wrong with a task that does not do as its input says; None if nothing is."""
    with contextlib.suppress(NotExercisedError, NoAnswerError, TimeoutError):
        async with asyncio.timeout(WITHIN):
            first, failed = await asyncio.gather(fixtures.get("finished"), fixtures.get("failed"))
        api = Api(session, PREFLIGHT, raw=True)
        long, short = await api.get(first.id), await api.get(failed.id)
        return disobedience(long, short)
    return None


def disobedience(long: Exchange, short: Exchange) -> str | None:
    """Return how a run of 1 s that is to exit 0 and one of 0.5 s that is to exit 7 disobey.

    Only what no sign speaks against is said: a target may get one of them wrong by itself.
    """
    if not long.data or not short.data or not has_ended(short.data) or not has_ended(long.data):
        return None
    status, code = status_of(short), short.data.get("exitCode")
    if status != "SUCCEEDED" or code == EXIT_CODE:
        return None
    lasted = _seconds(long.data), _seconds(short.data)
    if None not in lasted and lasted[0] - lasted[1] >= LONGER:  # type: ignore[operator]
        return None
    return (
        f"the task does not do as its input says: a run with exitCode {EXIT_CODE} ended {status} "
        f"with exit code {code}; let it run the fixture Actor"
    )


def _seconds(run: Mapping[str, Any]) -> float | None:
    started, finished = moment(run.get("startedAt")), moment(run.get("finishedAt"))
    return (finished - started).total_seconds() if started and finished else None
