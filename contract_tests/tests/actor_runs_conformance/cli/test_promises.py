"""`actor-runs promises`: the ledger, readable by anyone, also through a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from actor_runs_conformance.cli import promises
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.promise import LEVELS, SCOPES
from actor_runs_conformance.ledger.signature import kind, signatures
from actor_runs_conformance.ledger.words import words

KINDS = {
    "number, 0 to 60, default 0": {"type": "number", "minimum": 0, "maximum": 60, "default": 0},
    "boolean, default false": {"type": "boolean", "default": False},
    "integer, one of 128, 256": {"type": "integer", "enum": [128, 256], "minimum": 128},
    "string or null, date-time": {"type": ["string", "null"], "format": "date-time"},
    "RunStatus or string": {
        "anyOf": [{"$ref": "#/components/schemas/RunStatus"}, {"type": "string"}]
    },
    "array, of number, 0 or more": {"type": "array", "items": {"type": "number", "minimum": 0}},
    "string, base64 of application/json": {
        "type": "string",
        "contentEncoding": "base64",
        "contentMediaType": "application/json",
    },
}
GUESSES = {
    "RBT-99": "did you mean 'RBT-",
    "RBT-2": "did you mean 'RBT-02'?",
    "rbt02b": "did you mean 'RBT-02b'?",
    "err-3": "did you mean 'ERR-03'?",
    "rbt": "there are RBT-01 to RBT-13",
    "getrum": "did you mean 'getRun'?",
    "everything": "there are: GEN-01, ",
}


@pytest.fixture(autouse=True)
def _usual_width(monkeypatch):
    """Print as wide as into a pipe, whatever terminal the tests run in."""
    monkeypatch.delenv("COLUMNS", raising=False)


def run(capsys, *arguments):
    """Run the command and return its exit code and what it prints."""
    code = promises.main(list(arguments))
    return code, capsys.readouterr()


def unwrapped(text):
    """Return a text with its columns and lines joined: what was wrapped reads on."""
    return " ".join(text.split())


@pytest.mark.parametrize(("phrase", "schema"), KINDS.items())
def test_a_schema_reads_as_a_phrase(phrase, schema):
    """A parameter's schema is told in a few words."""
    assert kind(schema) == phrase


def test_all_promises_are_in_the_table(capsys):
    """Without names every id is printed once, and the numbers come last."""
    code, printed = run(capsys)
    words = printed.out.split()
    assert code == 0
    assert {p.id: words.count(p.id) for p in ledger.load()} == {p.id: 1 for p in ledger.load()}
    own = sum(promise.scope == "documents" for promise in ledger.load())
    assert f"{len(ledger.load())} promises, {own} of the five documents: " in printed.out


@pytest.mark.parametrize("operation", signatures())
def test_an_operation_tells_all_that_it_guarantees(capsys, operation):
    """A page has the path, every parameter, every answer and every promise of an operation."""
    code, printed = run(capsys, operation)
    signature = signatures()[operation]
    held = {promise.id for promise in ledger.load() if promise.holds_for(operation)}
    words = printed.out.split()
    assert code == 0
    assert f"{signature.method} {signature.path}" in printed.out
    assert {p.name for p in signature.parameters} <= set(words)
    assert {answer.status for answer in signature.answers} <= set(words)
    assert held == {word for word in words if word in ledger.by_id()}


def test_get_run_teaches_a_stranger(capsys):
    """The page of Get run says what a caller has to know, range and default included."""
    text = unwrapped(run(capsys, "getRun")[1].out)
    assert "waitForFinish query, optional, number, 0 to 60, default 0." in text
    assert "token not needed" in text
    assert "AUT-05 documents Get run hides `usageUsd` and `usageTotalUsd` from a" in text


def test_one_promise_is_told_in_full(capsys):
    """An id prints level, source with its words, pointer and both sides."""
    code, printed = run(capsys, "RBT-02")
    text = unwrapped(printed.out)
    promise = ledger.by_id()["RBT-02"]
    assert code == 0
    assert promise.text in text
    assert f"must: {words().levels['must']}" in text
    assert promise.source[0].says in text
    assert str(promise.pointer) in text
    assert f"scenario {promise.server.check}" in text


def test_only_what_is_word_for_word_is_quoted(capsys):
    """The words of a document stand in quotation marks, what is said in short does not."""
    text = unwrapped(run(capsys, "PUT-15")[1].out)
    assert "Update status message: “Bodyrequired”" in text
    assert "OpenAPI file of the Apify API: requires no property" in text


@pytest.mark.parametrize(
    ("operation", "need"), [("updateRun", "required"), ("runTask", "required")]
)
def test_a_body_is_needed_or_not(capsys, operation, need):
    """A page says whether a request has to have a body."""
    assert f" body {need}, JSON. " in unwrapped(run(capsys, operation)[1].out)


