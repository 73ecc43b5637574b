"""What happens between a start and the end of its run: gateways, replicas, broken answers, failures."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time

import httpx
import pytest

from actor_runs import AsyncClient, Client, Retries, _session, errors
from tests.support.client_wire import (
    CALLS,
    RUN_ID,
    TOKEN,
    Caller,
    a_run,
    answer,
    asked,
    asked_for,
    example,
    hang_up,
    success,
)

NOT_FOUND = answer(404, {"error": {"type": "record-not-found", "message": "Run was not found"}})
FOLLOWING = {method: args for method, args in CALLS.items() if RUN_ID in args}


@pytest.fixture(autouse=True)
def _short_rounds(monkeypatch):
    monkeypatch.setattr(_session, "SHORTEST_ROUND_SECS", 0.05)


def gateway(longest: float, cut, ends_after: int = 3):
    """Answer what waits briefly, and cut off what waits longer; the run ends after some answers."""
    answered = []

    def step(connection, request):
        found = re.search(rb"waitForFinish=([0-9.]+)", request)
        if found and float(found[1]) > longest:
            cut(connection, request) if callable(cut) else connection.sendall(cut)
            return
        answered.append(request)
        connection.sendall(a_run("SUCCEEDED" if len(answered) >= ends_after else "RUNNING"))

    return step


@pytest.mark.parametrize("cut", [answer(504, b"<html>"), hang_up], ids=["504", "cut"])
@pytest.mark.parametrize("longest", [20, 1, 0])
def test_gateway_that_cuts_long_answers_is_waited_through(longest, cut, connect, serve):
    """What a gateway cuts off is asked for in halves, down to plain polling."""
    server = serve(gateway(longest, cut))
    assert connect(server.url).wait_for_finish(RUN_ID).ended
    waits = asked(server)
    assert waits[:2] == [60, 30]
    assert all(wait <= max(longest, 0) for wait in waits[-3:])
    assert len(waits) <= 7 + 3


def test_gateway_that_failed_once_is_trusted_again(connect, serve, monkeypatch):
    """After some slices that were not cut off, a longer one is asked for."""
    monkeypatch.setattr(_session, "SLICES_UNTIL_LONGER", 2)
    server = serve(hang_up, *[a_run("RUNNING")] * 4, a_run("SUCCEEDED"))
    assert connect(server.url).wait_for_finish(RUN_ID).ended
    assert asked(server) == [60, 30, 30, 30, 60, 60]


def test_server_that_fails_is_asked_for_no_less(connect, serve):
    """A failure that is no gateway's timeout leaves the slices as long as they were."""
    server = serve(answer(503, b""), a_run("RUNNING"), a_run("SUCCEEDED"))
    assert connect(server.url).wait_for_finish(RUN_ID).ended
    assert asked(server) == [60, 60, 60]


BROKEN = {
    "HTML": answer(200, b"<html>", "Content-Type: text/html"),
    "empty": answer(200, b""),
    "truncated": answer(200, b'{"data": {"id": "HG7'),
    "of another run": a_run("RUNNING", id="another"),
    "204": answer(204, b""),
}


@pytest.mark.parametrize("case", BROKEN)
def test_one_broken_answer_does_not_end_a_wait(case, connect, serve):
    """A wait asks again after a broken answer; after three in a row it says what is wrong."""
    server = serve(a_run("RUNNING"), BROKEN[case], BROKEN[case], a_run("SUCCEEDED"))
    assert connect(server.url).wait_for_finish(RUN_ID).ended
    server = serve(a_run("RUNNING"), BROKEN[case])
    with pytest.raises(errors.AnswerError):
        connect(server.url).wait_for_finish(RUN_ID)
    assert len(server.requests) == 1 + 3


@pytest.mark.parametrize("method", FOLLOWING)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_run_that_was_just_started_may_be_unknown_for_a_moment(method, connect, serve):
    """What follows a start is asked for again while a replica may not know the run."""
    server = serve(None, NOT_FOUND, NOT_FOUND, None)
    caller = connect(server.url, retries=Retries(deadline_secs=0))
    caller.run_task("a~b")
    assert getattr(caller, method)(*FOLLOWING[method]).id == RUN_ID
    assert len(server.requests) == 4


