"""What answers to generated cases say of promises, and what they must not say."""

import json

import pytest

from actor_runs_conformance.checks.properties import checks
from actor_runs_conformance.checks.properties.case import Case
from actor_runs_conformance.checks.properties.results import Results
from actor_runs_conformance.checks.properties.sender import SentCase, StartQuota, start_kind
from actor_runs_conformance.checks.properties.violations import Violation, violations
from actor_runs_conformance.http.exchange import Exchange, Request, Response

RUN = "ourRun00000000000"
PATHS = {
    "getRun": ("GET", f"/v2/actor-runs/{RUN}"),
    "updateRun": ("PUT", f"/v2/actor-runs/{RUN}"),
    "abortRun": ("POST", f"/v2/actor-runs/{RUN}/abort"),
    "abortActorRun": ("POST", f"/v2/acts/a~b/runs/{RUN}/abort"),
    "rebootRun": ("POST", f"/v2/actor-runs/{RUN}/reboot"),
    "runTask": ("POST", "/v2/actor-tasks/u~t/runs"),
}
JSON = (("Content-Type", "application/json"),)


def case(operation, *, query="", body=None, phase="fuzzing", method=None, path=None, headers=None):
    own, own_path = PATHS[operation]
    raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    return Case(
        operation,
        phase,
        "negative",
        method or own,
        path or own_path,
        query,
        headers if headers is not None else (JSON if raw is not None else ()),
        raw,
    )


def sent(drawn, status, data=None, *, known=True, number=1):
    error = {"error": {"type": "x", "message": "y"}}
    answer = error if data is None else {"data": {"id": RUN, **data}}
    exchange = Exchange(
        number,
        0.0,
        Request(drawn.method, f"http://t{drawn.path}"),
        Response(status, (), json.dumps(answer).encode(), 0.01),
        operation=drawn.operation,
    )
    return SentCase(drawn, exchange, violations(drawn), known)


def update(**fields):
    return case("updateRun", body={"runId": RUN, "statusMessage": "fine", **fields})


def results(*all_of_it, **more):
    by_operation = {}
    for one in all_of_it:
        by_operation.setdefault(one.case.operation, []).append(one)
    return Results(by_operation, **more)


def verdicts(findings):
    """Return what was said, without exchanges: promise and kept, None when unreached."""
    return [(finding.promise, finding.kept) for finding, *_ in findings]


FINE = sent(update(isStatusMessageTerminal=True, generalAccess="RESTRICTED"), 200, {})


