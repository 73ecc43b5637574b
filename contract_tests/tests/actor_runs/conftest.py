"""Servers and clients for the tests of the client."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
import trustme

from actor_runs import AsyncClient, Client, Retries
from tests.support.client_wire import ROOT, TOKEN, Caller, Scripted, success

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.fixture
def tls(tmp_path):
    """Serve one answer after another by TLS; give the URL, the authority and what arrived."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    received = []

    def accept(listener):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with (
                    contextlib.suppress(ssl.SSLError, ConnectionError),
                    connection,
                    context.wrap_socket(connection, server_side=True) as secured,
                ):
                    received.append(secured.recv(10_000))
                    secured.sendall(success(received[-1]))
                    time.sleep(0.05)  # So that the answer is read before the end is seen.

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}", tmp_path / "authority.pem", received
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def trust(monkeypatch):
    """Let clients that are made from now on trust an authority, until the test ends."""

    def known(authority: Path) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))

    return known


@pytest.fixture(scope="session")
def reference():
    """Start the reference server; give what it says about itself."""
    command = [sys.executable, "-m", "actor_runs_server", "--port", "0", "--ready-json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=dict(os.environ)) as child:
        yield json.loads(child.stdout.readline())
        child.terminate()
        child.wait(timeout=20)
        child.stdout.close()
