"""docs/schemathesis.md, executed: plain Schemathesis is green on a good server and finds faults."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.support.plain_schemathesis import LINKS, environment, write_files

pytestmark = [pytest.mark.integrations, pytest.mark.timeout(300)]

PAGE = "schemathesis.md"
LINKS_AT_LEAST = 14


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
