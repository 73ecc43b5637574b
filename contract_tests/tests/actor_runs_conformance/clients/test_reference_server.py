"""What check-client finds of official clients, seen again in the journal of the reference server.

The driver is the same; the server is a real one, with faults that a test orders.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.support.child_server import child

pytestmark = [pytest.mark.drivers, pytest.mark.timeout(180)]

DRIVERS = Path(__file__).parents[3] / "client_drivers"
OWN = [sys.executable, str(DRIVERS / "actor_runs_driver.py")]
PYTHON = [sys.executable, str(DRIVERS / "apify_client_driver.py")]
JAVASCRIPT = ["node", str(DRIVERS / "apify-client-driver.mjs")]
OLDER_PACKAGES = os.environ.get("ACTOR_RUNS_OLDER_CLIENT", "")
"""Where version 2.5.1 of apify-client is; `nox -s drivers` installs it."""
OLDER = ["env", f"PYTHONPATH={OLDER_PACKAGES}", *PYTHON]
NAMES = {"Python": PYTHON, "older Python": OLDER, "JavaScript": JAVASCRIPT}


def clients(arguments, cases):
    """Give a test these cases by the client's name; the older one where it is installed."""
    lacking = pytest.mark.skipif(not OLDER_PACKAGES, reason="apify-client 2.5.1 is not installed")
    marks = {"older Python": lacking}
    given = [
        pytest.param(*case, id=name, marks=marks.get(name, ())) for name, case in cases.items()
    ]
    return pytest.mark.parametrize(arguments, given)


CURRENT = clients("command", {"Python": (PYTHON,), "JavaScript": (JAVASCRIPT,)})
EVERY = clients(
    ("command", "times"),
    {"ours": (OWN, 1), **{name: (command, 2) for name, command in NAMES.items()}},
)


