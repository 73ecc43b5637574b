"""Aborts what the suite started and what has not ended: at the end, on Ctrl-C and after a crash."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from actor_runs_conformance.runs import TERMINAL
from actor_runs_conformance.stage import status_of
from actor_runs_conformance.wire import Message

if TYPE_CHECKING:
    from actor_runs_conformance.context import Context

CHECK = "cleanup"
SETTLE = 6.0
CONCURRENT = 10


async def abort_all(context: Context) -> list[str]:
    """Abort every run of ours that was not seen to end; return those that may still be running."""
    runs = context.runs.unfinished()
    gate = asyncio.Semaphore(CONCURRENT)

    async def one(run: str) -> bool:
        async with gate:
            return await _abort(context, run)

    ended = await asyncio.gather(*map(one, runs))
    left = [run for run, done in zip(runs, ended, strict=True) if not done]
    for run in left:
        context.runs.end(run, context.runs.started.get(run) or "unknown", by="unknown")
    return left


async def _abort(context: Context, run: str) -> bool:
    """Abort a run and look until it has ended; return whether it was seen to."""
    path = f"/v2/actor-runs/{quote(run, safe='')}"
    token = context.target.token
    abort = Message("POST", f"{path}/abort", token=token, operation="abortRun", run=run)
    look = Message("GET", path, token=token, operation="getRun", run=run)
    context.runs.aborted_by[run] = "cleanup"
    exchange = await context.wire.once(abort, check=CHECK)
    deadline = context.log.now() + SETTLE + context.slack()
    while status_of(exchange) not in TERMINAL and context.log.now() < deadline:
        if exchange.response is None and exchange.error == "connection refused":
            return False
        await asyncio.sleep(0.3)
        exchange = await context.wire.once(look, check=CHECK)
    if status_of(exchange) in TERMINAL:
        context.runs.end(run, str(status_of(exchange)))
        return True
    return False
