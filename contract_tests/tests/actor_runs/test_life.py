"""The client drives the reference server through the whole life of a run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from actor_runs import ActorRunsError, Client, Retries, errors
from tests.support.client_wire import ROOT


@pytest.fixture
def caller(connect, reference):
    return connect(reference["url"], token=reference["token"], retries=Retries())


def test_run_that_succeeds(caller, reference):
    """Start, message, reboot, wait: one run from READY to SUCCEEDED, and no reboot after."""
    run = caller.run_task(reference["task"], {"durationSecs": 1.5, "exitCode": 0}, memory=256)
    assert run.response.status_code == 201
    assert run.response.headers["location"].endswith(run.id)
    assert (run.options.memory_mbytes, run.meta.origin) == (256, "API")
    assert not run.ended
    while caller.get_run(run.id, server_wait_secs=0.2).status == "READY":
        pass
    assert caller.update_status_message(run.id, "Halfway").status_message == "Halfway"
    assert caller.reboot_run(run.id).status == "RUNNING"
    not_yet = caller.wait_for_finish(run.id, deadline_secs=0.2)
    assert not not_yet.ended
    done = caller.wait_for_finish(run.id, deadline_secs=30)
    assert (done.status, done.ended, done.exit_code) == ("SUCCEEDED", True, 0)
    assert done.finished_at > done.started_at == run.started_at
    assert done.to_dict() == done.response.json()["data"]
    with pytest.raises(errors.JobFinishedError):
        caller.reboot_run(run.id)
    assert caller.abort_run(run.id).status == "SUCCEEDED"


def test_run_that_fails(caller, reference):
    """An exit code other than 0 is FAILED, and is told."""
    run = caller.run_task(reference["task"], {"durationSecs": 0, "exitCode": 3})
    done = caller.wait_for_finish(run.id, deadline_secs=30)
    assert (done.status, done.exit_code) == ("FAILED", 3)


def test_run_that_times_out(caller, reference):
    """A run that may take one second ends as TIMED-OUT."""
    run = caller.run_task(reference["task"], {"durationSecs": 60}, run_timeout_secs=1)
    assert caller.wait_for_finish(run.id, deadline_secs=30).status == "TIMED-OUT"


@pytest.mark.parametrize("gracefully", [False, True])
def test_run_that_is_aborted(gracefully, caller, reference):
    """An abort, also a graceful one, ends as ABORTED, and a second one changes nothing."""
    run = caller.run_task(reference["task"], {"durationSecs": 60})
    aborted = caller.abort_run(run.id, gracefully=gracefully)
    assert aborted.status in {"ABORTING", "ABORTED"}
    done = caller.wait_for_finish(run.id, deadline_secs=40)
    assert done.status == "ABORTED"
    with pytest.warns(DeprecationWarning, match="abort_run"):
        again = caller.abort_actor_run(done.act_id, run.id)
    assert done.finished_at == again.finished_at


def test_server_that_waits_answers_with_the_end(caller, reference):
    """Run task that is asked to wait answers 201 with a run that has ended."""
    run = caller.run_task(reference["task"], {"durationSecs": 0.3}, server_wait_secs=30)
    assert (run.response.status_code, run.ended) == (201, True)


def test_refusals_of_a_real_server(caller, reference, connect):
    """Unknown run, unknown task, wrong token and no token are told apart."""
    with pytest.raises(errors.NotFoundError):
        caller.get_run("aaaaaaaaaaaaaaaaa")
    with pytest.raises(errors.NotFoundError):
        caller.run_task("demo~no-such-task")
    with pytest.raises(errors.UnauthorizedError):
        connect(reference["url"], token="wrong").run_task(reference["task"])
    with pytest.raises(errors.UnauthorizedError):
        connect(reference["url"], token=None).run_task(reference["task"])


def test_costs_are_hidden_without_a_token(caller, reference, connect):
    """Whoever has no token reads a run, but not what it cost."""
    run = caller.run_task(reference["task"], {"durationSecs": 0}, server_wait_secs=30)
    anonymous = connect(reference["url"], token=None).get_run(run.id)
    assert run.id == anonymous.id
    assert not anonymous.usage_usd
    assert not anonymous.usage_total_usd


def readme_examples(*, tests: bool) -> list[str]:
    """Return the Python blocks of README.md that use the client, as tests or not."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [block for block in blocks if "actor_runs" in block and ("def test_" in block) is tests]


@pytest.mark.parametrize("code", readme_examples(tests=True), ids=["transport", "reference"])
def test_readme_tests_pass(code, tmp_path):
    """What "Testing your code" shows are tests that pass, with every warning an error."""
    (tmp_path / "test_example.py").write_text(code, encoding="utf-8")
    places = os.pathsep.join(str(Path(place).resolve()) for place in sys.path)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    result = subprocess.run(
        [*command, "--rootdir", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "1 passed" in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize("code", readme_examples(tests=False), ids=lambda code: code.split("\n")[0])
def test_readme_example_runs(code, reference):
    """What README.md shows works as it stands, with token and server from the environment."""
    code = re.sub(r'"[\w-]+~[\w-]+"', repr(reference["task"]), code)
    environment = {
        **os.environ,
        "APIFY_TOKEN": reference["token"],
        "APIFY_API_BASE_URL": reference["url"],
    }
    command = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_nobody_there_is_an_error_of_the_client():
    """All errors share one base."""
    client = Client("x", base_url="http://127.0.0.1:1", retries=Retries(deadline_secs=0))
    with client, pytest.raises(ActorRunsError):
        client.get_run("x")
