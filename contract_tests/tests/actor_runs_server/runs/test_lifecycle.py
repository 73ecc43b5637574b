"""A run goes through its statuses along the lifecycle's table."""

import time
from datetime import datetime

import pytest

TERMINAL = {"SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED"}


def seconds(run):
    """Return the seconds between a run's startedAt and finishedAt."""
    start, end = (datetime.fromisoformat(run[key]) for key in ("startedAt", "finishedAt"))
    return (end - start).total_seconds()


def test_a_run_starts_ready_and_ends_succeeded(api):
    """A run is READY in the answer that starts it, and SUCCEEDED with exit code 0 at its end."""
    run = api.start({"durationSecs": 0.1})
    assert run["status"] == "READY"
    assert run["finishedAt"] is None
    assert run["exitCode"] is None
    end = api.get(run["id"], wait=20)
    assert (end["status"], end["exitCode"]) == ("SUCCEEDED", 0)
    assert end["startedAt"] == run["startedAt"] <= end["finishedAt"]
    assert end["statusMessage"] == "Actor finished with exit code 0"


@pytest.mark.parametrize("code", [1, 101, 255])
def test_another_exit_code_fails_the_run(api, code):
    """A process that ends with another exit code leaves a FAILED run with this code."""
    end = api.start({"durationSecs": 0, "exitCode": code}, waitForFinish=20)
    assert (end["status"], end["exitCode"]) == ("FAILED", code)


def test_a_program_that_cannot_be_started_fails_the_run(api):
    """A run whose program does not exist ends as FAILED, and its log says why."""
    end = api.start(task="demo~broken", waitForFinish=20)
    assert end["status"] == "FAILED"
    assert end["exitCode"] is None
    log = api.call("GET", f"/v2/actor-runs/{end['id']}/log", 200)
    assert "cannot be started" in log.text


def test_the_timeout_ends_a_run(api):
    """A run that takes longer than its timeout ends as TIMED-OUT, at the timeout."""
    end = api.start({"durationSecs": 30}, timeout=1, waitForFinish=20)
    assert end["status"] == "TIMED-OUT"
    assert 1 <= seconds(end) < 4


def test_an_abort_kills_at_once(api):
    """An abort answers with ABORTING or ABORTED and the run is ABORTED soon."""
    run = api.running({"durationSecs": 30, "onAbort": "ignore"})
    assert api.post(run["id"], "abort")["status"] in {"ABORTING", "ABORTED"}
    end = api.get(run["id"], wait=10)
    assert end["status"] == "ABORTED"
    assert seconds(end) < 5


def test_an_abort_comes_while_a_run_starts(api):
    """A READY run is aborted too."""
    run = api.start({"durationSecs": 30})
    api.post(run["id"], "abort")
    assert api.get(run["id"], wait=10)["status"] == "ABORTED"


def test_a_graceful_abort_lets_the_actor_end(api):
    """An Actor may end as soon as it hears of the abort; the run is ABORTED whatever its exit code."""
    run = api.running({"durationSecs": 30, "exitCode": 3})
    began = time.monotonic()
    now = api.post(run["id"], "abort", gracefully="true")
    assert now["status"] == "ABORTING"
    assert now["finishedAt"] is None
    assert api.get(run["id"], wait=10)["status"] == "ABORTED"
    assert time.monotonic() - began < 1.4


def test_a_graceful_abort_is_forced_in_the_end(api):
    """An Actor that ignores the event is killed when the time is over, not before."""
    run = api.running({"durationSecs": 30, "onAbort": "ignore"})
    began = time.monotonic()
    api.post(run["id"], "abort", gracefully="1")
    api.post(run["id"], "abort", gracefully="1")
    assert api.get(run["id"], wait=10)["status"] == "ABORTED"
    assert 1.4 < time.monotonic() - began < 5


def test_a_hard_abort_cuts_a_graceful_one_short(api):
    """An immediate abort during the grace period kills at once."""
    run = api.running({"durationSecs": 30, "onAbort": "ignore"})
    began = time.monotonic()
    api.post(run["id"], "abort", gracefully="true")
    api.post(run["id"], "abort")
    assert api.get(run["id"], wait=10)["status"] == "ABORTED"
    assert time.monotonic() - began < 1.4


def test_an_abort_changes_no_finished_run(api):
    """Aborting a finished run answers 200 with the run as it was."""
    end = api.start({"durationSecs": 0}, waitForFinish=20)
    for query in ({}, {"gracefully": "true"}):
        assert api.post(end["id"], "abort", **query) == end


