"""What a verdict is to pytest."""

import pytest

from actor_runs_conformance import CheckedPromise, Verdict
from actor_runs_conformance.pytest_plugin.outcomes import ItemOutcome, Outcomes, item_outcome

TEXT = "what was found\n     to do     mend it"
KNOWN = {"known": "a reason, a link"}
STALE = {"outdated": "The expected failure of RBT-02 is stale"}
CASES = {
    "passed": ({}, False, ("passed", "")),
    "noted": ({"message": "a choice"}, False, ("passed", "a choice")),
    "failed": ({}, False, ("failed", TEXT)),
    "failed outside": ({"counts": False}, False, ("skipped", "broken, but outside of the scope")),
    "failed known": (KNOWN, False, ("xfailed", TEXT)),
    "failed known outside": ({**KNOWN, "counts": False}, False, ("xfailed", TEXT)),
    "failed stale": (STALE, False, ("failed", f"{STALE['outdated']}\n{TEXT}")),
    "passed stale": (STALE, False, ("failed", STALE["outdated"])),
    "warned": ({}, False, ("passed", TEXT)),
    "warned strictly": ({}, True, ("failed", TEXT)),
    "warned known strictly": (KNOWN, True, ("xfailed", TEXT)),
    "warned outside strictly": ({"counts": False}, True, ("skipped", "broken, but outside")),
    "not_exercised": ({"message": "no receiver"}, True, ("skipped", "not exercised: no receiver")),
    "not_exercised because": (
        {"message": "no run", "because": "TSK-01"},
        False,
        ("skipped", "not exercised: no run (because of TSK-01)"),
    ),
    "not_exercised of budget": (
        {"message": "the budget does not reach that far (--max-runs)"},
        False,
        ("skipped", "not exercised: the budget does not reach that far (--actor-runs-max-runs)"),
    ),
    "excluded": ({"message": "declared"}, False, ("skipped", "excluded: declared")),
    "error": ({}, False, ("error", TEXT)),
}


@pytest.mark.parametrize(("case", "given"), CASES.items(), ids=CASES)
def test_outcome(case, given):
    """Each verdict is told as pytest's users know it, in its scope and with its known deviations."""
    more, strict, (kind, begins) = given
    verdict = Verdict(case.partition(" ")[0])
    promise = CheckedPromise(
        **{
            "id": "RBT-02",
            "operation": "rebootRun",
            "level": "must",
            "scope": "documents",
            "text": "A sentence.",
            "verdict": verdict,
            "counts": True,
            **more,
        }
    )
    text = TEXT if verdict in {"failed", "warned", "error"} else ""
    outcome = item_outcome(promise, text, strict=strict)
    assert (outcome.kind, outcome.verdict) == (kind, verdict)
    assert outcome.text.startswith(begins)
    assert outcome.reason == (KNOWN["known"] if kind == "xfailed" else "")


@pytest.mark.parametrize("missed", [True, False])
def test_what_had_to_be_exercised_fails_where_that_is_asked_for(missed):
    """Only a promise that had to be exercised fails by the option; the others stay skipped."""
    promise = CheckedPromise(
        id="ERR-08",
        operation="any",
        level="must",
        scope="documents",
        text="A sentence.",
        verdict=Verdict.NOT_EXERCISED,
        counts=True,
        message="no second token",
        missed=missed,
    )
    assert item_outcome(promise, "").kind == "skipped"
    asked = item_outcome(promise, "", fail_not_exercised=True)
    assert asked.kind == ("failed" if missed else "skipped")
    assert asked.text == "not exercised: no second token"


def test_other_processes_read_what_was_written(tmp_path):
    """What one process writes, another reads."""
    items = {"RBT-02": ItemOutcome("failed", "failed", "ä", "")}
    told = Outcomes(items, ("a line",), missed="ERR-08")
    told.write(tmp_path / "outcomes.json")
    assert Outcomes.read(tmp_path / "outcomes.json") == told


def test_without_a_check_every_promise_is_an_error():
    """Where nothing was judged, each test says why."""
    outcome = Outcomes({}, failure="nobody listens").of("RBT-02")
    assert (outcome.kind, outcome.text) == ("error", "nobody listens")
