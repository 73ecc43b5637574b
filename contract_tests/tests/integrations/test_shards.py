"""Several machines share a check, here as local processes; much is drawn in little memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from actor_runs_conformance.checks.properties.sender import AT_ONCE, CHUNK
from actor_runs_conformance.events.writer import FURTHER
from tests.support.checking import command
from tests.support.plain_schemathesis import environment

pytestmark = [pytest.mark.integrations, pytest.mark.timeout(300)]

# Generated cases judge these, and a scenario the last one.
DRAWN = ("--only", "GET-09,ABT-20,PUT-12,GET-13")
CASES = 160
MANY = 4_000
GROWTH = 4
"""MB by which memory may grow after the cases that are kept: noise, and the keys of what was sent."""

MEASURED = """\
import re, sys, threading, time
from pathlib import Path
from actor_runs_conformance.cli.main import main

def memory():
    # Not `ru_maxrss`: a new process inherits that of whoever started it.
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def watch(log):
    while True:
        if log.exists():
            print("MB", memory(), log.stat().st_size, file=sys.stderr)
        time.sleep(0.1)

log = Path(sys.argv[-1], "events.jsonl")
threading.Thread(target=watch, args=(log,), daemon=True).start()
sys.exit(main())
"""
IDS = re.compile(r"\b[A-Za-z0-9]{17}\b")


def merge(*folders):
    command_line = [sys.executable, "-m", "actor_runs_conformance", "merge", *map(str, folders)]
    return subprocess.run(command_line, capture_output=True, text=True, check=False)


def share(target, folder, name, cases=CASES):
    options = () if name is None else ("--shard", name)
    path = folder / (name or "whole").replace("/", "-")
    # One worker: to start another takes longer than to draw so few cases.
    amount = ("--cases", str(cases), "--workers", "1")
    done = command(target, *DRAWN, *amount, *options, report=path)
    # A small share may have nothing to judge; what counts is the whole.
    assert done.exit_code in {0, 3}, done.output
    return path


def events(folder):
    """Return the events of a report's log."""
    # Not `splitlines`: bodies hold other characters that end a line.
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").strip().split("\n")
    return [json.loads(line) for line in lines]


def drawn(folder):
    """Return what the generated requests of a report were, with the ids of runs made alike."""
    cases = {event["exchange"] for event in events(folder) if event["event"] == "case"}
    return {
        IDS.sub("id", f"{request['method']} {request['url']} {request['body']}")
        for event in events(folder)
        if event["event"] == "exchange" and event["id"] in cases
        for request in [event["request"]]
    }


def verdicts(folder):
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {promise["id"]: promise["verdict"] for promise in report["promises"]}


def test_three_shares_are_one_check(server, tmp_path):
    """Merged, they have the verdicts and the requests of one check of as many cases."""
    whole = share(server, tmp_path, None)
    shares = [share(server, tmp_path, f"{number}/3") for number in (1, 2, 3)]
    done = merge(*shares, tmp_path / "merged")
    assert done.returncode == 0, done.stderr
    assert verdicts(tmp_path / "merged") == verdicts(whole)
    assert set(verdicts(whole).values()) <= {"passed", "noted"}
    assert drawn(tmp_path / "merged") == drawn(whole)


def test_eight_machines_share_a_check(server, tmp_path):
    """Eight processes that check one server make one report; without one of them it is not whole."""

    def machine(number):
        return share(server, tmp_path, f"{number}/8")

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(machine, range(1, 9)))
    done = merge(*shares, tmp_path / "merged")
    assert done.returncode == 0, done.stderr
    assert "Merged from 8 reports" in done.stdout
    assert all(verdict in {"passed", "noted"} for verdict in verdicts(tmp_path / "merged").values())
    partial = merge(*shares[:-1], tmp_path / "partial")
    assert partial.returncode == 3
    assert "Not there: share 8/8" in partial.stdout


def test_memory_and_disk_do_not_grow_with_the_cases(server, tmp_path):
    """After the first thousand cases of an operation neither memory nor the log grows."""
    folder = tmp_path / "report"
    words = ["check-server", server.url, "--task", server.task, "--only", "GET-09"]
    words += ["--cases", str(MANY), "--workers", "1", "--report", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words],
        env=environment(server),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    seen = [tuple(map(float, found)) for found in re.findall(r"MB (\S+) (\S+)", done.stderr)]
    [further] = [event for event in events(folder) if event["event"] == FURTHER]
    assert further["sent"] > 1_000
    assert sum(event["event"] == "case" for event in events(folder)) <= CHUNK + AT_ONCE
    # At its end the log gets what was found, and reports are rendered.
    whole = max(size for _, size in seen)
    before = max(memory for memory, size in seen if size < 0.9 * whole)
    after = [memory for memory, size in seen if 0.9 * whole <= size < whole]
    assert len(after) > 0.2 * len(seen)
    assert max(after) - before <= GROWTH
    assert max(memory for memory, _ in seen) < 300
