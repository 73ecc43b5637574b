"""Sending: the documented back-off, honest words for a lost connection, a budget that holds."""

import asyncio
import contextlib
import itertools
import json
import time

import pytest
from attrs import evolve

from actor_runs_conformance.checks.invariants.answers import shown
from actor_runs_conformance.cli.options import parse
from actor_runs_conformance.engine.cleanup import abort_all
from actor_runs_conformance.engine.engine import Engine
from actor_runs_conformance.events.writer import Log
from actor_runs_conformance.http import transport
from actor_runs_conformance.http.curl import reproduce
from actor_runs_conformance.http.exchange import Exchange, Request, summary
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.http.transport import ApiRequest, NoAnswerError
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.target.target import Target
from actor_runs_conformance.testkit.api import ThrottledError
from actor_runs_conformance.testkit.fixtures import Fixtures
from tests.support.hand_made import answering, exchange, run_object, speaking

GET = ApiRequest("GET", "/v2/actor-runs/x", token="a-secret-token", operation="getRun", run="x")
START = ApiRequest("POST", "/v2/actor-tasks/x/runs", body=b"{}", operation="runTask")


def send(session, url, message):
    async def go():
        session.target = Target(url, "a-secret-token")
        async with session.connect() as connection:
            return await connection.send(message)

    return asyncio.run(go())


def counting(*answers):
    """Return a `speak` that gives these answers in turn, the last for ever, and the times."""
    times = []

    def speak(connection, head):
        times.append(time.monotonic())
        answers[min(len(times), len(answers)) - 1](connection, head)

    return speak, times


def closing(_connection, _head):
    """Close without an answer."""


OK = answering("200 OK", b"{}")
THROTTLED = answering("429 X", b'{"error": {"type": "rate-limit-exceeded", "message": "Slow."}}')


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_back_off(session):
    """429 is tried again after a time in [500, 1000] ms, then in [1000, 2000] ms."""
    speak, times = counting(THROTTLED, THROTTLED, OK)
    with speaking(speak) as url:
        answer = send(session, url, GET)
    assert answer.status == 200
    first, second = (after - before for before, after in itertools.pairwise(times))
    assert 0.5 <= first <= 1.0 + 0.5
    assert 1.0 <= second <= 2.0 + 0.5
    assert session.requests == 3


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(("message", "requests"), [(GET, 2), (START, 1)])
def test_lost_connection(session, message, requests):
    """A lost connection is tried again where that is safe, and never for a start."""
    speak, times = counting(closing, OK)
    with speaking(speak) as url:
        if message is GET:
            assert send(session, url, message).status == 200
        else:
            with pytest.raises(NoAnswerError, match="connection closed without an answer"):
                send(session, url, message)
    assert requests == len(times) == session.requests


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("cookie", ["session=1; Path=/", "session=é; Path=/"])
def test_cookie_is_not_sent_back(session, cookie):
    """A cookie that a target sets goes into no later request, which the log would not show."""
    heads = []

    def speak(connection, head):
        heads.append(head)
        answering("200 OK", b"{}", "application/json", f"Set-Cookie: {cookie}")(connection, head)

    async def go():
        async with session.connect() as connection:
            for message in (GET, ApiRequest("GET", "/v2/actor-runs/x")):
                await connection.send(message)

    with speaking(speak) as url:
        session.target = Target(url, "a-secret-token")
        asyncio.run(go())
    assert len(heads) == 2
    assert not [head for head in heads if b"cookie" in head.lower()]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("words", [45, 190])
def test_answer_that_echoes_the_token(session, words):
    """A message shows the beginning of an answer, and no half of a token at its end."""
    with speaking(answering("403 X", f"{'x' * words} a-secret-token".encode())) as url:
        answer = send(session, url, GET)
    for said in (summary(answer), shown(answer.response)):
        assert "xxx" in said
        assert "a-s" not in said


