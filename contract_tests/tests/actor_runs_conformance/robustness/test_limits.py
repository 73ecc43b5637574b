"""Limits hold: of the runs that a check may start, and of what the machine gives to it."""

import itertools
import json
import os
import re
import subprocess
import sys

import pytest

from tests.support.hand_made import answering, run_object, speaking

pytestmark = pytest.mark.robustness

START = re.compile(rb"(\w+) (/v2/(?:actor-tasks|acts|actors)/[^/? ]+/runs)(\?\S*)? ")
TOKEN = "a-token-of-many-letters"


def check(*arguments, limits="", **environment):
    """Run a check in a process of its own, below these limits of a shell's `ulimit`."""
    words = [sys.executable, "-m", "actor_runs_conformance", "check-server", *arguments]
    return subprocess.run(
        ["sh", "-c", f'{limits} exec "$@"', "sh", *words],
        env={**os.environ, "APIFY_TOKEN": TOKEN, **environment},
        capture_output=True,
        text=True,
    )


class Accepting:
    """A server that takes every start, of any task and in any form, and counts them."""

    def __init__(self):
        self.starts = []
        self.numbers = itertools.count()

    def __call__(self, connection, head):
        found = START.match(head)
        status = "200 X"
        ended = {"status": "SUCCEEDED", "exitCode": 0, "finishedAt": "2026-01-01T00:00:01.000Z"}
        run = run_object(id=f"run{next(self.numbers):014}", **ended)
        if found and (found[1] == b"POST" or b"method=POST" in (found[3] or b"")):
            self.starts.append(found[0])
            status = "201 X"
        else:
            path = head.split(b" ")[1].split(b"?")[0].decode()
            run["id"] = path.split("/")[3] if path.startswith("/v2/actor-runs/") else run["id"]
        answering(status, json.dumps({"data": run}).encode())(connection, head)


def test_no_more_runs_are_started_than_allowed():
    """A target that takes every start, whatever it names, gets no more of them than `--max-runs`."""
    server = Accepting()
    with speaking(server) as url:
        done = check(url, "--task", "me~task", "--max-runs", "12")
    assert done.returncode == 1, done.stdout + done.stderr
    # All are used up by what it should have refused.
    assert len(server.starts) == 12, server.starts


@pytest.mark.parametrize("files", [24, 64])
def test_few_open_files_are_enough(files):
    """Where the machine gives few open files, the check still comes to its end, and to verdicts."""
    with speaking(Accepting()) as url:
        asked = ("--task", "me~task", "--profile", "safe", "--only", "getRun,runTask")
        done = check(url, *asked, limits=f"ulimit -n {files};")
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 1, done.stdout + done.stderr
    assert "this machine" not in done.stdout


@pytest.mark.parametrize("files", [8, 16, 24])
def test_too_few_open_files_for_the_reference_server_are_told_in_a_sentence(files):
    """Where the machine gives too few for anything, the command says of what, and ends with 2."""
    done = check("--reference", "--only", "GET-01@get_run", limits=f"ulimit -n {files};")
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    [told] = re.findall(r"^actor-runs check-server: .*", done.stderr, re.MULTILINE)
    assert "open files" in told
