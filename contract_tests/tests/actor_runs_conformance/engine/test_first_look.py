"""What a target lacks is found once, before the checks begin, and blamed on nothing else."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.child_server import child


def check(tmp_path, server, *options, task=True):
    """Check a server by the command; return its exit code and the verdicts with their causes."""
    with child("-m", "tests.support.independent", "--port", "0", *server) as ready:
        words = [sys.executable, "-m", "actor_runs_conformance", "check-server", ready["url"]]
        words += ["--task", ready["task"]] if task else []
        words += ["--actor", ready["actor"], "--report", str(tmp_path), *options]
        tokens = {"APIFY_TOKEN": ready["token"], "APIFY_SECOND_TOKEN": ready["other_token"]}
        done = subprocess.run(
            words, env={**os.environ, **tokens}, capture_output=True, text=True, check=False
        )
    report = json.loads((tmp_path / "report.json").read_text())
    return done.returncode, {p["id"]: p for p in report["promises"]}


def test_an_operation_that_is_not_offered_breaks_one_promise(tmp_path):
    """Where Get run is somewhere else, GET-01 alone is broken, and all that needs it says so."""
    only = "GET-01@get_run,GET-04,PUT-05@update_status_message,RBT-03"
    code, found = check(tmp_path, ["--fault", "get-elsewhere"], "--only", only)
    assert (code, found["GET-01"]["verdict"]) == (1, "failed")
    for name in ("GET-04", "PUT-05", "RBT-03"):
        assert (found[name]["verdict"], found[name]["because"]) == ("not_exercised", "GET-01")


def test_a_start_that_blocks_breaks_one_promise(tmp_path):
    """A start that is answered at the end of its run breaks TSK-02, and hides nothing else."""
    only = "TSK-01@start_task,TSK-02,ABT-05"
    code, found = check(tmp_path, ["--fault", "start-blocks"], "--only", only)
    assert code == 1
    assert found["TSK-01"]["verdict"] == "passed"
    assert "answered after" in found["TSK-02"]["message"]
    assert (found["ABT-05"]["verdict"], found["ABT-05"]["because"]) == ("not_exercised", "TSK-02")


def test_a_server_of_the_documents_alone_is_judged_at_the_address_it_has(tmp_path):
    """The abort is judged at its documented address; its successor is missing in the platform.

    A counter that a target may leave out is not missed, whatever would show by it.
    """
    code, found = check(
        tmp_path,
        ["--only-documents", "--freedom", "sparse"],
        "--only",
        "TSK-17c,ABT-01,ABT-05,ABT-06@abort_of_succeeded_run,ABT-25,GEN-07@method_override",
        "--profile",
        "safe",
    )
    assert code == 0
    assert found["ABT-01"]["verdict"] == "failed"
    assert {found[name]["verdict"] for name in ("ABT-05", "ABT-06", "ABT-25")} == {"passed"}
    assert "GET /v2/acts/" in found["GEN-07"]["message"]
    assert found["TSK-17c"]["verdict"] == "not_exercised"


def test_runs_are_started_by_their_actor_where_there_are_no_tasks(tmp_path):
    """With --actor alone Run task is left out, and the rest is judged."""
    code, found = check(
        tmp_path,
        [],
        "--only",
        "TSK-01@start_task,GET-05@every_end_is_heard_of,ABT-05@abort_of_running_run,PUT-05@update_status_message",
        task=False,
    )
    assert code == 0
    assert found["TSK-01"]["verdict"] == "excluded"
    assert "keeps it" not in found["TSK-01"]["message"]
    assert {found[name]["verdict"] for name in ("GET-05", "ABT-05", "PUT-05")} == {"passed"}


@pytest.mark.parametrize(
    ("long", "short", "obeys"),
    [
        (("SUCCEEDED", 0, 1.0), ("FAILED", 7, 0.5), True),
        (("SUCCEEDED", 0, 1.0), ("SUCCEEDED", 7, 0.5), True),
        (("SUCCEEDED", 0, 1.0), ("FAILED", None, 0.5), True),
        (("SUCCEEDED", 0, 1.1), ("SUCCEEDED", 0, 0.5), True),
        (("SUCCEEDED", 0, 3.0), ("SUCCEEDED", 0, 3.0), False),
        (("SUCCEEDED", None, 3.0), ("SUCCEEDED", None, 3.1), False),
        (("RUNNING", None, 3.0), ("SUCCEEDED", 0, 3.0), True),
    ],
)
def test_a_task_disobeys_only_when_no_sign_speaks_for_it(long, short, obeys):
    """One wrong sign is the target's fault; a task that shows none of them does not obey."""
    from actor_runs_conformance.engine.trial import disobedience
    from tests.support.hand_made import exchange, run_object

    def ended(status, code, seconds):
        finished = f"2026-01-01T00:00:{10 + seconds:06.3f}Z"
        run = run_object(
            status=status, exitCode=code, startedAt="2026-01-01T00:00:10.000Z", finishedAt=finished
        )
        return exchange(run)

    assert (disobedience(ended(*long), ended(*short)) is None) == obeys