def test_slow_answer(session):
    """An answer that does not come in time is no answer, whatever was sent of it."""

    def half(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")
        connection.recv(1)

    with speaking(half) as url, pytest.raises(NoAnswerError, match=r"no answer within 0.3 s"):
        send(session, url, ApiRequest("GET", "/v2/x", timeout=0.3))


@pytest.mark.parametrize("place", ["x" * 70_000, "a\nb"])
def test_url_that_cannot_be_made(session, place):
    """What no URL holds is no answer, at once: nothing was sent, and no run goes on."""
    for message in (GET, START):
        with pytest.raises(NoAnswerError, match="no URL"):
            send(session, "http://127.0.0.1:1", evolve(message, path=f"/v2/{place}"))
    assert session.requests == 2
    assert session.runs.unidentified == 0


def test_start_outlives_its_caller(session):
    """A start whose caller is cancelled, as by Ctrl-C, is answered and its run aborted."""
    seen = []

    def speak(connection, head):
        seen.append(head.split()[1])
        started = seen[-1].endswith(b"/runs")
        if started:
            time.sleep(0.5)
        body = json.dumps({"data": run_object(status="RUNNING" if started else "ABORTED")})
        answering("201 X" if started else "200 OK", body.encode())(connection, head)

    async def go():
        async with session.connect():
            caller = asyncio.create_task(session.transport.send(START))
            await asyncio.sleep(0.2)
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
            return await abort_all(session)

    with speaking(speak) as url:
        session.target = Target(url, "a-secret-token")
        assert asyncio.run(go()) == []
    assert session.runs.ended == {run_object()["id"]}
    assert len(seen) == 2


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("after", [0.1, 0.5])
def test_nothing_is_started_once_all_is_over(after):
    """Ctrl-C while shared runs are started, one after the other: no start follows, no run stays."""
    statuses, names, events = {}, itertools.count(), []
    only = "ABT-06b,ABT-06c,TSK-23,GET-04"

    def speak(connection, head):
        path = head.decode().split()[1].partition("?")[0]
        time.sleep(1.5 if path.endswith("/abort") else 0.3)
        name = path.split("/")[3]
        if path.endswith("/runs"):
            name = f"run{next(names)}"
            statuses[name] = "RUNNING"
        elif path.endswith("/abort"):
            statuses[name] = "ABORTED"
        known = name in statuses
        body = json.dumps({"data": run_object(id=name, status=statuses[name])} if known else {})
        status = "404 X" if not known else "201 X" if path.endswith("/runs") else "200 X"
        answering(status, body.encode())(connection, head)

    async def go(engine):
        check = asyncio.current_task()

        def interrupt(event):
            if event.get("name") == "scenarios":
                asyncio.get_running_loop().call_later(after, check.cancel)

        engine.log.listeners += [interrupt, events.append]
        return await engine.run()

    with speaking(speak) as url:
        words = [url, "--task", "me~task", "--profile", "safe", "--only", only]
        options = parse(words, {"APIFY_TOKEN": "a-secret-token"})
        log = Log(None, Redactor(["a-secret-token"]))
        engine = Engine(options, options.target, log, ledger.by_id(), say=lambda _: None)
        assert asyncio.run(go(engine)).exit_code == 130
    over = next(event["at"] for event in events if event.get("name") == "cleanup")
    starts = [e for e in events if e["event"] == "exchange" and e["operation"] == "runTask"]
    assert [start["at"] for start in starts if start["at"] > over] == []
    assert set(statuses.values()) == {"ABORTED"}


def test_run_of_a_late_start(session):
    """A run whose start is answered only while others are aborted is aborted as well."""

    class Slow:
        async def starts_answered(self, *, within):
            """Give up on the one that is under way."""

        async def send(self, message, *, check):
            begin("late")
            return exchange(run_object(id=message.run, status="ABORTED"), run=message.run)

    def begin(run):
        session.observe(exchange(run_object(id=run), operation="runTask", status=201, run=None))

    begin("first")
    session.transport = Slow()
    assert asyncio.run(abort_all(session)) == []
    assert set(session.runs.aborted_by) == {"first", "late"}


def test_failure_of_one_abort(session):
    """Where aborting a run fails by itself, the others are aborted, and that one is told."""

    class Odd:
        async def starts_answered(self, *, within):
            """Nothing is under way."""

        async def send(self, message, *, check):
            if message.run == "first":
                raise ZeroDivisionError
            return exchange(run_object(id=message.run, status="ABORTED"), run=message.run)

    for run in ("first", "second"):
        session.observe(exchange(run_object(id=run), operation="runTask", status=201, run=None))
    session.transport = Odd()
    assert asyncio.run(abort_all(session)) == ["first"]
    assert session.runs.ended == {"first", "second"}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("speak", "unidentified"),
    [
        (closing, 1),
        (answering("201 X", b"{}"), 1),
        (answering("201 X", b'{"data": {"id": null}}'), 1),
        (answering("201 X", b'{"data": {"id": "aRun"}}'), 0),
        (answering("400 X", b"{}"), 0),
        (None, 0),
    ],
)
def test_start_of_a_nameless_run_is_counted(session, speak, unidentified):
    """A start that may have been taken, and whose run no answer names, is counted."""
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(speaking(speak)) if speak else "http://127.0.0.1:1"
        with contextlib.suppress(NoAnswerError):
            send(session, url, START)
    assert unidentified == session.runs.unidentified


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_throttled_to_the_end(session, monkeypatch):
    """A target that answers 429 again and again is not judged, and a start costs nothing."""
    monkeypatch.setattr(transport, "BACK_OFF", 0.001)

    async def go():
        starts = Fixtures(session).starts("first")
        async with session.connect():
            for sending in (starts.api.get("x"), starts.start()):
                with pytest.raises(ThrottledError, match="429 rate-limit-exceeded"):
                    await sending

    with speaking(THROTTLED) as url:
        session.target = Target(url, "a-secret-token", task="me~task")
        asyncio.run(go())
    assert session.budget.used == 0


