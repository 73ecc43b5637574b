"""`check_server` and `acheck_server`: typed results and errors, quiet, and clean when ended early."""

import asyncio
import json
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from actor_runs_conformance import (
    CheckOptions,
    ConfigurationError,
    ExitCode,
    ReportError,
    Verdict,
    acheck_server,
    check_server,
)
from actor_runs_conformance.engine.options import Options
from actor_runs_conformance.library.options import keywords
from actor_runs_conformance.library.server_check import ServerCheck
from actor_runs_conformance.testkit.registry import Profile
from tests.support.hand_made import answering, speaking

URL = "http://127.0.0.1:1"
PAGE = Path(__file__).parents[4] / "docs" / "library.md"
NAMES = {"task": "a~b", "token": "a-long-token"}
REFUSED = {
    "no url": ({}, "give the URL of the server"),
    "unknown": ({"taks": "a"}, "no option 'taks'; did you mean 'task'?"),
    "no task": ({"url": URL, "token": "t"}, "with task='USER~TASK'"),
    "no token": ({"url": URL, "task": "a~b"}, "set APIFY_TOKEN (or give token)"),
    "read-only": ({"url": URL, "profile": "read-only"}, "name a run to read with run='ID'"),
    "not a URL": ({"url": "x"}, "url: 'x' is not an http(s) URL"),
    "not a profile": ({"profile": "fats"}, "profile: 'fats' is not a profile; there are: "),
    "not a flag": ({"reference": 1}, "reference: 1 is neither True nor False"),
    "too small": ({"max_runs": -1}, "max_runs: -1 is too small; the least is 0"),
    "no promise": ({"only": ["RBT-2"]}, "only: 'RBT-2' is not a promise"),
    "no names": ({"only": []}, "only: '' names no promise"),
    "not names": ({"only": 3}, "only: '3' is not a promise"),
    "not text": ({"task": b"a~b"}, "task: bytes is no type for it; give a str or a number"),
    "no file": ({"reference": True, "expected": "/x.toml"}, "/x.toml: No such file"),
    "foreign directory": (
        {"reference": True, "report": PAGE.parent},
        "is not the report of a check; give a new or an empty directory",
    ),
    "file as a directory": ({"url": URL, **NAMES, "report": PAGE}, "report /"),
}


@pytest.fixture(autouse=True)
def no_token(monkeypatch):
    """Nothing of the environment decides."""
    monkeypatch.delenv("APIFY_TOKEN", raising=False)
    monkeypatch.delenv("APIFY_SECOND_TOKEN", raising=False)


@pytest.mark.parametrize(("given", "says"), REFUSED.values(), ids=REFUSED)
def test_refused(given, says):
    """What makes no sense raises one kind of error, which shows the value and what to give."""
    with pytest.raises(ConfigurationError, match=re.escape(says)):
        check_server(**given)


def test_a_bad_token_is_not_shown(monkeypatch):
    """A token of the environment that no header can carry is refused, unseen."""
    monkeypatch.setenv("APIFY_TOKEN", "with a blank")
    with pytest.raises(ConfigurationError, match=r"^APIFY_TOKEN: the token holds") as caught:
        check_server(URL, task="a~b")
    assert "with a blank" not in str(caught.value)


def test_nobody_there():
    """A server that is not there is a result, in which nothing was exercised."""
    result = check_server(URL, **NAMES, only="getRun")
    assert (result.exit_code, result.verdict) == (ExitCode.UNUSABLE, "error")
    assert "Nobody listens at http://127.0.0.1:1" in result.message
    assert {promise.verdict for promise in result.promises.values()} == {Verdict.NOT_EXERCISED}
    assert (result.scopes, result.report_dir, result.cost.runs_started) == ({}, None, 0)


def test_result_of_a_broken_server(tmp_path, capfd):
    """The result says of each promise what the report says, and nothing is printed."""
    events = []
    with speaking(answering("200 OK", b"{}")) as url:
        result = check_server(
            url,
            **NAMES,
            only=["GEN-02", "TSK-01@start_task", "TSK-22"],
            report=str(tmp_path / "out"),
            on_event=events.append,
        )
    assert capfd.readouterr() == ("", "")
    written = json.loads((tmp_path / "out" / "report.json").read_text())
    assert json.loads(result.as_json()) == written
    assert (result.exit_code, result.verdict) == (1, "violated")
    assert (result.message, result.report_dir) == (written["message"], tmp_path / "out")
    promises = {name: promise.verdict for name, promise in result.promises.items()}
    assert promises == {"GEN-02": "failed", "TSK-01": "failed", "TSK-22": "not_exercised"}
    assert [promise.id for promise in result.broken] == ["GEN-02", "TSK-01"]
    broken, missed = result.promises["TSK-01"], result.promises["TSK-22"]
    assert (broken.level, broken.scope, broken.counts) == ("must", "documents", True)
    assert broken.message == broken.findings[0].message
    assert "$APIFY_TOKEN" in broken.reproduce
    assert broken.repeat.endswith("--only TSK-01@start_task")
    assert (missed.because, len(missed.findings)) == ("TSK-01", 1)
    assert result.scopes["documents"].verdict == "violated"
    assert "TSK-01" in result.scopes["documents"].broken
    assert (events[0]["event"], events[-1]["event"]) == ("start", "end")
    assert "a-long-token" not in repr(result) + repr(broken.findings) + json.dumps(events)


