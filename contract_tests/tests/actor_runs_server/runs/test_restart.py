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
    return [process for process in psutil.process_iter() if carries(process, run["id"])]


def carries(process, run):
    try:
        known = process.environ().get("ACTOR_RUN_ID")
        return known == run and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def gone(run, seconds=5):
    """Wait until a run has no process; return whether that was in time."""
    end = time.monotonic() + seconds
    while processes_of(run):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def killed(tmp_path_factory, serving, client):
    """Runs in every state on a server that is killed and served again on its data."""
    folder = tmp_path_factory.mktemp("killed")
    before, failures = {}, []
    with serving(folder) as server, client(server.url) as api:
        before["ended"] = api.start({"durationSecs": 0}, waitForFinish=20)
        before["ended"] = api.put(before["ended"]["id"], statusMessage="kept")
        before["going"] = api.running({"durationSecs": 2})
        before["timed"] = api.running({"durationSecs": 60}, timeout=4)
        stubborn = api.running({"durationSecs": 60, "onAbort": "ignore"})
        before["stubborn"] = api.post(stubborn["id"], "abort", gracefully="true")
        waiting = threading.Thread(target=wait, args=(api, before["going"], failures))
        waiting.start()
        time.sleep(0.5)
        server.stop(signal.SIGKILL)
        waiting.join()
    left = [name for name in ("going", "timed", "stubborn") if not gone(before[name])]
    port = server.url.rsplit(":", 1)[1]
    with serving(folder, "--port", port) as server, client(server.url) as api:
        yield Killed(before, api, failures, left)


class Killed:
    """The runs before the server was killed, and a client of the next server."""

    def __init__(self, before, api, failures, left):
        self.before, self.api, self.failures, self.left = before, api, failures, left

    def now(self, name, wait=0):
        return self.api.get(self.before[name]["id"], wait=wait)


def wait(api, run, failures):
    try:
        api.get(run["id"], wait=30)
    except httpx.TransportError as error:
        failures.append(error)


def test_no_process_outlives_the_server(killed):
    """Soon after kill -9 no process of any run is left."""
    assert killed.left == []


def test_a_finished_run_is_as_it_was(killed):
    """A finished run is the same after a restart, message and metrics included."""
    assert killed.now("ended") == killed.before["ended"]


def test_a_going_run_goes_on(killed):
    """An unfinished run is started again, counts a migration and ends."""
    end = killed.now("going", wait=20)
    assert (end["status"], end["stats"]["migrationCount"]) == ("SUCCEEDED", 1)
    assert end["startedAt"] == killed.before["going"]["startedAt"]


def test_who_waits_reconnects(killed):
    """A caller whose wait was cut off gets the finished run when it asks again."""
    assert len(killed.failures) == 1
    assert killed.now("going", wait=20)["status"] == "SUCCEEDED"


def test_an_abort_is_not_forgotten(killed):
    """A run that was being aborted is ABORTED after the restart."""
    assert killed.before["stubborn"]["status"] == "ABORTING"
    end = killed.now("stubborn", wait=5)
    assert (end["status"], end["stats"]["migrationCount"]) == ("ABORTED", 0)


def test_a_timeout_counts_over_a_restart(killed):
    """The run time before the restart counts towards the timeout."""
    end = killed.now("timed", wait=20)
    assert end["status"] == "TIMED-OUT"
    assert 3.5 < end["stats"]["runTimeSecs"] < 6
    assert end["stats"]["migrationCount"] == 1


def test_a_stop_is_graceful(serve, client):
    """SIGTERM answers waiting callers, kills the processes, and exits with 0."""
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


def with_children(api):
    """Start a run whose process has started another; return the run and its processes' ids."""
    run = api.running(None, task="demo~shell")
    end = time.monotonic() + 5
    while len(processes_of(run)) < 3 and time.monotonic() < end:
        time.sleep(0.1)
    pids = {process.pid for process in processes_of(run)}
    assert len(pids) == 3
    return run, pids


def all_gone(run, pids, seconds=5):
    """Wait until none of a run's processes is left; return whether that was in time."""
    end = time.monotonic() + seconds
    while pids & {process.pid for process in processes_of(run)}:
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


