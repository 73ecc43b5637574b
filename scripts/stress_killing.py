"""Kills the reference server again and again, and looks for what it had confirmed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
from scripts.stress_client import Cut, request
from scripts.stress_server import TOKEN, Bounds, Server, get, start

KILLS = 20
TERMINAL = {"SUCCEEDED", "FAILED", "ABORTED", "TIMED-OUT"}


async def killing() -> Bounds:
    """Kill the server 20 times while it is written to, and look for what it had confirmed."""
    written: dict[str, list[str]] = {}
    messages: dict[str, list[str]] = {}
    finished: dict[str, dict[str, Any]] = {}
    lost: list[str] = []
    dice = random.Random(1)  # noqa: S311 - repeatable
    with tempfile.TemporaryDirectory(prefix="stress-") as folder:
        for _ in range(KILLS):
            server = Server(Path(folder) / "data")
            lost += await _missing(server, messages, finished)
            lost += await _missing_in_storages(server, written)
            loads = [asyncio.create_task(_write(server, messages, finished)) for _ in range(4)]
            loads += [asyncio.create_task(_store(server, written)) for _ in range(2)]
            await asyncio.sleep(dice.uniform(0.3, 1.2))
            server.end(signal.SIGKILL)
            await asyncio.gather(*loads)
        server = Server(Path(folder) / "data")
        lost += await _missing(server, messages, finished)
        lost += await _missing_in_storages(server, written)
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
        "items, records and requests confirmed": (sum(map(len, written.values())), bool(written)),
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


async def _store(server: Server, written: dict[str, list[str]]) -> None:
    """Write into new storages until the server is gone; note what it confirmed."""
    client = server.client()

    async def ask(method: str, path: str, body: object = None) -> dict[str, Any]:
        reply = await client.ask(request(method, path, TOKEN, body))
        if reply.status not in (200, 201):
            raise AssertionError(f"{method} {path} was answered with {reply.status}")
        return dict(reply.json())

    with contextlib.suppress(Cut, OSError):
        ids = {}
        for kind in ("datasets", "key-value-stores", "request-queues"):
            ids[kind] = (await ask("POST", f"/v2/{kind}"))["data"]["id"]
        for number in range(1_000_000):
            dataset, store, queue = (f"/v2/{kind}/{place}" for kind, place in ids.items())
            await ask("POST", f"{dataset}/items", {"number": number})
            written.setdefault(dataset, []).append(str(number))
            await ask("PUT", f"{store}/records/k{number}", {"number": number})
            written.setdefault(store, []).append(f"k{number}")
            await ask("POST", f"{queue}/requests", {"url": f"http://a/{number}"})
            written.setdefault(queue, []).append(f"http://a/{number}")
    client.close()


async def _missing_in_storages(server: Server, written: dict[str, list[str]]) -> list[str]:
    """Return what had been confirmed of storages and is not there any more."""
    client, missing = server.client(), []
    for place, wanted in written.items():
        kind = place.split("/")[2]
        path = {"datasets": "items", "key-value-stores": "keys", "request-queues": "requests"}[kind]
        reply = (await client.ask(request("GET", f"{place}/{path}", TOKEN))).json()
        if kind == "datasets":
            found = {str(item["number"]) for item in reply}
        else:
            key = "key" if kind == "key-value-stores" else "url"
            found = {item[key] for item in reply["data"]["items"]}
            if kind == "key-value-stores":
                wanted = wanted[:1000]
                if reply["data"]["isTruncated"]:
                    continue
        missing += [f"{name} of {place}" for name in wanted if name not in found]
    client.close()
    return missing


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
