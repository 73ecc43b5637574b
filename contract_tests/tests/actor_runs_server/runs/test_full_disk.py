"""A change that cannot be written does not happen; the end of a process is written when it can be."""

import resource
import time
from contextlib import contextmanager

import psutil
import pytest


@contextmanager
def full(server):
    """Limit the server's files to their present size, as on a full disk."""
    process = psutil.Process(server.process.pid)
    unlimited = resource.RLIM_INFINITY
    process.rlimit(psutil.RLIMIT_FSIZE, (0, unlimited))
    try:
        yield
    finally:
        process.rlimit(psutil.RLIMIT_FSIZE, (unlimited, unlimited))


def refused(api, method, path, **more):
    answer = api.http.request(method, path, **more)
    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "internal-server-error"


@pytest.fixture
def own(serve, client):
    with serve() as server, client(server.url) as api:
        yield server, api
    assert "Traceback" not in server.errors.read_text()


def test_a_refused_change_changes_nothing(own):
    """A start, message, reboot or abort that cannot be written is answered with 500 and changes nothing."""
    server, api = own
    run = api.running({"durationSecs": 30})
    path = f"/v2/actor-runs/{run['id']}"
    with full(server):
        refused(api, "POST", "/v2/actor-tasks/demo~fixture/runs")
        refused(api, "PUT", path, json={"statusMessage": "lost"})
        refused(api, "POST", path + "/reboot")
        refused(api, "POST", path + "/abort")
    # What is measured now is written with all the rest of the run.
    measured = api.get(run["id"])["stats"]["runTimeSecs"]
    now = api.until(run["id"], lambda now: now["stats"]["runTimeSecs"] > measured)
    assert (now["status"], now["statusMessage"]) == ("RUNNING", "Actor is running")
    assert now["stats"]["rebootCount"] == 0
    assert api.call("GET", "/v2/actor-runs", 200).json()["data"]["total"] == 1
    api.post(run["id"], "abort")
    assert api.get(run["id"], wait=10)["status"] == "ABORTED"


def test_a_refused_resurrection_changes_nothing(own):
    """A finished run whose resurrection cannot be written stays finished."""
    server, api = own
    end = api.start({"durationSecs": 0}, waitForFinish=20)
    with full(server):
        refused(api, "POST", f"/v2/actor-runs/{end['id']}/resurrect")
    assert api.get(end["id"]) == end
    assert api.post(end["id"], "resurrect")["status"] == "READY"


def test_an_end_waits_for_room(own):
    """A run that ends meanwhile keeps its old status until the new one is written."""
    server, api = own
    run = api.running({"durationSecs": 0.5})
    late = api.running({"durationSecs": 30}, timeout=1)
    with full(server):
        assert api.get(run["id"], wait=1.5)["status"] == "RUNNING"
        assert api.get(late["id"])["status"] == "RUNNING"
    assert api.get(run["id"], wait=10)["status"] == "SUCCEEDED"
    assert api.get(late["id"], wait=10)["status"] == "TIMED-OUT"


def test_measuring_goes_on(own):
    """Measuring goes on after a measurement that could not be stored."""
    server, api = own
    run = api.running({"durationSecs": 30})
    with full(server):
        time.sleep(0.6)
    before = api.get(run["id"])["stats"]["runTimeSecs"]
    api.until(run["id"], lambda now: now["stats"]["runTimeSecs"] > before)
