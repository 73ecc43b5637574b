"""How hard the reference server is to break: trials, each with its measurements and its bounds.

`nox -s stress` runs all of them, `nox -s stress -- waiting killing` only some. Speed is a ratio to
a Prism mock of the same contract, and to bare Starlette, on the same machine at the same time; the
other bounds are wide enough for a busy machine. The exit code is 1 when a bound is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import uvloop
from scripts.stress_client import Cut, request
from scripts.stress_killing import killing
from scripts.stress_requests import generated
from scripts.stress_server import (
    TOKEN,
    Bounds,
    get,
    serving,
    settled,
    start,
    together,
)
from scripts.stress_speed import memory, speed, starting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

WAITERS, WAITED_RUNS = 1_000, 50
REQUESTS = 20_000
RUNS = 500


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
    "starting": starting,
    "shapes": shapes,
    "killing": killing,
    "leaks": leaks,
    "memory": memory,
}


def main() -> int:
    """Run the trials and print their measurements."""
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
