"""The command line says what it wants, and refuses what makes no sense."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import certifi
import pytest
from attrs import evolve

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.cli import options
from actor_runs_conformance.cli.check_server import main
from actor_runs_conformance.cli.options import parse, parser
from actor_runs_conformance.engine.option_table import table
from actor_runs_conformance.engine.options import Options, repeat
from actor_runs_conformance.engine.plan import RUNS
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.testkit.registry import Profile
from tests.support.made_log import MadeLog

GUIDE = Path(__file__).parents[4] / "docs" / "check-your-server.md"
URL = "http://127.0.0.1:8000"
ENVIRONMENT = {"APIFY_TOKEN": "a-token"}
UNREPEATED = {
    "token": "a secret",
    "second_token": "a secret",
    "report": "it would overwrite the report of the first check",
    "json": "it changes what is printed, not what is checked",
    "rerun": "--only names the promises in its place",
    "listing": "it sends nothing",
    "write_expected": "the file exists by then",
    "write_target": "the file exists by then",
}
SERVERS = [promise for promise in ledger.load() if not promise.for_clients]
CLIENTS = next(promise.id for promise in ledger.load() if promise.for_clients)
REFUSED = {
    "no url": ([], "give the URL"),
    "url and reference": ([URL, "--reference"], "leave the URL out"),
    "no task": ([URL], "--task USER~TASK"),
    "read-only without a run": ([URL, "--profile", "read-only"], "--run ID"),
    "run without read-only": ([URL, "--task", "a~b", "--run", "x"], "--profile read-only"),
    "negative budget": ([URL, "--task", "a~b", "--max-runs", "-1"], "the least is 0"),
    "no worker": ([URL, "--task", "a~b", "--workers", "0"], "the least is 1"),
    "word as a seed": ([URL, "--task", "a~b", "--seed", "x"], "not a whole number"),
    "empty task": ([URL, "--task", ""], "--task: '' is not a name"),
    "empty long task": ([URL, "--task", "a~b", "--long-task", ""], "--long-task: '' is not a name"),
    "empty only": ([URL, "--task", "a~b", "--only", ""], "--only: '' names no promise"),
    "unknown id": ([URL, "--task", "a~b", "--only", "RBT-2"], "did you mean 'RBT-02'?"),
    "unknown operation": ([URL, "--task", "a~b", "--only", "getRum"], "did you mean 'getRun'?"),
    "unknown check": (
        [URL, "--task", "a~b", "--only", "RBT-02@reboot_of_runing_run"],
        "did you mean 'reboot_of_running_run'?",
    ),
    "pattern of nothing": ([URL, "--task", "a~b", "--only", "XYZ-*"], "'XYZ-*' is not a promise"),
    "rule for clients": ([URL, "--task", "a~b", "--only", CLIENTS], "a rule for clients"),
    "url without a scheme": (["localhost:8000", "--task", "a~b"], "URL: 'localhost:8000' is not"),
    "unknown profile": ([URL, "--task", "a~b", "--profile", "fast"], "read-only"),
    "shortened option": ([URL, "--tas", "a~b"], "'--tas'; did you mean '--task'?"),
    "one word more": ([URL, "--task", "a~b", "me~c"], "'me~c' is one word too many"),
    "no certificates": ([URL, "--task", "a~b", "--ca-file", __file__], "no certificate in PEM"),
    "no such certificates": ([URL, "--task", "a~b", "--ca-file", "/x"], "'/x': No such file"),
    "file that exists": ([URL, "--task", "a~b", "--write-target", __file__], "exists already"),
    "file in no directory": ([URL, "--task", "a~b", "--write-target", "/x/y"], "no directory '/x'"),
    "rerun of nothing": ([URL, "--task", "a~b", "--rerun", "/x"], "--rerun: /x does not exist"),
    "token with a blank": ([URL, "--task", "a~b", "--token", "a b"], "no header can carry"),
    "token with a line break": ([URL, "--task", "a~b", "--token", "a\nb"], "no header can carry"),
}


@pytest.mark.parametrize(("arguments", "says"), REFUSED.values(), ids=REFUSED)
def test_refused(capsys, arguments, says):
    """A command line that makes no sense ends with 2 and says what to give instead."""
    with pytest.raises(SystemExit) as ended:
        parse(arguments, ENVIRONMENT)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_no_token_is_told(capsys):
    """Starting runs without a token is refused before anything is sent."""
    with pytest.raises(SystemExit):
        parse([URL, "--task", "a~b"], {})
    assert "APIFY_TOKEN" in capsys.readouterr().err


def test_options_are_read():
    """Ids may be given at once or one by one; the budget is the profile's unless it is given."""
    options = parse(
        [URL, "--task", "a~b", "--only", "RBT-02, GET-05", "--only", "GET-06"], ENVIRONMENT
    )
    assert options.only == ("RBT-02", "GET-05", "GET-06")
    assert (options.profile, options.run_limit) == (Profile.FULL, 56)
    assert parse([URL, "--task", "a~b", "--profile", "safe"], ENVIRONMENT).run_limit == 20
    assert parse([URL, "--task", "a~b", "--max-runs", "3"], ENVIRONMENT).run_limit == 3


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ("rbt-02", {"RBT-02"}),
        ("rbt-02*", {"RBT-02", "RBT-02b"}),
        ("RebootRun", {p.id for p in SERVERS if p.operation == "rebootRun"}),
        ("RBT-02,GET-05", {"RBT-02", "GET-05"}),
        ("ERR-03", {"AUT-07b"}),
    ],
)
def test_only_takes_ids_patterns_and_operations(given, ids):
    """Promises are chosen in any case: by id, by an id of earlier, by pattern, by operation."""
    options = parse([URL, "--task", "a~b", "--only", given], ENVIRONMENT)
    assert options.selected == ids
    assert len(ids) > 0


