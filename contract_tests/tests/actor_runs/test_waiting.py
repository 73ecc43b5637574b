"""`wait_for_finish`: slices, deadlines, and what says that time ran out."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from actor_runs import AsyncClient, Retries, _session, errors
from tests.support.client_wire import RUN_ID, TOKEN, answer, asked_for, example, success

NOT_FOUND = answer(404, {"error": {"type": "record-not-found", "message": "Run was not found"}})


@pytest.fixture
def short_rounds(monkeypatch):
    """Let a server that does not wait be asked again soon."""
    monkeypatch.setattr(_session, "SHORTEST_ROUND_SECS", 0.05)


def run(status: str) -> bytes:
    body = example()
    body["data"]["status"] = status
    return answer(200, body)


def after(secs: float, content: bytes):
    def step(connection, request):
        time.sleep(secs)
        ours, theirs = RUN_ID.encode(), asked_for(request).encode()
        connection.sendall(content.replace(ours, theirs.ljust(len(ours), b"_")))

    return step


def asked(server) -> list[float]:
    """Return how long the server was asked to wait, request by request."""
    found = [re.search(rb"waitForFinish=([0-9.]+)", request) for request in server.requests]
    return [float(match[1]) if match else 0.0 for match in found]


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED"])
def test_terminal_status_ends_the_wait(status, connect, serve):
    """Each terminal status returns at once with `ended`."""
    server = serve(run(status))
    ended = connect(server.url).wait_for_finish(RUN_ID)
    assert (status, True, [60.0]) == (ended.status, ended.ended, asked(server))


def test_slices_go_on_until_the_run_ends(connect, serve, short_rounds):
    """Without a deadline the server is asked for 60 seconds again, whatever is not yet an end."""
    going_on = ["READY", "RUNNING", "TIMING-OUT", "ABORTING"]
    server = serve(*map(run, going_on), run("SUCCEEDED"))
    ended = connect(server.url).wait_for_finish(RUN_ID)
    assert (ended.status, ended.ended) == ("SUCCEEDED", True)
    assert asked(server) == [60.0] * 5


@pytest.mark.parametrize("status", ["READY", "RUNNING", "TIMING-OUT", "ABORTING"])
def test_time_that_runs_out_is_told(status, connect, serve):
    """After the deadline the run comes back as last seen, and `ended` is false."""
    server = serve(after(0.4, run(status)))
    started = time.monotonic()
    last = connect(server.url).wait_for_finish(RUN_ID, deadline_secs=0.4)
    assert (last.status, last.ended) == (status, False)
    assert 0.4 <= time.monotonic() - started < 3
    assert asked(server)[0] <= 0.4


def test_zero_deadline_asks_once(connect, serve):
    """`deadline_secs=0` looks, and does not wait."""
    server = serve(run("RUNNING"))
    assert not connect(server.url).wait_for_finish(RUN_ID, deadline_secs=0).ended
    assert asked(server) == [0.0]


def test_server_that_does_not_wait_is_not_flooded(connect, serve):
    """A server that answers at once is asked about once a second."""
    server = serve(run("RUNNING"))
    connect(server.url).wait_for_finish(RUN_ID, deadline_secs=1.5)
    assert 2 <= len(server.requests) <= 3


def test_unknown_status_is_waited_on(connect, serve, short_rounds):
    """A status that is new to the contract is no end."""
    server = serve(run("PAUSED"), run("SUCCEEDED"))
    assert connect(server.url).wait_for_finish(RUN_ID).ended


def test_brief_not_found_after_a_start_is_tolerated(connect, serve):
    """A run that is unknown for a moment is asked for again."""
    server = serve(NOT_FOUND, NOT_FOUND, run("SUCCEEDED"))
    assert connect(server.url).wait_for_finish(RUN_ID).ended
    assert len(server.requests) == 3


def test_lasting_not_found_is_raised(connect, serve, monkeypatch):
    """After 3 seconds an unknown run is an error; get_run raises it at once."""
    assert _session.NOT_FOUND_GRACE_SECS == 3
    monkeypatch.setattr(_session, "NOT_FOUND_GRACE_SECS", 0.6)
    server = serve(NOT_FOUND)
    caller = connect(server.url)
    started = time.monotonic()
    with pytest.raises(errors.NotFoundError):
        caller.wait_for_finish(RUN_ID)
    assert 0.3 <= time.monotonic() - started < 2.9
    assert len(server.requests) >= 2
    seen = len(server.requests)
    with pytest.raises(errors.NotFoundError):
        caller.get_run(RUN_ID)
    assert seen + 1 == len(server.requests)


def test_run_that_vanishes_is_raised(connect, serve, short_rounds, monkeypatch):
    """A run that is not found later on was deleted."""
    monkeypatch.setattr(_session, "NOT_FOUND_GRACE_SECS", 0.01)
    with pytest.raises(errors.NotFoundError):
        connect(serve(run("RUNNING"), NOT_FOUND).url).wait_for_finish(RUN_ID)


def test_lost_connections_are_survived(connect, serve, short_rounds):
    """Connections that break during the wait are replaced."""

    def cut(connection, request):
        time.sleep(0.1)
        connection.close()

    server = serve(cut, run("RUNNING"), cut, answer(502, b""), run("SUCCEEDED"))
    assert connect(server.url).wait_for_finish(RUN_ID, deadline_secs=20).ended


@pytest.mark.parametrize("first", [[], [run("RUNNING")]])
@pytest.mark.parametrize("deadline", [None, 20])
def test_connection_lost_late_in_a_slice_is_survived(first, deadline, connect, serve, short_rounds):
    """The time that the server was asked to wait uses up none of the time for attempts."""

    def late(connection, request):
        time.sleep(0.7)
        connection.close()

    caller = connect(
        serve(*first, late, run("SUCCEEDED")).url,
        retries=Retries(deadline_secs=0.5, first_delay_secs=0.005),
    )
    assert caller.wait_for_finish(RUN_ID, deadline_secs=deadline).ended


def test_not_found_from_a_late_replica_is_tolerated(connect, serve, short_rounds):
    """A run that was seen may be unknown to another replica in the first 3 seconds."""
    server = serve(run("READY"), NOT_FOUND, run("SUCCEEDED"))
    assert connect(server.url).wait_for_finish(RUN_ID).ended


@pytest.mark.parametrize("first", [None, run("RUNNING")])
def test_silent_server_does_not_hold_the_wait(first, connect, serve, monkeypatch):
    """Where the server falls silent, the wait ends soon after its deadline."""
    assert _session.GRACE_SECS == 5
    monkeypatch.setattr(_session, "GRACE_SECS", 0.3)
    monkeypatch.setattr(_session, "SHORTEST_ROUND_SECS", 0.1)

    def silent(connection, request):
        time.sleep(4)

    server = serve(*([first] if first else []), silent)
    caller = connect(server.url, http_timeout_secs=30)
    started = time.monotonic()
    if first:
        assert not caller.wait_for_finish(RUN_ID, deadline_secs=0.4).ended
    else:
        with pytest.raises(errors.HttpTimeoutError):
            caller.wait_for_finish(RUN_ID, deadline_secs=0.2)
    assert time.monotonic() - started < 3.5


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("more", [[], ["Retry-After: 30"]])
def test_failing_server_does_not_hide_the_run(status, more, connect, serve, short_rounds):
    """Where a server fails until time runs out, the run comes back as last seen."""
    server = serve(run("RUNNING"), answer(status, b"", *more))
    last = connect(server.url).wait_for_finish(RUN_ID, deadline_secs=0.5)
    assert (last.status, last.ended) == ("RUNNING", False)
    assert len(server.requests) >= 2


@pytest.mark.parametrize(
    ("status", "error"), [(429, errors.RateLimitError), (500, errors.ServerError)]
)
def test_failing_server_is_told_where_no_run_was_seen(status, error, connect, serve):
    """A wait that never saw its run raises what the server says."""
    with pytest.raises(error):
        connect(serve(answer(status, b"")).url).wait_for_finish(RUN_ID, deadline_secs=0.3)


@pytest.mark.parametrize("deadline", [None, 60])
def test_failing_server_is_told_while_time_is_left(deadline, connect, serve, short_rounds):
    """A server that fails for longer than `Retries` goes is an error before the deadline."""
    server = serve(run("RUNNING"), answer(500, b""))
    caller = connect(server.url, retries=Retries(deadline_secs=0.2, first_delay_secs=0.01))
    with pytest.raises(errors.ServerError):
        caller.wait_for_finish(RUN_ID, deadline_secs=deadline)


@pytest.mark.parametrize("deadline", [-1, float("nan")])
def test_deadline_that_makes_no_sense_is_refused(deadline, connect, serve):
    """A negative deadline is refused before anything is sent."""
    server = serve()
    with pytest.raises(errors.InvalidArgumentError, match="expected 0 or more seconds"):
        connect(server.url).wait_for_finish(RUN_ID, deadline_secs=deadline)
    assert len(server.requests) == 0


def test_two_hundred_waits_at_once_take_as_long_as_one(serve):
    """Many runs are waited for side by side on connections of their own."""
    server = serve(after(0.3, run("SUCCEEDED")))

    async def wait_all():
        names = (f"run-{n}".ljust(len(RUN_ID), "_") for n in range(200))
        async with AsyncClient(TOKEN, base_url=server.url) as client:
            return await asyncio.gather(*(client.wait_for_finish(n) for n in names))

    assert all(each.ended for each in asyncio.run(wait_all()))
    assert server.connections == 200


def test_success_is_a_success():
    """The scripted server's own success is the documented example."""
    assert success(b"GET /").startswith(b"HTTP/1.1 200")
