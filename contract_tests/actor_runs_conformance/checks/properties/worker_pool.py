"""The child processes that draw cases, and the lines that come from them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from attrs import asdict, define, field

from actor_runs_conformance.checks.properties.case import from_line
from actor_runs_conformance.ledger.contract import document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from actor_runs_conformance.checks.properties.case import Case, CaseCounts

LINE_LIMIT = 4 * 1024 * 1024


class WorkerError(Exception):
    """A child process that draws cases failed; the message has the last line of its errors."""


@define
class WorkerPool:
    """The cases of several operations, as the child processes draw them."""

    queues: Mapping[str, asyncio.Queue[Case | None]]
    failed: str | None = field(default=None)

    async def cases(self, operation: str) -> AsyncIterator[Case]:
        """Yield the cases of an operation as they are drawn.

        Raises:
            WorkerError: the child process failed before it had drawn all.
        """
        queue = self.queues[operation]
        while (case := await queue.get()) is not None:
            yield case
        if self.failed:
            raise WorkerError(self.failed)


@asynccontextmanager
async def worker_pool(
    counts: Mapping[str, CaseCounts], *, seed: int, workers: int
) -> AsyncIterator[WorkerPool]:
    """Draw the cases of these operations in child processes, which end with the context."""
    queues: dict[str, asyncio.Queue[Case | None]] = {name: asyncio.Queue() for name in counts}
    pool = WorkerPool(queues)
    tasks = [
        asyncio.create_task(_work(pool, {name: counts[name] for name in part}, seed))
        for part in divide(counts, workers)
    ]
    try:
        yield pool
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def divide(counts: Mapping[str, CaseCounts], workers: int) -> list[list[str]]:
    """Divide operations among workers, the longest first."""
    parts: list[list[str]] = [[] for _ in range(max(1, min(workers, len(counts))))]
    loads = [0] * len(parts)

    def load(name: str) -> int:
        return sum(asdict(counts[name]).values())

    for name in sorted(counts, key=load, reverse=True):
        least = loads.index(min(loads))
        parts[least].append(name)
        loads[least] += load(name)
    return [part for part in parts if part]


async def _work(pool: WorkerPool, counts: Mapping[str, CaseCounts], seed: int) -> None:
    job = {
        "contract": document(),
        "seed": seed,
        "operations": {name: asdict(count) for name, count in counts.items()},
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # No module of the current folder is imported.
        "-m",
        "actor_runs_conformance.checks.properties.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
        env=environment(),
        start_new_session=True,  # Ctrl-C goes to the parent, which ends the child.
    )
    try:
        await _exchange_lines(process, pool, json.dumps(job).encode(), list(counts))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        for name in counts:
            pool.queues[name].put_nowait(None)


def environment() -> dict[str, str]:
    """Return the environment of a child: no token in it, and sets in the same order each time."""
    kept = {name: value for name, value in os.environ.items() if "TOKEN" not in name.upper()}
    return {**kept, "PYTHONHASHSEED": "0"}


async def _exchange_lines(
    process: asyncio.subprocess.Process, pool: WorkerPool, job: bytes, names: Sequence[str]
) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(process.stderr.read())
    process.stdin.write(job)
    process.stdin.close()
    current = None
    try:
        async for line in process.stdout:
            case = from_line(line.decode())
            if current not in {None, case.operation}:
                pool.queues[str(current)].put_nowait(None)
            current = case.operation
            pool.queues[current].put_nowait(case)
    except ValueError as error:
        pool.failed = str(error)
        return
    if await process.wait() != 0:
        words = (await errors).decode("utf-8", "replace").strip().splitlines()
        pool.failed = f"drawing cases of {', '.join(names)} failed: {words[-1] if words else '?'}"
