"""check-client on real clients: our own keeps what clients owe, and others are told apart."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.drivers, pytest.mark.timeout(300)]

DRIVERS = Path(__file__).parents[3] / "client_drivers"
OWN = str(DRIVERS / "actor_runs_driver.py")


def judge(tmp_path, *command, profile="quick"):
    """Judge a client; return the exit code and the ids with each verdict."""
    words = [sys.executable, "-m", "actor_runs_conformance", "check-client"]
    words += ["--profile", profile, "--report", str(tmp_path), "--", *command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    report = json.loads((tmp_path / "report.json").read_text())
    found = {}
    for promise in report["promises"]:
        found.setdefault(promise["verdict"], set()).add(promise["id"])
    return done.returncode, found


@pytest.mark.parametrize("options", [(), ("--asyncio",)], ids=["Client", "AsyncClient"])
def test_our_own_client_keeps_every_promise(tmp_path, options):
    """Nothing is broken, not even of level should, and everything is reached."""
    code, found = judge(tmp_path, sys.executable, OWN, *options, profile="full")
    assert (code, found.keys()) == (0, {"passed", "noted"})


REPEATED = {"CLI-02", "CLI-03", "CLI-04", "CLI-06", "CLI-27"}


def test_the_official_python_client(tmp_path):
    """It repeats starts and reboots by itself, and takes a gateway's page for the API's word."""
    code, found = judge(tmp_path, sys.executable, str(DRIVERS / "apify_client_driver.py"))
    assert (code, found["failed"]) == (1, {"PUT-23"})
    assert found["warned"] == REPEATED | {"CLI-08"}


def test_the_official_javascript_client(tmp_path):
    """It repeats starts and reboots by itself."""
    code, found = judge(tmp_path, "node", str(DRIVERS / "apify-client-driver.mjs"))
    assert (code, found["failed"]) == (1, {"PUT-23"})
    assert found["warned"] >= REPEATED


def test_curl_in_a_shell(tmp_path):
    """It repeats nothing, and does not wait by itself: what it does not do is not held against it."""
    code, found = judge(tmp_path, "sh", str(DRIVERS / "curl_driver.sh"))
    assert code == 0
    assert "failed" not in found
    assert found["warned"] == {"RTL-04"}
