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
        run = run_object(id=f"run{next(self.numbers):014}")
        if found and (found[1] == b"POST" or b"method=POST" in (found[3] or b"")):
            self.starts.append(found[0])
            status = "201 X"
        else:
            path = head.split(b" ")[1].split(b"?")[0].decode()
            run["id"] = path.split("/")[3] if path.startswith("/v2/actor-runs/") else run["id"]
        answering(status, json.dumps({"data": run}).encode())(connection, head)


@pytest.mark.parametrize("most", [1, 12])
def test_no_more_runs_are_started_than_allowed(most):
    """A target that takes every start, whatever it names, gets no more of them than `--max-runs`."""
    server = Accepting()
    with speaking(server) as url:
        done = check(url, "--task", "me~task", "--max-runs", str(most))
    assert done.returncode == 1, done.stdout + done.stderr
    assert 1 <= len(server.starts) <= most, server.starts


@pytest.mark.parametrize("limits", ["ulimit -n 64;", "ulimit -n 24;", "ulimit -u 40;"])
def test_low_limits_are_no_verdict_of_ours(limits):
    """Where the machine gives few files or processes the check still ends with a sentence."""
    server = Accepting()
    with speaking(server) as url:
        done = check(url, "--task", "me~task", "--max-runs", "12", limits=limits)
    print(limits, done.returncode, done.stdout[-1500:], done.stderr[-500:])
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode in {1, 2, 3}