# Each row: a request, and the fields in which it is not plain with the promise that refuses it.
REQUESTS = [
    (update(), []),
    (update(generalAccess="RESTRICTED", isStatusMessageTerminal=False), []),
    (update(statusMessage=5), [("statusMessage", "PUT-14")]),
    (update(statusMessage=None), [("statusMessage", None)]),
    (update(statusMessage=""), [("statusMessage", None)]),
    (update(statusMessage="a\nb"), [("statusMessage", None)]),
    (update(isStatusMessageTerminal="yes"), [("isStatusMessageTerminal", "PUT-14")]),
    (update(isStatusMessageTerminal=None), [("isStatusMessageTerminal", None)]),
    (update(generalAccess="invalid"), [("generalAccess", "PUT-12")]),
    (update(generalAccess=None), [("generalAccess", "PUT-12")]),
    (update(generalAccess={}), [("generalAccess", "PUT-12")]),
    (update(foo=1), []),
    (update(runId="another"), [("runId", None)]),
    (case("updateRun", body={"statusMessage": "x"}), [("runId", None)]),
    (case("updateRun", body=[]), [("body", "PUT-17")]),
    (case("updateRun", body=b"\x00"), [("body", "PUT-17")]),
    (case("updateRun", body=b'{"a": NaN}'), [("body", "PUT-17")]),
    (case("updateRun", body=b"null"), [("body", None)]),
    (case("updateRun", body=b""), [("body", None)]),
    (case("updateRun"), [("body", None)]),
    (
        case("updateRun", body={"x": 1}, headers=(("Content-Type", "text/plain"),)),
        [("Content-Type", None)],
    ),
    (case("runTask", query="memory=128"), []),
    (case("runTask", query="memory=127"), [("memory", "TSK-12e")]),
    (case("runTask", query="memory=-1"), [("memory", "TSK-12e")]),
    (case("runTask", query="memory=129"), [("memory", "TSK-12e")]),
    (case("runTask", query="memory=3000.5"), [("memory", "TSK-12e")]),
    (case("runTask", query="memory=65536"), [("memory", None)]),
    (case("runTask", query="memory=AAA"), [("memory", None)]),
    (case("runTask", query="memory="), [("memory", None)]),
    (case("runTask", query="memory=128&memory=127"), [("memory", None)]),
    (case("runTask", query="timeout=-1"), [("timeout", None)]),
    (case("runTask", query="timeout=1.5"), [("timeout", None)]),
    (case("runTask", query="maxItems=0"), [("maxItems", None)]),
    (case("runTask", query="build=latest"), [("build", None)]),
    (case("runTask", query="webhooks=dGhpcyBpcyBqdXN0"), [("webhooks", None)]),
    (case("runTask", query="webhooks=W10%3D"), []),
    (case("runTask", query="restartOnError=maybe"), [("restartOnError", None)]),
    (case("runTask", query="foo=bar"), [("foo", None)]),
    (case("runTask", body={"durationSecs": 0}), []),
    (case("runTask", body={"x": 1}), [("body", None)]),
    (case("runTask", body=[]), [("body", None)]),
    (case("getRun", query="waitForFinish=60"), []),
    (case("getRun", query="waitForFinish=0.25"), []),
    (case("getRun", query="waitForFinish=1e1"), [("waitForFinish", None)]),
    (case("getRun", query="waitForFinish=60.0"), [("waitForFinish", None)]),
    (case("getRun", query="waitForFinish=5e-324"), [("waitForFinish", None)]),
    (case("getRun", query="waitForFinish=61"), [("waitForFinish", None)]),
    (case("getRun", query="waitForFinish=1e999"), [("waitForFinish", None)]),
    (case("getRun", query="waitForFinish=true"), [("waitForFinish", None)]),
    (case("abortRun", query="gracefully=1"), []),
    (case("abortRun", query="gracefully=yes"), [("gracefully", None)]),
    (case("abortRun", body=b"x"), [("Content-Type", None)]),
]


@pytest.mark.parametrize(("request_", "expected"), REQUESTS)
def test_only_what_a_promise_refuses_is_held_against_a_target(request_, expected):
    assert [(one.field, one.promise) for one in violations(request_)] == expected


def test_no_value_is_too_deep_or_too_big_to_be_read():
    assert violations(case("updateRun", body=b"[" * 100_000))[0].promise == "PUT-17"
    assert violations(case("runTask", query="memory=" + "9" * 5000))


@pytest.mark.parametrize(
    ("bad", "promise", "check"),
    [
        (update(generalAccess="x"), "PUT-12", checks.invalid_general_access),
        (update(statusMessage=5), "PUT-14", checks.update_with_wrong_types),
        (update(isStatusMessageTerminal=1), "PUT-14", checks.update_with_wrong_types),
    ],
)
@pytest.mark.parametrize(
    ("control", "status", "expected"),
    [
        (FINE, 400, True),
        (FINE, 200, False),
        (FINE, 422, False),
        (FINE, 500, None),
        (FINE, 429, None),
        (FINE, 401, None),
        (None, 400, None),
        (None, 200, False),
        (sent(update(), 404), 404, False),
    ],
)
def test_a_refusal_counts_beside_an_accepted_request(
    bad, promise, check, control, status, expected
):
    found = results(*([control] if control else []), sent(bad, status))
    assert verdicts(check(found)) == [(promise, expected)]


def test_a_refusal_counts_only_beside_the_same_field_accepted():
    found = results(sent(update(), 200, {}), sent(update(generalAccess="x"), 400))
    assert verdicts(checks.invalid_general_access(found)) == [("PUT-12", None)]


def test_a_request_that_is_wrong_twice_proves_no_refusal():
    found = results(FINE, sent(update(generalAccess="x", statusMessage=None), 400))
    assert verdicts(checks.invalid_general_access(found)) == [("PUT-12", None)]


