"""The generated part as a whole, against the reference server and servers with a fault."""

import asyncio
import contextlib
import hashlib
import http.client
import http.server
import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import unquote, urlsplit

import psutil
import pytest

from actor_runs_conformance.checks.properties import (
    adapter,
    amounts,
    blocking_api,
    run,
    run_generated,
    worker_pool,
)
from actor_runs_conformance.checks.properties.case import CaseCounts
from actor_runs_conformance.checks.properties.safe_targets import SafeTargets
from actor_runs_conformance.checks.properties.sender import Sender
from actor_runs_conformance.engine import cleanup
from actor_runs_conformance.engine.log_entries import write_finding
from actor_runs_conformance.events import writer
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.http.transport import ApiRequest
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.contract import document
from actor_runs_conformance.results.finding import Findings
from actor_runs_conformance.results.verdict import Verdict
from actor_runs_conformance.target.target import Target
from actor_runs_conformance.testkit import api
from actor_runs_conformance.testkit.budget import Budget, StartLimits
from actor_runs_conformance.testkit.registry import Profile
from actor_runs_conformance.testkit.session import Session
from actor_runs_conformance.testkit.started_runs import StartedRuns

FEW = {
    "runTask": CaseCounts(5, 15, 5),
    "updateRun": CaseCounts(10, 20, 5),
    "getRun": CaseCounts(5, 10, 15),
    "abortRun": CaseCounts(2, 5, 5),
    "abortActorRun": CaseCounts(2, 5, 5),
    "rebootRun": CaseCounts(0, 0, 5),
}
TOKEN = "demo-token"
RUNS = 9


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The reference server as a child process: its URL."""
    command = [sys.executable, "-m", "actor_runs_server", "--port", "0", "--ready-json", "--data"]
    data = str(tmp_path_factory.mktemp("data"))
    with subprocess.Popen([*command, data], stdout=subprocess.PIPE) as process:
        ready = json.loads(process.stdout.readline())
        assert ready["token"] == TOKEN
        yield ready["url"]
        process.terminate()
        process.stdout.read()


@pytest.fixture(scope="module")
def drawn():
    """A few cases of every operation, drawn once."""
    return {
        name: list(adapter.cases(document(), name, seed=1, counts=numbers))
        for name, numbers in FEW.items()
    }


def shorten(patch):
    """Let the machine start few runs, and wait for no replicas: these servers have none."""
    patch.setattr(run, "MACHINE_RUNS", 4)
    patch.setattr(api, "LAG", 0.1)
    patch.setattr(blocking_api, "LAG", 0.1)


@pytest.fixture
def quick(monkeypatch, drawn):
    """Takes the cases that were drawn already instead of drawing them in child processes."""

    @asynccontextmanager
    async def at_hand(counts, *, seed, workers, shard):
        queues = {name: asyncio.Queue() for name in counts}
        for name, queue in queues.items():
            for case in [*drawn[name], None]:
                queue.put_nowait(case)
        yield worker_pool.WorkerPool(queues)

    monkeypatch.setattr(run, "worker_pool", at_hand)
    shorten(monkeypatch)


def check(
    url,
    directory,
    *,
    only=(),
    profile=Profile.FULL,
    runs=RUNS,
    late=0,
    kept=0,
    workers=2,
    clean=True,
    **target,
):
    """Run the generated part alone and return what it left: context and log.

    It may start `late` runs more, as scenarios that keep `kept` of them have done what they probe.
    """

    async def whole():
        promises = {p.id: p for p in ledger.load() if p.server.check}
        given = Target(url, token=TOKEN, task="demo~fixture", **target)
        written = writer.Log(directory, Redactor([TOKEN]))
        budget = Budget(runs + 1 + late)
        session = Session(
            target=given,
            ledger=promises,
            selected=frozenset(only or promises),
            log=written,
            findings=Findings(promises, written.redactor, partial(write_finding, written)),
            budget=budget,
            runs=StartedRuns(written, budget),
            profile=profile,
            workers=workers,
            generated_runs=runs if profile is Profile.FULL else 0,
            late_runs=late,
            start_limits=StartLimits(late, still_probing=kept),
        )
        session.start_limits.probing_is_over.set()
        async with session.connect():
            if profile is not Profile.READ_ONLY:
                session.live_run = await start(session)
            await asyncio.wait_for(run_generated(session), 60)
            if clean:
                await cleanup.abort_all(session)
        written.close()
        return session

    session = asyncio.run(whole())
    lines = (directory / writer.FILE).read_text(encoding="utf-8").splitlines()
    return session, [json.loads(line) for line in lines]


async def start(session):
    session.budget.take()
    message = ApiRequest(
        "POST",
        "/v2/actor-tasks/demo~fixture/runs",
        headers=(("content-type", "application/json"),),
        body=b'{"durationSecs": 60}',
        token=TOKEN,
        operation="runTask",
    )
    exchange = await session.transport.send(message)
    return str((exchange.data or {}).get("id") or "none")


def said(session, *verdicts):
    """Return the promises with a finding of one of these verdicts."""
    return {
        promise
        for promise, findings in session.findings.by_promise.items()
        if any(finding.verdict in verdicts for finding in findings.values())
    }


def requests(events):
    """Return what was sent as cases, with ids of runs left out, in a stable order."""
    cases = {event["exchange"] for event in events if event["event"] == "case"}
    found = []
    for event in events:
        if event["event"] == "exchange" and event["id"] in cases:
            request = event["request"]
            line = f"{request['method']} {urlsplit(request['url'])[2:]} {request['body']}"
            found.append(re.sub(r"\b[A-Za-z0-9]{17}\b", "<id>", line))
    return sorted(found)


def fingerprint(events):
    return hashlib.sha256("\n".join(requests(events)).encode()).hexdigest()


@contextlib.contextmanager
def tampered(upstream, tamper):
    """A proxy before a server; `tamper(method, path, body, ask)` answers (status, body)."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def ask(path=None, content=None):
                connection = http.client.HTTPConnection(urlsplit(upstream).netloc, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() != "content-length"}
                sent = body if content is None else content
                connection.request(self.command, path or self.path, sent or None, headers)
                response = connection.getresponse()
                answer = response.status, response.read()
                connection.close()
                return answer

            result = tamper(self.command, self.path, body, ask)
            if result is None:
                self.close_connection = True
                return
            self.send_response(result[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(result[1])))
            self.end_headers()
            self.wfile.write(result[1])

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *arguments):
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *arguments):
            """Say nothing of clients that went away."""

    proxy = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()
        proxy.server_close()


