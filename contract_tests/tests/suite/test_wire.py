"""Sending: the documented back-off, honest words for a lost connection, a budget that holds."""

import asyncio
import itertools
import time

import pytest
from hand_made import answering, exchange, run_object, speaking

from actor_runs_conformance.budget import Budget, BudgetSpentError
from actor_runs_conformance.curl import reproduce
from actor_runs_conformance.exchange import Exchange, Request
from actor_runs_conformance.redaction import Redactor
from actor_runs_conformance.target import Target
from actor_runs_conformance.wire import Message, NoAnswerError, Wire

GET = Message("GET", "/v2/actor-runs/x", token="a-secret-token", operation="getRun", run="x")
START = Message("POST", "/v2/actor-tasks/x/runs", body=b"{}", operation="runTask")


def send(context, url, message):
    async def go():
        context.target = Target(url, "a-secret-token")
        async with Wire(context) as wire:
            return await wire.send(message)

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
def test_back_off(context):
    """429 is tried again after a time in [500, 1000] ms, then in [1000, 2000] ms."""
    speak, times = counting(THROTTLED, THROTTLED, OK)
    with speaking(speak) as url:
        answer = send(context, url, GET)
    assert answer.status == 200
    first, second = (after - before for before, after in itertools.pairwise(times))
    assert 0.5 <= first <= 1.0 + 0.5
    assert 1.0 <= second <= 2.0 + 0.5
    assert context.requests == 3


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(("message", "requests"), [(GET, 2), (START, 1)])
def test_lost_connection(context, message, requests):
    """A lost connection is tried again where that is safe, and never for a start."""
    speak, times = counting(closing, OK)
    with speaking(speak) as url:
        if message is GET:
            assert send(context, url, message).status == 200
        else:
            with pytest.raises(NoAnswerError, match="connection closed without an answer"):
                send(context, url, message)
    assert requests == len(times) == context.requests


def test_slow_answer(context):
    """An answer that does not come in time is no answer, whatever was sent of it."""

    def half(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")
        connection.recv(1)

    with speaking(half) as url, pytest.raises(NoAnswerError, match=r"no answer within 0.3 s"):
        send(context, url, Message("GET", "/v2/x", timeout=0.3))


def test_budget():
    """A start is counted before it is sent; what is allotted to others cannot be taken."""
    budget = Budget(3)
    assert budget.allot(1) == 1
    assert [budget.take(), budget.take()] == [1, 2]
    with pytest.raises(BudgetSpentError, match="all 3 runs"):
        budget.take()
    budget.give_back()
    assert budget.take() == 2
    budget.settle(1, 0)
    assert budget.left == 1
    assert budget.allot(9) == 1


def test_runs_are_remembered(context):
    """A run is ours once its start was answered; the end is told once, and by whom."""
    context.observe(exchange(operation="runTask", status=201, run=None))
    assert context.runs.unfinished() == [run_object()["id"]]
    context.observe(exchange(run_object(id="aStrangersRun")))
    assert context.runs.unfinished() == [run_object()["id"]]
    context.observe(exchange(run_object(status="SUCCEEDED", finishedAt="2026-01-01T00:00:01Z")))
    assert context.runs.unfinished() == []
    context.observe(exchange(run_object()))
    assert context.runs.unfinished() == [run_object()["id"]]


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
