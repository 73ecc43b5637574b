"""The command that a finding ends with finds the same again, whatever kind of check found it."""

import os
import shlex
import subprocess
import sys

import pytest

from tests.support.checking import command
from tests.support.targets import independent

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

# A fault, the promise to look for, what is judged at first, and what the repetition judges it by.
FOUND = {
    "a scenario": ("get-203", "GET-01", "GET-01,GET-03", "get_run"),
    "the requests of a scenario": (
        "update-answer-without-stats",
        "OBJ-16",
        "OBJ-16,PUT-05",
        "update_status_message",
    ),
    "generated cases": ("update-any-json", "PUT-17", "PUT-17@generated_cases", "generated_cases"),
}


@pytest.mark.parametrize(("fault", "promise", "only", "check"), FOUND.values(), ids=FOUND)
def test_the_printed_command_finds_it_again(fault, promise, only, check, tmp_path):
    """It judges the promise by the check that found it broken, and finds it broken for the same reason."""
    with independent("--fault", fault) as target:
        first = command(target, "--scope", "platform", "--only", only, report=tmp_path / "first")
        words = shlex.split(first.verdicts[promise]["alone"])
        assert words[-1] == f"{promise}@{check}"
        assert words[:2] == ["actor-runs", "check-server"]
        again = subprocess.run(
            [sys.executable, "-m", "actor_runs_conformance", *words[1:]],
            env={**os.environ, "APIFY_TOKEN": target.token, "APIFY_SECOND_TOKEN": "x" * 20},
            capture_output=True,
            text=True,
        )
    assert again.returncode == first.exit_code == 1, again.stdout
    assert f"FAILED {promise}" in again.stdout
