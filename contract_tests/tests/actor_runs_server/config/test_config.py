"""An invalid configuration or command line is refused at the start, with line and hint."""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys

import httpx
import pytest

from actor_runs_server.__main__ import DOCUMENTED, greeting, main, parser
from actor_runs_server.config.config import InvalidConfigError, load

GOOD = '[users.a]\ntoken = "q"\n\n[actors."a~bcd"]\ncommand = ["x"]\n\n'
TASK = GOOD + '[tasks."a~bcd"]\nactor = "a~bcd"\n'
MISTAKES = [
    # text, line, part of the message
    ('[users.demo]\ntokn = "x"', 2, "unknown key 'tokn'. Hint: did you mean 'token'?"),
    ("[users.demo]\ntoken = 3", 2, "users.demo.token: expected `str`"),
    ('[users.demo]\ntoken = "x"\n\n[users.b]\ntoken = ""', 5, "users.b.token"),
    ('[users.a]\ntoken = "x"\n[users.b]\ntoken = "x"', 4, "'a' and 'b' have the same token"),
    ('[users."a b"]\ntoken = "x"', 1, "user name 'a b'"),
    ("[users.a]\n", 1, "users.a: 'token' is missing. Hint: a string"),
    ("", 1, "'users' is missing. Hint: a table for each user"),
    ("userz = 1", 1, "unknown key 'userz'. Hint: did you mean 'users'?"),
    ("users = 3", 1, "users: expected `object`"),
    ("[users", 1, "not TOML"),
    ("[users.a]\ntoken = x", 2, "not TOML"),
    ('[users.a]\ntoken = "q"\n[actors.bcd]\ncommand = ["x"]', 3, "'bcd' is not USER~NAME"),
    (
        '[users.a]\ntoken = "q"\n[actors."b~bcd"]\ncommand = ["x"]',
        3,
        "no user 'b'. Hint: known are",
    ),
    ('[users.a]\ntoken = "q"\n[actors."a~bcd"]\ncommand = []', 4, "of length >= 1, got []"),
    (GOOD + 'builds.latest = "one"', 7, 'latest = "0.1.1"'),
    (GOOD + '[tasks."a~bcd"]\nactor = "a~bce"', 8, "no Actor 'a~bce'. Hint: did you mean"),
    (TASK + '[tasks."a~bcd".options]\nmemory_mbytes = 100', 10, "got 100. Hint: a power of two"),
    (GOOD + 'directory = "nothing"', 7, "no directory"),
    (GOOD + 'input_schema = "nothing.json"', 7, "not an input schema"),
    (TASK + "options.memry_mbytes = 128", 9, "did you mean 'memory_mbytes'?"),
    (TASK + 'options.build = "latst"', 9, "no build 'latst' of the Actor. Hint: did you"),
    (TASK + 'input = "x"', 9, "got 'x'. Hint: a table"),
    (
        TASK + 'webhooks = [{eventTypes = ["TEST"], requestUrl = "ftp://x"}]',
        9,
        "not an http(s) URL",
    ),
    (TASK + 'webhooks = [{eventTypes = ["NO"], requestUrl = "http://x"}]', 9, "invalid enum value"),
    (TASK + '[limits]\ngraceful_abort_secs = "x"', 10, "expected `float`, got 'x'"),
    (TASK + "[limits]\ngraceful_abort_secs = -1", 10, "expected `float` >= 0"),
    (TASK + '[answers]\nexternal_transfer_key = "x"', 10, 'with or without a "?"'),
]
COMMAND_LINES = [
    # arguments, part of the message
    (["--host", "0.0.0.0"], "the demo tokens are public"),
    (["--host", "192.0.2.1"], "the demo tokens are public"),
    (["--port", "99999"], "--port 99999 is not from 0 to 65535"),
    (["--config", "/nonexistent.toml"], "cannot be read"),
    (["--access-log", "/nonexistent/log"], "--access-log /nonexistent/log cannot be written: No"),
    (["--rate-limit", "-1"], "--rate-limit -1 lets no request pass"),
    (["--rate-limit", "0"], "--rate-limit 0 lets no request pass; give 1 or more"),
]


@pytest.mark.parametrize(("text", "line", "message"), MISTAKES)
def test_an_invalid_entry_is_refused_with_its_line(tmp_path, text, line, message):
    """The message names file and line, shows the value, and says what is expected."""
    path = tmp_path / "server.toml"
    path.write_text(text)
    with pytest.raises(InvalidConfigError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)


def test_a_token_is_not_shown(tmp_path):
    """A message about a token does not show the token."""
    path = tmp_path / "server.toml"
    path.write_text("[users.a]\ntoken = 987654321")
    with pytest.raises(InvalidConfigError) as caught:
        load(path)
    assert "987654321" not in str(caught.value)


