"""Servers to check, the command in this process, and contexts to judge in."""

import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from attrs import frozen

from actor_runs_conformance import ledger
from actor_runs_conformance.board import Board
from actor_runs_conformance.budget import Budget
from actor_runs_conformance.commands import check_server
from actor_runs_conformance.context import Context
from actor_runs_conformance.exchange import Exchange, Request, Response
from actor_runs_conformance.log import Log
from actor_runs_conformance.redaction import Redactor
from actor_runs_conformance.registry import Profile
from actor_runs_conformance.runs import Runs
from actor_runs_conformance.target import Target

HERE = Path(__file__).parent
RUN = "aRunOfSeventeenXy"


@frozen
class Checked:
    """What the command printed, wrote and exited with."""

    code: int
    out: str
    err: str
    report: Path

    @property
    def events(self):
        lines = (self.report / "events.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    @property
    def verdicts(self):
        return {e["id"]: e["verdict"] for e in self.events if e["event"] == "verdict"}

    @property
    def message(self):
        return next(e["message"] for e in self.events if e["event"] == "end")


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Run `actor-runs check-server` in this process."""

    def run(*arguments, token="a-token-of-many-letters", second=""):
        monkeypatch.setenv("APIFY_TOKEN", token)
        monkeypatch.setenv("APIFY_SECOND_TOKEN", second)
        out, err = io.StringIO(), io.StringIO()
        report = tmp_path / "report"
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = check_server.main([*arguments, "--report", str(report)])
            except SystemExit as exit_:
                code = exit_.code
        return Checked(int(code), out.getvalue(), err.getvalue(), report)

    return run


@contextlib.contextmanager
def child(*command):
    """A server as a child process that prints one line of JSON when it is ready."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    """The reference server, as its ready line describes it."""
    data = str(tmp_path_factory.mktemp("data"))
    with child("-m", "actor_runs_server", "--port", "0", "--ready-json", "--data", data) as ready:
        yield ready


@contextlib.contextmanager
def speaking(speak):
    """A server that answers each connection by `speak(connection, request head)`; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    ended = threading.Event()
    threads = []

    def converse(connection):
        with connection, contextlib.suppress(OSError):
            connection.settimeout(30)
            head = b""
            while b"\r\n\r\n" not in head:
                part = connection.recv(65536)
                if not part:
                    return
                head += part
            head, _, body = head.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            while length and len(body) < int(length[1]):
                body += connection.recv(65536)
            speak(connection, head)

    def accept():
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                thread = threading.Thread(target=converse, args=(connection,), daemon=True)
                threads.append(thread)
                thread.start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        acceptor.join()
        listener.close()


def answering(status, body, content_type="application/json", *more):
    """Return a `speak` that gives the same answer to every request."""
    head = "\r\n".join(
        [
            f"HTTP/1.1 {status}",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *more,
            "",
            "",
        ]
    )
    return lambda connection, _: connection.sendall(head.encode() + body)


@pytest.fixture
def context(tmp_path):
    """A context without a connection: exchanges are handed to `observe`."""
    log = Log(tmp_path / "log", Redactor(["a-secret-token"]))
    budget = Budget(5)
    promises = dict(ledger.by_id())
    yield Context(
        target=Target("http://127.0.0.1:1", "a-secret-token", task="me~task"),
        ledger=promises,
        selected=frozenset(promises),
        log=log,
        board=Board(promises, log),
        budget=budget,
        runs=Runs(log, budget),
        profile=Profile.FULL,
    )
    log.close()


def run_object(**values):
    """Return a Run object that keeps every promise, with these fields changed."""
    return {
        "id": RUN,
        "actId": "anActor",
        "userId": "aUser",
        "actorTaskId": "aTask",
        "startedAt": "2026-01-01T00:00:00.000Z",
        "status": "RUNNING",
        "meta": {"origin": "API"},
        "stats": {"restartCount": 0},
        "options": {
            "build": "latest",
            "timeoutSecs": 300,
            "memoryMbytes": 1024,
            "diskMbytes": 2048,
        },
        "buildId": "aBuild",
        "defaultKeyValueStoreId": "aStore",
        "defaultDatasetId": "aDataset",
        "defaultRequestQueueId": "aQueue",
        **values,
    }


def exchange(
    data=None,
    *,
    status=200,
    operation="getRun",
    run=RUN,
    body=None,
    headers=(),
    sent=0.0,
    url=f"http://127.0.0.1:1/v2/actor-runs/{RUN}",
    token="a-secret-token",
):
    """Return an exchange with this run, or this body, in its answer."""
    if body is None:
        body = json.dumps({"data": run_object() if data is None else data}).encode()
    defaults = (("content-type", "application/json"), ("x-ratelimit-limit", "60"))
    given = {name.lower() for name, _ in headers}
    return Exchange(
        id=0,
        sent=sent,
        request=Request("GET", url, (("authorization", f"Bearer {token}"),) if token else ()),
        response=Response(
            status, (*headers, *(one for one in defaults if one[0] not in given)), body, 0.01
        ),
        operation=operation,
        run=run,
    )
