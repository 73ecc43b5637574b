"""The same seed on the same server gives the same verdicts and sends the same generated requests."""

import os
import re
from collections import Counter, defaultdict

import pytest

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