@pytest.mark.parametrize("kind", ["exchange", "end"])
def test_what_the_users_function_raises_is_raised(kind):
    """It ends the check, is blamed on nobody else, and cancels nothing that comes later."""

    def fail(event):
        if event["event"] == kind:
            raise LookupError("of the user's")

    async def main(url):
        with pytest.raises(LookupError, match="of the user's"):
            await acheck_server(url, **NAMES, only="GEN-02", on_event=fail)
        await asyncio.sleep(0)

    with speaking(answering("200 OK", b"{}")) as url:
        asyncio.run(main(url))


def test_report_that_cannot_be_rendered(tmp_path, monkeypatch):
    """A check whose report is not written has its result in the error."""
    folder = tmp_path / "out"

    def spoil(event):
        if event["event"] == "end":
            (folder / "report.html").mkdir()

    with (
        speaking(answering("200 OK", b"{}")) as url,
        pytest.raises(ReportError, match="could not be written") as caught,
    ):
        check_server(url, **NAMES, only="GEN-02", report=folder, on_event=spoil)
    assert caught.value.result.promises["GEN-02"].verdict == "failed"


def test_inside_of_a_running_loop():
    """The function that blocks says what to await where a loop runs."""

    async def inside():
        check_server(URL, **NAMES)

    with pytest.raises(RuntimeError, match=r"await acheck_server\(\)"):
        asyncio.run(inside())


def test_other_threads_keep_the_signal_handlers():
    """A check in another thread leaves the handlers of signals alone."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before, seen, results = [signal.getsignal(number) for number in numbers], [], []

    def look(_event):
        seen.append([signal.getsignal(number) for number in numbers])

    def work():
        results.append(check_server(URL, **NAMES, only="GEN-02", on_event=look))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results[0].exit_code == 2
    assert [handlers for handlers in seen if handlers != before] == []
    assert len(seen) > 2


def test_cancelled(reference):
    """A deadline ends a check when each run that it started has been aborted."""
    started = []

    async def briefly():
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        def note(event):
            if event["event"] == "run_started":
                started.append(event["run"])
                loop.call_soon_threadsafe(begun.set)

        async with asyncio.timeout(60):
            check = asyncio.create_task(
                acheck_server(
                    reference["url"],
                    task=reference["task"],
                    token=reference["token"],
                    only="ABT-08b",
                    on_event=note,
                )
            )
            await begun.wait()
            check.cancel()
            await asyncio.sleep(0.05)
            check.cancel()
            await check

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(briefly())
    for run in started:
        request = urllib.request.Request(
            f"{reference['url']}/v2/actor-runs/{run}",
            headers={"Authorization": f"Bearer {reference['token']}"},
        )
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["data"]["status"] in {"ABORTED", "SUCCEEDED"}


def test_a_keyword_is_an_option():
    """Each option of the command is a keyword, or has the reason why it is none."""
    typed = get_type_hints(CheckOptions)
    assert set(typed) | {"url"} == set(keywords()), (
        "add it to CheckOptions, or say in its row by `command_only` why it is no keyword"
    )
    assert list(get_args(typed["profile"])) == list(map(str, Profile))
    assert get_args(get_type_hints(CheckOptions)["profile"]) == tuple(map(str, Profile))
    assert "json" not in keywords(), "its row says that it is of the command alone"


def test_plan_sends_nothing():
    """What would be done is known before anything is sent, also to a server that is yet to start."""
    given = Options(url=URL, token="t", task="a~b", second_token="u", only=("RBT-02", "ERR-08"))
    plan = ServerCheck.prepare(given).plan
    assert plan.runs > 0
    later = ServerCheck.prepare(Options(reference=True, only=given.only)).plan
    assert (later.runs, later.skipped) == (plan.runs, {})


@pytest.mark.integrations
def test_the_examples_of_the_page_work(reference, monkeypatch):
    """Each example of docs/library.md runs as it stands, on the address and task of a server here."""
    monkeypatch.setenv("APIFY_TOKEN", reference["token"])
    text = PAGE.read_text(encoding="utf-8")
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        program = block.replace("http://127.0.0.1:8080", reference["url"])
        exec(compile(program.replace("me~fixture", reference["task"]), str(PAGE), "exec"), names)
    assert names["result"].conformant


LIGHT = """
import sys, actor_runs_conformance
heavy = {"attrs", "httpx", "hypothesis", "schemathesis", "yaml", "rich", "jinja2"}
print(sorted(heavy & set(sys.modules)))
"""
BARE = """
import sys
sys.modules["yaml"] = None
from actor_runs_conformance import check_server
"""


@pytest.mark.usefixtures("found_anywhere")
def test_to_import_the_package_costs_nothing():
    """Nothing is loaded before it is asked for."""
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.usefixtures("found_anywhere")
def test_what_is_not_installed_is_named():
    """Without the extra, the import says what to install."""
    done = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True)
    assert "'yaml' is not installed; run: pip install 'actor-runs[conformance]'" in done.stderr
