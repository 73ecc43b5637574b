"""Breaking the reference server by hand makes the suite exit 1 and name the promise."""

import json
import os
import subprocess
import sys

import pytest

from actor_runs_conformance.ledger import ledger
from tests.support.broken_server import BROKEN

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

CASES = {name: promise for name, (_, promise) in BROKEN.items()}
# Kept by every one of these servers, unless it is the broken one.
OTHERS = ("GET-08", "TSK-01", "AUT-05")


def by_its_check(promise):
    """Name a promise with its own check: others that could show it take longer."""
    return f"{promise}@{ledger.by_id()[promise].server.check}"


def check(name, promise, folder):
    """Start the broken server and check it by the command; return its exit code and output."""
    command = [sys.executable, "-m", "tests.support.broken_server", name]
    with subprocess.Popen(
        [*command, "--data", folder / "data"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            ready = json.loads(server.stdout.readline())
            command = [sys.executable, "-m", "actor_runs_conformance", "check-server"]
            command += [ready["url"], "--task", ready["task"], "--report", folder / "report"]
            came = subprocess.run(
                [*command, "--only", ",".join(map(by_its_check, (promise, *OTHERS)))],
                env={**os.environ, "APIFY_TOKEN": ready["token"]},
                stdout=subprocess.PIPE,
                text=True,
                check=False,
            )
        finally:
            server.terminate()
    return came.returncode, came.stdout


@pytest.mark.parametrize(("name", "promise"), CASES.items(), ids=CASES)
def test_promise_is_named(tmp_path, name, promise):
    """The broken promise is failed with what was expected and observed, and no other one is."""
    code, out = check(name, promise, tmp_path)
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert code == 1, out
    failed = [one for one in report["promises"] if one["verdict"] == "failed"]
    assert [promise] == [one["id"] for one in failed], out
    assert f"FAILED {promise}" in out
    (broken,) = failed
    assert broken["message"]
    assert broken["expected"] is not None
    assert broken["reproduce"].startswith("curl ")
    assert broken["evidence"] >= 1
