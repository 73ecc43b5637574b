"""check-client judges a client by its driver, and never blames the wrong side."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from actor_runs_conformance.cli import check_client
from actor_runs_conformance.clients.driver import Kind, read_reply
from actor_runs_conformance.clients.situations import SITUATIONS
from actor_runs_conformance.ledger import ledger
from tests.support.clients_catalogue.faults_of_answers import FAULTS_OF_ANSWERS
from tests.support.clients_catalogue.faults_of_requests import FAULTS_OF_REQUESTS

DRIVERS = Path(__file__).parents[3] / "client_drivers"
GOOD = [sys.executable, str(DRIVERS / "actor_runs_driver.py")]


def test_the_ledger_and_the_situations_name_each_other():
    """Each situation that the ledger names exists, and each one that exists has a promise."""
    named = {promise.client.situation for promise in ledger.load() if promise.client.situation}
    assert named == set(SITUATIONS)


def test_well_known_clients_break_one_must_alone():
    """What every widely used client breaks is hardly a must; PUT-23 stays one, since its document says so."""
    measured = [json.loads(file.read_text()) for file in (DRIVERS / "measured").glob("apify*.json")]
    broken = {
        promise["id"]
        for found in measured
        for promise in found["promises"]
        if promise["verdict"] == "failed"
    }
    assert (len(measured), broken) == (3, {"PUT-23"})
    known = ledger.by_id()
    assert all(promise["id"] in known for found in measured for promise in found["promises"])


def verdicts(tmp_path, command, only):
    """Judge a client by these promises; return the exit code and each verdict with its message."""
    code = check_client.main(["--only", only, "--report", str(tmp_path), "--", *command])
    report = json.loads((tmp_path / "report.json").read_text())
    return code, {p["id"]: (p["verdict"], p["message"]) for p in report["promises"]}


def test_a_good_client_is_conformant(tmp_path):
    """Our own client keeps what it is asked about here, and the exit code is 0."""
    code, found = verdicts(tmp_path, GOOD, "GET-01,GET-02,TSK-06,CLI-02,CLI-11")
    assert code == 0
    assert {verdict for verdict, _ in found.values()} == {"passed", "noted"}


NOT_REPLIES = [
    b"nothing\n",
    b"[]\n",
    b'{"id":2,"none":true}\n',
    b'{"id":1,"none":false}\n',
    b'{"id":1,"run":[]}\n',
    b'{"id":1,"run":{},"none":true}\n',
    b'{"id":1,"error":"x"}\n',
    b'{"id":1,"error":{"status":"404"}}\n',
    b'{"id":1,"error":{"message":5}}\n',
]


@pytest.mark.parametrize("line", NOT_REPLIES)
def test_what_is_no_reply_says_why(line):
    """A line that the protocol does not know is invalid, with the reason."""
    reply = read_reply(line, 1)
    assert reply.kind is Kind.INVALID
    assert reply.text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "after `--`"),
        (["--"], "after `--`"),
        (["--", "no-such-program-here"], "no program 'no-such-program-here'"),
        (["--only", "CLI-99", "--", "sh"], "is not a promise"),
        (["--only", "RBT-02", "--", "sh"], "shown by no situation"),
        (["--profile", "slow", "--", "sh"], "quick, full"),
        (["--seed", "3", "--", "sh"], "--seed is an option of check-server: the situations"),
        (["--token=x", "--", "sh"], "--token is an option of check-server: the suite stands in"),
        (["--rerun", "no-such-directory", "--", "sh"], "no-such-directory does not exist"),
        (["--scope", "all", "--", "sh"], "documents, platform"),
    ],
)
def test_a_command_line_that_makes_no_sense(arguments, sentence, capsys):
    """The command ends with 2 and a sentence that says what to give."""
    with pytest.raises(SystemExit) as ended:
        check_client.main(arguments)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def patched(tmp_path, patch):
    """Write a faulty client of the catalogue and return the command that starts it."""
    script = tmp_path / "client.py"
    script.write_text(patch.source())
    return [sys.executable, "-I", "-S", str(script)]


UPDATES_BY_POST = next(patch for patch in FAULTS_OF_REQUESTS if patch.name == "updates-by-post")
REPEATS = next(patch for patch in FAULTS_OF_ANSWERS if patch.name == "starts-again-after-5xx")


def test_what_is_broken_today_can_be_expected_tomorrow(tmp_path):
    """`--write-expected` writes a file by which the same client passes."""
    client, file = patched(tmp_path, UPDATES_BY_POST), tmp_path / "expected.toml"
    words = ["--only", "PUT-24"]
    assert check_client.main([*words, "--write-expected", str(file), "--", *client]) == 1
    assert check_client.main([*words, "--expected", str(file), "--", *client]) == 0


def test_what_was_not_kept_is_judged_again(tmp_path):
    """`--rerun` needs neither the driver's command nor the promises, and judges only those."""
    client, out = patched(tmp_path, UPDATES_BY_POST), tmp_path / "out"
    words = ["--only", "PUT-24,GET-02", "--report", str(out)]
    assert check_client.main([*words, "--", *client]) == 1
    options = check_client.parse(["--rerun", str(out)])
    assert (options.only, options.command) == (("PUT-24",), tuple(client))


def test_junit_shows_the_requests_of_a_client(tmp_path):
    """What is broken has its exchanges beside it, without the token, and cases have times of their own."""
    out = tmp_path / "out"
    verdicts(out, patched(tmp_path, UPDATES_BY_POST), "PUT-24,GET-05")
    root = ET.parse(out / "junit.xml").getroot()
    waited, broken = root.iter("testcase")
    output = broken.findtext("failure")
    assert "POST http://127.0.0.1" in output
    assert "authorization: Bearer <token>" in output
    assert not list(waited)
    assert 1.0 < float(waited.get("time")) <= float(root.get("time"))


def test_a_repeated_start_counts_by_scope_and_strictness(tmp_path):
    """A should of the wider contract breaks a check by `--strict --scope platform` alone."""
    client, only = patched(tmp_path, REPEATS), ["--only", "CLI-02"]
    assert check_client.main([*only, "--strict", "--", *client]) == 0
    assert check_client.main([*only, "--strict", "--scope", "platform", "--", *client]) == 1


def test_the_first_breach_ends_the_check(tmp_path, capsys):
    """`--fail-fast` says where it stopped."""
    client = patched(tmp_path, UPDATES_BY_POST)
    assert check_client.main(["--fail-fast", "--only", "PUT-24,GET-06b", "--", *client]) == 1
    assert "Stopped at the first broken promise, PUT-24" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["mine.py", "mine.mjs", "mine.sh"])
def test_a_driver_to_begin_with_is_written(tmp_path, name, capsys):
    """It is one of the project's own, and the command to run it is told."""
    path = tmp_path / name
    assert check_client.main(["--write-driver", str(path)]) == 0
    assert path.read_text() in {one.read_text() for one in DRIVERS.iterdir() if one.is_file()}
    assert f"{path}" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(("name", "words"), [("x.rb", "ends with none of .py"), ("", "exists")])
def test_a_driver_is_written_over_nothing(tmp_path, name, words, capsys):
    """An ending that is not known and a file that exists are refused."""
    existing = tmp_path / "there.py"
    existing.write_text("mine")
    with pytest.raises(SystemExit):
        check_client.main(["--write-driver", name or str(existing)])
    assert words in capsys.readouterr().err
    assert existing.read_text() == "mine"
