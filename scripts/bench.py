"""Measure the client beside apify-client and bare httpx, in one run on a server of its own.

Times depend on the machine; the ratios are what to look at. Under 1 means that ours is better.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
from apify_client import ApifyClient, ApifyClientAsync
from apify_client._models import RunResponse

from actor_runs import AsyncClient, Client
from actor_runs._decoding import read_json
from actor_runs import Run

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "spec" / "actor_runs_spec" / "examples" / "get-run.json"
ROUNDS = 7
WAITS = 1000

Timed = Callable[[], float]


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Run the benchmark's server; give its URL."""
    script = Path(__file__).with_name("bench_server.py")
    command = [sys.executable, str(script), str(EXAMPLE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(child.stdout.readline())}"
        finally:
            child.terminate()


def per_call(call: Callable[[], object], times: int) -> Timed:
    """Return what measures the seconds that a call takes, over so many."""

    def measure() -> float:
        started = time.perf_counter()
        for _ in range(times):
            call()
        return (time.perf_counter() - started) / times

    return measure


def per_await(runner: asyncio.Runner, call: Callable[[], Awaitable[object]], times: int) -> Timed:
    """Return what measures the seconds that an awaited call takes, over so many."""

    async def several() -> float:
        started = time.perf_counter()
        for _ in range(times):
            await call()
        return (time.perf_counter() - started) / times

    return lambda: runner.run(several())


def in_turns(timed: dict[str, Timed], rounds: int = ROUNDS) -> dict[str, float]:
    """Measure all in turns, so that a busy moment meets each alike; return the medians."""
    for measure in timed.values():
        measure()
    taken: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(rounds):
        for name, measure in timed.items():
            taken[name].append(measure())
    return {name: statistics.median(values) for name, values in taken.items()}


def show(title: str, unit: str, figures: dict[str, float]) -> None:
    """Print figures, the first of which is ours, and how ours compares with each."""
    ours = next(iter(figures.values()))
    print(f"\n{title}")
    for name, figure in figures.items():
        ratio = "" if figure is ours else f"   ours is {ours / figure:5.2f} of it"
        print(f"  {name:<34}{figure:10.1f} {unit}{ratio}", flush=True)


def decode() -> dict[str, float]:
    """Measure the way from an answer's bytes to a model, in microseconds."""
    body = EXAMPLE.read_bytes()
    parsed = json.loads(body)
    figures = in_turns(
        {
            "ours": per_call(lambda: read_run(body), 500),
            "apify-client": per_call(lambda: RunResponse.model_validate(json.loads(body)), 500),
            "json.loads alone": per_call(lambda: json.loads(body), 500),
            "apify-client without json.loads": per_call(
                lambda: RunResponse.model_validate(parsed), 500
            ),
        }
    )
    return {name: secs * 1e6 for name, secs in figures.items()}


def sequential(url: str) -> dict[str, float]:
    """Measure one synchronous call after another, in microseconds."""
    address = f"{url}/v2/actor-runs/x"
    with Client("t", base_url=url) as ours, httpx.Client() as bare:
        theirs = ApifyClient("t", api_url=url)
        figures = in_turns(
            {
                "ours": per_call(lambda: ours.get_run("x"), 200),
                "httpx, same transport, and json": per_call(lambda: bare.get(address).json(), 200),
                "apify-client": per_call(lambda: theirs.run("x").get(), 200),
            }
        )
    return {name: secs * 1e6 for name, secs in figures.items()}


def sequential_async(url: str) -> dict[str, float]:
    """Measure one asynchronous call after another, in microseconds."""
    address = f"{url}/v2/actor-runs/x"
    ours = AsyncClient("t", base_url=url)
    same = httpx.AsyncClient(transport=AiohttpTransport(None))
    plain = httpx.AsyncClient()
    theirs = ApifyClientAsync("t", api_url=url)

    async def parsed(client: httpx.AsyncClient) -> object:
        return (await client.get(address)).json()

    with asyncio.Runner() as runner:
        figures = in_turns(
            {
                "ours": per_await(runner, lambda: ours.get_run("x"), 200),
                "httpx, same transport, and json": per_await(runner, lambda: parsed(same), 200),
                "httpx, its own transport, and json": per_await(runner, lambda: parsed(plain), 200),
                "apify-client": per_await(runner, lambda: theirs.run("x").get(), 200),
            }
        )
        for client in (same, plain):
            runner.run(client.aclose())
        runner.run(ours.aclose())
    return {name: secs * 1e6 for name, secs in figures.items()}


def waits(url: str, *, slow: bool) -> tuple[dict[str, float], dict[str, float]]:
    """Measure many waits of one second at once: seconds, and seconds of processor time."""
    address = f"{url}/v2/actor-runs/x?waitForFinish=1"

    async def ours() -> None:
        async with AsyncClient("t", base_url=url) as client:
            await asyncio.gather(*(client.wait_for_finish("x") for _ in range(WAITS)))

    async def theirs() -> None:
        client = ApifyClientAsync("t", api_url=url)
        await asyncio.gather(*(client.run("x").wait_for_finish() for _ in range(WAITS)))

    async def bare(transport: httpx.AsyncBaseTransport | None) -> None:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=60, limits=limits, transport=transport) as client:
            await asyncio.gather(*(client.get(address) for _ in range(WAITS)))

    contenders: dict[str, Callable[[], Awaitable[None]]] = {
        "ours": ours,
        "apify-client": theirs,
        "httpx, same transport": lambda: bare(AiohttpTransport(None)),
    }
    if slow:
        contenders["httpx, its own transport"] = lambda: bare(None)
    taken: dict[str, float] = {}
    busy: dict[str, float] = {}
    for name, contender in contenders.items():
        rounds = 1 if "own" in name else 5
        walls, cpus = [], []
        for _ in range(rounds):
            wall, cpu = time.perf_counter(), time.process_time()
            asyncio.run(_awaited(contender))
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        taken[name], busy[name] = statistics.median(walls), statistics.median(cpus)
    return taken, busy


