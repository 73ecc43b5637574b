"""Judging less: what was not kept, up to the first breach, and files to begin with."""

from __future__ import annotations

import json
import shutil

from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.target.target_file import read_target
from tests.support.hand_made import answering, speaking

EXAMPLE = json.dumps({"data": {"id": "HG7ML7M8z78YcAPEB", "status": "SUCCEEDED"}}).encode()
TASK = ("--task", "me~task")
ONLY = ("--only", "OBJ-01@run_identity,TSK-23")


def test_fail_fast_ends_at_the_first_breach(check):
    """The check ends early, is violated, and says by what; what it had started is looked after."""
    with speaking(answering("201 X", EXAMPLE)) as url:
        came = check(url, *TASK, "--fail-fast")
    assert came.code == 1
    assert "Stopped at the first broken promise, " in came.message
    [cleanup] = [e for e in came.events if e["event"] == "phase" and e["name"] == "cleanup"]
    first = next(e for e in came.events if e["event"] == "finding" and e["verdict"] == "failed")
    assert cleanup["at"] - first["at"] < 5
    assert "not_exercised" in came.verdicts.values()


def test_first_files_are_written(check, tmp_path):
    """A server with breaches gets files that make the next check conformant about them."""
    expected, target = (tmp_path / f"{name}.toml" for name in ("expected", "target"))
    with speaking(answering("201 X", EXAMPLE)) as url:
        came = check(
            *(url, *TASK, *ONLY), "--write-expected", str(expected), "--write-target", str(target)
        )
        assert came.code == 1
        again = check(url, *TASK, *ONLY, "--expected", str(expected))
    assert again.code != 1
    found = read_target(target, promises=ledger.by_id(), operations=contract.operations())
    assert "OBJ-01" in found.promises


def test_rerun_judges_only_what_was_not_kept(check, tmp_path):
    """The report of a check is enough to check again what it found."""
    with speaking(answering("201 X", EXAMPLE)) as url:
        came = check(url, *TASK, *ONLY)
        before = came.verdicts
        shutil.copy(came.report / "events.jsonl", tmp_path)
        again = check("--rerun", str(tmp_path))
    assert "OBJ-01" in again.verdicts
    assert set(again.verdicts) == {name for name, verdict in before.items() if verdict != "passed"}


def test_a_check_ends_when_all_that_was_asked_for_is_broken(check):
    """What was named is broken: nothing that is still awaited could change that."""
    with speaking(answering("201 X", EXAMPLE)) as url:
        came = check(url, *TASK, "--only", "GET-01@get_run")
    assert came.code == 1
    assert came.message.startswith("All that was asked for is broken; the check ended there.")
    assert came.verdicts == {"GET-01": "failed"}


def test_what_is_broken_at_first_sight_starts_no_scenario(check):
    """The first start shows it; scenarios that would start more runs, or wait for them, are not begun."""
    with speaking(answering("201 X", EXAMPLE)) as url:
        came = check(url, *TASK, "--only", "TSK-03")
    assert came.verdicts == {"TSK-03": "failed"}
    phases = [event["name"] for event in came.events if event["event"] == "phase"]
    assert phases == ["preflight", "cleanup"]
