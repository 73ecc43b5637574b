"""`/__admin`: reset, runs in any state, faults, the journal of requests, the clock."""

import re
import threading
import time

import httpx
import pytest

from actor_runs_server.__main__ import main
from actor_runs_server.testing import running

FAULTS = "/__admin/faults"


@pytest.fixture(scope="module")
def started():
    with running() as server:
        yield server


@pytest.fixture
def admin(started):
    """A server that is empty at the start of each test."""
    started.reset()
    return started


@pytest.fixture
def api(admin, client):
    with client(admin.url) as calls:
        yield calls


def test_reset_deletes_everything(admin, api):
    """Runs, storages, tasks, webhooks, faults and journal are gone; the configuration stays."""
    run = api.running({"durationSecs": 30})
    api.call("POST", "/v2/datasets", 201, params={"name": "mine"})
    api.call("POST", "/v2/actor-tasks", 201, json={"actId": "demo~fixture-actor", "name": "mine"})
    admin.admin("POST", "faults", {"status": 500, "match": {"path": "/never"}})
    admin.reset()
    api.call("GET", f"/v2/actor-runs/{run['id']}", 404)
    assert api.call("GET", "/v2/datasets", 200).json()["data"]["total"] == 0
    tasks = api.call("GET", "/v2/actor-tasks", 200).json()["data"]["items"]
    assert [task["name"] for task in tasks] == ["fixture"]
    assert admin.admin("GET", "faults") == []
    assert api.start({"durationSecs": 0}, waitForFinish=20)["status"] == "SUCCEEDED"


STATES = ("READY", "RUNNING", "TIMING-OUT", "TIMED-OUT", "ABORTING", "ABORTED", "FAILED")


@pytest.mark.parametrize("status", STATES)
def test_a_run_is_put_in_any_state(admin, api, status):
    """A run is created with a status, dates, figures and an access setting of the test's own."""
    ended = status in ("TIMED-OUT", "ABORTED", "FAILED")
    body = {
        "task": admin.task,
        "status": status,
        "startedAt": "2026-01-31T12:00:00.000Z",
        "exitCode": 3 if ended else None,
        "statusMessage": "as ordered",
        "generalAccess": "RESTRICTED",
        "stats": {"memMaxBytes": 5},
        "usageTotalUsd": 1.25,
    }
    run = admin.admin("POST", "runs", body)
    shown = api.get(run["id"])
    assert shown["status"] == status
    assert shown["startedAt"] == body["startedAt"]
    assert (shown["finishedAt"] is not None) == ended
    assert (shown["stats"]["memMaxBytes"], shown["usageTotalUsd"]) == (5, 1.25)
    assert api.call("GET", f"/v2/actor-runs/{run['id']}/dataset/items", 200).json() == []
    assert httpx.get(f"{admin.url}/v2/actor-runs/{run['id']}").status_code == 403


def test_waiting_ends_when_the_test_says_so(admin, api):
    """A scripted run ends when it is put in a terminal status; callers who wait are answered."""
    run = admin.admin("POST", "runs", {"actor": "demo~fixture-actor"})
    end = {"status": "SUCCEEDED", "exitCode": 0}
    threading.Timer(0.3, admin.admin, ("PUT", f"runs/{run['id']}", end)).start()
    began = time.monotonic()
    assert api.get(run["id"], wait=20)["status"] == "SUCCEEDED"
    assert 0.2 < time.monotonic() - began < 5


def test_a_real_run_is_put_in_a_state(admin, api):
    """The process of the run is killed, and the run is as the test says."""
    run = api.running({"durationSecs": 30})
    assert admin.admin("PUT", f"runs/{run['id']}", {"status": "FAILED", "exitCode": 9})
    now = api.get(run["id"], wait=5)
    assert (now["status"], now["exitCode"]) == ("FAILED", 9)
    assert api.get(run["id"])["stats"]["memCurrentBytes"] == 0


def test_a_fault_answers_in_place_of_the_server(admin, api):
    """A fault happens as often as ordered, to the requests that match."""
    run = api.start({"durationSecs": 0}, waitForFinish=20)["id"]
    path = f"/v2/actor-runs/{run}"
    fault = {
        "match": {"method": "GET", "path": path},
        "status": 429,
        "headers": {"Retry-After": "7"},
        "times": 2,
    }
    admin.admin("POST", "faults", fault)
    for _ in range(2):
        answer = api.http.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
        assert answer.json()["error"]["type"] == "injected-fault"
    api.call("GET", path, 200)
    assert admin.admin("GET", "faults") == []


