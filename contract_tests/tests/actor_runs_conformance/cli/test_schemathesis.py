"""`actor-runs schemathesis` writes what plain Schemathesis needs, and overwrites nothing of the user's."""

import tomllib

import pytest

from actor_runs_conformance.cli.main import main
from actor_runs_conformance.plain_schemathesis.lent_runs import RUNS, allowed
from actor_runs_spec import contract_path


def test_the_files_are_written(tmp_path, capsys):
    """A new directory gets a configuration and the contract as it ships."""
    assert main(["schemathesis", str(tmp_path / "new")]) == 0
    settings = tomllib.loads((tmp_path / "new" / "schemathesis.toml").read_text("utf-8"))
    assert settings["hooks"] == "actor_runs_conformance.plain_schemathesis.hooks"
    assert (tmp_path / "new" / "openapi.yaml").read_text("utf-8") == contract_path().read_text(
        "utf-8"
    )
    assert "st run openapi.yaml" in capsys.readouterr().out


def test_what_the_user_changed_is_kept(tmp_path, capsys):
    """A file that differs is not overwritten without --force; the same files are no obstacle."""
    assert main(["schemathesis", str(tmp_path)]) == 0
    settings = tmp_path / "schemathesis.toml"
    settings.write_text("seed = 7\n")
    assert main(["schemathesis", str(tmp_path)]) == 2
    assert settings.read_text() == "seed = 7\n"
    assert f"{settings} is there and differs" in capsys.readouterr().err
    assert main(["schemathesis", str(tmp_path), "--force"]) == 0
    assert settings.read_text() != "seed = 7\n"
    assert main(["schemathesis", str(tmp_path)]) == 0


@pytest.mark.parametrize("given", ["2", "-1", "many"])
def test_a_limit_of_runs_that_makes_no_sense_is_refused(monkeypatch, given):
    """Three runs are the least: two for cases of Run task and one to be lent."""
    monkeypatch.setenv("ACTOR_RUNS_MAX_RUNS", given)
    with pytest.raises(ValueError, match=f"ACTOR_RUNS_MAX_RUNS={given}: expected a number"):
        allowed()
    monkeypatch.setenv("ACTOR_RUNS_MAX_RUNS", "")
    assert allowed() == RUNS
