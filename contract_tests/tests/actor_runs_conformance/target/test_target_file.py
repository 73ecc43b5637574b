"""The files of a target's owner are read, and every mistake in them is named."""

import pytest

from actor_runs_conformance.engine import plan
from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.target.target import BadTargetError, Target, base_url
from actor_runs_conformance.target.target_file import (
    BadFileError,
    TargetFile,
    read_expected,
    read_target,
)
from actor_runs_conformance.testkit import registry
from actor_runs_conformance.testkit.registry import Profile

TARGET_MISTAKES = {
    "no TOML": ("[promises", "not TOML"),
    "unknown section": ('[promise]\nX = "y"', "did you mean 'promises'?"),
    "unknown promise": ('[promises]\nRBT-2 = "y"', "did you mean 'RBT-02'?"),
    "unknown field": ('[fields]\n"stats.rebootCont" = "y"', "did you mean 'stats.rebootCount'?"),
    "unknown operation": ('[operations]\nabortActorRuns = "y"', "did you mean 'abortActorRun'?"),
    "unknown capability": ('[capabilities]\nreceivers = "y"', "did you mean 'receiver'?"),
    "no reason": ('[promises]\nRBT-02 = ""', "give the reason"),
    "reason is no text": ("[promises]\nRBT-02 = true", "is True; give the reason"),
    "section is no table": ('promises = "RBT-02"', "write it as [promises]"),
}
EXPECTED_MISTAKES = {
    "unknown promise": ('[[deviation]]\npromise="RBT-2"\nreason="a"\nlink="b"', "did you mean"),
    "no reason": (
        '[[deviation]]\npromise="RBT-02"\nlink="b"',
        "reason is missing; give the reason",
    ),
    "no link": ('[[deviation]]\npromise="RBT-02"\nreason="a"', "link is missing; give the link"),
    "expires is text": (
        '[[deviation]]\npromise="RBT-02"\nreason="a"\nlink="b"\nexpires="2027-01-31"',
        "write a date like 2027-01-31",
    ),
    "twice": ('[[deviation]]\npromise="RBT-02"\nreason="a"\nlink="b"\n' * 2, "stands there twice"),
    "unknown key": (
        '[[deviation]]\npromise="RBT-02"\nreason="a"\nlink="b"\nexpiry=2027-01-31',
        "did you mean 'expires'?",
    ),
    "one bracket": ('[deviation]\npromise="RBT-02"', "in two brackets"),
    "another table": ('[[deviations]]\npromise="RBT-02"', "write each entry as [[deviation]]"),
}
URLS = {
    "http://127.0.0.1:8000": "http://127.0.0.1:8000",
    "http://127.0.0.1:8000/": "http://127.0.0.1:8000",
    "https://example.com/prefix/v2/": "https://example.com/prefix",
}
BAD_URLS = {
    "localhost:8000": "http(s) URL",
    "ftp://example.com": "http(s) URL",
    "http://": "http(s) URL",
    "http://user:secret@example.com": "APIFY_TOKEN",
    "http://example.com/?token=x": "before /v2",
    "http://example.com:port": "no URL",
}


def read(tmp_path, text, reader=read_target):
    path = tmp_path / "file.toml"
    path.write_text(text)
    if reader is read_expected:
        return read_expected(path, promises=ledger.by_id())
    return read_target(path, promises=ledger.by_id(), operations=contract.operations())


@pytest.mark.parametrize(("text", "says"), TARGET_MISTAKES.values(), ids=TARGET_MISTAKES)
def test_mistake_in_target_file(tmp_path, text, says):
    """A mistake is refused with the file's name and what to write instead."""
    with pytest.raises(BadFileError) as told:
        read(tmp_path, text)
    assert says in str(told.value)
    assert "file.toml" in str(told.value)


