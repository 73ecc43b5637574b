"""How many cases are drawn, and which share of them."""

from __future__ import annotations

import pytest
from attrs import astuple

from actor_runs_conformance.checks.properties import adapter
from actor_runs_conformance.checks.properties.amounts import CASE_COUNTS, case_counts, cases_of
from actor_runs_conformance.checks.properties.case import CaseCounts
from actor_runs_conformance.ledger.contract import document
from actor_runs_conformance.testkit.history import CROWD, FEW, RunHistory, Snapshot
from actor_runs_conformance.testkit.registry import Profile
from actor_runs_conformance.testkit.shard import Shard, read_shard

SEED = 3


@pytest.mark.parametrize("cases", [1, 7, 1_000, 12_345])
def test_as_many_cases_are_drawn_as_are_asked_for(cases):
    """`--cases` is divided in the proportions of the profile, without a remainder."""
    counts = case_counts(Profile.FULL, cases, CASE_COUNTS[Profile.FULL])
    assert sum(sum(astuple(count)) for count in counts.values()) == cases
    assert counts.keys() == CASE_COUNTS[Profile.FULL].keys()
    [alone] = case_counts(Profile.FULL, cases, ["getRun"]).values()
    assert sum(astuple(alone)) == cases


def test_the_profile_says_how_many_otherwise():
    """Without `--cases` each profile has its own number; thorough has that of full."""
    assert (
        case_counts(Profile.THOROUGH, None, CASE_COUNTS[Profile.FULL]) == CASE_COUNTS[Profile.FULL]
    )
    assert cases_of(Profile.SAFE) < cases_of(Profile.FULL) == cases_of(Profile.THOROUGH)


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/2/3", "-1/2", "a/b", ""])
def test_what_is_no_share_is_refused(text):
    """A share is I/N with I from 1 to N; the message shows what was given."""
    with pytest.raises(ValueError, match=r"expected I/N with I from 1 to N") as caught:
        read_shard(text)
    assert repr(text) in str(caught.value)


def drawn(shard):
    counts = CaseCounts(positive=20, negative=20, ids=20)
    cases = adapter.cases(document(), "getRun", seed=SEED, counts=counts, shard=shard)
    return [(case.phase, case.request_key) for case in cases]


@pytest.mark.integrations
def test_the_shares_together_are_the_whole():
    """Three shares draw what one machine draws; the first alone has coverage."""
    whole = drawn(Shard())
    shares = [drawn(Shard(number, 3)) for number in (1, 2, 3)]
    assert {key for _, key in whole} == {key for share in shares for _, key in share}
    assert {phase for phase, _ in shares[0]} > {"coverage", "fuzzing"}
    assert {phase for share in shares[1:] for phase, _ in share} == {"examples", "fuzzing", "ids"}


def test_a_history_does_not_grow_for_ever():
    """Of a run that thousands of answers show, old snapshots go; what was known is still found."""
    history = RunHistory()
    for number in range(5 * CROWD):
        data = {"id": "a", "status": "RUNNING", "number": number}
        history.add(Snapshot(number, number / 50, number / 50, data, operation="getRun"))
    assert len(history.snapshots) < 2 * CROWD
    assert [one.exchange for one in history.snapshots[:FEW]] == list(range(FEW))
    last = history.snapshots[-1]
    assert history.known(last).data["number"] == 5 * CROWD - 1 - 150
