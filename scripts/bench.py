"""Measure the client beside apify-client, and beside the limits: what its libraries take alone.

All contenders of a row are measured in turns, in one run, on a server of its own. Times depend on the
machine; the ratios are what to look at. Under 1 means that ours is better.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import attrs
import httpx
from apify_client import ApifyClient, ApifyClientAsync
from apify_client._models import RunResponse

from actor_runs import AsyncClient, Client, Run
from actor_runs_api.validation import read_json

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "spec" / "actor_runs_spec" / "examples" / "get-run.json"
RUN_ID = json.loads(EXAMPLE.read_text(encoding="utf-8"))["data"]["id"]
PATH = f"/v2/actor-runs/{RUN_ID}"
WAITS = 1000
ROUNDS = 9
WAIT_ROUNDS = 5


@attrs.frozen
class Figures:
    """What one contender took in each round: wall and processor time in seconds, or memory."""

    wall: list[float] = attrs.field(factory=list)
    cpu: list[float] = attrs.field(factory=list)


Call = Callable[[], object]


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


def in_turns(calls: dict[str, Call], *, times: int = 1, rounds: int = ROUNDS) -> dict[str, Figures]:
    """Measure all in turns, each so many times in a row; a busy moment meets each alike."""
    taken = {name: Figures() for name in calls}
    for number in range(rounds + 1):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(times):
                call()
            if number:  # The first round warms up.
                taken[name].wall.append((time.perf_counter() - wall) / times)
                taken[name].cpu.append((time.process_time() - cpu) / times)
    return taken


def show(title: str, unit: str, scale: float, taken: dict[str, Figures], aim: str = "") -> None:
    """Print figures, the first of which is ours, and how ours compares with each."""
    print(f"\n{title}{aim and f' (aim: {aim})'}")
    ours = next(iter(taken.values()))
    kinds = {"wall": [f.wall for f in taken.values()], "cpu": [f.cpu for f in taken.values()]}
    for kind, columns in kinds.items():
        mine = getattr(ours, kind)
        for name, values in zip(taken, columns, strict=True):
            if not values:
                continue
            ratio = ""
            if values is not mine:
                median = statistics.median(mine) / statistics.median(values)
                ratio = f"   ours is {min(mine) / min(values):5.2f} · {median:5.2f} of it"
            least, middle = min(values) * scale, statistics.median(values) * scale
            print(f"  {name:<28}{kind:<6}{least:9.1f} · {middle:9.1f} {unit}{ratio}", flush=True)


def decode() -> dict[str, Figures]:
    """Measure the way from an answer's bytes to a model."""
    body = EXAMPLE.read_bytes()
    calls: dict[str, Call] = {
        "ours": lambda: Run.checked(read_json(body), "RunEnvelope", "data"),
        "apify-client": lambda: RunResponse.model_validate(json.loads(body)),
        "json.loads alone": lambda: json.loads(body),
    }
    return in_turns(calls, times=500)


def sequential(url: str) -> dict[str, Figures]:
    """Measure one blocking call after another."""
    bare = http.client.HTTPConnection(urlsplit(url).netloc)

    def by_http_client() -> object:
        bare.request("GET", PATH, headers={"Authorization": "Bearer t"})
        return json.loads(bare.getresponse().read())

    theirs = ApifyClient("t", api_url=url)
    with Client("t", base_url=url) as ours, httpx.Client() as by_httpx:
        calls: dict[str, Call] = {
            "ours": lambda: ours.get_run(RUN_ID),
            "apify-client": lambda: theirs.run(RUN_ID).get(),
            "httpx and json": lambda: by_httpx.get(url + PATH).json(),
            "http.client and json": by_http_client,
        }
        taken = in_turns(calls, times=200)
    bare.close()
    return taken


def awaited(runner: asyncio.Runner, call: Callable[[], Awaitable[object]]) -> Call:
    """Return a call that awaits another a hundred times, in one run of the event loop."""

    async def several() -> None:
        for _ in range(100):
            await call()

    return lambda: runner.run(several())


