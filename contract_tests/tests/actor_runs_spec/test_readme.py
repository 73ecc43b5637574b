"""What README.md and CONTRIBUTING.md say is so: their numbers, commands, sessions and links."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.cli import main, options
from actor_runs_conformance.engine.plan import RUNS
from actor_runs_conformance.testkit.registry import Profile

ROOT = Path(__file__).resolve().parents[3]
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md")
}


def shell_lines(text):
    """Return the command lines of the shell blocks of a page, split into words."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def commands(name):
    """Return the arguments of every `actor-runs NAME` of README.md."""
    lines = shell_lines(PAGES["README.md"])
    return [line[2:] for line in lines if line[:2] == ["actor-runs", name]]


def sessions():
    """Return the names of the nox sessions."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    found = set()
    for function in functions:
        for mark in function.decorator_list:
            named = mark.keywords[0].value.value if isinstance(mark, ast.Call) else function.name
            found.add(named)
    return found


def counted(kind):
    """Return how many checks of a kind the suite has."""
    return sum(check.kind == kind for check in all_checks().values())


def test_the_numbers_of_the_suite_are_right():
    """README.md counts invariants to the one, scenarios to the ten, and runs as they are limited."""
    text = " ".join(PAGES["README.md"].split())
    [scenarios], [invariants] = (
        re.findall(rf"\b(\d+) {noun}s\b", text) for noun in ("scenario", "invariant")
    )
    [(full, safe)] = re.findall(r"at most (\d+) runs \(`--profile safe`: (\d+);", text)
    assert [counted("invariant"), round(counted("scenario"), -1)] == [
        int(invariants),
        int(scenarios),
    ]
    assert (RUNS[Profile.FULL], RUNS[Profile.SAFE]) == (int(full), int(safe))


@pytest.mark.parametrize("arguments", commands("promises"), ids=" ".join)
def test_the_ledger_is_read_as_shown(arguments, capsys):
    """Every `actor-runs promises` of README.md prints something."""
    assert main.main(["promises", *arguments]) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("arguments", commands("check-server"), ids=" ".join)
def test_a_server_is_checked_as_shown(arguments):
    """Every `actor-runs check-server` of README.md is a command line that can be."""
    assert options.parse(arguments, {"APIFY_TOKEN": "a-token"}).target.url


def test_commands_are_found():
    """The examples above are read from the page."""
    assert (len(commands("promises")), len(commands("check-server"))) >= (3, 1)


@pytest.mark.parametrize("page", PAGES)
def test_every_session_exists(page):
    """What a page hands to scripts/run.py is a session of the noxfile."""
    named = re.findall(r"scripts/run\.py ([a-z][\w-]*)", PAGES[page])
    assert named
    assert set(named) - sessions() == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    """A link to a file of the project names one that is there."""
    links = re.findall(r"\]\((?!https://|#)([^)#]+)[^)]*\)", PAGES[page])
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_room_exists(page):
    """The folders of a page's table are there."""
    rooms = re.findall(r"^\| `([\w/]+/)`", PAGES[page], re.MULTILINE)
    assert rooms
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []
