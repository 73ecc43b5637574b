"""What tests of other projects use: the pytest fixture, and the application in process."""

import socket
import subprocess
import sys
import time

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


def reached(host, port):
    """Return whether a server listens there."""
    try:
        socket.create_connection((host, port), 1).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.usefixtures("found_anywhere")
def test_the_server_ends_with_its_test_process(tmp_path):
    """A test process that is killed leaves no server; modules of its folder are not imported."""
    (tmp_path / "secrets.py").write_text("raise SystemExit('imported')")
    lines = (
        "import os, signal",
        "from actor_runs_server.testing import running",
        "with running() as server:",
        "    print(server.url, flush=True)",
        "    os.kill(os.getpid(), signal.SIGKILL)",
    )
    command = [sys.executable, "-P", "-c", "\n".join(lines)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    host, port = done.stdout.strip().removeprefix("http://").split(":")
    end = time.monotonic() + 10
    while reached(host, int(port)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not reached(host, int(port))


def test_a_signal_ends_a_server_that_reads_its_standard_input():
    """The exit code is 0, whether or not standard input has ended."""
    options = ["--ready-json", "--port=0", "--until-stdin-ends"]
    command = [sys.executable, "-m", "actor_runs_server", *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as server:
        assert server.stdout.readline()
        server.terminate()
        assert server.wait(20) == 0


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
