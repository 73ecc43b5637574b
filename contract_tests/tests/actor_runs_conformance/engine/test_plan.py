"""The plan keeps to the profile, the budget and what the target file leaves out."""

import pytest

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.engine import plan
from actor_runs_conformance.engine.listing import listing
from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.results.finding import ONLY_THOROUGH
from actor_runs_conformance.target.target import Target
from actor_runs_conformance.target.target_file import TargetFile, read_target
from actor_runs_conformance.testkit.registry import Profile


def read(tmp_path, text):
    path = tmp_path / "file.toml"
    path.write_text(text)
    return read_target(path, promises=ledger.by_id(), operations=contract.operations())


def drawn(
    target_file=None, *, profile=Profile.FULL, max_runs=None, only=None, chosen=None, **target
):
    promises = dict(ledger.by_id())
    given = {"url": "http://127.0.0.1:1", "token": "t", "other_token": "o", "task": "a~b"}
    return plan.draw_up(
        all_checks().values(),
        promises=promises,
        selected=frozenset(only or promises),
        profile=profile,
        target=Target(**{**given, **target}),
        target_file=target_file or TargetFile(),
        max_runs=plan.RUNS[profile] if max_runs is None else max_runs,
        chosen=chosen,
    )


def names(made):
    return {check.name for check in (*made.scenarios, *made.invariants, *made.generated)}


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


@pytest.mark.parametrize(
    ("path", "out", "still"),
    [
        ("pricingInfo.startedAt", set(), {"OBJ-05", "INV-02", "GEN-19", "OBJ-14"}),
        ("stats.rebootCount", {"RBT-06"}, {"OBJ-16", "OBJ-18"}),
        ("options.build", set(), {"OBJ-25"}),
        ("stats", {"OBJ-16", "OBJ-18", "RBT-06"}, {"OBJ-25"}),
    ],
)
def test_declared_field(tmp_path, path, out, still):
    """A field that never comes takes out what points to nothing but it, by its whole path."""
    excluded = set(drawn(read(tmp_path, f'[fields]\n"{path}" = "never"\n')).excluded)
    assert out <= excluded
    assert not still & excluded


def test_safe_leaves_out_what_only_an_operation_that_is_left_out_would_show(tmp_path):
    """Where no other check of the profile judges a promise, it is not missed."""
    target_file = read(tmp_path, '[operations]\nrebootRun = "not offered"\n')
    assert drawn(target_file, profile=Profile.SAFE).excluded["GET-05"] == (
        "left out by --profile safe"
    )
    assert "GET-05" not in drawn(profile=Profile.SAFE).excluded


@pytest.mark.parametrize("profile", Profile)
def test_profile_stays_within_its_runs(profile):
    """Each profile plans no more runs than it promises, and none without --max-runs left."""
    assert drawn(profile=profile, run="aRun").runs <= plan.RUNS[profile]


def test_generated_cases_get_what_is_kept_for_refusals():
    """The full profile lets generated cases start six runs at least, and exceeds its runs in no case."""
    made = drawn(actor="a~c", run="aRun")
    assert made.generated_runs + made.late_runs >= 6
    assert made.runs + made.late_runs <= plan.RUNS[Profile.FULL]
    assert any(f"up to {made.late_runs} more runs" in line for line in made.lines(max_runs=56))


def test_safe_leaves_no_scenario_of_its_own_out():
    """The runs of the safe profile reach every scenario that it has."""
    skipped = drawn(profile=Profile.SAFE).skipped
    assert [name for name, reason in skipped.items() if "budget" in reason] == []


@pytest.mark.parametrize("max_runs", [0, 1, 3, 10, 20])
def test_small_budget(max_runs):
    """A smaller budget is kept, and what it does not reach is named."""
    made = drawn(max_runs=max_runs)
    assert made.runs <= max_runs
    assert any("--max-runs" in reason for reason in made.skipped.values())


@pytest.mark.parametrize("profile", [Profile.SAFE, Profile.FULL])
def test_what_takes_more_than_a_minute_is_named(profile):
    """What only the thorough profile judges stands in the plan of the others and in their list."""
    made, limit = drawn(profile=profile), plan.RUNS[profile]
    assert made.too_long == {"GET-07b"}
    assert "GET-07b" not in made.excluded
    assert f"leaves out GET-07b: {ONLY_THOROUGH}" in made.lines(max_runs=limit)[-1]
    promises = ledger.by_id()
    listed = list(listing(made, promises, frozenset(promises), max_runs=limit))
    assert f"  GET-07b   {ONLY_THOROUGH}" in listed


def test_thorough_leaves_nothing_out():
    """The thorough profile plans every check of the full one, and what takes more than a minute."""
    full, thorough = (drawn(profile=profile) for profile in (Profile.FULL, Profile.THOROUGH))
    assert (thorough.too_long, thorough.skipped) == (frozenset(), {})
    more = {check.name for check in thorough.scenarios} - {check.name for check in full.scenarios}
    assert more == {"waits_of_a_minute_and_more"}


def test_read_only_has_no_starts():
    """The read-only profile sends nothing that starts or changes a run."""
    made = drawn(profile=Profile.READ_ONLY, run="aRun", task=None)
    assert {check.profile for check in made.scenarios} == {Profile.READ_ONLY}
    assert (made.runs, made.generated_runs) == (0, 0)


def test_missing_second_account_is_told():
    """A check without what it needs is left out, and the reason says how to give it."""
    assert "APIFY_SECOND_TOKEN" in drawn(other_token=None).skipped["strangers_token"]


@pytest.mark.parametrize("promise", sorted(ledger.by_id()))
def test_only_runs_every_check_that_can_show_a_promise(promise):
    """`--only X` runs each check that the ledger names for X."""
    judging = {name for name, check in all_checks().items() if promise in check.promises}
    assert judging <= names(drawn(profile=Profile.THOROUGH, only=[promise]))


@pytest.mark.parametrize("check", ["update_status_message", "generated_cases"])
def test_a_promise_is_judged_by_one_check(check):
    """`--only ID@CHECK` runs that check and no other one of the promise."""
    made = drawn(only=["PUT-05"], chosen={"PUT-05": frozenset([check])})
    assert names(made) == {check}


def test_what_every_answer_shows_is_judged_by_the_requests_of_one_check():
    """An invariant is run too when the check is named whose requests it is to judge."""
    made = drawn(only=["OBJ-08"], chosen={"OBJ-08": frozenset(["default_status_message"])})
    assert names(made) == {"run_fields", "default_status_message"}


def test_what_every_answer_shows_is_judged_by_the_answers_of_every_operation():
    """An invariant that is asked for alone sees each operation answer, reboots too."""
    judged = {name for check in drawn(only=["OBJ-18"]).scenarios for name in check.operations}
    assert judged >= set(contract.operations()) - {"abortRun"}
    assert "abort_of_succeeded_run" in names(drawn(only=["OBJ-18"]))