KEPT = {
    "RBT-02": "passed",
    "RBT-03": "not_exercised",
    "GET-05": "warned",
    "GET-06": "failed",
    "CLI-99": "failed",
}


def kept(tmp_path, verdicts=KEPT):
    log = MadeLog()
    log.start(command=f"actor-runs check-server {URL} --task a~b --seed 7 --only RBT-*,GET-*")
    for name, verdict in verdicts.items():
        log.verdict(name, verdict)
    log.end()
    return str(log.write(tmp_path))


def test_rerun_judges_what_was_not_kept(tmp_path):
    """What failed comes first, and the rest of the command is that of the report."""
    options = parse(["--rerun", kept(tmp_path)], ENVIRONMENT)
    assert options.only == ("GET-06", "GET-05", "RBT-03")
    assert (options.url, options.task, options.seed, options.rerun) == (URL, "a~b", 7, None)
    assert parse(shlex.split(repeat(options))[2:], ENVIRONMENT) == options


def test_rerun_is_changed_by_what_is_given(tmp_path):
    """Another target, and a choice among what was not kept."""
    options = parse(
        ["http://h:1", "--task", "c~d", "--rerun", kept(tmp_path), "--only", "getRun"], ENVIRONMENT
    )
    assert (options.url, options.task, options.seed) == ("http://h:1", "c~d", 1)
    assert options.only == ("GET-06", "GET-05")


def test_rerun_of_what_was_kept(capsys, tmp_path, monkeypatch):
    """Where everything was kept there is nothing to do, and nothing wrong."""
    monkeypatch.setenv("APIFY_TOKEN", "a-token")
    assert main(["--rerun", kept(tmp_path, {"RBT-02": "passed"})]) == 0
    assert "was kept" in capsys.readouterr().out