def test_a_fault_delays(admin, api):
    """With `delaySecs` alone the answer is the server's own, later."""
    admin.admin("POST", "faults", {"match": {"path": "/health"}, "delaySecs": 0.4})
    began = time.monotonic()
    api.call("GET", "/health", 200)
    assert time.monotonic() - began > 0.4


@pytest.mark.parametrize(("drop", "runs"), [("before", 0), ("after", 1)])
def test_a_fault_drops_the_connection(admin, api, drop, runs):
    """The connection is lost, before or after the server has done what was asked."""
    admin.admin("POST", "faults", {"match": {"method": "POST"}, "drop": drop})
    with pytest.raises(httpx.TransportError):
        api.http.post("/v2/actor-tasks/demo~fixture/runs", json={"durationSecs": 0})
    assert api.call("GET", "/v2/actor-runs", 200).json()["data"]["total"] == runs


def test_a_fault_cuts_the_answer_in_half(admin, api):
    """The head and half of the body arrive, and the server has done what was asked."""
    admin.admin("POST", "faults", {"match": {"method": "POST"}, "drop": "halfway"})
    with pytest.raises(httpx.RemoteProtocolError) as lost:
        api.http.post("/v2/actor-tasks/demo~fixture/runs", json={"durationSecs": 0})
    received, expected = map(int, re.findall(r"\d+", str(lost.value)))
    assert 0 < received == expected // 2
    assert api.call("GET", "/v2/actor-runs", 200).json()["data"]["total"] == 1


WRONG = [
    {"status": 99},
    {"match": {"path": "("}},
    {"match": {"method": "FETCH"}},
    {"drop": "sometimes"},
    {"sttaus": 500},
]


@pytest.mark.parametrize("fault", WRONG)
def test_an_invalid_fault_is_refused(admin, fault):
    """The answer is 400, and no fault is ordered."""
    assert httpx.post(f"{admin.url}{FAULTS}", json=fault).status_code == 400
    assert admin.admin("GET", "faults") == []


def test_the_journal_holds_the_requests_without_tokens(admin, api):
    """Method, path, query, headers, body and status are kept, tokens are not."""
    api.call("POST", "/v2/actor-tasks/demo~fixture/runs?token=demo-token", 201, json={"a": 1})
    (entry,) = admin.admin("GET", "requests?path=/v2/actor-tasks/.*")
    assert (entry["method"], entry["status"], entry["fault"]) == ("POST", 201, None)
    assert entry["body"] == '{"a":1}'
    assert entry["query"] == {"token": "<token>"}
    assert entry["headers"]["authorization"] == "<token>"
    assert "demo-token" not in str(admin.admin("GET", "requests"))
    admin.admin("DELETE", "requests")
    assert admin.admin("GET", "requests") == []


def test_the_clock_is_moved(admin, api):
    """A timeout of minutes is over at once; dates follow."""
    run = api.running({"durationSecs": 60}, timeout=600)
    before = admin.admin("GET", "clock")["now"]
    after = admin.admin("POST", "clock", {"advanceSecs": 601})["now"]
    assert after > before
    end = api.get(run["id"], wait=10)
    assert end["status"] == "TIMED-OUT"
    assert end["finishedAt"] > after[:16]


def test_web_pages_are_refused(admin):
    """Requests with an Origin, or for another host, are answered with 403."""
    for headers in ({"Origin": "https://example.com"}, {"Host": "example.com"}):
        answer = httpx.post(f"{admin.url}/__admin/reset", headers=headers)
        assert answer.status_code == 403


def test_without_admin_there_is_none(server):
    """/__admin is served on demand only."""
    assert httpx.post(f"{server.url}/__admin/reset").status_code == 404


REFUSED = [
    ("--admin", "--host", "0.0.0.0"),
    ("--admin", "--public-url", "https://runs.example"),
]


@pytest.mark.parametrize("arguments", REFUSED)
def test_admin_stays_on_loopback(tmp_path, capsys, arguments):
    """Where others reach the server, --admin is refused with exit code 2."""
    config = tmp_path / "config.toml"
    config.write_text('[users.me]\ntoken = "my-own-token"\n')
    assert main(["--config", str(config), *arguments]) == 2
    assert "--admin lets everybody" in capsys.readouterr().err
