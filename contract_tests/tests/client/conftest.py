"""Servers and clients for the tests of the client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from actor_runs import AsyncClient, Client, Retries

sys.path.insert(0, str(Path(__file__).parent))

from client_wire import ROOT, TOKEN, Caller, Scripted


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("APIFY_TOKEN", "APIFY_API_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def serve():
    """Start scripted servers; they end with the test."""
    servers = []

    def start(*script) -> Scripted:
        servers.append(Scripted(*script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(params=[Client, AsyncClient], ids=["sync", "async"])
def connect(request):
    """Make clients of one kind, that retry within a second; they end with the test."""
    callers = []

    def make(url: str, token: str | None = TOKEN, **settings) -> Caller:
        settings.setdefault("retries", Retries(first_delay_secs=0.005, deadline_secs=3))
        settings.setdefault("http_timeout_secs", 5)
        callers.append(Caller(request.param, token, base_url=url, **settings))
        return callers[-1]

    yield make
    for caller in callers:
        caller.close()


@pytest.fixture(scope="session")
def reference():
    """Start the reference server; give what it says about itself."""
    command = [sys.executable, "-m", "actor_runs_server", "--port", "0", "--ready-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=dict(os.environ)) as child:
        yield json.loads(child.stdout.readline())
        child.terminate()
        child.wait(timeout=20)
        child.stdout.close()