def test_run_that_stays_unknown_is_not_found(connect, serve, monkeypatch):
    """Three seconds after its start, a run that is not known does not exist; others at once."""
    assert _session.NOT_FOUND_GRACE_SECS == 3
    monkeypatch.setattr(_session, "NOT_FOUND_GRACE_SECS", 0.5)
    server = serve(None, NOT_FOUND)
    caller = connect(server.url)
    caller.run_task("a~b")
    with pytest.raises(errors.NotFoundError):
        caller.abort_run("another")
    assert len(server.requests) == 2
    began = time.monotonic()
    with pytest.raises(errors.NotFoundError):
        caller.abort_run(RUN_ID)
    assert 0.2 <= time.monotonic() - began < 3
    assert len(server.requests) >= 4


@pytest.mark.parametrize("method", sorted(FOLLOWING))
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_answer_about_another_run_is_refused(method, connect, serve):
    """An answer that describes another run than was asked for names both."""
    server = serve(a_run("RUNNING", id="another"))
    with pytest.raises(errors.DecodeError) as caught:
        getattr(connect(server.url), method)(*FOLLOWING[method])
    error = caught.value
    assert (error.pointer, error.value) == ("/data/id", "another")
    assert "another" in str(error)
    assert RUN_ID in error.message


# What a start may be answered with that cannot be used, although a run was started.
UNUSABLE = {
    "broken JSON": answer(201, b'{"data": {"id": "HG7ML7M8z78YcAPEB", "status": "REA'),
    "HTML": answer(201, b"<html>", f"Location: /v2/actor-tasks/x/runs/{RUN_ID}"),
    "wrong value": answer(201, {"data": {**example()["data"], "status": 5}}),
    "cut": lambda c, r: (
        c.sendall(answer(201, b'{"data": {"id": "HG7ML7M8z78YcAPEB",', length=999)),
        hang_up(c, r),
    ),
    "status 200": answer(200, {"data": example()["data"]}),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_error_after_a_start_names_the_run(case, connect, serve):
    """Where the server says that a run was started, every error says which one goes on."""
    server = serve(UNUSABLE[case])
    with pytest.raises(errors.ExchangeError, match=f"run {RUN_ID} was started") as caught:
        connect(server.url).run_task("a~b")
    assert caught.value.run_id == RUN_ID
    assert len(server.requests) == 1


MISSING = """
import builtins, sys
from actor_runs import {kind}
real = builtins.__import__
def without(name, *rest, **more):
    if name == '{module}':
        raise FileNotFoundError('{module} is gone')
    return real(name, *rest, **more)
builtins.__import__ = without
try:
    client = {kind}('t', base_url=sys.argv[1])
    call = client.run_task('a~b', {{'x': 1}})
    if not hasattr(call, 'id'):
        import asyncio
        asyncio.run(call)
except OSError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", ["Client", "AsyncClient"])
@pytest.mark.parametrize("module", ["jsonschema_rs"])
def test_what_fails_here_fails_before_anything_is_sent(kind, module, serve):
    """Where a part of the installation is gone, no start has been sent by then."""
    server = serve()
    code = MISSING.format(kind=kind, module=module)
    command = [sys.executable, "-c", code, server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "is gone" in done.stdout + done.stderr
    assert server.requests == []


def test_start_loads_nothing_after_its_answer(serve):
    """All that a start needs is loaded before it is sent."""
    code = (
        "import sys\n"
        "from actor_runs import Client\n"
        "from actor_runs._exchange import Exchange\n"
        "real, known = Exchange._run, set()\n"
        "def look(self, answer):\n"
        "    known.update(sys.modules)\n"
        "    return real(self, answer)\n"
        "Exchange._run = look\n"
        "with Client('t', base_url=sys.argv[1]) as client:\n"
        "    run = client.run_task('a~b', {'x': 1})\n"
        "print(run.status, *(set(sys.modules) - known))\n"
    )
    command = [sys.executable, "-c", code, serve().url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "READY\n"


def bad_request(connection, request):
    """Refuse what is no HTTP, as soon as it comes."""
    connection.recv(1000)
    connection.sendall(answer(400, b"", "Connection: close"))
    connection.close()


bad_request.before_request = True
PERMANENT = {
    "untrusted": errors.TlsError,
    "TLS to an http port": errors.TlsError,
    "unknown host": errors.UnknownHostError,
}


@pytest.mark.parametrize("case", PERMANENT)
def test_what_will_not_mend_fails_at_once(case, connect, serve, tls):
    """A certificate, a protocol and a name that are wrong now are wrong in a minute, too."""
    plain = serve(bad_request)
    url = {
        "untrusted": tls[0],
        "TLS to an http port": plain.url.replace("http:", "https:"),
        "unknown host": "http://nobody.invalid",
    }[case]
    caller = connect(url, retries=Retries(first_delay_secs=0.01, deadline_secs=20))
    began = time.monotonic()
    with pytest.raises(PERMANENT[case]) as caught:
        caller.run_task("a~b")
    assert isinstance(caught.value, errors.NotConnectedError)
    assert time.monotonic() - began < 10
    assert plain.connections <= 1


def dripping_head(connection, request):
    """Send one byte of the head each 0.3 seconds."""
    for byte in answer(200, b"{}"):
        connection.sendall(bytes([byte]))
        time.sleep(0.3)


def test_head_that_drips_is_bounded_as_a_whole(connect, serve):
    """However slowly the head of an answer comes, the time for HTTP is kept."""
    caller = connect(
        serve(dripping_head).url, http_timeout_secs=0.5, retries=Retries(deadline_secs=0)
    )
    began = time.monotonic()
    with pytest.raises(errors.HttpTimeoutError):
        caller.get_run(RUN_ID)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("first", "more"),
    [
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    ],
    ids=["announcements", "trailers"],
)
def test_what_has_no_end_ends_in_time(first, more, connect, serve):
    """Announcements and trailers that come faster than they are read do not outlast the time."""

    def endless(connection, request):
        connection.sendall(first)
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(more * 1000)

    once = Retries(deadline_secs=0)
    began = time.monotonic()
    with pytest.raises(errors.TransportError):
        connect(serve(endless).url, http_timeout_secs=0.3, retries=once).get_run(RUN_ID)
    assert time.monotonic() - began < 5


def dripping_lines(connection, request):
    """Send a good answer with a pause of 0.3 seconds after each of its first lines."""
    head, _, body = success(request).partition(b"\r\n\r\n")
    for line in [*head.split(b"\r\n"), *[b"X-Y: z"] * 4]:
        connection.sendall(line + b"\r\n")
        time.sleep(0.3)
    connection.sendall(b"\r\n" + body)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_head_that_drips_by_httpx_is_a_timeout(kind, serve):
    """By httpx it is one, too; a blocking transport tells only after the head, as `Client` says."""
    transport = httpx.HTTPTransport() if kind is Client else httpx.AsyncHTTPTransport()
    settings = {"http_timeout_secs": 1.5, "retries": Retries(deadline_secs=0)}
    url = serve(dripping_lines).url
    caller = Caller(kind, TOKEN, base_url=url, transport=transport, **settings)
    with pytest.raises(errors.HttpTimeoutError):
        caller.get_run(RUN_ID)
    caller.close()


def test_large_bodies_take_no_more_memory_than_their_limit(serve):
    """A body without an end, and one that unpacks to gigabytes, end at the limit."""
    from tests.actor_runs.test_hostile_servers import BOMB, body, body_without_end

    code = (
        "import resource, sys\n"
        "from actor_runs import Client, Retries, errors\n"
        "client = Client('t', base_url=sys.argv[1], retries=Retries(deadline_secs=0))\n"
        "client.close if client.get_run('x').id == 'x' else None\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n"
        "    client.get_run('x')\n"
        "except errors.DecodeError as error:\n"
        "    print(error.response.status_code, end=' ')\n"
        "client.close()\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    for step in (body(BOMB, "Content-Encoding: gzip, gzip"), body_without_end):
        command = [sys.executable, "-c", code, serve(None, step).url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        status, megabytes = map(int, done.stdout.split())
        assert status == 200
        assert megabytes < 250


def test_scripted_server_answers_about_the_run_in_the_path():
    """The scripted server's success is about the run that was asked for."""
    assert asked_for(b"GET /v2/actor-runs/abc?waitForFinish=1 HTTP/1.1") == "abc"
    assert b'"id": "abc"' in success(b"POST /v2/acts/x~y/runs/abc/abort HTTP/1.1")