def sequential_async(url: str) -> dict[str, Figures]:
    """Measure a hundred asynchronous calls, one after another."""
    theirs = ApifyClientAsync("t", api_url=url)
    with asyncio.Runner() as runner:
        ours, by_httpx = AsyncClient("t", base_url=url), httpx.AsyncClient()
        session = runner.run(_session())

        async def by_aiohttp() -> object:
            async with session.get(url + PATH) as answer:
                return json.loads(await answer.read())

        async def parsed() -> object:
            return (await by_httpx.get(url + PATH)).json()

        calls = {
            "ours": awaited(runner, lambda: ours.get_run(RUN_ID)),
            "apify-client": awaited(runner, lambda: theirs.run(RUN_ID).get()),
            "httpx and json": awaited(runner, parsed),
            "aiohttp and json": awaited(runner, by_aiohttp),
        }
        taken = in_turns(calls)
        for closing in (ours.aclose(), by_httpx.aclose(), session.close()):
            runner.run(closing)
    return taken


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))


def waits(url: str, *, slow: bool) -> dict[str, Figures]:
    """Measure many waits of one second at once."""
    address = f"{url}{PATH}?waitForFinish=1"

    async def ours() -> None:
        async with AsyncClient("t", base_url=url) as client:
            await asyncio.gather(*(client.wait_for_finish(RUN_ID) for _ in range(WAITS)))

    async def theirs() -> None:
        client = ApifyClientAsync("t", api_url=url)
        await asyncio.gather(*(client.run(RUN_ID).wait_for_finish() for _ in range(WAITS)))

    async def by_aiohttp() -> None:
        async def one() -> object:
            async with session.get(address) as answer:
                return json.loads(await answer.read())

        async with await _session() as session:
            await asyncio.gather(*(one() for _ in range(WAITS)))

    async def by_httpx() -> None:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(timeout=60, limits=limits) as client:
            await asyncio.gather(*(client.get(address) for _ in range(WAITS)))

    calls: dict[str, Call] = {
        "ours": lambda: asyncio.run(ours()),
        "apify-client": lambda: asyncio.run(theirs()),
        "aiohttp and json": lambda: asyncio.run(by_aiohttp()),
    }
    if slow:
        calls["httpx"] = lambda: asyncio.run(by_httpx())
    return in_turns(calls, rounds=WAIT_ROUNDS)


FRESH = """
import json, re, sys, time
started, busy = time.perf_counter(), time.process_time()
{imports}
imported, used = time.perf_counter() - started, time.process_time() - busy
url, run = sys.argv[1:]
{call}
called, in_all = time.perf_counter() - started, time.process_time() - busy
most = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
print(json.dumps([imported, used, called, in_all, most]))
"""
PROGRAMS = {
    "ours": (
        "from actor_runs import Client",
        "with Client('t', base_url=url) as client: client.get_run(run)",
    ),
    "apify-client": (
        "from apify_client import ApifyClient",
        "ApifyClient('t', api_url=url).run(run).get()",
    ),
    "httpx": ("import httpx", "httpx.get(url + '/v2/actor-runs/x').json()"),
}


def fresh(url: str) -> list[dict[str, Figures]]:
    """Measure import, import with a first call, and most memory, in processes of their own."""
    results: dict[str, list[list[float]]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, (imports, call) in PROGRAMS.items():
            code = FRESH.format(imports=imports, call=call)
            command = [sys.executable, "-c", code, url, RUN_ID]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            results[name].append(json.loads(text))
    columns = {name: list(map(list, zip(*rows, strict=True))) for name, rows in results.items()}
    return [
        {name: Figures(found[0], found[1]) for name, found in columns.items()},
        {name: Figures(found[2], found[3]) for name, found in columns.items()},
        {name: Figures(found[4]) for name, found in columns.items()},
    ]


def main(arguments: list[str]) -> int:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    parser.add_argument(
        "--slow", action="store_true", help="also wait 1,000 times on httpx's own transport (30 s)"
    )
    options = parser.parse_args(arguments)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    print("Least · median. The aims are ratios to apify-client, if nothing else is said.")
    with server() as url:
        show("Decode the Get run example", "µs", 1e6, decode(), "0.75")
        show("One call after another", "µs", 1e6, sequential(url), "1.0 wall and cpu")
        show("100 asynchronous calls", "ms", 1e3, sequential_async(url))
        aim = "1.05 of aiohttp and json"
        show(f"{WAITS} waits of 1 s at once", "ms", 1e3, waits(url, slow=options.slow), aim)
        imported, called, memory = fresh(url)
        show("Import", "ms", 1e3, imported, "0.40")
        show("Import and first call", "ms", 1e3, called, "0.55")
        show("Most memory, with a first call", "MB", 1, memory, "0.8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
