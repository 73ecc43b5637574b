"""Unmodified clients, SDKs, crawlers and the command line of the platform work on this server."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.clients, pytest.mark.timeout(180)]

HERE = Path(__file__).parent
JAVASCRIPT = HERE / "javascript"


def run(*command, folder=None, **environment):
    """Run a program to its end; return its output, then what it wrote to standard error."""
    # A group of its own: `node` may be a script that starts the real one.
    with subprocess.Popen(
        [str(word) for word in command],
        env={**os.environ, **environment},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            printed, errors = process.communicate(timeout=150)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, printed[-3000:] + errors[-3000:]
    return printed, errors


@pytest.mark.parametrize("age", ["current", "older"])
def test_the_python_client_lives(server, age):
    """apify-client for Python, current and of the major version before, lives a whole life."""
    environment = {}
    if age == "older":
        older = os.environ.get("ACTOR_RUNS_OLDER_CLIENT")
        assert older, "run `nox -s clients`, which installs the older client"
        environment["PYTHONPATH"] = older
    printed, _ = run(
        sys.executable, HERE / "python_life.py", server.url, "demo-token", **environment
    )
    assert printed.endswith("lived\n")


def test_the_javascript_client_lives(server, node):
    """apify-client for JavaScript lives a whole life."""
    printed, _ = run(node, JAVASCRIPT / "life.mjs", server.url, "demo-token")
    assert printed.endswith("lived\n")


def started(api, actor, **given):
    """Run an Actor to its end."""
    path = f"/v2/actors/demo~{actor}/runs"
    ended = api.call("POST", path, 201, json=given, params={"waitForFinish": 60}).json()["data"]
    if ended["finishedAt"] is None:
        ended = api.get(ended["id"], wait=60)
    return ended


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_an_actor_on_the_sdk_uses_all_it_offers(api, language):
    """Input, items, records, queue, status message, events, reboot, named storages and exit work."""
    ended = started(api, f"{language}-sdk", items=3, name=language)
    log = api.log(ended["id"])
    assert ended["status"] == "SUCCEEDED", log
    assert (ended["statusMessage"], ended["isStatusMessageTerminal"]) == ("all done", True), log
    assert ended["stats"]["rebootCount"] == 1
    place = f"/v2/actor-runs/{ended['id']}"
    items = api.call("GET", f"{place}/dataset/items", 200).json()
    assert items == [{"number": number} for number in range(3)]
    assert api.call("GET", f"{place}/key-value-store/records/OUTPUT", 200).json() == {"done": True}
    assert api.call("GET", f"{place}/request-queue", 200).json()["data"]["pendingRequestCount"] == 0
    greeting = f"/v2/key-value-stores/demo~{language}-sdk/records/greeting"
    assert api.call("GET", greeting, 200).json() == {"hello": language}
    assert ended["usage"]["DATASET_WRITES"] == 3


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_an_actor_on_the_sdk_fails(api, language):
    """The exit code and the message of `fail` are those of the run."""
    ended = started(api, f"{language}-sdk", items=1, name=language, fail=True)
    assert (ended["status"], ended["exitCode"]) == ("FAILED", 7), api.log(ended["id"])
    assert ended["statusMessage"] == "as asked"


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_crawler_follows_links(api, site, language):
    """Crawlee keeps its requests in the queue, and what it finds in the dataset."""
    ended = started(api, f"{language}-crawler", startUrl=site)
    assert ended["status"] == "SUCCEEDED", api.log(ended["id"])
    items = api.call("GET", f"/v2/actor-runs/{ended['id']}/dataset/items", 200).json()
    assert {item["title"] for item in items} == {"one", "two", "three"}
    queue = api.call("GET", f"/v2/actor-runs/{ended['id']}/request-queue", 200).json()["data"]
    assert queue["handledRequestCount"] == 3


@pytest.fixture
def apify(server, node, tmp_path):
    """The platform's command line, logged in."""

    def run_command(*arguments, **more):
        printed, errors = run(
            node,
            JAVASCRIPT / "node_modules/apify-cli/dist/apify.js",
            *arguments,
            HOME=str(tmp_path),
            APIFY_CLIENT_BASE_URL=server.url,
            APIFY_DISABLE_KEYRING="1",
            APIFY_CLI_DISABLE_TELEMETRY="1",
            APIFY_CLI_SKIP_UPDATE_CHECK="1",
            NO_COLOR="1",
            **more,
        )
        return printed if "--json" in arguments else printed + errors

    run_command("login", "--token", "demo-token")
    return run_command


def test_the_command_line_works(apify):
    """Info, call, runs, datasets and key-value stores of the platform's CLI work."""
    assert "demo" in apify("info")
    called = json.loads(
        apify("call", "demo/fixture-actor", "--input", '{"durationSecs": 0}', "--json")
    )["run"]
    assert called["status"] == "SUCCEEDED"
    assert called["id"] in apify("runs", "ls", "demo/fixture-actor")
    assert "The input is" in apify("runs", "log", called["id"])
    apify("runs", "resurrect", called["id"])
    assert "SUCCEEDED" in apify("runs", "wait", called["id"], "--json")
    apify("datasets", "create", "cli-items")
    apify("datasets", "push-items", "cli-items", '[{"a": 1}]')
    assert '[{"a":1}]' in apify("datasets", "get-items", "cli-items")
    assert "cli-items" in apify("datasets", "ls")
    apify("key-value-stores", "create", "cli-store")
    apify("key-value-stores", "set-value", "cli-store", "key", '{"b":2}')
    assert "key" in apify("key-value-stores", "keys", "cli-store")
    assert '"b": 2' in apify("key-value-stores", "get-value", "cli-store", "key")


def test_the_command_line_runs_an_actor_here(api, server, apify, tmp_path):
    """`apify run` gives an Actor of the current folder its input, and the user's storages."""
    folder = tmp_path / "actor"
    shutil.copytree(JAVASCRIPT / "local_actor", folder)
    (tmp_path / "node_modules").symlink_to(JAVASCRIPT / "node_modules")
    apify("run", "--input", '{"a": 1}', folder=folder, APIFY_API_BASE_URL=server.url)
    items = api.call("GET", "/v2/datasets/demo~from-a-local-actor/items", 200).json()
    assert items == [{"input": {"a": 1}}]


@pytest.mark.parametrize(
    ("language", "program", "command"),
    [("javascript", "recipe.mjs", ["node"]), ("go", "recipe.go", ["go", "run"])],
)
def test_a_recipe_works(language, program, command, tmp_path):
    """The lines of docs/reference-server.md start a server, a run, and stop."""
    guide = HERE.parents[3] / "docs" / "reference-server.md"
    recipe = tmp_path / program
    recipe.write_text(guide.read_text().split(f"```{language}\n")[1].split("```")[0])
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert shutil.which(command[0], path=path), "run `nox -s clients`, which installs it"
    assert run(*command, recipe, PATH=path)[0] == "SUCCEEDED\n"