async def _awaited(call: Callable[[], Awaitable[None]]) -> None:
    await call()


FRESH = """
import re, sys, time
started = time.perf_counter()
{imports}
taken = time.perf_counter() - started
url = sys.argv[1]
{call}
status = open("/proc/self/status").read()
print(taken, int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) / 1024)
"""
PROGRAMS = {
    "ours": (
        "from actor_runs import Client",
        "with Client('t', base_url=url) as client: client.get_run('x')",
    ),
    "apify-client": (
        "from apify_client import ApifyClient",
        "ApifyClient('t', api_url=url).run('x').get()",
    ),
    "httpx": ("import httpx", "httpx.get(url + '/v2/actor-runs/x').json()"),
}


def fresh(url: str) -> tuple[dict[str, float], dict[str, float]]:
    """Measure import time in ms and memory after one call in MB, in processes of their own."""

    def run(name: str) -> tuple[float, float]:
        imports, call = PROGRAMS[name]
        code = FRESH.format(imports=imports, call=call)
        command = [sys.executable, "-c", code, url]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        secs, megabytes = map(float, text.split())
        return secs * 1000, megabytes

    results: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, result in results.items():
            result.append(run(name))
    return (
        {name: min(ms for ms, _ in result) for name, result in results.items()},
        {name: statistics.median(mb for _, mb in result) for name, result in results.items()},
    )


def main(arguments: list[str]) -> int:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    parser.add_argument(
        "--slow", action="store_true", help="also wait 1,000 times on httpx's own transport (30 s)"
    )
    options = parser.parse_args(arguments)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    with server() as url:
        show("Decode the Get run example", "µs", decode())
        show("One call after another", "µs", sequential(url))
        show("One call after another, asynchronous", "µs", sequential_async(url))
        taken, busy = waits(url, slow=options.slow)
        show(f"{WAITS} waits of 1 s at once", "s ", taken)
        show("  and their processor time", "s ", busy)
        imports, memory = fresh(url)
        show("Import", "ms", imports)
        show("Memory after one call", "MB", memory)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
