"""The child processes that draw cases, and the lines that come from them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from attrs import asdict, define, field

from actor_runs_conformance.checks.properties.case import from_line, read_warning
from actor_runs_conformance.ledger.contract import document
from actor_runs_conformance.testkit.shard import WHOLE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from actor_runs_conformance.checks.properties.case import Case, CaseCounts
    from actor_runs_conformance.testkit.shard import Shard

LINE_LIMIT = 4 * 1024 * 1024

WAITING = 200
"""Cases of an operation that wait to be sent at most; until then no further ones are drawn."""


class WorkerError(Exception):
    """A child process that draws cases failed; the message has the last line of its errors."""


@define
class WorkerPool:
    """The cases of several operations, as the child processes draw them."""

    queues: Mapping[str, asyncio.Queue[Case | None]]
    failed: str | None = field(default=None)
    warnings: dict[str, None] = field(factory=dict)
    _unwanted: set[str] = field(factory=set)

    async def cases(self, operation: str) -> AsyncGenerator[Case]:
        """Yield the cases of an operation as they are drawn.

        Raises:
            WorkerError: the child process failed before it had drawn all.
        """
        queue = self.queues[operation]
        try:
            while (case := await queue.get()) is not None:
                yield case
        finally:
            self._unwanted.add(operation)
            while not queue.empty():
                queue.get_nowait()
        if self.failed:
            raise WorkerError(self.failed)

    async def put(self, operation: str, case: Case | None) -> None:
        """Hand on a case, or None when there are no more, as soon as there is room for it."""
        if operation not in self._unwanted:
            await self.queues[operation].put(case)


@asynccontextmanager
async def worker_pool(
    counts: Mapping[str, CaseCounts], *, seed: int, workers: int, shard: Shard = WHOLE
) -> AsyncIterator[WorkerPool]:
    """Draw a share of the cases of these operations in child processes, which end with the context."""
    queues: dict[str, asyncio.Queue[Case | None]] = {
        name: asyncio.Queue(WAITING) for name in counts
    }
    pool = WorkerPool(queues)
    tasks = [
        asyncio.create_task(_work(pool, {name: counts[name] for name in part}, seed, shard))
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


async def _work(
    pool: WorkerPool, counts: Mapping[str, CaseCounts], seed: int, shard: Shard
) -> None:
    job = {
        "contract": document(),
        "seed": seed,
        "shard": str(shard),
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
            await pool.put(name, None)


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
            if (warning := read_warning(line.decode())) is not None:
                pool.warnings[warning] = None
                continue
            case = from_line(line.decode())
            if current not in {None, case.operation}:
                await pool.put(str(current), None)
            current = case.operation
            await pool.put(current, case)
    except ValueError as error:
        pool.failed = str(error)
        return
    if await process.wait() != 0:
        words = (await errors).decode("utf-8", "replace").strip().splitlines()
        pool.failed = f"drawing cases of {', '.join(names)} failed: {words[-1] if words else '?'}"
