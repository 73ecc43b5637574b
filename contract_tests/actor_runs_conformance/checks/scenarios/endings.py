"""What scenarios of an end share: runs that last, requests under way, and an end that stays."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import has_ended
from actor_runs_conformance.testkit.answers import accepted, details
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.history import LAG, knows_end
from actor_runs_conformance.testkit.run_times import Span, until_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from typing import Any

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

T = TypeVar("T")

STUBBORN = {"durationSecs": 80, "exitCode": 0, "onAbort": "ignore"}
OBEDIENT = {"durationSecs": 80, "exitCode": 0, "onAbort": "exit"}


@asynccontextmanager
async def under_way(call: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """Send a request and go on; a graceful abort may be answered when the run has ended."""
    task = asyncio.create_task(call)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def refused(call: asyncio.Task[Exchange]) -> bool:
    """Whether a request that was under way has been answered, and not with 2xx."""
    return call.done() and (call.exception() is not None or not accepted(call.result()))


async def ended(
    ctx: CheckContext, run: str, *, within: float, abort: asyncio.Task[Exchange] | None = None
) -> Exchange:
    """Poll until a run has ended, its abort was refused or the time is over.

    Raises:
        NotExercisedError: the run cannot be read any more.
    """
    last = await ctx.api.until(
        run,
        lambda data: has_ended(data) or (abort is not None and refused(abort)),
        "the run to end",
        within=within,
    )
    require_read(last)
    return last


def require_read(last: Exchange) -> None:
    """Go on only with a run that can still be read.

    Raises:
        NotExercisedError: it cannot.
    """
    if last.response and last.response.refused:
        reason = f"the run cannot be read any more: {summary(last)}"
        raise NotExercisedError(reason, because="GET-03")


def span(ctx: CheckContext, run: StartedRun, request: Exchange, last: Exchange) -> Span:
    """Return how long after a request a run ended."""
    return until_end(run, request, last, late=ctx.session.tolerance())


async def expect_end_stays(ctx: CheckContext, run: str, last: Exchange) -> Exchange:
    """Expect that a run which has ended keeps its status for some seconds; return the last read."""
    before, status = details(last), status_of(last)
    later = await ctx.api.until(
        run,
        lambda data: data.get("status") != status and knows_end(before, data),
        f"the run to stay {status}",
        within=LAG,
    )
    for promise in ("LIF-02", "LIF-03" if status == "SUCCEEDED" else "LIF-03b"):
        ctx.expect_value(
            promise,
            status_of(later),
            status,
            last,
            later,
            message=f"A run that was {status} is {status_of(later)} "
            f"{later.sent - last.received:.1f} s later.",
        )
    return later
