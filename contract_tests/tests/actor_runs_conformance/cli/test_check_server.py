"""`actor-runs check-server` from beginning to end: sentences, exit codes, clean-up."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.support.child_server import child
from tests.support.hand_made import answering, speaking

TASK = ("--task", "me~task")
NOT_FOUND = b'{"error": {"type": "record-not-found", "message": "Not here."}}'


def hanging(connection, _):
    connection.recv(1)


def resetting(connection, _):
    connection.setsockopt(1, 13, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # SO_LINGER: reset on close.


def dying(connection, _):
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"data": {')


def redirecting(connection, head):
    path = head.split(b" ")[1]
    connection.sendall(
        b"HTTP/1.1 308 Moved\r\nLocation: " + path + b"\r\nContent-Length: 0\r\n"
        b"Connection: close\r\n\r\n"
    )


def redirecting_to(place):
    return answering("302 X", b"", "text/plain", f"Location: {place}")


REFUSING = b'{"error": {"type": "user-or-token-not-found", "message": "No."}}'
NO_TARGETS = {
    "404 in the API's own words": (answering("404 X", NOT_FOUND), "knows no task 'me~task'"),
    "404 of another server": (answering("404 X", b"Not Found", "text/plain"), "not JSON"),
    "404 without a word": (answering("404 X", b""), "answers 404 to everything"),
    "401": (answering("401 X", REFUSING), "APIFY_TOKEN"),
    "HTML": (answering("200 OK", b"<!doctype html>", "text/html"), "HTML page"),
    "random bytes": (lambda connection, _: connection.sendall(b"\x00\x01\x02"), "not answer like"),
    "reset": (resetting, "connection"),
    "dies": (dying, "in the middle of the answer"),
    "redirects to itself": (redirecting, "redirects to /v2/actor-runs/"),
    "redirects to no host": (redirecting_to("http://xn--a"), "a redirect that leads nowhere"),
    "redirects to no port": (redirecting_to("http://[::1]:x"), "a redirect that leads nowhere"),
    "redirects to no URL": (redirecting_to("mailto:me"), "a redirect that leads nowhere"),
}


@pytest.mark.parametrize(("speak", "says"), NO_TARGETS.values(), ids=NO_TARGETS)
def test_no_target(check, speak, says):
    """A server that is no target ends with 2 and one sentence; no promise is passed or failed."""
    with speaking(speak) as url:
        came = check(url, *TASK)
    assert came.code == 2
    assert says in came.message
    assert came.message.count(". ") == 0
    assert says in came.out.replace("\n", " ")
    assert set(came.verdicts.values()) == {"not_exercised"}


def test_nobody_there(check):
    """A port where nobody listens ends with 2 and says so."""
    with speaking(hanging) as url:
        pass
    came = check(url, *TASK)
    assert (came.code, "Nobody listens" in came.message) == (2, True)


def test_hanging_server(check, monkeypatch):
    """A server that takes the connection and says nothing ends with 2, in bounded time."""
    monkeypatch.setattr("actor_runs_conformance.testkit.session.Session.tolerance", lambda *_: -9.0)
    with speaking(hanging) as url:
        came = check(url, *TASK)
    assert (came.code, "says nothing: no answer within" in came.message) == (2, True)


def test_empty_object_for_everything(check):
    """A server that answers `{}` to everything ends with 1."""
    with speaking(answering("200 OK", b"{}")) as url:
        came = check(
            url, *TASK, "--only", "GEN-02@success_envelope,TSK-01@start_task,TSK-22,RBT-02"
        )
    assert came.code == 1
    assert came.verdicts == {
        "GEN-02": "failed",
        "TSK-01": "failed",
        "TSK-22": "not_exercised",
        "RBT-02": "not_exercised",
    }


def test_stateless_mock_is_told(check):
    """A server that answers from an example is told to be a mock, in words its user knows."""
    example = {"data": {"id": "HG7ML7M8z78YcAPEB", "status": "SUCCEEDED"}}
    with speaking(answering("201 X", json.dumps(example).encode())) as url:
        came = check(url, *TASK, "--only", "OBJ-01@run_identity,TSK-23")
    assert came.code == 1
    assert came.verdicts["OBJ-01"] == "failed"
    assert "like a mock without state" in came.message


def test_id_that_no_url_holds(check):
    """A run whose id is too long for a URL is left and told, and blamed on no promise."""
    example = {"data": {"id": "x" * 70_000, "status": "RUNNING"}}
    with speaking(answering("201 X", json.dumps(example).encode())) as url:
        came = check(url, *TASK, "--only", "GET-01@get_run,GET-13")
    assert came.code == 3
    assert set(came.verdicts.values()) == {"not_exercised"}
    assert "no URL: URL too long" in came.message
    assert "May still be running: xxx" in came.message


ONLY = "TSK-01@start_task,GET-01@get_run,AUT-08,GEN-02@success_envelope,TSK-03@start_location"


def checked(check, reference, *more, only=ONLY):
    return check(
        reference["url"],
        "--task",
        reference["task"],
        "--only",
        only,
        *more,
        token=reference["token"],
    )


def test_conformant(check, reference):
    """A good server ends with 0, every report is written, and none holds the token."""
    came = checked(check, reference)
    assert came.code == 0, came.out
    assert {name.partition("@")[0]: "passed" for name in ONLY.split(",")} == came.verdicts
    assert {"events.jsonl", "report.json", "report.html"} <= {
        one.name for one in came.report.iterdir()
    }
    texts = [one.read_text(errors="replace") for one in came.report.iterdir()]
    assert [text for text in (*texts, came.out, came.err) if reference["token"] in text] == []


def test_evidence_is_recorded(check, reference):
    """Each verdict names exchanges that are in the log."""
    came = checked(check, reference)
    logged = {event["id"] for event in came.events if event["event"] == "exchange"}
    for event in came.events:
        if event["event"] == "verdict":
            assert set(event["exchanges"]) <= logged
            assert event["evidence"] > 0


def test_inconclusive(check, reference):
    """A must promise that needs what the user did not give ends with 3, and says what."""
    came = checked(check, reference, "--scope", "platform", only="ERR-08,GET-01@get_run")
    assert came.code == 3
    message = next(e["message"] for e in came.events if e.get("id") == "ERR-08" and "seed" in e)
    assert "APIFY_SECOND_TOKEN" in message


def test_strict(check, reference, tmp_path):
    """Excluded promises break nothing, not even by `--strict`."""
    target = tmp_path / "target.toml"
    target.write_text('[promises]\nGET-01 = "not offered"\n')
    came = checked(check, reference, "--strict", "--target", str(target))
    assert (came.code, came.verdicts["GET-01"]) == (0, "excluded")
    assert "declared unsupported (not offered), but the target keeps it" in came.message


def test_stale_deviation(check, reference, tmp_path):
    """An expected deviation that is none breaks the run."""
    expected = tmp_path / "expected.toml"
    expected.write_text('[[deviation]]\npromise = "GET-01"\nreason = "a"\nlink = "b"\n')
    came = checked(check, reference, "--expected", str(expected))
    assert (came.code, "GET-01 is stale" in came.message) == (1, True)


def test_budget_is_never_exceeded(check, reference):
    """With one run allowed, one is started, and what needs more says so."""
    came = checked(check, reference, "--max-runs", "1", only="TSK-01@start_task,TSK-23,TSK-12b")
    started = [event for event in came.events if event["event"] == "run_started"]
    assert len(started) <= 1
    assert came.verdicts["TSK-23"] == "not_exercised"


def test_read_only(check, reference):
    """The read-only profile sends nothing but GET and starts nothing."""
    request = urllib.request.Request(
        f"{reference['url']}/v2/actor-tasks/{reference['task']}/runs?waitForFinish=10",
        data=b'{"durationSecs": 0}',
        headers={
            "Authorization": f"Bearer {reference['token']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        run = json.load(answer)["data"]["id"]
    came = check(reference["url"], "--profile", "read-only", "--run", run, token=reference["token"])
    assert came.code == 0, came.out
    sent = {e["request"]["method"] for e in came.events if e["event"] == "exchange"}
    assert sent == {"GET"}
    assert [e for e in came.events if e["event"] == "run_started"] == []
    assert came.verdicts["RBT-02"] == "excluded"
    assert came.verdicts["GET-01"] == "passed"


OWN = """
[users.demo]
token = "a-token-of-many-letters"
[actors."demo~own"]
command = {command}
[tasks."demo~own"]
actor = "demo~own"
"""


@pytest.mark.parametrize(
    ("command", "end", "verdict"),
    [(["sleep", "5"], "SUCCEEDED", "passed"), (["false"], "FAILED", "not_exercised")],
)
def test_users_own_run_comes_to_its_end(check, tmp_path, command, end, verdict):
    """Aborts of a finished run wait for its end, and say nothing of an end that it did not have."""
    config = tmp_path / "config.toml"
    config.write_text(OWN.format(command=json.dumps(command)))
    arguments = ("--config", str(config), "--data", str(tmp_path / "data"))
    with child("-m", "actor_runs_server", "--port", "0", "--ready-json", *arguments) as ready:
        given = (
            "--short-task",
            "demo~own",
            "--profile",
            "safe",
            "--only",
            "ABT-06@abort_of_succeeded_run,ABT-20",
        )
        came = check(ready["url"], *given)
    ends = [(e["status"], e["by"]) for e in came.events if e["event"] == "run_ended"]
    assert ends == [(end, "itself")]
    assert came.verdicts == {"ABT-06": verdict, "ABT-20": "noted"}


def test_interrupted(reference, tmp_path):
    """Ctrl-C, twice too, aborts every run that was started, ends the log and exits with 130."""
    command = [sys.executable, "-m", "actor_runs_conformance", "check-server", reference["url"]]
    command += ["--task", reference["task"], "--only", "ABT-08b", "--report", str(tmp_path)]
    process = subprocess.Popen(
        command,
        env={**os.environ, "APIFY_TOKEN": reference["token"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    log = tmp_path / "events.jsonl"
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        if log.exists() and '"event": "waiting"' in log.read_text():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130, out
    events = [json.loads(line) for line in log.read_text().splitlines()]
    started = {event["run"] for event in events if event["event"] == "run_started"}
    ended = {event["run"]: event["status"] for event in events if event["event"] == "run_ended"}
    assert started == set(ended) != set()
    assert "RUNNING" not in ended.values()
    assert events[-1]["exit_code"] == 130
