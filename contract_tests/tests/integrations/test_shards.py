"""Several machines share a check, here as local processes; much is drawn in little memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.checking import command
from tests.support.plain_schemathesis import environment
from tests.support.targets import reference

pytestmark = [pytest.mark.integrations, pytest.mark.timeout(300)]

# Generated cases judge these, and a scenario the last one.
DRAWN = ("--only", "GET-09,ABT-20,PUT-12,GET-13")
CASES = 160
FEW, MANY = 2_000, 6_000
GROWTH = 12
"""MB by which three times as many cases may take more memory: noise, and the keys of what was sent."""

MEASURED = """\
import re, sys
from actor_runs_conformance.cli.main import main
code = main()
# Not `ru_maxrss`: a new process inherits that of whoever started it.
print("MB", int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
sys.exit(code)
"""
IDS = re.compile(r"\b[A-Za-z0-9]{17}\b")


def merge(*folders):
    command_line = [sys.executable, "-m", "actor_runs_conformance", "merge", *map(str, folders)]
    return subprocess.run(command_line, capture_output=True, text=True, check=False)


def share(target, folder, name, cases=CASES):
    options = () if name is None else ("--shard", name)
    path = folder / (name or "whole").replace("/", "-")
    done = command(target, *DRAWN, "--cases", str(cases), *options, report=path)
    # A small share may have nothing to judge; what counts is the whole.
    assert done.exit_code in {0, 3}, done.output
    return path


def drawn(folder):
    """Return what the generated requests of a report were, with the ids of runs made alike."""
    # Not `splitlines`: bodies hold other characters that end a line.
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").strip().split("\n")
    events = [json.loads(line) for line in lines]
    cases = {event["exchange"] for event in events if event["event"] == "case"}
    return {
        IDS.sub("id", f"{request['method']} {request['url']} {request['body']}")
        for event in events
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


def test_eight_machines_share_a_check(tmp_path):
    """Eight processes, each with a server of its own, make one report; without one it is not whole."""

    def machine(number):
        with reference(tmp_path / f"data{number}") as target:
            return share(target, tmp_path, f"{number}/8")

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(machine, range(1, 9)))
    done = merge(*shares, tmp_path / "merged")
    assert done.returncode == 0, done.stderr
    assert "Merged from 8 reports" in done.stdout
    assert all(verdict in {"passed", "noted"} for verdict in verdicts(tmp_path / "merged").values())
    partial = merge(*shares[:-1], tmp_path / "partial")
    assert partial.returncode == 3
    assert "Not there: share 8/8" in partial.stdout


def memory(target, folder, cases):
    """Check generated cases of Get run; return the memory in MB and the size of the log in MB."""
    words = ["check-server", target.url, "--task", target.task, "--only", "GET-09"]
    words += ["--cases", str(cases), "--report", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words],
        env=environment(target),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    log = folder / "events.jsonl"
    assert f'"generated_cases": {cases // 10}' not in log.read_text(encoding="utf-8")
    return int(re.search(r"^MB (\d+)$", done.stdout, re.MULTILINE)[1]), log.stat().st_size / 1e6


def test_memory_and_disk_do_not_grow_with_the_cases(server, tmp_path):
    """Three times as many cases take as much memory, and a log of about the same size."""
    few_memory, few_log = memory(server, tmp_path / "few", FEW)
    many_memory, many_log = memory(server, tmp_path / "many", MANY)
    assert many_memory - few_memory <= GROWTH
    assert many_memory < 300
    assert many_log < 1.5 * few_log
