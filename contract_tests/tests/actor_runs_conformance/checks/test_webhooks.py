"""The receiver takes what HTTP allows, and survives what it does not; so does the judgement."""

import asyncio

import pytest

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.checks.scenarios.webhooks import judge_payload
from actor_runs_conformance.http.webhook_receiver import LARGEST, Call, receiving
from actor_runs_conformance.results.verdict import Verdict
from actor_runs_conformance.testkit.context import CheckContext
from actor_runs_conformance.testkit.fixtures import Fixtures
from actor_runs_conformance.testkit.starts import StartedRun
from tests.support.hand_made import RUN, exchange, run_object

HEAD = "POST /hook HTTP/1.1\r\nHost: x\r\n"
LENGTH = f"{HEAD}Content-Length: "
CHUNKED = f"{HEAD}Transfer-Encoding: Chunked\r\n\r\n"
TAKEN = {
    "with its length": (f'{LENGTH}8\r\n\r\n{{"a": 1}}', {"a": 1}),
    "in chunks": (f'{CHUNKED}5\r\n{{"a":\r\n3;x=y\r\n 1}}\r\n0\r\n\r\n', {"a": 1}),
    "without a body": (f"{HEAD}\r\n", None),
    "nested without end": (f"{LENGTH}50000\r\n\r\n{'[' * 50_000}", None),
}
NOT_TAKEN = {
    "a long head": f"{HEAD}X: {'x' * 100_000}\r\n\r\n",
    "a negative length": f"{LENGTH}-1\r\n\r\n",
    "a length that is none": f"{LENGTH}x\r\n\r\n",
    "a chunk without a length": f"{CHUNKED}x\r\n",
    "a negative chunk": f"{CHUNKED}-5\r\n",
    "a chunk without end": f"{CHUNKED}{LARGEST + 1:x}\r\n",
    "no HTTP": "\r\n\r\n",
}


def posted(text):
    """Return the answer of a receiver, what it took, and what it left to the event loop."""
    left = []

    async def go():
        asyncio.get_running_loop().set_exception_handler(lambda _, what: left.append(what))
        async with receiving() as receiver:
            port = int(receiver.url.rpartition(":")[2])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(text.encode())
            try:
                answer = await reader.read()
            except ConnectionResetError:
                answer = b""
            writer.close()
            return answer, receiver.calls

    return *asyncio.run(go()), left


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name):
    """A body is read by its length or by its chunks; one that is no JSON is None."""
    text, body = TAKEN[name]
    answer, calls, left = posted(text)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert [(call.path, call.body) for call in calls] == [("/hook", body)]
    assert left == []


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_not_taken(name):
    """What is no request is no webhook, and no failure."""
    assert posted(NOT_TAKEN[name]) == (b"", [], [])


GOOD = {
    "userId": "aUser",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "eventType": "ACTOR.RUN.SUCCEEDED",
    "eventData": {"actorId": "anActor", "actorTaskId": "aTask", "actorRunId": RUN},
    "resource": run_object(),
}
PAYLOADS = {
    "as documented": (GOOD, Verdict.PASSED),
    "no JSON": (None, Verdict.WARNED),
    "a list": ([GOOD], Verdict.WARNED),
    **{
        f"{key} as {value}": ({**GOOD, key: value}, Verdict.WARNED)
        for key in ("eventData", "resource")
        for value in (None, "words", 5, ["a"], {"id": 1})
    },
}


@pytest.mark.parametrize("name", PAYLOADS)
def test_payload(session, name):
    """Whatever a target posts is judged."""
    body, verdict = PAYLOADS[name]
    ctx = CheckContext(all_checks()["webhooks_are_called"], session, Fixtures(session))
    started = StartedRun(RUN, exchange(operation="runTask", status=201), run_object())
    judge_payload(ctx, started, Call("POST", "/plain", "application/json", body))
    assert session.findings.result("WHK-05").verdict is verdict
