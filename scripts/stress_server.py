"""A reference server as a child process, for the trials of scripts/stress.py."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from scripts.stress_client import Client, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

TOKEN = "demo-token"  # noqa: S105 - a public token
TASK = "/v2/actor-tasks/demo~fixture/runs"
EMPTY = "/v2/actors/demo~empty/runs"
CONFIG = """
[users.demo]
token = "demo-token"
[actors."demo~fixture-actor"]
command = ["{python}", "-I", "-S", "{fixture}"]
options = { memory_mbytes = 256 }
[actors."demo~empty"]
command = ["true"]
[tasks."demo~fixture"]
actor = "demo~fixture-actor"
"""

# What was measured, and whether it is within its bound.
Bounds = dict[str, tuple[Any, bool]]


class Server:
    """A reference server as a child process, on one data directory."""

    def __init__(self, data: Path) -> None:
        """Start it and wait until it is ready."""
        config = data.parent / f"{data.name}.toml"
        config.write_text(CONFIG)
        command = [sys.executable, "-m", "actor_runs_server", "--port=0", "--ready-json"]
        command.append(f"--config={config}")
        self.process = subprocess.Popen([*command, f"--data={data}"], stdout=subprocess.PIPE)
        assert self.process.stdout
        self.port = int(json.loads(self.process.stdout.readline())["url"].rsplit(":", 1)[1])
        self.seen = psutil.Process(self.process.pid)

    def client(self) -> Client:
        """Return a client of one connection."""
        return Client(self.port)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal."""
        self.process.send_signal(number)
        self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()

    def open_files(self) -> int:
        """Return how many file descriptors it holds."""
        return self.seen.num_fds()

    def children(self) -> int:
        """Return how many processes hang on it."""
        return len(self.seen.children(recursive=True))


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """Serve on a temporary directory."""
    with tempfile.TemporaryDirectory(prefix="stress-") as folder:
        server = Server(Path(folder) / "data")
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.end()


async def start(
    client: Client, given: dict[str, Any], query: str = "", place: str = TASK
) -> dict[str, Any]:
    """Start a run and return it."""
    reply = await client.ask(request("POST", place + query, TOKEN, given))
    if reply.status != 201:
        raise AssertionError(f"a start was answered with {reply.status}: {reply.body[:200]!r}")
    return dict(reply.json()["data"])


async def get(client: Client, run: str, query: str = "") -> dict[str, Any] | None:
    """Return a run; None when it is not there."""
    reply = await client.ask(request("GET", f"/v2/actor-runs/{run}{query}", TOKEN))
    return dict(reply.json()["data"]) if reply.status == 200 else None


async def together(number: int, work: Callable[[int], Awaitable[None]]) -> None:
    """Do the work so many times at once."""
    async with asyncio.TaskGroup() as group:
        for index in range(number):
            group.create_task(_as_coroutine(work(index)))


async def _as_coroutine(work: Awaitable[None]) -> None:
    await work


async def settled(figure: Callable[[], int], wanted: int, seconds: float = 15) -> int:
    """Return a figure as soon as it is down to what is wanted, or when the seconds are over."""
    end = time.monotonic() + seconds
    while figure() > wanted and time.monotonic() < end:  # noqa: ASYNC110 - seen from outside
        await asyncio.sleep(0.1)
    return figure()
