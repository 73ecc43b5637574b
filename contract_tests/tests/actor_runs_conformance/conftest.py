"""The command in this process, the reference server, and a context to judge in."""

import contextlib
import io
import json
from functools import partial
from pathlib import Path

import pytest
from attrs import frozen

from actor_runs_conformance.cli import check_server
from actor_runs_conformance.engine.log_entries import write_finding
from actor_runs_conformance.events.writer import Log
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.results.finding import Findings
from actor_runs_conformance.target.target import Target
from actor_runs_conformance.testkit.budget import Budget
from actor_runs_conformance.testkit.registry import Profile
from actor_runs_conformance.testkit.session import Session
from actor_runs_conformance.testkit.started_runs import StartedRuns
from tests.support.child_server import child


@frozen
class Checked:
    """What the command printed, wrote and exited with."""

    code: int
    out: str
    err: str
    report: Path

    @property
    def events(self):
        lines = (self.report / "events.jsonl").read_text().removesuffix("\n").split("\n")
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


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    """The reference server, as its ready line describes it."""
    data = str(tmp_path_factory.mktemp("data"))
    with child("-m", "actor_runs_server", "--port", "0", "--ready-json", "--data", data) as ready:
        yield ready


@pytest.fixture
def session(tmp_path):
    """A context without a connection: exchanges are handed to `observe`."""
    log = Log(tmp_path / "log", Redactor(["a-secret-token"]))
    budget = Budget(5)
    promises = dict(ledger.by_id())
    yield Session(
        target=Target("http://127.0.0.1:1", "a-secret-token", task="me~task"),
        ledger=promises,
        selected=frozenset(promises),
        log=log,
        findings=Findings(promises, log.redactor, partial(write_finding, log)),
        budget=budget,
        runs=StartedRuns(log, budget),
        profile=Profile.FULL,
    )
    log.close()
