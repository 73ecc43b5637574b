"""`actor-runs schemathesis` writes what plain Schemathesis needs, and overwrites nothing of the user's."""

import base64
import json
import re
import tomllib
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from actor_runs_conformance.cli.main import main
from actor_runs_conformance.plain_schemathesis import webhook_calls
from actor_runs_conformance.plain_schemathesis.lent_runs import (
    RUNS,
    LentRuns,
    NoRunError,
    allowed,
)
from actor_runs_conformance.plain_schemathesis.webhook_calls import WebhookCalls
from actor_runs_spec import contract_path
from tests.support.hand_made import answering, speaking


def test_the_files_are_written(tmp_path, capsys):
    """A new directory gets a configuration and the contract as it ships."""
    assert main(["schemathesis", str(tmp_path / "new")]) == 0
    settings = tomllib.loads((tmp_path / "new" / "schemathesis.toml").read_text("utf-8"))
    assert settings["hooks"] == "actor_runs_conformance.plain_schemathesis.hooks"
    assert (tmp_path / "new" / "openapi.yaml").read_text("utf-8") == contract_path().read_text(
        "utf-8"
    )
    said = capsys.readouterr().out
    assert f"cd {tmp_path / 'new'} " in said
    assert "st run openapi.yaml" in said


def test_what_the_user_changed_is_kept(tmp_path, capsys):
    """A file that differs is not overwritten without --force; the same files are no obstacle."""
    assert main(["schemathesis", str(tmp_path)]) == 0
    settings = tmp_path / "schemathesis.toml"
    settings.write_text("seed = 7\n")
    assert main(["schemathesis", str(tmp_path)]) == 2
    assert settings.read_text() == "seed = 7\n"
    assert f"{settings} is there and differs" in capsys.readouterr().err
    assert main(["schemathesis", str(tmp_path), "--force"]) == 0
    assert settings.read_text() != "seed = 7\n"
    assert main(["schemathesis", str(tmp_path)]) == 0


@pytest.mark.parametrize("given", ["2", "-1", "many"])
def test_a_limit_of_runs_that_makes_no_sense_is_refused(monkeypatch, given):
    """Three runs are the least: two for cases of Run task and one to be lent."""
    monkeypatch.setenv("ACTOR_RUNS_MAX_RUNS", given)
    with pytest.raises(ValueError, match=f"ACTOR_RUNS_MAX_RUNS={given}: expected a number"):
        allowed()
    monkeypatch.setenv("ACTOR_RUNS_MAX_RUNS", "")
    assert allowed() == RUNS


@pytest.fixture
def heard(monkeypatch):
    """The requests to a server whose runs go on, and which never answers about `run-1`'s abort."""
    requests = []

    def speak(connection, head):
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        requests.append(f"{method} {target}")
        number = sum(request.endswith("/runs") for request in requests)
        if target.endswith("/run-1/abort"):
            return
        found = re.search("run-[0-9]+", target)
        data = {"id": found[0] if found else f"run-{number}", "actId": "a", "status": "RUNNING"}
        body = json.dumps({"data": data}).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with speaking(speak) as url:
        at_server(monkeypatch, url)
        yield requests


def at_server(monkeypatch, url):
    monkeypatch.setenv("ACTOR_RUNS_URL", url)
    monkeypatch.setenv("ACTOR_RUNS_TASK", "me~task")
    monkeypatch.setenv("APIFY_TOKEN", "a-token-of-many-letters")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("401 Unauthorized", "APIFY_TOKEN is no token of this server"),
        ("404 Not Found", "give ACTOR_RUNS_TASK as id or user~task, and as ACTOR_RUNS_URL what"),
        ("500 Internal Server Error", "see what is wrong with this start"),
    ],
)
def test_a_refused_start_says_what_to_look_at(monkeypatch, status, says):
    """The error names the task, the address, the answer without the token, and what may be wrong."""
    with speaking(answering(status, b"no a-token-of-many-letters")) as url:
        at_server(monkeypatch, url)
        with pytest.raises(NoRunError, match=re.escape(says)) as caught:
            LentRuns().live()
    assert f"ACTOR_RUNS_TASK=me~task at ACTOR_RUNS_URL={url} answered {status[:3]}" in str(
        caught.value
    )
    assert "a-token-of-many-letters" not in str(caught.value)


def test_a_server_that_is_down_is_named(monkeypatch):
    """The error names the address and the variable that holds it."""
    at_server(monkeypatch, "http://127.0.0.1:1")
    with pytest.raises(
        NoRunError, match=r"^Nobody answers at ACTOR_RUNS_URL=http://127\.0\.0\.1:1 "
    ):
        LentRuns().live()


def test_a_server_whose_runs_never_run_is_waited_for_once(monkeypatch):
    """Once a run was not RUNNING in time, the next ones are looked at once."""
    looks = []

    def speak(connection, head):
        looks.extend([head] if head.startswith(b"GET") else [])
        body = b'{"data": {"id": "run-1", "actId": "a", "status": "READY"}}'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with speaking(speak) as url:
        at_server(monkeypatch, url)
        runs = LentRuns(patience=0.3)
        runs.live()
        assert len(looks) > 1
        looks.clear()
        assert runs.to_abort() == "run-1"
        assert len(looks) == 1


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8010", True),
        ("http://[::1]:8010", True),
        ("http://localhost:8010", True),
        ("https://api.example.com", False),
        ("http://192.168.0.7", False),
    ],
)
def test_webhooks_lead_to_a_receiver_where_the_server_is_on_this_machine(url, here):
    """Elsewhere they lead nowhere, and no run is expected to call them."""
    webhooks = WebhookCalls()
    query = urlencode({"webhooks": webhooks.parameter(url)})
    webhooks.started(f"{url}/v2/actor-tasks/me~task/runs?{query}", "run-1")
    assert list(webhooks.runs.values()) == (["run-1"] if here else [])


def test_a_webhook_that_was_called_is_not_missing(monkeypatch):
    """Of two runs the one whose webhook was called is not missed."""
    monkeypatch.setattr(webhook_calls, "DELIVERY", 0.1)
    webhooks = WebhookCalls()
    for run in ("run-1", "run-2"):
        given = webhooks.parameter("http://127.0.0.1:8010")
        webhooks.started(f"http://127.0.0.1:8010/?{urlencode({'webhooks': given})}", run)
    [hook] = json.loads(base64.b64decode(given))
    urlopen(Request(hook["requestUrl"], b"{}", method="POST")).close()
    assert list(webhooks.missing()) == ["run-1"]


@pytest.mark.parametrize(("most", "lent"), [("3", 1), ("6", 2)])
def test_no_more_runs_are_lent_than_may_be_started(heard, monkeypatch, most, lent):
    """A third of the starts is for runs that cases are addressed to, those to abort among them."""
    monkeypatch.setenv("ACTOR_RUNS_MAX_RUNS", most)
    for first in ("live", "to_abort"):
        runs = LentRuns()
        heard.clear()
        getattr(runs, first)()
        runs.to_abort()
        runs.live()
        assert heard.count("POST /v2/actor-tasks/me~task/runs") == lent


def test_every_run_is_aborted_at_the_end(heard):
    """An abort without an answer leaves no other run running."""
    runs = LentRuns()
    runs.live()
    runs.to_abort()
    runs.abort_all()
    assert heard[-3:] == [
        "POST /v2/actor-runs/run-1/abort",
        "GET /v2/actor-runs/run-2",
        "POST /v2/actor-runs/run-2/abort",
    ]
