"""The events WebSocket announces to the process of a run what is coming."""

import json
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


def address(server, run, token="demo-token"):
    return f"ws{server.url[4:]}/v2/actor-runs/{run['id']}/events?token={token}"


def names(socket, until, seconds=5):
    """Return the names of the events up to this one."""
    seen = []
    end = time.monotonic() + seconds
    while until not in seen:
        seen.append(json.loads(socket.recv(timeout=max(0.01, end - time.monotonic())))["name"])
    return seen


def test_a_graceful_abort_is_announced(api, server):
    """A graceful abort sends `aborting` and `persistState`, an immediate abort sends nothing."""
    run = api.running({"durationSecs": 30, "onAbort": "ignore"})
    with connect(address(server, run), proxy=None) as socket:
        time.sleep(0.2)
        api.post(run["id"], "abort", gracefully="true")
        seen = [name for name in names(socket, "persistState") if name != "systemInfo"]
        assert seen == ["aborting", "persistState"]
    api.post(run["id"], "abort")


def test_measurements_are_announced(api, server):
    """A process receives its memory and CPU usage while it runs."""
    run = api.running({"durationSecs": 30})
    with connect(address(server, run), proxy=None) as socket:
        event = json.loads(socket.recv(timeout=5))
        assert event["name"] == "systemInfo"
        assert event["data"]["memCurrentBytes"] > 0
    api.post(run["id"], "abort")


def test_the_end_of_a_run_hangs_up(api, server):
    """Connections are closed properly when the run has finished."""
    run = api.running({"durationSecs": 30})
    with connect(address(server, run), proxy=None) as socket:
        api.post(run["id"], "abort")
        # The client's iterator ends with a closing in good order, and raises at any other.
        assert {json.loads(event)["name"] for event in socket} <= {"systemInfo"}
        assert socket.close_code == 1000


@pytest.mark.parametrize("token", ["", "nobody", "other-token"])
def test_events_are_for_the_owner(api, server, token):
    """Without the owner's token the connection is refused."""
    run = api.running({"durationSecs": 30})
    with (
        pytest.raises((ConnectionClosed, InvalidStatus)),
        connect(address(server, run, token), proxy=None) as socket,
    ):
        socket.recv(timeout=5)
    api.post(run["id"], "abort")


def test_a_stop_of_the_server_is_announced(serve, client):
    """Before a server stops, processes are told that they are migrating."""
    with serve() as server, client(server.url) as api:
        run = api.running({"durationSecs": 30})
        with connect(address(server, run), proxy=None) as socket:
            time.sleep(0.2)
            server.process.terminate()
            assert "migrating" in names(socket, "migrating")
        server.process.wait(10)