@pytest.mark.parametrize(("shown", "expected"), [("fine", True), ("changed", False)])
def test_a_refused_update_changes_nothing(shown, expected):
    after = sent(case("getRun"), 200, {"statusMessage": shown}).exchange
    found = results(FINE, sent(update(statusMessage=5), 400), read_back=after)
    assert verdicts(checks.update_with_wrong_types(found)) == [
        ("PUT-14", True),
        ("PUT-14", expected),
    ]


def odd(identity, status, **more):
    path = f"/v2/actor-runs/{identity}"
    return sent(case("getRun", path=path, phase="ids"), status, known=False, **more)


FOUND = sent(case("getRun"), 200, {"id": RUN})


@pytest.mark.parametrize(
    ("control", "answer", "expected"),
    [
        (FOUND, odd("%C3%A9", 404), True),
        (FOUND, odd("%C3%A9", 500), False),
        (FOUND, odd("%C3%A9", 400), False),
        (FOUND, odd("%C3%A9", 200, data={}), False),
        (FOUND, odd("%C3%A9", 429), None),
        (None, odd("%C3%A9", 404), None),
        (sent(case("getRun"), 404), odd("%C3%A9", 404), None),
    ],
)
def test_an_unknown_id_counts_beside_a_known_one(control, answer, expected):
    found = results(*([control] if control else []), answer)
    assert verdicts(checks.malformed_run_ids(found)) == [("GEN-12", expected)]


def test_what_is_open_is_told_and_not_judged():
    found = results(
        sent(case("getRun", query="waitForFinish=-1"), 200, {}),
        sent(case("getRun", query="waitForFinish=AAA"), 400, number=2),
        sent(case("getRun", query="waitForFinish=-2"), 200, {}, number=3),
    )
    ((noted, *_),) = checks.odd_wait_values(found)
    assert noted.kept
    assert noted.message == (
        '200 to waitForFinish="-1", waitForFinish="-2"; 400 to waitForFinish="AAA"'
    )
    assert noted.observed == {"200": 2, "400": 1}


# Each row: an exchange, and what the further checks say of it.
FURTHER = [
    (sent(case("getRun", query="waitForFinish=5"), 200, {}), [("GET-01", True)]),
    (sent(case("getRun", query="waitForFinish=5"), 400), [("GET-01", False)]),
    (sent(case("getRun", query="waitForFinish=-1"), 400), []),
    (sent(case("getRun"), 404), []),
    (sent(case("getRun"), 503), []),
    (sent(update(), 200, {"statusMessage": "fine"}), [("PUT-01", True), ("PUT-05", True)]),
    (sent(update(), 200, {"statusMessage": "old"}), [("PUT-01", True), ("PUT-05", False)]),
    (sent(update(), 200, {}), [("PUT-01", True), ("PUT-05", False)]),
    (sent(case("updateRun", body={"statusMessage": "x"}), 400), []),
    (sent(case("updateRun", body=[]), 200, {}), [("PUT-17", False)]),
    (sent(case("updateRun", body=[]), 400), []),
    (sent(case("abortRun", query="gracefully=1"), 200, {}), [("ABT-06", True)]),
    (sent(case("abortRun", query="gracefully=maybe"), 400), []),
    (sent(case("abortActorRun"), 404), []),
    (sent(case("runTask", query="memory=127"), 201, {}), [("TSK-12e", False)]),
    (sent(case("runTask", query="memory=129"), 201, {}), [("TSK-12e", False)]),
    (sent(case("runTask", query="memory=129"), 400, known=False), []),
    (sent(case("runTask", query="timeout=-1"), 201, {}), []),
    (
        sent(case("runTask", query="memory=256"), 201, {"options": {"memoryMbytes": 256}}),
        [("TSK-01", True), ("TSK-12", True)],
    ),
    (
        sent(case("runTask", query="memory=256"), 201, {"options": {"memoryMbytes": 512}}),
        [("TSK-01", True), ("TSK-12", False)],
    ),
    (
        sent(case("runTask", query="maxItems=5"), 201, {"options": {"memoryMbytes": 512}}),
        [("TSK-01", True)],
    ),
    (sent(case("runTask", query="memory=256"), 402), []),
    (sent(case("rebootRun", method="PATCH"), 405), []),
]


@pytest.mark.parametrize(("exchange", "expected"), FURTHER)
def test_further_judgements(exchange, expected):
    found = results(exchange, ended="SUCCEEDED")
    assert verdicts(checks.generated_cases(found)) == expected


