"""The same seed gives the same verdicts and generated requests, on one machine and on several."""

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict

import pytest

from actor_runs_conformance.events.writer import FILE
from tests.support.checking import Checked, command
from tests.support.targets import reference

pytestmark = [pytest.mark.determinism, pytest.mark.timeout(1800)]

ROUNDS = int(os.environ.get("ROUNDS", "10"))


def verdicts(checked: Checked) -> dict[str, str]:
    return {name: event["verdict"] for name, event in checked.verdicts.items()}


def requests(checked: Checked) -> dict[str, Counter]:
    """Return the generated requests by operation, without the server's port and ids of its own."""
    exchanges = {event["id"]: event["request"] for event in checked.of("exchange")}
    own = {event["run"] for event in checked.of("run_started")}
    own |= {
        found
        for event in checked.of("exchange")
        if event["response"] and event["response"]["status"] in (200, 201)
        for found in re.findall(r'"(?:actId|actorTaskId)":"(\w+)"', event["response"]["body"])
    }
    names = re.compile("|".join(sorted(map(re.escape, own))))
    sent: dict[str, Counter] = defaultdict(Counter)
    for case in checked.of("case"):
        request = exchanges[case["exchange"]]
        line = f"{request['method']} {request['url'].split('/v2', 1)[-1]} {request['body']}"
        sent[case["operation"]][names.sub("<own>", line)] += 1
    return dict(sent)


def reached(checked: Checked) -> dict[str, str]:
    """Return the verdicts, without those on which promise is reached in time."""
    late = checked.with_verdict("not_exercised", level="open")
    return {name: verdict for name, verdict in verdicts(checked).items() if name not in late}


def distinct(checked: Checked) -> dict[str, set[str]]:
    """Return the generated requests, each once: a request may be drawn by several shares.

    Which starts go to a task that does not exist depends on the runs that a share may start.
    """
    return {
        name: {re.sub(r"actor-tasks/[^/]+", "actor-tasks/<any>", line) for line in sent}
        for name, sent in requests(checked).items()
    }


def test_three_shares_of_the_whole_ledger_are_one_check(tmp_path):
    """Three machines that share as many cases come to the same verdicts by the same requests."""
    words = ("--scope", "platform", "--cases", "900")

    def check(name: str, *options: str) -> Checked:
        with reference(tmp_path / f"data-{name}") as target:
            return command(target, *words, *options, report=tmp_path / name)

    whole = check("whole")
    shares = [check(f"share-{number}", "--shard", f"{number}/3") for number in (1, 2, 3)]
    # The scenarios are the first one's.
    assert [len(share.with_verdict("passed")) > 150 for share in shares] == [True, False, False]
    folders = [str(tmp_path / f"share-{number}") for number in (1, 2, 3)]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "actor_runs_conformance",
            "merge",
            *folders,
            str(tmp_path / "merged"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (whole.exit_code, done.returncode) == (0, 0), done.stdout + done.stderr
    with (tmp_path / "merged" / FILE).open(encoding="utf-8") as lines:
        merged = Checked(done.returncode, "", tuple(map(json.loads, lines)))
    both = reached(whole).keys() & reached(merged).keys()
    assert {name: verdicts(merged)[name] for name in both} == {
        name: verdicts(whole)[name] for name in both
    }
    assert distinct(merged) == distinct(whole)


def test_same_seed_same_check(tmp_path):
    """Every round has the verdicts and the generated requests of the first."""
    rounds = []
    for number in range(ROUNDS):
        with reference(tmp_path / f"data{number}") as target:
            checked = command(target, "--seed", "7", report=tmp_path / f"report{number}")
        assert checked.exit_code == 0, checked.output
        rounds.append(checked)
    first = rounds[0]
    assert sum(map(len, requests(first).values())) >= 500
    for number, checked in enumerate(rounds[1:], 2):
        apart = {
            name: (verdict, verdicts(checked)[name])
            for name, verdict in verdicts(first).items()
            if verdicts(checked)[name] != verdict
        }
        assert apart == {}, f"round {number}"
        for operation, sent in requests(first).items():
            other = requests(checked)[operation]
            assert (sent - other, other - sent) == (Counter(), Counter()), f"round {number}"
