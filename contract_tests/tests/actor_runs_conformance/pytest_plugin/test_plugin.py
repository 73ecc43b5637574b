"""Promises as tests: selected before anything is sent, and nothing where nobody asks for them."""

import subprocess
import sys
from pathlib import Path

import pytest

import actor_runs_conformance
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.library.options import keywords
from actor_runs_conformance.pytest_plugin.flags import FAIL_NOT_EXERCISED, FLAGS, NO_FLAGS
from actor_runs_conformance.pytest_plugin.settings import spelled

pytest_plugins = ["pytester"]

PLUGIN = ("-p", "actor_runs_conformance.pytest_plugin", "-p", "no:cacheprovider")
URL = ("--actor-runs-url", "http://127.0.0.1:1")
TARGET = (*URL, "--actor-runs-task", "a~b")
SERVERS = [promise for promise in ledger.load() if not promise.for_clients]
REFUSED = {
    "no server": (["--actor-runs-task", "a~b"], "--actor-runs-task: no server is named; give --ac"),
    "empty URL": (["--actor-runs-url", ""], "--actor-runs-url: '' is not an http(s) URL"),
    "not a URL": (["--actor-runs-url", "x"], "--actor-runs-url: 'x' is not an http(s) URL"),
    "no task": (URL, "with --actor-runs-task USER~TASK"),
    "not a number": ([*TARGET, "--actor-runs-max-runs", "x"], "--actor-runs-max-runs: 'x' is not"),
    "no file": ([*TARGET, "--actor-runs-expected", "/x.toml"], "/x.toml: No such file"),
    "both": ([*URL, "--actor-runs-reference"], "--actor-runs-reference checks a server of its own"),
    "no such promise": ([*TARGET, "actor-runs::RBT-2"], "did you mean 'RBT-02'?"),
}


@pytest.fixture
def collect(pytester, monkeypatch):
    """Run pytest in this process with the plugin, which sends nothing then."""
    monkeypatch.setenv("APIFY_TOKEN", "a-long-token")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(*arguments):
        return pytester.runpytest_inprocess(*PLUGIN, *arguments)

    return run


@pytest.mark.parametrize(("arguments", "says"), REFUSED.values(), ids=REFUSED)
def test_refused(collect, arguments, says):
    """What makes no sense is refused in pytest's way, with the options as pytest has them."""
    result = collect(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert says in result.stderr.str()


def test_no_token_is_told(collect, monkeypatch):
    """A token is missing, and the environment is the place for it."""
    monkeypatch.delenv("APIFY_TOKEN")
    said = collect(*TARGET).stderr.str()
    assert "starting runs needs a token; set APIFY_TOKEN" in said
    assert "--actor-runs-token" not in said


def listed(result):
    return [line.partition("::")[2] for line in result.outlines if line.startswith("actor-runs::")]


def test_every_promise_is_a_test(collect, pytester):
    """Each promise about servers is a test behind those of the folder, in the ledger's order."""
    pytester.makepyfile("def test_one(): pass")
    result = collect(*TARGET, "--co", "-q", "--strict-markers")
    assert listed(result) == [promise.id for promise in SERVERS]
    assert any("::test_one" in line for line in result.outlines)


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("actor-runs::RBT-02", "actor-runs::GET-05"), lambda p: p.id in {"RBT-02", "GET-05"}),
        (("actor-runs", "-m", "must"), lambda p: p.level == "must"),
        (("-m", "open and platform"), lambda p: (p.level, p.scope) == ("open", "platform")),
        (
            ("-m", "rebootRun and not should"),
            lambda p: p.operation == "rebootRun" and p.level != "should",
        ),
        (("-m", "not actor_runs"), lambda _: False),
        (("-k", "RBT-02"), lambda p: "RBT-02" in p.id),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_selected(collect, pytester, arguments, chosen):
    """Ids, `-m` and `-k` select promises by their ids, operations, levels and scopes."""
    found = listed(collect(*TARGET, "--co", "-q", *arguments))
    assert sorted(found) == sorted(promise.id for promise in SERVERS if chosen(promise))


def test_the_id_alone_runs_no_other_test(collect, pytester):
    """Whoever names promises gets them alone."""
    pytester.makepyfile("def test_one(): pass")
    result = collect(*TARGET, "--co", "-q", "actor-runs::RBT-02")
    assert listed(result) == ["RBT-02"]
    assert "test_one" not in result.stdout.str()


