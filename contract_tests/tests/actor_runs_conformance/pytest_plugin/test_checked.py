"""Real servers, checked by pytest: the verdicts are those of the command, whatever pytest is asked."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.checking import judged_by
from tests.support.faults import BY_NAME
from tests.support.targets import faulty, reference

pytestmark = [pytest.mark.integrations, pytest.mark.usefixtures("found_anywhere")]

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[4] / "docs" / "pytest.md"
PLUGIN = ("-p", "actor_runs_conformance.pytest_plugin")
WORKERS = ("-p", "xdist.plugin", "-n")
CASES = "60"
"""Few generated cases: what is drawn is the same for both."""
# A promise that is cheap to judge, and one that lacks the token of a second account.
ALWAYS = ("TSK-03", "ERR-08")
FAULTS = (
    "usage-shown-to-all",
    "no-location",
    "missing-token-is-403",
    "error-with-empty-message",
    "no-rate-limit-header",
    "run-id-wrong",
    "finished-start-is-200",
    "run-without-task",
    "run-actid-wrong",
    "started-in-millis",
)
KINDS = {
    "passed": {"passed"},
    "noted": {"passed"},
    "warned": {"passed"},
    "failed": {"failed", "skipped"},
    "not_exercised": {"skipped", "failed"},
    "excluded": {"skipped"},
}


VERDICTS = {0: "Conformant  ", 1: "Violated  ", 3: "Inconclusive  "}
"""How the last words of a check begin, by the exit code of the command."""


def started(words, target, folder):
    """Start a program in a folder, with the target's token in its environment."""
    environment = {**os.environ, "APIFY_TOKEN": target.token, "NO_COLOR": "1"}
    environment.pop("APIFY_SECOND_TOKEN", None)
    environment.pop("PYTEST_ADDOPTS", None)
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # Those of others take their time.
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def options(target, *more):
    return ("--actor-runs-url", target.url, "--actor-runs-task", target.task, *more)


def run(target, folder, *arguments):
    """Run pytest in a folder to its end; return the exit code and what it printed."""
    process = started(("pytest", *PLUGIN, *options(target), *arguments), target, folder)
    out, _ = process.communicate(timeout=110)
    return process.returncode, out


def cases(path):
    """Return how each test of a junit.xml ended, and which verdict it stands for, by name."""
    found = {}
    for case in ET.parse(path).getroot().iter("testcase"):
        named = {one.get("name"): one.get("value") for one in case.iter("property")}
        kind = next(
            (name for name in ("failure", "error", "skipped") if case.find(name) is not None),
            "passed",
        )
        found[case.get("name")] = ({"failure": "failed"}.get(kind, kind), named.get("verdict"))
    return found


def runs(target):
    """Return the statuses of every run of the server, by id."""
    request = urllib.request.Request(
        f"{target.url}/v2/actor-runs?limit=1000",
        headers={"Authorization": f"Bearer {target.token}"},
    )
    with urllib.request.urlopen(request) as answer:
        return {run["id"]: run["status"] for run in json.load(answer)["data"]["items"]}


@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_the_verdicts_are_those_of_the_command(fault, tmp_path, check):
    """Every promise of a good server, and of faulty ones some; and so is whether it is green."""
    data = tmp_path / "data"
    # In this scope ERR-08 had to be exercised, and cannot be without the second token.
    scope, profile = ("platform", "safe") if fault is None else ("documents", "full")
    with reference(data) if fault is None else faulty(fault, data) as target:
        only = list(dict.fromkeys((*ALWAYS, *broken_by(fault)))) if fault else []
        ids = [f"actor-runs::{name}" for name in only] or ["actor-runs"]
        more = ("--junitxml", "j.xml", "--actor-runs-scope", scope)
        more += ("--actor-runs-profile", profile, "--actor-runs-fail-not-exercised")
        more += ("--actor-runs-cases", CASES)
        words = ("pytest", *PLUGIN, *options(target), *more, *ids)
        process = started(words, target, tmp_path)
        names = ("--task", target.task, "--scope", scope, "--profile", profile, "--cases", CASES)
        names += ("--only", ",".join(only)) if only else ()
        command = check(target.url, *names, token=target.token)
        out, _ = process.communicate(timeout=110)
    found = cases(tmp_path / "j.xml")
    assert {name: verdict for name, (_, verdict) in found.items()} == command.verdicts, out
    assert all(kind in KINDS[verdict] for kind, verdict in found.values()), found
    assert (process.returncode == 0) == (command.code == 0), out
    assert VERDICTS[command.code] in out
    assert (command.code == 3) == (fault is None) == (found["ERR-08"][0] == "failed")
    assert bool({"failed", "warned"} & set(command.verdicts.values())) == (fault is not None)


def broken_by(name):
    """Return two promises that a fault breaks, and that no generated case has to show."""
    drawn = {one.partition("@")[0] for one in judged_by("generated")}
    return sorted(set(BY_NAME[name].breaks) - drawn)[:2]


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    with reference(tmp_path_factory.mktemp("good")) as target:
        yield target