@pytest.fixture(scope="module")
def good(server, tmp_path_factory):
    """The generated part against the reference server, cases drawn in child processes."""
    patch = pytest.MonkeyPatch()
    patch.setitem(amounts.CASE_COUNTS, Profile.FULL, FEW)
    shorten(patch)
    result = check(server, tmp_path_factory.mktemp("good"))
    patch.undo()
    return result


def test_a_good_server_breaks_nothing(good):
    session, _ = good
    assert said(session, Verdict.FAILED, Verdict.WARNED, Verdict.ERROR) == set()


def test_every_generated_check_reaches_what_it_judges(good):
    session, _ = good
    owned = {p.id for p in ledger.load() if p.server.kind == "generated"}
    assert owned <= said(session, Verdict.PASSED, Verdict.NOTED)


def test_the_machine_judges_the_lifecycle(good):
    session, _ = good
    judged = {
        p for p, found in session.findings.by_promise.items() for c, *_ in found if "machine" in c
    }
    assert {"PUT-05", "PUT-10", "RBT-01", "RBT-02", "ABT-05"} <= judged


def test_every_operation_and_phase_has_cases(good):
    _, events = good
    cases = Counter((e["operation"], e["phase"]) for e in events if e["event"] == "case")
    for operation in FEW:
        assert {"coverage", "ids", "stateful"} <= {p for o, p in cases if o == operation}
    assert sum(cases.values()) == good[0].generated_cases


def test_runs_stay_within_the_budget_and_are_ended(good):
    session, events = good
    started = [event["run"] for event in events if event["event"] == "run_started"]
    assert len(started) == session.budget.used <= RUNS + 1
    assert session.runs.unfinished() == []


