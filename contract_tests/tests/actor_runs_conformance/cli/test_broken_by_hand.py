"""Breaking the reference server by hand makes the suite exit 1 and name the promise."""

import json
import os
import subprocess
import sys

import pytest

from actor_runs_conformance.ledger import ledger
from tests.support.broken_server import BROKEN

CASES = {name: promise for name, (_, promise) in BROKEN.items()}
# Kept by every one of these servers, unless it is the broken one.
OTHERS = "GET-08,TSK-01@start_task,AUT-05"


def judged_by(promise):
    return ledger.by_id()[promise].server.check


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The reports of all cases, checked at once: they spend their time waiting."""
    folder = tmp_path_factory.mktemp("broken")
    servers, checks, found = [], {}, {}
    try:
        for name in CASES:
            server = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.support.broken_server",
                    name,
                    "--data",
                    folder / f"{name}-data",
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            servers.append(server)
        for (name, promise), server in zip(CASES.items(), servers, strict=True):
            ready = json.loads(server.stdout.readline())
            command = [sys.executable, "-m", "actor_runs_conformance", "check-server"]
            command += [ready["url"], "--task", ready["task"], "--report", folder / name]
            checks[name] = subprocess.Popen(
                [*command, "--only", f"{promise}@{judged_by(promise)},{OTHERS}"],
                env={**os.environ, "APIFY_TOKEN": ready["token"]},
                stdout=subprocess.PIPE,
                text=True,
            )
        for name, running in checks.items():
            out, _ = running.communicate()
            report = json.loads((folder / name / "report.json").read_text())
            found[name] = (running.returncode, out, report)
    finally:
        for process in (*servers, *checks.values()):
            process.terminate()
            process.wait()
            process.stdout.close()
    return found


@pytest.mark.parametrize(("name", "promise"), CASES.items(), ids=CASES)
def test_promise_is_named(reports, name, promise):
    """The broken promise is failed with what was expected and observed, and no other one is."""
    code, out, report = reports[name]
    assert code == 1, out
    failed = [one for one in report["promises"] if one["verdict"] == "failed"]
    assert [promise] == [one["id"] for one in failed], out
    assert f"FAILED {promise}" in out
    (broken,) = failed
    assert broken["message"]
    assert broken["expected"] is not None
    assert broken["reproduce"].startswith("curl ")
    assert broken["evidence"] >= 1
