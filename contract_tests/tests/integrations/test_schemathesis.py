"""docs/schemathesis.md, executed: plain Schemathesis is green on a good server and finds faults."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.support.child_server import child
from tests.support.plain_schemathesis import FOUND, LINKS, environment, quick, st_run, write_files
from tests.support.targets import Target, faulty

pytestmark = [pytest.mark.integrations, pytest.mark.timeout(300)]

PAGE = "schemathesis.md"
SHORT = ("--phases", "examples,coverage")
"""The phases that show the faults of the sample; the others take most of the time."""
LINKS_AT_LEAST = 12
"""A busy machine gets through fewer sequences."""
# Each second one was measured to be found.
SAMPLE = (
    "success-as-plain-text",
    "usage-shown-to-all",
    "byte-order-mark",
    "reboot-only-counts",
    "anonymous-may-reboot",
    "aborted-is-failed",
    "get-answers-202",
    "wait-ignored",
    "abort-of-finished-refused",
    "abort-lost-at-start",
)


def test_the_commands_of_the_page_are_green(server, blocks, commands, tmp_path):
    """The commands, as they stand, find nothing on the reference server and cover the links."""
    [_, commands_of_page] = blocks(PAGE, "sh")
    script = re.sub(r"(?<=ACTOR_RUNS_URL=)\S+", server.url, commands_of_page)
    done = subprocess.run(
        ["bash", "-e"],
        input=script,
        cwd=tmp_path,
        env=commands,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Selected: 6/6\n  Tested: 6\n" in done.stdout
    covered, of = map(int, LINKS.search(done.stdout).groups())
    assert of == 20
    assert covered >= LINKS_AT_LEAST


def test_the_test_of_the_page_passes(server, blocks, commands, tmp_path):
    """The test file is a test for each operation and one for sequences, and passes."""
    [test] = blocks(PAGE, "python")
    write_files(tmp_path)
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(re.sub(r"(max-examples) = \d+", r"\1 = 3", settings.read_text()))
    (tmp_path / "test_server.py").write_text(test)
    done = subprocess.run(
        ["pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment(server, PATH=commands["PATH"]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "7 passed" in done.stdout


def test_the_sample_is_half_found():
    """Five faults of the sample are known to be found, five not to be."""
    found = json.loads(FOUND.read_text(encoding="utf-8"))["found"]
    assert [bool(found[name]) for name in SAMPLE] == [True, False] * 5


@pytest.mark.parametrize(
    ("fault", "phases", "found"),
    [((), SHORT, ()), (("--fault", "webhooks-never"), ("--phases", "examples"), ("ST901",))],
)
def test_webhooks_have_to_be_called(fault, phases, found, tmp_path):
    """A server on this machine is found that calls no webhook, and one that calls them is not."""
    with child("-m", "tests.support.independent", "--port", "0", *fault) as ready:
        target = Target(**{key: ready[key] for key in ("url", "token", "other_token", "task")})
        run = st_run(target, tmp_path, "--include-operation-id", "runTask", *phases)
    assert run.failures == found, run.output
    assert ("webhooks were not called within" in run.output) == bool(found)


@pytest.mark.parametrize("name", SAMPLE)
def test_it_finds_what_it_was_measured_to_find(name, tmp_path):
    """A fault of the sample is found, or not, as the page says."""
    with faulty(name, tmp_path / "data") as target:
        run = st_run(target, tmp_path / "st", *quick(name), *SHORT)
    found = json.loads(FOUND.read_text(encoding="utf-8"))["found"][name]
    assert bool(run.failures) == bool(found), run.output