def test_places_are_relative_to_the_file(tmp_path):
    """A directory is looked up beside the file, and {python} is the server's Python."""
    path = tmp_path / "server.toml"
    (tmp_path / "src").mkdir()
    path.write_text(GOOD.replace('["x"]', '["{python}", "main.py"]\ndirectory = "src"'))
    actor = load(path).actors["a~bcd"]
    assert actor.command == [sys.executable, "main.py"]
    assert actor.directory == str(tmp_path / "src")


def test_an_actor_s_files_are_its_working_directory(serve, client, config, tmp_path):
    """Each process finds a copy of the Actor's directory."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "say.py").write_text("print(open('text').read()); open('text', 'w').write('gone')")
    (source / "text").write_text("from a file")
    more = """
[actors."demo~files"]
command = ["{python}", "say.py"]
directory = "source"
[tasks."demo~files"]
actor = "demo~files"
"""
    with serve(config=config + more) as server, client(server.url) as api:
        for _ in range(2):
            run = api.start(task="demo~files", waitForFinish=20)
            assert run["status"] == "SUCCEEDED"
            assert api.log(run["id"]) == "from a file\n"


@pytest.fixture
def refused(capsys, tmp_path, monkeypatch):
    """Run a command line that is refused; return what it says."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def run(*arguments):
        assert main([*arguments]) == 2
        assert list(tmp_path.glob("actor-runs-*")) == []
        return capsys.readouterr().err

    return run


@pytest.mark.parametrize(("arguments", "message"), COMMAND_LINES)
def test_a_command_line_that_cannot_be_is_refused(refused, arguments, message):
    """The exit code is 2 and one sentence says why."""
    assert message in refused(*arguments)


@pytest.mark.parametrize(
    ("given", "expected"),
    [([], None), (["--rate-limit"], DOCUMENTED), (["--rate-limit", "5"], 5)],
)
def test_a_rate_limit_needs_no_number(given, expected):
    """Without a number the documented limits hold; without the option none."""
    assert parser().parse_args(given).rate_limit == expected


def test_a_port_in_use_is_refused(server, refused):
    """A port that is in use is refused with a message."""
    port = server.url.rsplit(":", 1)[1]
    assert f"cannot serve on 127.0.0.1:{port}" in refused("--port", port)


def test_a_missing_extra_is_told():
    """Without its extra, `python -m actor_runs_server` names the `pip install` that helps."""
    code = (
        "import runpy, sys; sys.modules['starlette'] = None\n"
        "runpy.run_module('actor_runs_server', run_name='__main__', alter_sys=True)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "pip install 'actor-runs[server]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_is_for_one_server(server, api, refused):
    """A second server on the same data directory is refused and changes nothing."""
    run = api.running({"durationSecs": 30})
    assert "another server" in refused("--port", "0", "--data", str(server.data))
    assert api.post(run["id"], "abort")["status"] == "ABORTING"


def test_what_is_no_data_is_refused(refused, tmp_path):
    """A file that is not a database of this server is left unchanged."""
    (tmp_path / "runs.sqlite").write_bytes(b"something else" * 100)
    assert "not a database" in refused("--port", "0", "--data", str(tmp_path))


def test_the_demo_needs_no_configuration():
    """Without arguments it prints its URL, its token and three commands: start, get and abort a run."""
    command = [sys.executable, "-m", "actor_runs_server", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ
    ) as process:
        text = "".join(process.stdout.readline() for _ in range(7))
        statuses, run = [], {"id": "RUN_ID"}
        for line in re.findall(r"^  curl (.*)$", text, re.MULTILINE):
            given = parse_curl(shlex.split(line.replace("RUN_ID", run["id"])))
            answer = httpx.request(given.X, given.url, headers=[given.H.split(": ")])
            run = answer.json()["data"]
            statuses.append(answer.status_code)
        assert statuses == [201, 200, 200]
        process.terminate()


def parse_curl(words):
    """Read a command line of curl with a method, a header and a URL."""
    curl = argparse.ArgumentParser()
    curl.add_argument("-X", default="GET")
    curl.add_argument("-H")
    curl.add_argument("url")
    return curl.parse_args(words)


def test_the_ready_line_is_json(server):
    """With --ready-json the first line is one JSON object."""
    assert set(server.ready) == {"url", "token", "other_token", "task"}
    assert json.dumps(server.ready)
    assert server.ready["task"] == "demo~fixture"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('[users.demo]\ntoken = "demo-token"', None),
        (
            TASK.replace("users.a", "users.alice")
            .replace("a~b", "alice~b")
            .replace('"q"', '"demo-token"'),
            ("demo-token", "alice~bcd"),
        ),
    ],
)
def test_a_demo_token_is_shown_with_a_task_of_its_user(tmp_path, text, shown):
    """The greeting shows commands if a user with a demo token has a task."""
    path = tmp_path / "server.toml"
    path.write_text(text)
    config = load(path)
    assert config.demo_task() == shown
    assert ("curl" in greeting("http://127.0.0.1:1", config)) is (shown is not None)
