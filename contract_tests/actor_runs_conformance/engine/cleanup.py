"""Aborts what the suite started and what has not ended: at the end, on Ctrl-C and after a crash."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of
from actor_runs_conformance.http.requests import call
from actor_runs_conformance.http.transport import NO_URL, NoAnswerError
from actor_runs_conformance.testkit.started_runs import TERMINAL

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.session import Context

CHECK = "cleanup"
SETTLE = 6.0
TIMEOUT = 5.0
PAUSE = 0.3
CONCURRENT = 10


async def abort_all(context: Context) -> list[str]:
    """Abort every run of ours that was not seen to end; return those that may still be running.

    A start that is under way may make one more, while others are aborted too.
    """
    ended: dict[str, bool | BaseException] = {}
    gate = asyncio.Semaphore(CONCURRENT)

    async def one(run: str) -> bool:
        async with gate:
            return await _abort(context, run)

    while True:
        await context.wire.starts_answered(within=SETTLE + context.slack())
        runs = [run for run in context.runs.unfinished() if run not in ended]
        if not runs:
            break
        # Should one fail by itself, the others are aborted all the same, and the log gets its end.
        results = await asyncio.gather(*map(one, runs), return_exceptions=True)
        ended |= dict(zip(runs, results, strict=True))
    left = [run for run, done in ended.items() if done is not True]
    for run in left:
        context.runs.end(run, context.runs.started.get(run) or "unknown", by="unknown")
    return left


async def _abort(context: Context, run: str) -> bool:
    """Abort a run and look until it has ended; return whether it was seen to."""
    abort, look = (
        call(operation, run=run, token=context.target.token, timeout=TIMEOUT)
        for operation in ("abortRun", "getRun")
    )
    context.runs.aborted_by[run] = "cleanup"
    message, status = abort, None
    deadline = context.log.now() + SETTLE + context.slack()
    while True:
        try:
            exchange = await context.wire.send(message, check=CHECK)
        except NoAnswerError as error:
            if str(error).startswith(("connection refused", NO_URL)):
                return False
        else:
            status = status_of(exchange)
            # Until the target has taken the abort, it is sent again.
            message = look if exchange.response and exchange.response.ok else abort
        if status in TERMINAL:
            context.runs.end(run, str(status))
            return True
        if context.log.now() > deadline:
            return False
        await asyncio.sleep(PAUSE)