def test_workers_share_one_check(tmp_path):
    """With -n the server is checked once, and starts no more runs than it may."""
    with reference(tmp_path / "data") as target:
        limit = ("--actor-runs-max-runs", "2", "--actor-runs-report", "out")
        code, out = run(
            target,
            tmp_path,
            *WORKERS,
            "3",
            *limit,
            "actor-runs",
            "-k",
            "TSK-03 or AUT-05 or WHK-01b",
        )
        assert len(runs(target)) in {1, 2}, out
    assert code == 0, out
    assert out.count("Plan: ") == 1
    assert "not exercised, though it had to be: " in out
    assert "--actor-runs-fail-not-exercised makes these tests fail" in out
    events = [json.loads(line) for line in (tmp_path / "out/events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events].count("start") == 1
    assert events[0]["max_runs"] == 2
    assert (tmp_path / "out/report.html").exists()
    assert re.search(r"\d+ passed, \d+ skipped", out)


SET_UP_TWICE = """
def pytest_runtest_setup(item):
    item.setup()  # As plugins do that run a test again.
"""


def test_a_broken_promise(tmp_path):
    """It fails with its finding and no traceback, again with --lf, and is xfail once it is known."""
    (tmp_path / "conftest.py").write_text(SET_UP_TWICE)
    with faulty("usage-shown-to-all", tmp_path / "data") as target:
        chosen = ("actor-runs::AUT-05", "actor-runs::TSK-03")
        code, out = run(target, tmp_path, "-vv", "-l", "--junitxml", "j.xml", *chosen)
        text = out + (tmp_path / "j.xml").read_text()
        assert code == 1
        assert text.count('<property name="verdict"') == len(chosen)
        for line in ("actor-runs::AUT-05 FAILED", "     promised  Get run hides", "--only AUT-05"):
            assert line in out
        assert "Traceback" not in text
        assert "pytest_plugin" not in text
        assert target.token not in text
        known = tmp_path / "known.toml"
        known.write_text(
            '[[deviation]]\npromise = "AUT-05"\nreason = "all see it"\nlink = "https://x.example/1"\n'
            '[[deviation]]\npromise = "TSK-03"\nreason = "gone"\nlink = "https://x.example/2"\n'
        )
        code, out = run(
            target, tmp_path, "-rxf", "-x", "--actor-runs-expected", str(known), *chosen
        )
        assert code == 1
        assert "XFAIL actor-runs::AUT-05 - all see it, https://x.example/1" in out
        assert "The expected failure of TSK-03 is stale" in out
        code, out = run(target, tmp_path, "--lf", "--runxfail", "actor-runs::AUT-05")
        assert (code, "1 failed" in out) == (1, True), out


def test_nobody_there(tmp_path, good):
    """Without a server every promise is an error that says why, and none is skipped."""
    code, out = run(
        good, tmp_path, "--actor-runs-url=http://127.0.0.1:1", "actor-runs", "-k", "TSK"
    )
    assert code == 1
    assert "nothing was judged: Nobody listens at http://127.0.0.1:1" in out
    assert not re.search(r"\d+ (passed|skipped)", out)


@pytest.mark.parametrize(
    ("end", "workers"),
    [(signal.SIGINT, ()), (signal.SIGINT, (*WORKERS, "2")), (signal.SIGKILL, ())],
)
def test_ended_early(end, workers, tmp_path):
    """Ctrl-C ends the check, also with workers, and so does being killed: no run goes on."""
    with reference(tmp_path / "data") as target:
        words = ("pytest", *PLUGIN, *options(target), *workers, "actor-runs::ABT-08b")
        process = started(words, target, tmp_path)
        wait(lambda: "RUNNING" in runs(target).values())
        os.killpg(process.pid, end)
        process.communicate(timeout=60)
        # By itself it would end after the 30 s of a graceful abort.
        wait(lambda: not {"READY", "RUNNING", "ABORTING"} & set(runs(target).values()), 25)


def wait(until, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def blocks(language):
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


TAKING_AWAY = """
import os

def pytest_runtestloop(session):
    if not session.config.option.collectonly:
        os.environ["APIFY_TOKEN"] = "of-another"
        os.chdir("/")
"""


def test_the_page_is_true(pytester, monkeypatch, good):
    """The configuration of the page makes each of its commands work as it stands."""
    settings = blocks("ini")[0].replace("http://127.0.0.1:8080", good.url)
    pytester.makeconftest(TAKING_AWAY)
    pytester.path.joinpath("pytest.ini").write_text(settings.replace("me~fixture", good.task))
    pytester.path.joinpath("expected.toml").write_text("")
    monkeypatch.setenv("APIFY_TOKEN", good.token)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    lines = [shlex.split(line, comments=True) for line in blocks("sh")[1].splitlines()]
    commands = [words[1:] for words in lines if words[:1] == ["pytest"]]
    assert len(commands) > 3
    for arguments in commands:
        if {"-n", "--actor-runs-report"} & set(arguments):
            words = ("pytest", *PLUGIN, "-p", "xdist.plugin", "-k", "TSK-03", *arguments)
            process = started(words, good, pytester.path)
            out, _ = process.communicate(timeout=100)
            assert process.returncode == 0, out
        else:  # Of those that choose tests it is enough to see that they do.
            result = pytester.runpytest_inprocess(*PLUGIN, "--co", *arguments)
            nothing = "not actor_runs" in arguments
            assert result.ret == (5 if nothing else 0)
            assert ("AUT-05" in result.stdout.str()) != nothing


def test_the_fixture_of_the_page_is_used_as_shown(tmp_path, good):
    """The test of the page passes, with no line more."""
    (tmp_path / "test_client.py").write_text(blocks("python")[0])
    process = started(("pytest", "-p", "actor_runs_server.pytest_plugin"), good, tmp_path)
    out, _ = process.communicate(timeout=60)
    assert "1 passed" in out