def test_a_reboot_starts_the_same_run_anew(api):
    """A reboot replaces the process, keeps everything else and is counted."""
    run = api.running({"durationSecs": 30})
    process = api.call("GET", f"/v2/actor-runs/{run['id']}/log", 200).text
    now = api.post(run["id"], "reboot")
    assert now["status"] == "RUNNING"
    assert now["stats"]["rebootCount"] == 1
    for key in ("id", "startedAt", "options", "meta", "storageIds", "finishedAt", "buildId"):
        assert now[key] == run[key]
    again = f"/v2/actor-runs/{run['id']}/log"
    end = time.monotonic() + 10
    while api.call("GET", again, 200).text.count("The input is") < process.count("input") + 1:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert api.post(run["id"], "reboot")["stats"]["rebootCount"] == 2
    api.post(run["id"], "abort")


def test_a_reboot_loses_what_is_not_stored(api):
    """Each process of a run starts in an empty working directory of its own."""
    run = api.running(None, task="demo~shell")
    api.until(run["id"], lambda _: "marker" in api.log(run["id"]))
    api.post(run["id"], "reboot")
    api.until(run["id"], lambda _: api.log(run["id"]).count("ACTOR_RUN_ID=") == 2)
    api.post(run["id"], "abort")
    places = {line for line in api.log(run["id"]).splitlines() if line.startswith("HOME=")}
    assert len(places) == 2


def test_a_reboot_leaves_the_timeout_running(api):
    """The timeout counts from the start of the run, however often it is rebooted."""
    run = api.running({"durationSecs": 30}, timeout=2)
    time.sleep(1.5)
    api.post(run["id"], "reboot")
    end = api.get(run["id"], wait=10)
    assert end["status"] == "TIMED-OUT"
    assert seconds(end) < 3.4  # Anew it would be 3.5 at least.


@pytest.mark.parametrize(
    ("given", "query"), [({}, {}), ({"exitCode": 1}, {}), ({"durationSecs": 9}, {"timeout": 1})]
)
def test_a_finished_run_is_not_rebooted(api, given, query):
    """Rebooting a finished run is refused and changes nothing."""
    end = api.start(given, waitForFinish=20, **query)
    assert end["status"] in TERMINAL
    answer = api.call("POST", f"/v2/actor-runs/{end['id']}/reboot", 403)
    assert answer.json()["error"]["type"] == "job-finished"
    assert api.get(end["id"]) == end


def test_a_run_that_is_being_aborted_is_not_rebooted(api):
    """Only a RUNNING run can be rebooted."""
    run = api.running({"durationSecs": 30, "onAbort": "ignore"})
    api.post(run["id"], "abort", gracefully="true")
    api.call("POST", f"/v2/actor-runs/{run['id']}/reboot", 400)
    assert api.get(run["id"], wait=10)["status"] == "ABORTED"
    assert api.get(run["id"])["stats"]["rebootCount"] == 0


def test_a_failing_run_is_restarted_three_times(api):
    """With restartOnError a run is started again, three times a minute at most."""
    query = {"restartOnError": "true", "waitForFinish": 20}
    end = api.start({"durationSecs": 0, "exitCode": 1}, **query)
    assert (end["status"], end["stats"]["restartCount"]) == ("FAILED", 3)
    fine = api.start({"durationSecs": 0, "exitCode": 0}, **query)
    assert (fine["status"], fine["stats"]["restartCount"]) == ("SUCCEEDED", 0)


def test_a_finished_run_is_resurrected(api):
    """A resurrected run is the same run, starts again and ends again."""
    end = api.start({"durationSecs": 0}, waitForFinish=20)
    now = api.post(end["id"], "resurrect")
    assert (now["status"], now["finishedAt"]) == ("READY", None)
    again = api.get(end["id"], wait=20)
    assert (again["status"], again["stats"]["resurrectCount"]) == ("SUCCEEDED", 1)
    assert again["defaultDatasetId"] == end["defaultDatasetId"]


def test_only_a_finished_run_is_deleted(api):
    """Deleting an unfinished run is refused; a finished run is deleted with its storages."""
    run = api.running({"durationSecs": 30})
    path = f"/v2/actor-runs/{run['id']}"
    refusal = api.call("DELETE", path, 400)
    assert refusal.json()["error"]["type"] == "cannot-remove-running-run"
    api.post(run["id"], "abort")
    api.get(run["id"], wait=10)
    api.call("DELETE", path, 204)
    api.call("GET", path, 404)
    api.call("GET", f"/v2/datasets/{run['defaultDatasetId']}/items", 404)
