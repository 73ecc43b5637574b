"""A real server as a child process on a free port, and a client that judges every answer."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING

import httpx
import jsonschema_rs
import pytest
import yaml

from actor_runs_server.config.config import fixture_directory
from tests.support.webhook_receiver import Receiver

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[users.demo]
token = "demo-token"

[users.other]
token = "other-token"

[users.small]
token = "small-token"
max_concurrent_runs = 1
max_memory_mbytes = 512

[users.closed]
token = "closed-token"
general_access = "RESTRICTED"

[actors."demo~fixture-actor"]
command = ["{python}", "-I", "-S", "{fixture}"]
builds = { latest = "0.1.1", beta = "0.2.1" }
options = { timeout_secs = 60, memory_mbytes = 512 }

[actors."demo~strict"]
command = ["{python}", "-I", "-S", "{fixture}"]
input_schema = "actor.json"

[actors."demo~broken"]
command = ["/nonexistent/program"]

[actors."demo~shell"]
command = ["/bin/sh", "-c", "env; touch marker; ls; sleep 30 & sleep 30"]

[tasks."demo~fixture"]
actor = "demo~fixture-actor"
input = { durationSecs = 0.1, exitCode = 0, nested = { a = 1, b = 2 } }

[tasks."demo~tuned"]
actor = "demo~fixture-actor"
options = { timeout_secs = 7, memory_mbytes = 256, build = "beta", max_items = 3 }

[tasks."demo~strict"]
actor = "demo~strict"
input = { exitCode = 0 }

[tasks."demo~broken"]
actor = "demo~broken"

[tasks."demo~shell"]
actor = "demo~shell"

[tasks."small~fixture"]
actor = "demo~fixture-actor"
input = { durationSecs = 30 }

[tasks."closed~fixture"]
actor = "demo~fixture-actor"
input = { durationSecs = 0 }

[limits]
graceful_abort_secs = 1.5
sample_secs = 0.2
webhook_first_retry_secs = 0.1
webhook_retries = 3
"""


class Running:
    """A server process: where it is, and how it ends."""

    def __init__(self, arguments, errors: Path, program=("-m", "actor_runs_server")):
        self.errors = errors
        with errors.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, *program, "--ready-json", *arguments],
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, "PYTHONWARNINGS": "error"},
            )
        line = self.process.stdout.readline()
        assert line, errors.read_text()
        self.ready = json.loads(line)
        self.data = None
        self.url = self.ready["url"]

    def stop(self, number=signal.SIGTERM):
        """End it by a signal and return its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


def contract():
    """Return a validator of the contract's Run envelope."""
    text = resources.files("actor_runs_spec").joinpath("openapi.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    schema = {"$ref": "#/components/schemas/RunEnvelope", "components": document["components"]}
    return jsonschema_rs.validator_for(schema)


class Api:
    """Calls the server as a user does; every run in an answer is held to the contract."""

    validator = contract()

    def __init__(self, url, token="demo-token", task="demo~fixture"):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=70, trust_env=False)
        self.task = task

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.close()

    def call(self, method, path, status=None, **more):
        answer = self.http.request(method, path, **more)
        assert answer.status_code < 500, answer.text
        if status is not None:
            assert answer.status_code == status, answer.text
        if answer.is_success and b'"defaultKeyValueStoreId"' in answer.content[:3000]:
            document = answer.json()
            if "status" in document["data"]:
                self.validator.validate(document)
        return answer

    def start(self, given=None, task=None, **query):
        path = f"/v2/actor-tasks/{task or self.task}/runs"
        more = {} if given is None else {"json": given}
        return self.call("POST", path, 201, params=query, **more).json()["data"]

    def get(self, run, wait=0):
        query = {"waitForFinish": wait} if wait else {}
        return self.call("GET", f"/v2/actor-runs/{run}", 200, params=query).json()["data"]

    def post(self, run, action, **query):
        path = f"/v2/actor-runs/{run}/{action}"
        return self.call("POST", path, 200, params=query).json()["data"]

    def put(self, run, **body):
        return self.call("PUT", f"/v2/actor-runs/{run}", 200, json=body).json()["data"]

    def log(self, run):
        """Return what the processes of a run have written, without the times."""
        lines = self.call("GET", f"/v2/actor-runs/{run}/log", 200).text.splitlines()
        return "".join(line.partition(" ")[2] + "\n" for line in lines)

    def running(self, given, **query):
        """Start a run and return it as soon as it runs."""
        run = self.start(given, **query)
        return self.until(run["id"], lambda now: now["status"] != "READY")

    def until(self, run, reached, seconds=10):
        """Return the run as soon as it is as asked for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            now = self.get(run)
            if reached(now):
                return now
            time.sleep(0.02)
        raise AssertionError(f"not reached in {seconds} s: {self.get(run)}")


@contextmanager
def served(folder: Path, *arguments, config=CONFIG, data=None, **more):
    """Serve the test configuration; a data directory of its own unless one is given."""
    path = folder / "config.toml"
    path.write_text(config)
    shutil.copy(fixture_directory() / ".actor/actor.json", folder)
    data = data or folder / "data"
    running = Running(
        ["--config", str(path), "--data", str(data), "--port", "0", *arguments],
        folder / "errors.txt",
        **more,
    )
    running.data = data
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()
        elif not running.process.stdout.closed:
            running.process.stdout.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with served(folder) as running:
        yield running
    assert "Traceback" not in (folder / "errors.txt").read_text()


@pytest.fixture
def api(server):
    with Api(server.url) as client:
        yield client


@pytest.fixture(scope="module")
def ended(server):
    """A run that has succeeded."""
    with Api(server.url) as client:
        return client.start({"durationSecs": 0}, waitForFinish=20)


@pytest.fixture
def anonymous(server):
    with Api(server.url, token=None) as client:
        yield client


@pytest.fixture
def stranger(server):
    with Api(server.url, token="other-token") as client:
        yield client


@pytest.fixture
def receiver():
    """A local server that receives webhooks."""
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def serve(tmp_path):
    """Serve with further arguments, in a folder of the test's own."""

    def start(*arguments, **more):
        return served(tmp_path, *arguments, **more)

    return start


@pytest.fixture(scope="session")
def client():
    """The class that calls a server: `client(url, token=..., task=...)`."""
    return Api


@pytest.fixture(scope="session")
def config():
    """The TOML text of the test configuration."""
    return CONFIG


@pytest.fixture(scope="session")
def serving():
    """Serve in a folder: `serving(folder, *arguments)` is a context manager."""
    return served