@pytest.mark.parametrize("ended", ["FAILED", "ABORTED", None])
def test_an_abort_of_another_end_says_nothing_of_one_that_succeeded(ended):
    found = results(sent(case("abortRun", query="gracefully=1"), 200, {}), ended=ended)
    assert verdicts(checks.valid_requests(found)) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [("PUT-01", False)]),
        ({"isStatusMessageTerminal": False}, [("PUT-01", False)]),
        ({"generalAccess": "RESTRICTED"}, []),
        ({"statusMessage": ""}, []),
        ({"statusMessage": "one\ntwo"}, []),
        ({"statusMessage": "x" * 1000}, []),
    ],
)
def test_an_update_that_may_be_refused_says_nothing(fields, expected):
    """Refusing what the Update document does not describe breaks no promise of its own."""
    assert verdicts(checks.valid_requests(results(sent(update(**fields), 400)))) == expected


@pytest.mark.parametrize(("status", "expected"), [(405, True), (200, False), (404, False)])
def test_a_method_that_is_not_there_is_answered_with_405(status, expected):
    control = sent(case("abortRun"), 200, {})
    found = results(control, sent(case("abortRun", method="DELETE"), status))
    assert verdicts(checks.undocumented_methods(found)) == [("GEN-08", expected)]


def test_a_wait_above_the_maximum_is_not_refused():
    refused = sent(case("getRun", query="waitForFinish=61"), 400)
    absurd = sent(case("getRun", query="waitForFinish=9999999"), 400)
    found = results(FOUND, refused, absurd)
    assert verdicts(checks.waits_above_maximum(found)) == [("GET-07", False)]


def test_a_wait_above_the_maximum_that_is_answered_is_kept():
    taken = sent(case("getRun", query="waitForFinish=61"), 200, {"data": {"id": RUN}})
    assert verdicts(checks.waits_above_maximum(results(taken))) == [("GET-07", True)]


NOTHING = Results({}, {"getRun": "the target stopped answering"})


@pytest.mark.parametrize(
    "check",
    [
        checks.invalid_general_access,
        checks.update_with_wrong_types,
        checks.malformed_run_ids,
        checks.odd_wait_values,
        checks.odd_gracefully_values,
        checks.odd_start_values,
    ],
)
def test_nothing_sent_says_nothing(check):
    ((only,),) = check(NOTHING)
    assert only.kept is None
    assert only.message


def test_why_nothing_can_be_said_is_told():
    ((only,),) = checks.malformed_run_ids(NOTHING)
    assert only.message == "the target stopped answering"


@pytest.mark.parametrize("data", [None, {"id": "another"}, {"id": None}])
def test_an_answer_without_the_run_is_no_control(data):
    without = sent(update(generalAccess="RESTRICTED"), 200, data)
    found = results(without, sent(update(generalAccess="x"), 400))
    assert verdicts(checks.invalid_general_access(found)) == [("PUT-12", None)]
    assert verdicts(checks.valid_requests(results(without))) == []


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        (0, {"refused": 0, "open": 0, "plain": 0}),
        (1, {"refused": 1, "open": 0, "plain": 0}),
        (2, {"refused": 1, "open": 0, "plain": 1}),
        (6, {"refused": 1, "open": 2, "plain": 3}),
    ],
)
def test_rations_are_never_more_than_the_starts(starts, expected):
    assert dict(StartQuota.divide(starts).left) == expected
    assert sum(expected.values()) == starts


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (case("runTask"), "plain"),
        (case("runTask", query="memory=127"), "refused"),
        (case("runTask", method="PUT"), "refused"),
        (case("runTask", query="timeout=-1"), "open"),
        (case("runTask", query="timeout=-1&maxItems=-1"), None),
        (case("runTask", query="build=x"), None),
        (case("runTask", body=[]), None),
    ],
)
def test_a_start_is_worth_a_run_only_when_it_can_show_something(start, expected):
    assert start_kind(start, violations(start)) == expected


def test_an_open_value_that_was_accepted_is_not_tried_again():
    left = StartQuota.divide(6)
    found = (Violation("timeout", "-1", open="TSK-31"),)
    assert left.may_start("open", found)
    left.started("open", found)
    assert not left.may_start("open", found)
    assert left.may_start("open", (Violation("maxItems", "-1", open="TSK-31"),))
