"""`waitForFinish` delays an answer until the run has finished, at most for the given time."""

import threading
import time

import pytest

AT_ONCE = 1.0
QUICK = [None, "0", "0.0", "1e-3"]
REFUSED = ["-1", "abc", "", "nan", "inf", "0x10", "1_0", "--1", "1,5"]


@pytest.mark.parametrize("wait", QUICK)
def test_without_waiting_the_answer_comes_at_once(api, wait):
    """Without `waitForFinish`, or with 0, the answer comes at once."""
    run = api.running({"durationSecs": 30})
    began = time.monotonic()
    query = {} if wait is None else {"waitForFinish": wait}
    answer = api.call("GET", f"/v2/actor-runs/{run['id']}", 200, params=query)
    assert time.monotonic() - began < AT_ONCE
    assert answer.json()["data"]["status"] == "RUNNING"
    api.post(run["id"], "abort")


def test_a_wait_ends_with_the_run(api):
    """The answer comes as soon as the run has finished."""
    run = api.start({"durationSecs": 1})
    began = time.monotonic()
    assert api.get(run["id"], wait=30)["status"] == "SUCCEEDED"
    assert 0.5 < time.monotonic() - began < 5


def test_a_wait_ends_with_its_seconds(api):
    """The answer shows the unfinished run when the time is over; the time may have decimals."""
    run = api.running({"durationSecs": 30})
    began = time.monotonic()
    assert api.get(run["id"], wait=1.5)["status"] == "RUNNING"
    assert 1.4 < time.monotonic() - began < 4
    api.post(run["id"], "abort")


@pytest.mark.parametrize("wait", [60, 999999, "1e300"])
def test_a_finished_run_is_not_waited_for(api, wait):
    """A finished run is answered at once; more than 60 seconds count as 60."""
    end = api.start({"durationSecs": 0}, waitForFinish=20)
    began = time.monotonic()
    assert api.get(end["id"], wait=wait) == end
    assert time.monotonic() - began < AT_ONCE


@pytest.mark.parametrize("wait", REFUSED)
def test_what_is_no_number_of_seconds_is_refused(api, wait):
    """A value that is not a number of 0 or more is answered with 400, by both operations."""
    end = api.start({"durationSecs": 0}, waitForFinish=20)
    for method, path in (
        ("GET", f"/v2/actor-runs/{end['id']}"),
        ("POST", "/v2/actor-tasks/demo~fixture/runs"),
    ):
        error = api.call(method, path, 400, params={"waitForFinish": wait}).json()["error"]
        assert error["type"] == "invalid-value"
        assert "waitForFinish" in error["message"]


def test_the_start_waits_too(api):
    """Run task with `waitForFinish` answers 201 with the finished run."""
    assert api.start({"durationSecs": 0.2}, waitForFinish=20)["status"] == "SUCCEEDED"
    began = time.monotonic()
    run = api.start({"durationSecs": 30}, waitForFinish=0.5)
    assert 0.4 < time.monotonic() - began < 4
    assert run["status"] in {"READY", "RUNNING"}
    api.post(run["id"], "abort")


def test_all_who_wait_get_the_end(api):
    """Several callers that wait for one run get the same finished run."""
    run = api.start({"durationSecs": 1})
    ends = []
    threads = [
        threading.Thread(target=lambda: ends.append(api.get(run["id"], wait=20))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ends[0]] * 8 == ends
    assert ends[0]["status"] == "SUCCEEDED"


def test_a_caller_that_hangs_up_does_not_matter(api, server):
    """A run goes on when a waiting caller disconnects."""
    import socket
    from urllib.parse import urlsplit

    run = api.running({"durationSecs": 1.5})
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port)) as stream:
        path = f"/v2/actor-runs/{run['id']}?waitForFinish=30"
        stream.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        time.sleep(0.2)
    assert api.get(run["id"])["status"] == "RUNNING"
    assert api.get(run["id"], wait=20)["status"] == "SUCCEEDED"