@pytest.mark.parametrize(("text", "says"), EXPECTED_MISTAKES.values(), ids=EXPECTED_MISTAKES)
def test_mistake_in_expected_file(tmp_path, text, says):
    """A mistake is refused with the file's name and what to write instead."""
    with pytest.raises(BadFileError) as told:
        read(tmp_path, text, read_expected)
    assert says in str(told.value)
    assert "file.toml" in str(told.value)


def test_missing_file(tmp_path):
    """A file that is not there is named."""
    with pytest.raises(BadFileError, match=r"absent.toml: No such file"):
        read_expected(tmp_path / "absent.toml", promises=())


def test_expected_file_is_read(tmp_path):
    """An entry has its reason, its link and its last day."""
    text = '[[deviation]]\npromise="RBT-02"\nreason="a"\nlink="b"\nexpires=2027-01-31\n'
    deviation = read(tmp_path, text, read_expected)["RBT-02"]
    assert (deviation.reason, deviation.link, deviation.expires.day) == ("a", "b", 31)


def drawn(target_file=None, *, profile=Profile.FULL, max_runs=None, only=None, **target):
    promises = dict(ledger.by_id())
    given = {"url": "http://127.0.0.1:1", "token": "t", "other_token": "o", "task": "a~b"}
    return plan.draw_up(
        registry.registry().values(),
        promises=promises,
        selected=frozenset(only or promises),
        profile=profile,
        target=Target(**{**given, **target}),
        target_file=target_file or TargetFile(),
        max_runs=plan.RUNS[profile] if max_runs is None else max_runs,
    )


def test_declared_is_excluded(tmp_path):
    """What the target file leaves out is excluded with its reason, by promise or otherwise."""
    target_file = read(
        tmp_path,
        '[promises]\nTSK-14 = "no such Actors"\n[operations]\nabortActorRun = "not offered"\n'
        '[fields]\ngitBranchName = "no git"\n[capabilities]\nreceiver = "behind a wall"\n',
    )
    excluded = drawn(target_file).excluded
    assert excluded["TSK-14"] == "no such Actors"
    assert excluded["ABT-03"] == "not offered"
    assert excluded["OBJ-34"] == "no git"
    assert excluded["WHK-05"] == "behind a wall"
    assert "RBT-02" not in excluded


@pytest.mark.parametrize("profile", Profile)
def test_profile_stays_within_its_runs(profile):
    """Each profile plans no more runs than it promises, and none without --max-runs left."""
    assert drawn(profile=profile, run="aRun").runs <= plan.RUNS[profile]


def test_safe_leaves_no_scenario_of_its_own_out():
    """The 12 runs of the safe profile reach every scenario that it has."""
    skipped = drawn(profile=Profile.SAFE).skipped
    assert [name for name, reason in skipped.items() if "budget" in reason] == []


@pytest.mark.parametrize("max_runs", [0, 1, 3, 10, 20])
def test_small_budget(max_runs):
    """A smaller budget is kept, and what it does not reach is named."""
    made = drawn(max_runs=max_runs)
    assert made.runs <= max_runs
    assert any("--max-runs" in reason for reason in made.skipped.values())


def test_read_only_has_no_starts():
    """The read-only profile sends nothing that starts or changes a run."""
    made = drawn(profile=Profile.READ_ONLY, run="aRun", task=None)
    assert {check.profile for check in made.scenarios} == {Profile.READ_ONLY}
    assert (made.runs, made.generated_runs) == (0, 0)


def test_missing_second_account_is_told():
    """A check without what it needs is left out, and the reason says how to give it."""
    assert "APIFY_SECOND_TOKEN" in drawn(other_token=None).skipped["strangers_token"]


@pytest.mark.parametrize(("given", "expected"), URLS.items())
def test_url(given, expected):
    """The URL is what stands before /v2."""
    assert expected == base_url(given)


@pytest.mark.parametrize(("given", "says"), BAD_URLS.items())
def test_bad_url(given, says):
    """A URL that cannot be used is refused, with the remedy and without its password."""
    with pytest.raises(BadTargetError) as told:
        base_url(given)
    assert says in str(told.value)
    assert "secret" not in str(told.value)
