"""The examples of docs/reference-server.md work: its configuration, its message, its faulty server."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from actor_runs_server.__main__ import parser
from actor_runs_server.config.config import Answers, InvalidConfigError, Limits, load

pytest_plugins = ["pytester"]

TEXT = (Path(__file__).parents[3] / "docs" / "reference-server.md").read_text(encoding="utf-8")


def block(language, holding=""):
    """Return the first block of a language that holds a text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    return next(block for block in blocks if holding in block)


@pytest.fixture
def actor(tmp_path):
    """The files that the configuration names, beside it."""
    folder = tmp_path / "my-actor"
    (folder / ".actor").mkdir(parents=True)
    (folder / "main.py").write_text("import os; print(os.environ['LEVEL'])")
    pages = {"title": "Pages", "type": "integer", "description": "How many.", "editor": "number"}
    schema = {"title": "Input", "type": "object", "schemaVersion": 1, "properties": {}}
    schema["properties"]["maxPages"] = {**pages, "maximum": 20}
    description = {"actorSpecification": 1, "name": "my-actor", "version": "0.1", "input": schema}
    (folder / ".actor" / "actor.json").write_text(json.dumps(description))
    return folder


def test_the_configuration_serves(actor, serve, client):
    """The configuration of the page starts a server whose runs have the options it describes."""
    with (
        serve(config=block("toml")) as server,
        client(server.url, token="a-secret", task="demo~my-task") as api,
    ):
        run = api.start(waitForFinish=20)
        assert run["status"] == "SUCCEEDED"
        assert api.log(run["id"]) == "debug\n"
        options = run["options"]
        assert (run["buildNumber"], options["timeoutSecs"]) == ("0.2.1", 300)
        assert (options["memoryMbytes"], options["maxItems"]) == (512, 100)
        assert "DATA_TRANSFER_EXTERNAL_GBYTES?" in run["usage"]
        refused = api.call("POST", "/v2/actor-tasks/demo~my-task/runs", 400, json={"maxPages": 21})
        assert refused.json()["error"]["type"] == "invalid-input"


def test_the_defaults_are_those_it_names(actor, tmp_path):
    """The limits of the configuration are the defaults."""
    path = tmp_path / "server.toml"
    path.write_text(block("toml"))
    assert load(path).limits == Limits()
    assert load(path).answers != Answers()


def test_an_unknown_key_gives_the_message_shown(actor, tmp_path):
    """A misspelt key of the configuration gives the message that the page shows."""
    path = tmp_path / "server.toml"
    path.write_text(
        block("toml").replace("timeout_secs = 300, memory", "timeout_secs = 300, memry")
    )
    with pytest.raises(InvalidConfigError) as caught:
        load(path)
    assert f"\n{caught.value}\n".replace(f"{tmp_path}/", "") in TEXT


def test_the_faulty_server_has_its_fault(serve, client, config, tmp_path):
    """The subclass that the page shows does not wait."""
    program = tmp_path / "impatient.py"
    program.write_text(block("python", "Impatient"))
    with (
        serve(config=config, program=(str(program),)) as server,
        client(server.url) as api,
    ):
        run = api.start({"durationSecs": 20})
        began = time.monotonic()
        assert api.get(run["id"], wait=10)["status"] in {"READY", "RUNNING"}
        assert time.monotonic() - began < 5
        api.post(run["id"], "abort")


@pytest.mark.usefixtures("found_anywhere")
def test_the_fixture_is_used_as_shown(pytester):
    """The file of the page is a passing test."""
    pytester.makepyfile(block("python", "test_client.py"))
    plugin = ("-p", "actor_runs_server.pytest_plugin")
    pytester.runpytest_subprocess("-p", "no:cacheprovider", *plugin).assert_outcomes(passed=1)


@pytest.mark.usefixtures("found_anywhere")
@pytest.mark.parametrize("holding", ["TestClient", "running()"])
def test_the_lines_run_as_they_are(holding):
    """The application in process, and a server whose clock is moved, do what the lines assert."""
    exec(compile(block("python", holding), "reference-server.md", "exec"), {})


def test_the_options_are_those_there_are():
    """The page lists exactly the options of the command."""
    options = {name for action in parser()._actions for name in action.option_strings}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) == options - {"-h", "--help"}