def test_the_token_is_in_no_line_of_the_log(good):
    _, events = good
    assert TOKEN not in json.dumps(events)


def test_the_same_seed_sends_the_same_requests(good, server, quick, tmp_path):
    """Wherever the cases are drawn, and whatever ids the runs have."""
    _, events = check(server, tmp_path)
    assert requests(events) == requests(good[1])
    assert fingerprint(events) == fingerprint(good[1])


def test_no_run_is_started_without_a_budget(server, quick, tmp_path):
    session, events = check(server, tmp_path, runs=0)
    started = [event["run"] for event in events if event["event"] == "run_started"]
    assert started == [session.live_run]
    assert said(session, Verdict.FAILED, Verdict.WARNED, Verdict.ERROR) == set()


def test_cases_start_what_scenarios_kept_and_did_not_need(server, quick, tmp_path):
    """Starts kept for refusals go to cases in the end, but for those that a scenario still keeps."""
    kept, late = 2, 6
    session, events = check(server, tmp_path, only=["TSK-01"], runs=1, late=late, kept=kept)
    started = [event["check"] for event in events if event["event"] == "run_started"]
    assert 3 <= started.count("generated_cases") <= late - kept
    assert session.budget.used <= 1 + late - kept


def test_read_only_sends_nothing_but_get_of_the_given_run(server, monkeypatch, quick, tmp_path):
    monkeypatch.setitem(amounts.CASE_COUNTS, Profile.READ_ONLY, {"getRun": FEW["getRun"]})
    session, events = check(server, tmp_path, profile=Profile.READ_ONLY, run="unknown0000000000")
    sent = [event["request"] for event in events if event["event"] == "exchange"]
    assert {request["method"] for request in sent} == {"GET"}
    assert {"/v2/actor-runs/unknown0000000000"} < {urlsplit(one["url"]).path for one in sent}
    assert not session.runs.started


def not_found(method, path, body, ask):
    """404 to everything."""
    return 404, b'{"error": {"type": "record-not-found", "message": "Not here."}}'


def empty(method, path, body, ask):
    """200 with an empty object to everything."""
    return 200, b"{}"


@pytest.mark.parametrize("tamper", [not_found, empty])
def test_a_server_that_says_the_same_to_everything_passes_nothing(server, quick, tmp_path, tamper):
    with tampered(server, tamper) as url:
        session, _ = check(url, tmp_path)
    assert said(session, Verdict.PASSED, Verdict.ERROR) == set()


def small_memory(method, path, body, ask):
    """`memory=127` and other odd values are taken for 128."""
    return ask(re.sub(r"memory=(?!128|256|512)[^&]*", "memory=128", path))


def broken_by_unicode(method, path, body, ask):
    """An id beyond ASCII is too much."""
    if not unquote(path.partition("?")[0]).isascii():
        return 500, b'{"error": {"type": "internal-server-error", "message": "Oops."}}'
    return ask()


def without_data(method, path, body, ask):
    """An update is answered without the run."""
    status, answer = ask()
    return status, b"{}" if method == "PUT" and status == 200 else answer


def lenient_update(method, path, body, ask):
    """Whatever the status message is, it is taken for a text."""
    try:
        value = json.loads(body) if method == "PUT" else None
    except ValueError:
        value = None
    if isinstance(value, dict) and not isinstance(value.get("statusMessage", ""), str):
        return ask(content=json.dumps({**value, "statusMessage": "text"}).encode())
    return ask()


def any_access(method, path, body, ask):
    """Whatever general access is asked for is ignored."""
    return ask(
        content=re.sub(rb', "generalAccess": [^,}]*', b"", body) if method == "PUT" else None
    )


def deaf_reboot(method, path, body, ask):
    """A reboot of anything is answered 200, and nothing happens."""
    if path.endswith("/reboot"):
        return http_get(ask, path)
    return ask()


def http_get(ask, path):
    """Return the run instead."""
    return ask(path.removesuffix("/reboot") + "?method=GET")


