"""What tests of other projects use: the pytest fixture, and the application in process."""

import pytest
from starlette.testclient import TestClient

from actor_runs_server.app import create_app
from actor_runs_server.config.config import demo
from actor_runs_server.testing import running

pytest_plugins = ["pytester"]

TESTS = """
import urllib.request, json

def start(server):
    request = urllib.request.Request(
        f"{server.url}/v2/actor-tasks/{server.task}/runs",
        b"{}",
        {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]["id"]

def test_one(actor_runs_server):
    assert start(actor_runs_server)
    assert len(actor_runs_server.admin("GET", "requests")) == 1

def test_two(actor_runs_server):
    assert actor_runs_server.admin("GET", "requests") == []
"""


@pytest.mark.usefixtures("found_anywhere")
def test_the_fixture_gives_an_empty_server_to_each_test(pytester):
    """One server serves all tests of a session, emptied in between."""
    pytester.makeconftest('pytest_plugins = ["actor_runs_server.pytest_plugin"]')
    pytester.makepyfile(TESTS)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_a_server_that_does_not_start_is_an_error():
    """The exception says so."""
    with pytest.raises(RuntimeError, match="did not start: exit code 2"), running("--port", "-1"):
        pass


def test_faults_work_in_process(tmp_path):
    """Status and lost connections are made without a socket, too."""
    app = create_app(demo(), tmp_path, admin=True)
    with TestClient(app, base_url="http://testserver") as client:
        client.post("/__admin/faults", json={"match": {"path": "/health"}, "status": 503})
        assert client.get("/health").status_code == 503
        client.post("/__admin/faults", json={"match": {"path": "/health"}, "drop": "before"})
        with pytest.raises(ConnectionResetError):
            client.get("/health")
        assert client.get("/health").status_code == 200