class Server:
    """The reference server, with its faults and its journal."""

    def __init__(self, ready):
        self.ready = ready
        headers = {"Authorization": f"Bearer {ready['token']}"}
        self.http = httpx.Client(base_url=ready["url"], headers=headers, timeout=30)

    def order(self, method, path, **fault):
        """Order a fault for the requests that match."""
        body = {"match": {"method": method, "path": path}, **fault}
        self.http.post("/__admin/faults", json=body).raise_for_status()

    def journal(self, method, path):
        """Return the requests of a method whose path holds these words."""
        entries = self.http.get("/__admin/requests").json()["data"]
        return [one for one in entries if one["method"] == method and path in one["path"]]

    def runs(self):
        """Return how many runs the task has."""
        listed = self.http.get(f"/v2/actor-tasks/{self.ready['task']}/runs")
        return listed.raise_for_status().json()["data"]["total"]

    def line(self, do, **parameters):
        """Return a command for a driver as the line that it reads."""
        told = {"base_url": self.ready["url"], "token": self.ready["token"], **parameters}
        return json.dumps({"id": 1, "do": do, **told}) + "\n"

    def tell(self, command, do, **parameters):
        """Give a driver one command and return its reply."""
        words = {"capture_output": True, "text": True, "timeout": 60, "check": True}
        done = subprocess.run(command, input=self.line(do, **parameters), **words)
        return json.loads(done.stdout)

    def start(self, **given):
        """Start a run of the usual task and return it."""
        return self.http.post(f"/v2/actor-tasks/{self.ready['task']}/runs", json=given).json()[
            "data"
        ]


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Start the reference server with its door for tests."""
    data = str(tmp_path_factory.mktemp("data"))
    command = ("-m", "actor_runs_server", "--port", "0", "--ready-json", "--admin", "--data", data)
    with child(*command) as ready:
        server = Server(ready)
        with server.http:
            yield server


@pytest.fixture
def server(started):
    """Give each test the server without runs, faults and requests."""
    started.http.post("/__admin/reset").raise_for_status()
    return started


@EVERY
def test_a_start_whose_answer_is_lost_starts_two_runs(server, command, times):
    """CLI-03: the server has started a run and the connection is lost; official clients start another."""
    server.order("POST", "/v2/actor-tasks/.*/runs", drop="after")
    server.tell(command, "start", task=server.ready["task"], input={"durationSecs": 0})
    assert len(server.journal("POST", "/runs")) == times
    assert server.runs() == times


@EVERY
def test_a_start_whose_answer_breaks_off_starts_two_runs(server, command, times):
    """CLI-04: the answer says 201 and breaks off; official clients start another run."""
    server.order("POST", "/v2/actor-tasks/.*/runs", drop="halfway")
    server.tell(command, "start", task=server.ready["task"], input={"durationSecs": 0})
    assert [one["status"] for one in server.journal("POST", "/runs")] == [201] * times
    assert server.runs() == times


@EVERY
def test_a_start_that_is_answered_500_is_sent_twice(server, command, times):
    """CLI-02: nobody knows whether a run was started; official clients send it again."""
    server.order("POST", "/v2/actor-tasks/.*/runs", status=500)
    server.tell(command, "start", task=server.ready["task"], input={"durationSecs": 0})
    assert len(server.journal("POST", "/runs")) == times


@EVERY
def test_a_reboot_that_is_answered_502_is_sent_twice(server, command, times):
    """CLI-06: each reboot costs the run what it has not stored; official clients send it again."""
    run = server.start(durationSecs=30)["id"]
    server.order("POST", ".*/reboot", status=502)
    server.tell(command, "reboot", run=run)
    assert len(server.journal("POST", "/reboot")) == times


@EVERY
def test_a_reboot_whose_answer_is_lost_is_sent_twice(server, command, times):
    """CLI-27: the server has rebooted the run and the connection is lost; official clients reboot again."""
    run = server.start(durationSecs=30)["id"]
    server.order("POST", ".*/reboot", drop="after")
    server.tell(command, "reboot", run=run)
    assert len(server.journal("POST", "/reboot")) == times


@CURRENT
def test_an_update_goes_without_run_id(server, command):
    """PUT-23: the body has the message alone, and the server takes it.

    The older client compresses it, and the journal shows bodies as text.
    """
    run = server.start(durationSecs=0)["id"]
    server.tell(command, "update", run=run, statusMessage="Half done")
    (update,) = server.journal("PUT", run)
    assert json.loads(update["body"]) == {"statusMessage": "Half done"}
    assert update["status"] == 200


def test_the_python_client_takes_a_gateways_page_for_the_apis_word(server):
    """CLI-08: the run is there, a gateway in between answers 404, and the client says that there is none."""
    run = server.start(durationSecs=0)["id"]
    page = {"status": 404, "body": "<html>gateway</html>", "headers": {"content-type": "text/html"}}
    server.order("GET", "/v2/actor-runs/.*", **page)
    assert server.tell(PYTHON, "get", run=run) == {"id": 1, "none": True}
    assert server.tell(PYTHON, "get", run=run)["run"]["id"] == run


def test_the_javascript_client_asks_a_server_that_does_not_wait_without_pause(server):
    """CLI-07: it asks as fast as it is answered; with a pause of half a second it would ask six times."""
    run = {**server.start(durationSecs=30), "status": "RUNNING"}
    server.order("GET", "/v2/actor-runs/.*", status=200, body={"data": run}, times=None)
    server.tell(JAVASCRIPT, "wait", run=run["id"], deadlineSecs=3)
    assert len(server.journal("GET", run["id"])) > 12


@clients("command", {"older Python": (OLDER,), "JavaScript": (JAVASCRIPT,)})
def test_an_id_reaches_into_the_query(server, command):
    """CLI-12: a question mark in an id is not encoded, so that what follows becomes a parameter."""
    server.tell(command, "get", run="a?waitForFinish=60")
    (read,) = server.journal("GET", "/v2/actor-runs/")
    assert (read["path"], read["query"]) == ("/v2/actor-runs/a", {"waitForFinish": "60"})


def test_the_python_client_starts_again_what_the_server_holds(server):
    """CLI-05: it asks for a wait of 60 s, gives up after 30 s by itself, and starts a second run."""
    options = {"waitForFinish": 60}
    told = {"task": server.ready["task"], "input": {"durationSecs": 50}, "options": options}
    process = subprocess.Popen(PYTHON, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        process.stdin.write(server.line("start", **told))
        process.stdin.close()
        late = time.monotonic() + 50
        while server.runs() < 2 and time.monotonic() < late:
            time.sleep(0.5)
        assert server.runs() == 2
    finally:
        process.kill()
        process.wait()
