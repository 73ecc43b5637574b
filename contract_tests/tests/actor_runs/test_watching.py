"""`call_task` and `watch_run`: a run is waited for, or its changes are told."""

from __future__ import annotations

import asyncio

import pytest

from actor_runs import AsyncClient, Client, errors
from tests.support.client_wire import (
    RUN_ID,
    TOKEN,
    a_run,
    answer,
    asked,
)


def test_call_task_returns_the_ended_run(connect, serve):
    """`call_task` starts a run and returns it when it has ended."""
    server = serve(None, a_run("RUNNING"), a_run("FAILED"))
    run = connect(server.url).call_task("a~b", {"x": 1}, memory=256, deadline_secs=20)
    assert (run.id, run.status) == (RUN_ID, "FAILED")
    assert [request.split()[0] for request in server.requests] == [b"POST", b"GET", b"GET"]
    assert b"memory=256" in server.requests[0]


def test_call_task_says_which_run_goes_on(connect, serve):
    """Where its time is over, the error is a TimeoutError that has the run."""
    server = serve(None, a_run("RUNNING"))
    with pytest.raises(TimeoutError, match=f"run {RUN_ID} is still RUNNING and goes on") as caught:
        connect(server.url).call_task("a~b", deadline_secs=0)
    assert isinstance(caught.value, errors.StillRunningError)
    assert caught.value.run.id == RUN_ID


def test_call_task_names_the_run_when_waiting_fails(connect, serve):
    """Where waiting fails, the error names the run that was started."""
    server = serve(None, answer(401, {"error": {"type": "token-revoked", "message": "No."}}))
    with pytest.raises(errors.UnauthorizedError, match=f"run {RUN_ID} was started") as caught:
        connect(server.url).call_task("a~b")
    assert caught.value.run_id == RUN_ID


CHANGES = [
    a_run("READY", statusMessage=None),
    a_run("RUNNING", statusMessage=None),
    a_run("RUNNING", statusMessage=None),
    a_run("RUNNING", statusMessage="1 of 2"),
    a_run("SUCCEEDED", statusMessage="2 of 2"),
]
SEEN = [("READY", None), ("RUNNING", None), ("RUNNING", "1 of 2"), ("SUCCEEDED", "2 of 2")]


def test_changes_of_a_run_are_watched(serve):
    """`watch_run` gives the run as it is, and again after each change, until its end."""
    server = serve(*CHANGES)
    with Client(TOKEN, base_url=server.url) as client:
        seen = [(run.status, run.status_message) for run in client.watch_run(RUN_ID)]
        assert seen == SEEN
        assert next(client.watch_run(RUN_ID)).ended  # And let go of.
    assert set(asked(server)) == {2.0}


def test_changes_of_a_run_are_watched_asynchronously(serve):
    """The asynchronous client watches by `async for`; where it is left, nothing goes on."""

    async def watch(url):
        async with AsyncClient(TOKEN, base_url=url) as client:
            seen = [(run.status, run.status_message) async for run in client.watch_run(RUN_ID)]
            async for run in client.watch_run(RUN_ID):
                assert run.ended
            return seen

    assert asyncio.run(watch(serve(*CHANGES).url)) == SEEN


@pytest.mark.parametrize("setting", [{"every_secs": 0}, {"deadline_secs": -1}, {"run_id": "a/b"}])
def test_watching_checks_its_arguments(setting, serve):
    """What makes no sense is refused before anything is sent."""
    server = serve()
    with (
        Client(TOKEN, base_url=server.url) as client,
        pytest.raises(errors.InvalidArgumentError, match=f"{next(iter(setting))} is"),
    ):
        list(client.watch_run(**{"run_id": RUN_ID, **setting}))
    assert server.connections == 0
