"""Runs outlive the server; their processes do not."""

import json
import os
import signal
import sys
import threading
import time
from subprocess import PIPE, Popen

import httpx
import psutil
import pytest


def processes_of(run):
    """Return the living processes that were started for a run."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("ACTOR_RUN_ID") == run["id"]:
                found.append(process)
        except psutil.Error:
            pass
    return [p for p in found if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def gone(run, seconds=5):
    """Wait until a run has no process; tell whether that was in time."""
    end = time.monotonic() + seconds
    while processes_of(run):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_runs_survive_a_kill(serve, client):
    """After kill -9 finished runs are as they were, and going ones go on and count a migration."""
    with serve() as server, client(server.url) as api:
        ended = api.start({"durationSecs": 0}, waitForFinish=20)
        api.put(ended["id"], statusMessage="kept")
        ended = api.get(ended["id"])
        going = api.running({"durationSecs": 2})
        stubborn = api.running({"durationSecs": 60, "onAbort": "ignore"})
        stubborn = api.post(stubborn["id"], "abort", gracefully="true")
        server.stop(signal.SIGKILL)
    assert gone(going)
    assert gone(stubborn)
    with serve() as server, client(server.url) as api:
        assert api.get(ended["id"]) == ended
        now = api.get(going["id"])
        assert (now["status"], now["stats"]["migrationCount"]) == ("RUNNING", 1)
        end = api.get(going["id"], wait=20)
        assert (end["status"], end["startedAt"]) == ("SUCCEEDED", going["startedAt"])
        assert api.get(stubborn["id"], wait=5)["status"] == "ABORTED"


def test_who_waits_reconnects(serve, client):
    """A caller that waits over a restart gets the end when it asks again."""
    with serve() as server, client(server.url) as api:
        run = api.running({"durationSecs": 1.5})
        port = server.url.rsplit(":", 1)[1]
        failures = []

        def wait():
            try:
                api.get(run["id"], wait=30)
            except httpx.TransportError as error:
                failures.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.3)
        server.stop(signal.SIGKILL)
        waiting.join()
    assert len(failures) == 1
    with serve("--port", port) as server, client(server.url) as api:
        assert api.get(run["id"], wait=30)["status"] == "SUCCEEDED"


def test_a_stop_is_graceful(serve, client):
    """SIGTERM answers those who wait, kills what runs, and exits with 0."""
    with serve() as server, client(server.url) as api:
        run = api.running({"durationSecs": 60})
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(api.get(run["id"], wait=60)))
        waiting.start()
        time.sleep(0.3)
        began = time.monotonic()
        assert server.stop() == 0
        waiting.join()
        assert time.monotonic() - began < 5
    assert answers[0]["status"] == "RUNNING"
    assert processes_of(run) == []


def test_a_timeout_counts_over_a_restart(serve, client):
    """The time that a run has had counts towards its timeout after a restart too."""
    with serve() as server, client(server.url) as api:
        run = api.running({"durationSecs": 60}, timeout=3)
        time.sleep(1.5)
        server.stop(signal.SIGKILL)
    with serve() as server, client(server.url) as api:
        began = time.monotonic()
        assert api.get(run["id"], wait=20)["status"] == "TIMED-OUT"
        assert time.monotonic() - began < 2.5


def with_children(api):
    """Start a run whose process has started another; return the run and its processes' ids."""
    run = api.running(None, task="demo~shell")
    end = time.monotonic() + 5
    while len(processes_of(run)) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    pids = {process.pid for process in processes_of(run)}
    assert len(pids) == 3
    return run, pids


def all_gone(run, pids, seconds=5):
    """Wait until none of a run's processes is left; tell whether that was in time."""
    end = time.monotonic() + seconds
    while pids & {process.pid for process in processes_of(run)}:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("action", ["abort", "reboot"])
def test_a_run_s_children_end_with_it(api, action):
    """Whatever a process has started is killed with it."""
    run, before = with_children(api)
    api.post(run["id"], action)
    assert all_gone(run, before)
    api.post(run["id"], "abort")


def test_a_run_s_children_end_with_the_server(serve, client):
    """Whatever a process has started is killed when the server is."""
    with serve() as server, client(server.url) as api:
        run, before = with_children(api)
        server.stop(signal.SIGKILL)
        assert all_gone(run, before)


def test_leftovers_are_swept_at_the_start(serve, client, tmp_path):
    """A process that even the reaper did not get is killed by the next server."""
    with serve() as server, client(server.url) as api:
        run = api.running({"durationSecs": 60})
        (reaper,) = (
            child
            for child in psutil.Process(server.process.pid).children()
            if "actor_runs_server.reaper" in child.cmdline()
        )
        os.kill(reaper.pid, signal.SIGKILL)
        left = {process.pid for process in processes_of(run)}
        server.stop(signal.SIGKILL)
        assert left <= {process.pid for process in processes_of(run)}
    with serve() as server, client(server.url) as api:
        assert left & {process.pid for process in processes_of(run)} == set()
        api.post(run["id"], "abort")


def test_nothing_is_left_open(serve, client):
    """After many runs the server holds no more files and children than before."""
    with serve() as server, client(server.url) as api:
        process = psutil.Process(server.process.pid)
        api.start({"durationSecs": 0}, waitForFinish=20)
        before = (process.num_fds(), len(process.children()), process.num_threads())
        runs = [api.start({"durationSecs": 0}) for _ in range(20)]
        for run in runs:
            api.get(run["id"], wait=30)
        time.sleep(0.2)
        after = (process.num_fds(), len(process.children()), process.num_threads())
        assert after[0] <= before[0] + 1
        assert after[1] == before[1]
        assert after[2] <= before[2] + 5


def test_a_temporary_directory_goes_with_the_server(tmp_path, monkeypatch, client):
    """Without --data nothing is left, not even after kill -9."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        command = ["actor_runs_server", "--ready-json", "--port", "0"]
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        with Popen([sys.executable, "-m", *command], stdout=PIPE, env=environment) as process:
            ready = json.loads(process.stdout.readline())
            with client(ready["url"], ready["token"], ready["task"]) as api:
                run = api.running({"durationSecs": 60})
            assert len(list(tmp_path.iterdir())) == 1
            process.send_signal(number)
        assert gone(run)
        end = time.monotonic() + 5
        while list(tmp_path.iterdir()) and time.monotonic() < end:
            time.sleep(0.05)
        assert list(tmp_path.iterdir()) == []