def test_list_sends_nothing(capsys):
    """The checks with their promises and costs are listed, and what is left out with the reason."""
    assert main(["--list", "--only", "RBT-*,AUT-*"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Plan: ")
    assert re.search(r"^  bearer_token +[\d.]+ s +AUT-01$", said, re.MULTILINE)
    not_judged = said[said.index("Not judged:") :]
    assert re.search(r"^  AUT-02 +needs a token", not_judged, re.MULTILINE)
    named = set(re.findall(r"\b(?:RBT|AUT)-\d\d[a-z]?\b", said))
    assert named >= {p.id for p in SERVERS if p.id[:3] in {"RBT", "AUT"}}


def test_read_only_needs_no_token():
    """Reading a run needs neither a token nor a task, and starts nothing."""
    options = parse([URL, "--profile", "read-only", "--run", "x"], {})
    assert (options.target.token, options.target.run, options.run_limit) == (None, "x", 0)


def test_tokens_are_in_no_repr():
    """Options that are printed show no token."""
    options = parse(
        [URL, "--task", "a~b"],
        {"APIFY_TOKEN": "first-secret", "APIFY_SECOND_TOKEN": "second-secret"},
    )
    assert "secret" not in repr(options)


def test_the_reference_server_gets_no_token_of_the_environment():
    """That is another server's; one that is given on the command line is used."""
    assert parse(["--reference"], ENVIRONMENT).token is None
    assert parse(["--reference", "--token", "b-token"], ENVIRONMENT).token == "b-token"


@pytest.mark.parametrize("variable", ["APIFY_TOKEN", "APIFY_SECOND_TOKEN"])
def test_token_that_no_header_can_carry(capsys, variable):
    """A token of the environment is refused as one of the command line is, and is not shown."""
    with pytest.raises(SystemExit):
        parse([URL, "--task", "a~b"], {**ENVIRONMENT, variable: "with a blank"})
    said = capsys.readouterr().err
    assert f"{variable}: the token holds a blank" in said
    assert "with a blank" not in said


def given(name, row, default):
    """Return words of a command line that give an option a value other than its default."""
    if default is False:
        return [row.flag]
    texts = {
        "profile": "safe",
        "url": "http://other:1",
        "only": "RBT-02,GET-05",
        "scope": "platform",
        "as_of": "0.1.0",
        "ca_file": certifi.where(),
        "shard": "2/7",
    }
    text = texts.get(name, "7")
    return [row.flag, text] if row.flag else [text]


@pytest.mark.parametrize("row", [row for row in table(Options) if row[0] not in UNREPEATED])
def test_command_repeats_every_option(monkeypatch, row):
    """A check made with an option is made again with it, by the command that the report names."""
    monkeypatch.setattr(options, "contradiction", lambda _options: None)
    made = parse([URL, *given(*row)] if row[0] != "url" else given(*row), {})
    assert made != parse([URL], {})
    assert parse(shlex.split(repeat(made))[2:], {}) == made


def test_command_leaves_out_only_what_is_named_here():
    """Only secrets and forms of output are missing from the command, each with the reason."""
    assert {name: row.unrepeated for name, row, _ in table(Options) if row.unrepeated} == UNREPEATED


def test_command_of_one_promise():
    """One promise is judged alone as it was judged, without the known deviations of the others."""
    made = parse([URL, "--task", "a~b", "--only", "GET-05", "--expected", "e.toml"], ENVIRONMENT)
    alone = parse(shlex.split(repeat(made, only="RBT-02"))[2:], ENVIRONMENT)
    assert alone == evolve(made, only=("RBT-02",), expected_file=None)


@pytest.mark.parametrize("row", [row for _, row, _ in table(Options)], ids=lambda row: row.flag)
def test_help_names_every_option(row):
    """Each option stands in the help, with a text."""
    assert (row.flag or row.variable or row.metavar) in parser().format_help()
    assert row.help


@pytest.mark.parametrize("profile", [Profile.SAFE, Profile.FULL, Profile.THOROUGH])
def test_guide_and_help_say_how_many_runs(profile):
    """Both name the number of runs that a profile may start."""
    said = f"at most {RUNS[profile]}"
    row = next(
        line
        for line in GUIDE.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `--profile {profile}`")
    )
    assert f"| {said} |" in row
    assert re.search(rf"^  {profile} +\S*.*{said} runs", parser().format_help(), re.MULTILINE)


def test_guide_names_only_what_there_is():
    """The guide's options and promises exist."""
    text = GUIDE.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", text)) - {"--port"}
    assert named - {row.flag for _, row, _ in table(Options)} - {"--help"} == set()
    ids = set(re.findall(r"\b[A-Z]{3}-\d\d[a-z]?\b", text))
    assert ids - set(ledger.by_id()) == set()


def test_every_check_says_what_it_judges():
    """Each check has a sentence of its own, which says what is so."""
    titles = [check.title for check in all_checks().values()]
    assert [title for title in titles if not title.endswith(".")] == []
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("below", ["", "deeper"])
def test_report_that_cannot_be_written(capsys, tmp_path, below):
    """A file in the place of the report's directory is named before anything is sent."""
    (tmp_path / "file").write_text("")
    given = str(tmp_path / "file" / below)
    assert main([URL, "--token", "t", "--task", "a~b", "--report", given]) == 2
    said = capsys.readouterr().err
    assert f"--report {given}: " in said
    assert "give a directory" in said
    assert "Errno" not in said


def test_reader_that_has_read_enough():
    """A closed pipe leaves the exit code as it is: 1 would say that a promise is broken."""
    command = [sys.executable, "-m", "actor_runs_conformance", "check-server"]
    given = ["http://127.0.0.1:1", "--token", "a-long-token", "--task", "a~b"]
    with subprocess.Popen(
        [*command, *given], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (2, "")


def test_as_of_judges_what_was_promised_then():
    """A promise that came later is not judged, and one whose level has changed has that of then."""
    then = parse([URL, "--task", "a~b", "--as-of", "0.1.0"], ENVIRONMENT).promises
    now = parse([URL, "--task", "a~b"], ENVIRONMENT).promises
    assert "GEN-02b" in now
    assert "GEN-02b" not in then
    assert (then["LIF-01"].level, now["LIF-01"].level) == ("must", "should")
