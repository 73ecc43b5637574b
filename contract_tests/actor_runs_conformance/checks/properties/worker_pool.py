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

    from actor_runs_conformance.checks.properties.case import Case, Numbers

LINE_LIMIT = 4 * 1024 * 1024


class DrawingError(Exception):
    """A child process that draws cases failed; the message has its last words."""


@define
class WorkerPool:
    """The cases of several operations as they come from the child processes."""

    queues: Mapping[str, asyncio.Queue[Case | None]]
    failed: str | None = field(default=None)

    async def cases(self, operation: str) -> AsyncIterator[Case]:
        """Yield the cases of an operation as they are drawn.

        Raises:
            DrawingError: the child process failed before it had drawn all.
        """
        queue = self.queues[operation]
        while (case := await queue.get()) is not None:
            yield case
        if self.failed:
            raise DrawingError(self.failed)


@asynccontextmanager
async def drawing(
    numbers: Mapping[str, Numbers], *, seed: int, workers: int
) -> AsyncIterator[WorkerPool]:
    """Draw the cases of these operations in child processes, which end with the context."""
    queues: dict[str, asyncio.Queue[Case | None]] = {name: asyncio.Queue() for name in numbers}
    drawn = WorkerPool(queues)
    tasks = [
        asyncio.create_task(_work(drawn, {name: numbers[name] for name in part}, seed))
        for part in share_out(numbers, workers)
    ]
    try:
        yield drawn
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def share_out(numbers: Mapping[str, Numbers], workers: int) -> list[list[str]]:
    """Divide operations among workers, the longest first."""
    parts: list[list[str]] = [[] for _ in range(max(1, min(workers, len(numbers))))]
    loads = [0] * len(parts)

    def load(name: str) -> int:
        return sum(asdict(numbers[name]).values())

    for name in sorted(numbers, key=load, reverse=True):
        least = loads.index(min(loads))
        parts[least].append(name)
        loads[least] += load(name)
    return [part for part in parts if part]


async def _work(drawn: WorkerPool, numbers: Mapping[str, Numbers], seed: int) -> None:
    job = {
        "contract": document(),
        "seed": seed,
        "operations": {name: asdict(number) for name, number in numbers.items()},
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "actor_runs_conformance.checks.properties.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE_LIMIT,
        env=environment(),
        start_new_session=True,  # Ctrl-C is for the parent, which ends the child.
    )
    try:
        await _converse(process, drawn, json.dumps(job).encode(), list(numbers))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        for name in numbers:
            drawn.queues[name].put_nowait(None)


def environment() -> dict[str, str]:
    """Return the environment of a child: no token in it, and sets in the same order each time."""
    kept = {name: value for name, value in os.environ.items() if "TOKEN" not in name.upper()}
    return {**kept, "PYTHONHASHSEED": "0"}


async def _converse(
    process: asyncio.subprocess.Process, drawn: WorkerPool, job: bytes, names: Sequence[str]
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
                drawn.queues[str(current)].put_nowait(None)
            current = case.operation
            drawn.queues[current].put_nowait(case)
    except ValueError as error:
        drawn.failed = str(error)
        return
    if await process.wait() != 0:
        words = (await errors).decode("utf-8", "replace").strip().splitlines()
        drawn.failed = f"drawing cases of {', '.join(names)} failed: {words[-1] if words else '?'}"