@pytest.mark.parametrize(("status", "used"), [(400, 0), (403, 0), (408, 1), (500, 1), (504, 1)])
def test_start_that_may_have_arrived_is_counted(session, status, used):
    """A refusal gives a start back; a timeout, of a proxy perhaps, and a server error do not."""

    async def go():
        async with session.connect():
            return await Fixtures(session).starts("first").start({})

    with speaking(answering(f"{status} X", b"{}")) as url:
        session.target = Target(url, "a-secret-token", task="me~task")
        assert asyncio.run(go()).status == status
    assert session.budget.used == used


def test_runs_are_remembered(session):
    """A run is ours once its start was answered; the end is told once, and by whom."""
    session.observe(exchange(operation="runTask", status=201, run=None))
    assert session.runs.unfinished() == [run_object()["id"]]
    session.observe(exchange(run_object(id="aStrangersRun")))
    assert session.runs.unfinished() == [run_object()["id"]]
    session.observe(exchange(run_object(status="SUCCEEDED", finishedAt="2026-01-01T00:00:01Z")))
    assert session.runs.unfinished() == []
    session.observe(exchange(run_object()))
    assert session.runs.unfinished() == [run_object()["id"]]


@pytest.mark.parametrize(("odd", "name"), [(7, "7"), (1.5, "1.5"), ([7], "[7]")])
def test_run_whose_id_is_no_text(session, odd, name):
    """An id of another kind names a run all the same, so that it is aborted at the end."""
    session.observe(exchange(run_object(id=odd), operation="runTask", status=201, run=None))
    assert session.runs.unfinished() == [name]
    session.observe(exchange(run_object(id=odd, status="ABORTED")))
    assert session.runs.unfinished() == []


CURLS = [
    (
        Request("GET", "http://h/v2/actor-runs/x", (("authorization", "Bearer tok-en-tok-en"),)),
        "curl -i http://h/v2/actor-runs/x -H 'authorization: Bearer '\"$APIFY_TOKEN\"",
    ),
    (
        Request("GET", "http://h/v2/actor-runs/x?token=tok-en-tok-en"),
        "curl -i 'http://h/v2/actor-runs/x?token='\"$APIFY_TOKEN\"",
    ),
    (
        Request("PUT", "http://h/x", (("content-type", "application/json"),), b'{"a": "it\'s"}'),
        (
            "curl -i -X PUT http://h/x -H 'content-type: application/json' "
            '--data-raw \'{"a": "it\'"\'"\'s"}\''
        ),
    ),
    (Request("POST", "http://h/x", (), b""), "curl -i -X POST http://h/x --data-raw ''"),
    (
        Request("PUT", "http://h/x", (), b"\x1f\x8b"),
        "echo H4s= | base64 -d | curl -i -X PUT http://h/x --data-binary @-",
    ),
    (
        Request("PUT", "http://h/x", (), b"x" * 5000),
        "curl -i -X PUT http://h/x --data-binary @body   # 5000 bytes, see the log",
    ),
]


@pytest.mark.parametrize(("request_", "command"), CURLS)
def test_curl(request_, command):
    """A request is shown as the command that sends it again, with the token as a variable."""
    assert command == reproduce(Exchange(1, 0.0, request_), Redactor(["tok-en-tok-en"]))
