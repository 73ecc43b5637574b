"""Many findings become one verdict, and the verdicts become one exit code."""

import datetime as dt
from itertools import permutations

import pytest
from attrs import evolve

from actor_runs_conformance.http.transport import ApiRequest
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.results.finding import (
    NEVER_SENT,
    SHOWN,
    Finding,
    PromiseResult,
    broken,
    not_exercised,
    roll_up,
)
from actor_runs_conformance.results.outcome import sum_up
from actor_runs_conformance.results.verdict import ExitCode, Verdict
from actor_runs_conformance.target.expected_failures import ExpectedFailure

V = Verdict
MUST, SHOULD, OPEN, UNCHECKED = "GET-01", "GET-08", "GET-09", "RTL-01"
TODAY = dt.date(2026, 6, 1)

ROLL_UPS = [
    ([], V.NOT_EXERCISED),
    ([V.PASSED], V.PASSED),
    ([V.PASSED, V.PASSED], V.PASSED),
    ([V.PASSED, V.FAILED], V.FAILED),
    ([V.FAILED, V.ERROR], V.FAILED),
    ([V.WARNED, V.PASSED], V.WARNED),
    ([V.NOT_EXERCISED], V.NOT_EXERCISED),
    ([V.NOT_EXERCISED, V.PASSED], V.PASSED),
    ([V.ERROR, V.PASSED], V.ERROR),
    ([V.ERROR, V.NOT_EXERCISED], V.ERROR),
    ([V.NOTED, V.NOT_EXERCISED], V.NOTED),
]


def finding(verdict, exchanges=(1,)):
    reached = verdict not in {V.NOT_EXERCISED, V.ERROR}
    return Finding(
        MUST,
        verdict is not V.FAILED if reached else None,
        "told",
        verdict=verdict,
        exchanges=exchanges if reached else (),
    )


@pytest.mark.parametrize(("verdicts", "expected"), ROLL_UPS)
def test_roll_up(verdicts, expected):
    """A breach outweighs everything, an error outweighs a pass, a pass outweighs a miss."""
    assert expected == roll_up(MUST, [finding(one) for one in verdicts]).verdict


def test_pass_needs_evidence():
    """A pass that rests on no exchange is no pass."""
    result = roll_up(MUST, [finding(V.PASSED, exchanges=())])
    assert (result.verdict, result.evidence) == (V.NOT_EXERCISED, 0)


def test_reason_is_the_same_whichever_check_ends_first():
    """Of several reasons why nothing was exercised, the same one is told in every order."""
    reasons = [
        evolve(not_exercised("AUT-05", "no run could be started"), check="a"),
        evolve(not_exercised("AUT-05", "updateRun is left out", because="PUT-01"), check="b"),
        evolve(not_exercised("AUT-05", NEVER_SENT), check="c"),
    ]
    for order in permutations(reasons):
        assert roll_up("AUT-05", order).message == NEVER_SENT
    for order in permutations(reasons[:2]):
        assert roll_up("AUT-05", order).because == "PUT-01"


def test_evidence_is_counted_and_named():
    """The result has the exchanges of all findings, each once."""
    result = roll_up(MUST, [finding(V.PASSED, (1, 2)), finding(V.PASSED, (2, 3))])
    assert (result.exchanges, result.evidence) == ((1, 2, 3), 2)


@pytest.mark.parametrize(
    ("promise", "kept", "expected"),
    [
        (MUST, True, V.PASSED),
        (MUST, False, V.FAILED),
        (SHOULD, True, V.PASSED),
        (SHOULD, False, V.WARNED),
        (OPEN, True, V.NOTED),
        (OPEN, False, V.NOTED),
    ],
)
def test_level_decides(session, promise, kept, expected):
    """A broken must is failed, a broken should is warned, an open promise is only noted."""
    from actor_runs_conformance.http.exchange import Exchange, Request

    seen = Exchange(7, 0.0, Request("GET", "http://127.0.0.1:1/"))
    session.findings.add("check", Finding(promise, kept, "told"), seen)
    assert expected == session.findings.result(promise).verdict


def test_breaches_of_one_kind_are_counted(session):
    """Of many breaches found by one check, the first few are written and the rest counted."""
    from actor_runs_conformance.http.exchange import Exchange, Request

    for number in range(10):
        seen = Exchange(number, 0.0, Request("GET", "http://127.0.0.1:1/"))
        session.findings.add("check", broken(MUST, f"breach {number}", None, None), seen)
    assert len(session.findings.by_promise[MUST]) == SHOWN
    assert session.findings.result(MUST).evidence == 10