def test_a_decision_is_told_with_its_reason(capsys):
    """An id whose promise settles a contradiction prints the side taken and why."""
    text = unwrapped(run(capsys, "WHK-04")[1].out)
    [decision] = ledger.by_id()["WHK-04"].decides
    assert f"B-21 {decision.side} {decision.because}" in text


@pytest.mark.parametrize("name", ["rbt-02", "GETRUN", "err-20"])
def test_a_name_is_known_in_any_case(capsys, name):
    """Ids, ids of the same promise and operations are found whatever their case."""
    assert run(capsys, name)[0] == 0


@pytest.mark.parametrize(("name", "hint"), GUESSES.items())
def test_an_unknown_name_is_guessed(capsys, name, hint):
    """An unknown name exits 2 and names those near it."""
    code, printed = run(capsys, name)
    assert (code, printed.out) == (2, "")
    assert repr(name) in printed.err
    assert hint in printed.err


@pytest.mark.parametrize("scope", SCOPES)
def test_only_one_scope_is_printed(capsys, scope):
    """`--scope` leaves the promises of the documents, or those of the wider platform."""
    code, printed = run(capsys, "--json", "--scope", scope)
    assert code == 0
    found = {entry["id"] for entry in json.loads(printed.out)}
    assert found == {promise.id for promise in ledger.load() if promise.scope == scope}


def test_scope_dependencies_and_versions_are_told(capsys):
    """One promise says for whom it is so, what it depends on, and since when."""
    _, printed = run(capsys, "RBT-02b")
    text = unwrapped(printed.out)
    assert "scope documents: one of the five documents states or shows it" in text
    assert "offered:rebootRun the target offers the operation: rebootRun" in text
    assert "ABT-08 With `gracefully=true` the Actor is told" in text
    assert "since version 0.1.0 of the ledger was open until version 0.1.0" in text


def test_a_situation_of_any_client_is_told(capsys):
    """A rule that only check-client judges names its situation."""
    _, printed = run(capsys, "CLI-06")
    assert "client situation reboot_answered_502 of check-client" in unwrapped(printed.out)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_picked(capsys, level):
    """`--level` leaves the promises of that level."""
    printed = json.loads(run(capsys, "--level", level, "--json")[1].out)
    assert [p["id"] for p in printed] == [p.id for p in ledger.load() if p.level == level]


def test_unchecked_promises_are_picked(capsys):
    """`--unchecked` leaves the promises that neither side checks."""
    printed = json.loads(run(capsys, "--unchecked", "--json")[1].out)
    assert [p["id"] for p in printed] == [p.id for p in ledger.load() if not p.checked]


def test_json_has_what_the_ledger_has(capsys):
    """`--json` prints every key of an entry as the ledger has it."""
    [printed] = json.loads(run(capsys, "RBT-02", "--json")[1].out)
    text = (files("actor_runs_spec") / "ledger" / "reboot-run.yaml").read_text(encoding="utf-8")
    [entry] = [entry for entry in yaml.safe_load(text) if entry["id"] == "RBT-02"]
    assert {key: printed[key] for key in ("id", "level", "text", "source", "pointer")} == {
        key: entry[key] for key in ("id", "level", "text", "source", "pointer")
    }
    assert printed["server"]["check"] == entry["server"]["check"]


def test_an_option_is_not_guessed(capsys):
    """The beginning of an option is none, so that a new option changes no command line."""
    with pytest.raises(SystemExit) as stopped:
        promises.main(["--jso"])
    assert stopped.value.code == 2
    assert "--jso" in capsys.readouterr().err


def test_needs_are_told_apart(capsys):
    """What a check needs of a target is a list whose parts may have commas."""
    text = unwrapped(run(capsys, "RBT-02")[1].out)
    assert "needs a token; runs that do as their input tells them, like" in text


def test_filters_that_leave_nothing_say_so(capsys):
    """A page that the filters leave empty says that no promise is like that."""
    assert "No promise is like that." in run(capsys, "RBT-02", "--level", "open")[1].out


@pytest.mark.parametrize("columns", ["60", "120"])
def test_a_pipe_gets_whole_plain_lines(columns):
    """Piped, nothing is coloured, cut off or wider than the width asked for."""
    environment = {**os.environ, "COLUMNS": columns, "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "actor_runs_conformance", "promises", "abortRun"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert "\x1b" not in done.stdout
    assert "…" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= int(columns)


def test_a_reader_may_hang_up():
    """A pipe whose reader goes away ends the command quietly."""
    with subprocess.Popen(
        [sys.executable, "-m", "actor_runs_conformance", "promises", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.parametrize("arguments", [["RBT-02"], ["--json"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_told(arguments, unbuffered):
    """Where nothing can be written the exit code is 2, and one sentence says why."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "actor_runs_conformance", "promises", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    said = "actor-runs promises: standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, said)
