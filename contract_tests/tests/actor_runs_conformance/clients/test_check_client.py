"""check-client judges a client by its driver, and never blames the wrong side."""

import json
import sys
import textwrap
from pathlib import Path

import pytest

from actor_runs_conformance.cli import check_client
from actor_runs_conformance.clients.driver import Kind, read_reply
from actor_runs_conformance.clients.situations import SITUATIONS
from actor_runs_conformance.ledger import ledger

DRIVERS = Path(__file__).parents[3] / "client_drivers"
GOOD = [sys.executable, str(DRIVERS / "actor_runs_driver.py")]


def test_the_ledger_and_the_situations_name_each_other():
    """Each situation that the ledger names exists, and each one that exists has a promise."""
    named = {promise.client.situation for promise in ledger.load() if promise.client.situation}
    assert named == set(SITUATIONS)


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


SILENT = "import sys\nsys.stdin.read()"
CRASHING = "import sys\nsys.stdin.readline()\nsys.exit(3)"
BABBLING = "import sys\nfor line in sys.stdin: print('not JSON', flush=True)"
FLOODING = "import sys\nsys.stdin.readline()\nwhile True: print('x' * 1000, end='')"
LYING = """
import json, sys
for line in sys.stdin:
    told = json.loads(line)
    print(json.dumps({"id": told["id"], "run": {"id": told.get("run")}}), flush=True)
"""


@pytest.mark.parametrize(
    "driver",
    [SILENT, CRASHING, BABBLING, FLOODING, LYING],
    ids=["silent", "crashing", "babbling", "flooding", "lying"],
)
def test_a_driver_that_sends_nothing_keeps_no_promise(tmp_path, driver):
    """Without a request nothing passes, whatever the driver says."""
    script = tmp_path / "driver.py"
    script.write_text(textwrap.dedent(driver))
    code, found = verdicts(tmp_path / "out", [sys.executable, str(script)], "GET-02,GET-01")
    assert {verdict for verdict, _ in found.values()} == {"not_exercised"}
    assert code == 3


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
    ],
)
def test_a_command_line_that_makes_no_sense(arguments, sentence, capsys):
    """The command ends with 2 and a sentence that says what to give."""
    with pytest.raises(SystemExit) as ended:
        check_client.main(arguments)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