@pytest.mark.parametrize(
    ("tamper", "promise"),
    [
        (small_memory, "TSK-12e"),
        (broken_by_unicode, "GEN-12"),
        (without_data, "PUT-05"),
        (lenient_update, "PUT-14"),
        (any_access, "PUT-12"),
        (deaf_reboot, "RBT-02"),
    ],
)
def test_a_fault_is_found(server, quick, tmp_path, tamper, promise):
    with tampered(server, tamper) as url:
        session, events = check(url, tmp_path, only=[promise])
    assert promise in said(session, Verdict.FAILED, Verdict.WARNED)
    started = [event["run"] for event in events if event["event"] == "run_started"]
    # After a 500 a run may exist too.
    assert len(started) <= session.budget.used <= RUNS + 1


def test_a_server_that_goes_away_is_not_blamed(server, quick, tmp_path):
    answers = iter(range(6))

    def going(method, path, body, ask):
        """Answers six times, then closes every connection."""
        return ask() if next(answers, None) is not None else None

    with tampered(server, going) as url:
        session, _ = check(url, tmp_path, only=["GEN-12"], clean=False)
    assert said(session, Verdict.FAILED, Verdict.WARNED, Verdict.ERROR) == set()
    reasons = {
        finding.message
        for findings in session.findings.by_promise.values()
        for finding in findings.values()
        if finding.verdict is Verdict.NOT_EXERCISED
    }
    assert "the target stopped answering" in reasons


def test_an_interruption_ends_everything_soon(server, monkeypatch, tmp_path):
    """Ctrl-C cancels the generated part: its processes and its thread end, nothing hangs."""
    slow = threading.Event()

    def sluggish(method, path, body, ask):
        """Takes a second for every answer."""
        slow.wait(1.0)
        return ask()

    monkeypatch.setattr(asyncio, "wait_for", interrupted(after=2.0))
    with tampered(server, sluggish) as url:
        began = time.monotonic()
        session, _ = check(url, tmp_path)
    assert time.monotonic() - began < 30
    assert session.runs.unfinished() == []
    assert [p for p in psutil.Process().children() if "worker" in " ".join(p.cmdline())] == []


def test_an_interruption_ends_the_cases_under_way(drawn, monkeypatch):
    """A lane that is cancelled takes along what it has begun to send."""
    begun, gone = [], []

    async def send(sender, case):
        begun.append(case)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            gone.append(case)
            raise

    async def cases():
        for case in drawn["getRun"]:
            yield case

    async def go():
        sender = Sender(None, "getRun", SafeTargets(finished="x"), None, 60, 60)
        task = asyncio.create_task(sender.run(cases()))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0.1)
        return len(gone)

    monkeypatch.setattr(Sender, "_send", send)
    monkeypatch.setattr(Sender, "_over", lambda sender: False)
    assert asyncio.run(go()) == len(begun) > 1


def interrupted(after):
    """Stand in for `asyncio.wait_for`: cancel after that many seconds, and go on."""

    async def run_for_a_while(coroutine, _):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(after):
                await coroutine

    return run_for_a_while


def test_a_worker_that_fails_is_an_error_of_the_suite(server, monkeypatch, tmp_path):
    monkeypatch.setattr(worker_pool, "document", lambda: {"openapi": "3.1.0", "paths": {}})
    session, _ = check(server, tmp_path, runs=0, workers=1)
    assert said(session, Verdict.FAILED, Verdict.WARNED, Verdict.PASSED) == set()
    assert "GEN-12" in said(session, Verdict.ERROR)


@pytest.mark.parametrize(
    ("workers", "expected"), [(1, [6]), (2, [3, 3]), (3, [2, 2, 2]), (99, [1] * 6)]
)
def test_operations_are_shared_out_among_workers(workers, expected):
    parts = worker_pool.divide(dict.fromkeys(FEW, CaseCounts(1, 1, 1)), workers)
    assert [len(part) for part in parts] == expected
    assert sorted(name for part in parts for name in part) == sorted(FEW)


def test_a_child_knows_no_token(monkeypatch):
    monkeypatch.setenv("APIFY_TOKEN", "secret")
    assert "secret" not in worker_pool.environment().values()
