"""A server of few operations gets no more causes than it lacks, and one verdict a scope."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.support.child_server import child

pytestmark = pytest.mark.robustness


def check(tmp_path, offered):
    """Check a server of these operations; return what came of the command, and its report."""
    server = ("-m", "tests.support.partial_server", offered, "--data", str(tmp_path / "data"))
    with child(*server) as ready:
        words = [sys.executable, "-m", "actor_runs_conformance", "check-server", ready["url"]]
        words += ["--task", ready["task"], "--profile", "safe", "--report", str(tmp_path / "out")]
        tokens = {"APIFY_TOKEN": ready["token"], "APIFY_SECOND_TOKEN": ready["other_token"]}
        done = subprocess.run(words, env={**os.environ, **tokens}, capture_output=True, text=True)
    return done, json.loads((tmp_path / "out" / "report.json").read_text())


@pytest.mark.parametrize(
    ("offered", "broken"),
    [
        ("runTask,getRun", {"PUT-01", "ABT-05", "RBT-01"}),
        ("runTask,rebootRun", {"GET-01", "PUT-01", "ABT-05"}),
        ("getRun,updateRun", {"TSK-01", "ABT-05", "RBT-01"}),
        ("updateRun,rebootRun", {"GET-01", "TSK-01", "ABT-05"}),
    ],
)
def test_each_thing_that_is_missing_is_one_cause(tmp_path, offered, broken):
    """What is not offered is one cause each; all else is folded below them."""
    done, report = check(tmp_path, offered)
    failed = {one["id"] for one in report["promises"] if one["verdict"] == "failed"}
    assert failed == broken, done.stdout
    assert len(re.findall(r"^\d+\. ", done.stdout, re.MULTILINE)) == len(broken)
    assert done.stdout.count("     to do     implement ") == len(broken)
    assert (
        len(re.findall(r"^  (?:Violates|Conformant|Inconclusive) ", done.stdout, re.MULTILINE)) == 2
    )


def test_a_server_of_none_is_told_so_in_a_sentence(tmp_path):
    """Nothing is judged, and the answer that shows it is named."""
    done, _ = check(tmp_path, "none")
    assert done.returncode == 2
    assert (
        "answers 404 page-not-found to all operations, as to a path that cannot be" in done.stdout
    )