@pytest.mark.parametrize(
    ("configured", "arguments", "chosen"),
    [
        (True, ("test_it.py",), ["test_one"]),
        (True, ("test_it.py::test_one", "actor-runs::RBT-02"), ["RBT-02", "test_one"]),
        (True, ("-k", "one or RBT-03"), ["RBT-03", "test_one"]),
        (False, (*TARGET, "-k", "one or RBT-03", "test_it.py"), ["RBT-03", "test_one"]),
    ],
)
def test_a_file_alone_runs_no_promise(collect, pytester, configured, arguments, chosen):
    """Whoever names files gets their tests alone, unless the server is named there too."""
    pytester.makepyfile(test_it="def test_one(): pass")
    options = f"addopts = {' '.join(TARGET)}" if configured else ""
    pytester.makeini(f"[pytest]\n{options}")
    left_out = "RBT-03" not in chosen and "RBT-02" not in chosen
    assert ("judges nothing" in collect("--co", *arguments).stdout.str()) == left_out
    result = collect("--co", "-q", *arguments)
    assert sorted(line.partition("::")[2] for line in result.outlines if "::" in line) == chosen


def test_what_runs_no_test_sends_nothing(collect):
    """`--setup-plan` shows the test and does not look for the server, which is not there."""
    result = collect(*TARGET, "--setup-plan", "actor-runs::RBT-02")
    assert result.ret == pytest.ExitCode.OK
    assert "actor-runs::RBT-02" in result.stdout.str()
    assert "Nobody listens" not in result.stdout.str()


def test_a_folder_of_that_name_is_a_folder(collect, pytester):
    """Where a folder is called as the promises are, the argument is the folder."""
    folder = pytester.mkdir("actor-runs")
    (folder / "test_it.py").write_text("def test_one(): pass")
    said = collect(*TARGET, "--co", "-q", "-m", "not actor_runs", "actor-runs").stdout.str()
    assert "test_it.py::test_one" in said


def test_help_needs_no_token(collect, monkeypatch):
    """The help is there, whatever is missing for a check."""
    monkeypatch.delenv("APIFY_TOKEN")
    assert "--actor-runs-max-runs" in collect(*TARGET, "--help").stdout.str()


def test_the_plan_is_shown_before_anything_is_sent(collect):
    """After the collection stands what will be done, and at what cost, for what was selected."""
    said = collect(*TARGET, "--co", "actor-runs::RBT-02", "--actor-runs-max-runs", "7").stdout.str()
    assert "actor-runs: http://127.0.0.1:1, profile full, scope documents, at most 7 runs" in said
    assert "Plan: " in said
    assert "(limit 7)" in said


def test_a_flag_is_a_keyword():
    """Each keyword of the library is an option of pytest, or has the reason why it is none."""
    flags = {flag.keyword for flag in FLAGS}
    assert flags | set(NO_FLAGS) == set(keywords()), (
        "add it to FLAGS, or to NO_FLAGS with the reason"
    )
    assert flags & set(NO_FLAGS) == set()
    assert FAIL_NOT_EXERCISED.keyword not in keywords()


def test_a_flag_takes_a_value_where_the_commands_does():
    """Switches are switches, and values have the name that they have in the command's help."""
    for flag in FLAGS:
        _, row, _ = keywords()[flag.keyword]
        assert flag.metavar == row.metavar


def test_no_option_is_named_that_pytest_does_not_have():
    """Each sentence of the suite that names the token's option names only its variable here."""
    sources = Path(actor_runs_conformance.__file__).parent.rglob("engine/*.py")
    lines = [line for path in sources for line in path.read_text().splitlines()]
    sentences = [line for line in lines if "--token" in line and "APIFY_TOKEN" in line]
    assert len(sentences) > 3
    assert [line for line in map(spelled, sentences) if "-token" in line] == []


LIGHT = """
import sys
def test_it():
    heavy = {"attrs", "httpx", "hypothesis", "schemathesis", "yaml", "rich", "jinja2", "starlette"}
    assert heavy & set(sys.modules) == set()
    ours = {name for name in sys.modules if name.startswith("actor_runs")}
    assert ours == {
        "actor_runs_conformance",
        "actor_runs_conformance.pytest_plugin",
        "actor_runs_conformance.pytest_plugin.flags",
        "actor_runs_server",
        "actor_runs_server.pytest_plugin",
    }
"""


@pytest.mark.usefixtures("found_anywhere")
def test_it_costs_nothing_where_nobody_asks(pytester, monkeypatch):
    """Without a server the plugins load nothing but themselves."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(LIGHT)
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-p", "actor_runs_server.pytest_plugin"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