DAEMON = """
[actors."demo~daemon"]
command = ["/bin/sh", "-c", "setsid sleep 300 & sleep 0.3; exit 1"]
[tasks."demo~daemon"]
actor = "demo~daemon"
"""


@pytest.mark.parametrize("restart", ["true", "false"])
def test_a_daemon_ends_with_its_run(serve, client, config, restart):
    """A process that has left its group is killed when its run ends, and no other process is."""
    with serve(config=config + DAEMON) as server, client(server.url) as api:
        other = api.running({"durationSecs": 60})
        kept = {process.pid for process in processes_of(other)}
        run = api.start(task="demo~daemon", restartOnError=restart)
        daemons = set()
        while api.get(run["id"])["status"] != "FAILED":
            daemons |= {process.pid for process in processes_of(run)}
        assert len(daemons) >= (2 if restart == "false" else 8)
        assert gone(run)
        assert kept == {process.pid for process in processes_of(other)}


def test_another_configuration_finds_the_runs(serve, client, config):
    """Runs whose user, task and Actor have left the configuration can be read; unfinished ones fail."""
    with serve() as server, client(server.url) as api:
        ended = api.start({"durationSecs": 0}, waitForFinish=20)
        going = api.running({"durationSecs": 60})
        opened = api.start({"durationSecs": 0}, waitForFinish=20)["id"]
        api.put(opened, generalAccess="ANYONE_WITH_ID_CAN_READ")
        server.stop()
    other = '[users.demo2]\ntoken = "demo-token"\n'
    with serve(config=other) as server, client(server.url) as api:
        for run in (ended, going):
            api.call("GET", f"/v2/actor-runs/{run['id']}", 403)
            api.call("POST", f"/v2/actor-runs/{run['id']}/abort", 404)
        assert api.get(opened)["status"] == "SUCCEEDED"
        server.stop()
        assert "Traceback" not in server.errors.read_text()
    with serve(config=config) as server, client(server.url) as api:
        assert api.get(ended["id"]) == ended
        now = api.get(going["id"])
        assert (now["status"], now["exitCode"]) == ("FAILED", None)
        log = api.call("GET", f"/v2/actor-runs/{going['id']}/log", 200).text
        assert "no Actor 'demo~fixture-actor' in the configuration" in log


@pytest.mark.parametrize("action", ["abort", "reboot"])
def test_a_run_s_children_end_with_it(api, action):
    """All that a process has started is killed with it."""
    run, before = with_children(api)
    api.post(run["id"], action)
    assert all_gone(run, before)
    api.post(run["id"], "abort")


def test_a_run_s_children_end_with_the_server(serve, client):
    """All that a process has started is killed when the server is killed."""
    with serve() as server, client(server.url) as api:
        run, before = with_children(api)
        server.stop(signal.SIGKILL)
        assert all_gone(run, before)


def test_leftovers_are_swept_at_the_start(serve, client, tmp_path):
    """A process that the reaper has missed is killed by the next server."""
    with serve() as server, client(server.url) as api:
        run = api.running({"durationSecs": 60})
        (reaper,) = (
            child
            for child in psutil.Process(server.process.pid).children()
            if "actor_runs_server.processes.reaper" in child.cmdline()
        )
        left = {process.pid for process in processes_of(run)} - {reaper.pid}
        # The server must not see its reaper go before it is killed itself.
        os.kill(server.process.pid, signal.SIGSTOP)
        os.kill(reaper.pid, signal.SIGKILL)
        server.stop(signal.SIGKILL)
        assert left
        assert left <= {process.pid for process in processes_of(run)}
    with serve() as server, client(server.url) as api:
        assert left & {process.pid for process in processes_of(run)} == set()
        api.post(run["id"], "abort")


def test_nothing_is_left_open(serve, client):
    """After many runs the server has no more open files and children than before."""
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
    """Without --data no file is left, not even after kill -9."""
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
            time.sleep(0.1)
        assert list(tmp_path.iterdir()) == []
