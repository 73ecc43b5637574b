"""A server of few operations gets no more causes than it lacks, and one verdict a scope."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.support.child_server import child

pytestmark = pytest.mark.robustness


@pytest.mark.parametrize(
    ("offered", "broken"),
    [
        ("runTask,getRun", {"PUT-01", "ABT-05", "RBT-01"}),
        ("runTask,getRun,updateRun", {"ABT-05", "RBT-01"}),
    ],
)
def test_each_thing_that_is_missing_is_one_cause(tmp_path, offered, broken):
    """What is not offered is one cause each; all else is folded below them."""
    server = ("-m", "tests.support.partial_server", offered, "--data", str(tmp_path / "data"))
    with child(*server) as ready:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "actor_runs_conformance", "check-server", ready["url"]),
                *("--task", ready["task"], "--profile", "safe", "--report", str(tmp_path / "out")),
            ],
            env={
                **os.environ,
                "APIFY_TOKEN": ready["token"],
                "APIFY_SECOND_TOKEN": ready["other_token"],
            },
            capture_output=True,
            text=True,
        )
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    failed = {one["id"] for one in report["promises"] if one["verdict"] == "failed"}
    assert failed == broken, done.stdout
    assert len(re.findall(r"^\d+\. ", done.stdout, re.MULTILINE)) == len(broken)
    assert (
        len(re.findall(r"^  (?:Violates|Conformant|Inconclusive) ", done.stdout, re.MULTILINE)) == 2
    )
