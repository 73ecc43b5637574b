"""The command's own table: help, version, unknown commands."""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest

from actor_runs_conformance.cli import main


def test_help_names_every_command(capsys):
    """Each subcommand stands in the help with what it does."""
    assert main.main(["--help"]) == 0
    printed = capsys.readouterr().out
    for name, command in main.COMMANDS.items():
        assert name in printed
        assert command.summary in printed


def test_version_is_the_distributions(capsys):
    """`--version` prints the installed version."""
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"actor-runs {version('actor-runs')}\n"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("chek-server", "did you mean 'check-server'?"), ("xyzzy", "there are: check-server")],
)
def test_an_unknown_command_is_answered_with_a_hint(typed, hint, capsys):
    """A typo gets the nearest command, anything else the list; exit code 2."""
    assert main.main([typed]) == main.USAGE
    assert hint in capsys.readouterr().err


def test_a_missing_extra_is_named(monkeypatch, capsys):
    """Without its extra installed a command says which `pip install` mends it."""
    monkeypatch.delitem(sys.modules, "actor_runs_server.__main__", raising=False)
    missing = main.Command("no_such_module_anywhere", "server", "…")
    monkeypatch.setitem(main.COMMANDS, "serve", missing)
    assert main.main(["serve"]) == main.USAGE
    assert "pip install 'actor-runs[server]'" in capsys.readouterr().err


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_has_help(name, capsys):
    """`actor-runs COMMAND --help` prints its options and exits 0."""
    with pytest.raises(SystemExit) as stopped:
        main.main([name, "--help"])
    assert stopped.value.code == 0
    assert f"actor-runs {name}" in capsys.readouterr().out


def test_help_leads_to_a_commands_own(capsys):
    """`actor-runs help diff` is `actor-runs diff --help`."""
    with pytest.raises(SystemExit) as stopped:
        main.main(["help", "diff"])
    assert stopped.value.code == 0
    assert "usage: actor-runs diff" in capsys.readouterr().out