def outcome(verdicts, expected=None, **options):
    results = {name: PromiseResult(name, verdict, "told") for name, verdict in verdicts.items()}
    promises = ledger.by_id()
    due = [n for n in results if promises[n].level == "must" and promises[n].server.check]
    return sum_up(results, expected or {}, counted=list(results), due=due, today=TODAY, **options)


EXITS = [
    ({MUST: V.PASSED, SHOULD: V.PASSED, OPEN: V.NOTED}, {}, 0, "conformant"),
    ({MUST: V.FAILED}, {}, 1, "violated"),
    ({MUST: V.FAILED, SHOULD: V.ERROR}, {}, 1, "violated"),
    ({MUST: V.PASSED, SHOULD: V.WARNED}, {}, 0, "conformant"),
    ({MUST: V.PASSED, SHOULD: V.WARNED}, {"strict": True}, 1, "violated"),
    ({MUST: V.ERROR}, {}, 2, "error"),
    ({MUST: V.NOT_EXERCISED}, {}, 3, "inconclusive"),
    ({MUST: V.PASSED, SHOULD: V.NOT_EXERCISED, UNCHECKED: V.NOT_EXERCISED}, {}, 0, "conformant"),
    ({OPEN: V.NOTED}, {}, 0, "conformant"),
    ({SHOULD: V.NOT_EXERCISED, OPEN: V.NOT_EXERCISED}, {}, 3, "inconclusive"),
    ({MUST: V.EXCLUDED}, {}, 3, "inconclusive"),
    ({UNCHECKED: V.NOT_EXERCISED}, {}, 3, "inconclusive"),
    ({MUST: V.NOT_EXERCISED}, {"exit_code": ExitCode.UNUSABLE}, 2, "error"),
    ({MUST: V.FAILED}, {"exit_code": ExitCode.UNUSABLE}, 1, "violated"),
    ({MUST: V.FAILED}, {"exit_code": ExitCode.INTERRUPTED}, 130, "error"),
]


@pytest.mark.parametrize(("verdicts", "options", "code", "word"), EXITS)
def test_exit_code(verdicts, options, code, word):
    """Each exit code says what the design says, and the word goes with it."""
    came = outcome(verdicts, **options)
    assert (code, word) == (came.exit_code, came.verdict)


def test_nothing_judged_is_not_conformant():
    """A check that judged nothing says so, and never that everything is kept."""
    assert outcome({MUST: V.EXCLUDED}).message.startswith("No promise was judged.")
    assert "0 passed" not in outcome({OPEN: V.NOTED}).message


def test_a_warning_is_not_passed_over():
    """Beside a broken should promise, nobody says that every promise is kept."""
    assert "that counts is kept: 1" in outcome({MUST: V.PASSED, SHOULD: V.WARNED}).message
    assert "that was checked is kept: 1" in outcome({MUST: V.PASSED}).message


def known(expires=None):
    return {MUST: ExpectedFailure(MUST, "a reason", "https://example.com/7", expires)}


DEVIATIONS = [
    (V.FAILED, None, 0),
    (V.FAILED, TODAY, 0),
    (V.FAILED, TODAY - dt.timedelta(days=1), 1),
    (V.PASSED, None, 1),
    (V.PASSED, TODAY - dt.timedelta(days=1), 1),
    (V.NOT_EXERCISED, None, 3),
    (V.EXCLUDED, None, 3),
]


@pytest.mark.parametrize(("verdict", "expires", "code"), DEVIATIONS)
def test_expected_deviation(verdict, expires, code):
    """A known deviation does not break the run; a stale or expired one does."""
    assert code == outcome({MUST: verdict}, known(expires)).exit_code


def test_expected_deviation_is_told():
    """The message of a known deviation has its reason and link, and the last words name it."""
    came = outcome({MUST: V.FAILED}, known())
    assert "a reason, https://example.com/7" in came.results[MUST].message
    assert f"Known and expected: {MUST}" in came.message


def test_counts_have_every_verdict():
    """The counts name all seven verdicts."""
    counts = outcome({MUST: V.PASSED, SHOULD: V.WARNED}).counts
    assert {str(one) for one in V} == set(counts)
    assert (counts["passed"], counts["warned"], counts["failed"]) == (1, 1, 0)


def test_token_is_in_no_repr():
    """A message to send shows no token."""
    assert "secret" not in repr(ApiRequest("GET", "/v2/actor-runs/x", token="a-secret-token"))


def test_inconclusive_says_why():
    """What was missing for a must promise stands in the sentence, each reason once."""
    missed = PromiseResult(MUST, V.NOT_EXERCISED, "needs a second token")
    outcome = sum_up({MUST: missed}, {}, counted=[MUST], due=[MUST], today=TODAY)
    assert "needs a second token" in outcome.message
    assert outcome.exit_code == ExitCode.INCONCLUSIVE
