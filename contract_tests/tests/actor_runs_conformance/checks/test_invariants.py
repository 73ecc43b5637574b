"""Each invariant breaks on what it is for, and on nothing that a target is free to do."""

import datetime as dt
import json

import pytest

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.checks.invariants.run_object import DATES
from actor_runs_conformance.engine.invariant_runner import InvariantRunner
from actor_runs_conformance.ledger import contract
from actor_runs_conformance.report.text import shown
from actor_runs_conformance.results.finding import NEVER_SENT as NEVER_SENT_MESSAGE
from actor_runs_conformance.results.verdict import Verdict
from actor_runs_conformance.testkit.history import History
from actor_runs_conformance.testkit.registry import Check
from tests.support.hand_made import exchange, run_object

INVARIANTS = [one for one in all_checks().values() if one.kind == "invariant"]
PROMISES = frozenset(promise for one in INVARIANTS for promise in one.promises)
ENDED = {"status": "SUCCEEDED", "exitCode": 0, "finishedAt": "2026-01-01T00:00:05.000Z"}
ERROR = b'{"error": {"type": "record-not-found", "message": "Not here."}}'
BODY = json.dumps({"data": run_object(newHere=7)})

# What a target is free to do: no breach, not even of a should.
FREE = {
    "as it is": exchange(),
    "ended": exchange(run_object(**ENDED)),
    "a clock at the end of the calendar": exchange(
        headers=(("date", "Fri, 31 Dec 9999 23:59:59 GMT"),)
    ),
    "a number of 5000 digits": exchange(
        body=BODY.replace('"newHere": 7', f'"newHere": {"7" * 5000}').encode()
    ),
    "unknown keys": exchange(run_object(consoleUrl="https://example.com", output={})),
    "unknown origin": exchange(run_object(meta={"origin": "SOMEWHERE"})),
    "no stats inside": exchange(run_object(stats={})),
    "no general access": exchange(run_object(generalAccess="FOLLOW_USER_SETTING")),
    "null as general access": exchange(run_object(generalAccess=None)),
    "null as storages": exchange(run_object(storageIds=None)),
    "a URL that is too long": exchange(
        status=414, body=ERROR, url=f"http://127.0.0.1:1/v2/actor-runs/{'a' * 300}", run=None
    ),
    "question mark": exchange(run_object(usage={"DATA_TRANSFER_EXTERNAL_GBYTES?": 1})),
    "whole numbers": exchange(run_object(usageTotalUsd=0, stats={"runTimeSecs": 3})),
    "nulls": exchange(
        run_object(finishedAt=None, exitCode=None, usage=None, usageUsd=None, buildNumber=None)
    ),
    "microseconds": exchange(run_object(startedAt="2026-01-01T00:00:00.123456+00:00")),
    "error": exchange(status=404, body=ERROR),
    "unknown error type": exchange(status=400, body=ERROR.replace(b"record-not-found", b"oh-no")),
    "error with data inside": exchange(
        status=400, body=b'{"error": {"type": "a", "message": "b", "data": {}}}'
    ),
    "throttled": exchange(
        status=429,
        body=ERROR.replace(b"record-not-found", b"rate-limit-exceeded"),
        headers=(("content-type", "text/plain"),),
    ),
    "aborted with an exit code": exchange(
        run_object(status="ABORTED", exitCode=143, finishedAt="2026-01-01T00:00:05.000Z")
    ),
}


def without(name):
    return {key: value for key, value in run_object().items() if key != name}


START = {"operation": "runTask", "status": 201, "run": None}
LOCATION = ("location", "https://example.com/v2/actor-runs/aRunOfSeventeenXy")
RATE = ("x-ratelimit-limit", "400")
# What breaks a promise, and every must and should promise that it breaks.
BROKEN = {
    "redirect": (exchange(status=302, body=b""), {"GEN-06", "GET-16"}),
    "undocumented": (exchange(status=418, body=ERROR), {"GET-16"}),
    "server error": (exchange(status=500, body=ERROR), {"ERR-26"}),
    "no envelope": (exchange(body=b"{}"), {"GEN-02"}),
    "list": (exchange(body=b"[]"), {"GEN-02"}),
    "no JSON": (exchange(body=b"<html>"), {"GEN-02", "GEN-03"}),
    "NaN": (exchange(body=b'{"data": NaN}'), {"GEN-02", "GEN-03"}),
    "a byte order mark": (exchange(body=BODY.encode("utf-8-sig")), {"GEN-03"}),
    "UTF-16": (exchange(body=BODY.encode("utf-16")), {"GEN-03"}),
    "NaN in a run": (exchange(run_object(newHere=float("nan"))), {"GEN-03"}),
    "latin-1": (exchange(status=400, body=ERROR + b"\xff"), {"GEN-03c", "GEN-04"}),
    "text": (exchange(headers=(("content-type", "text/plain"),)), {"GEN-03"}),
    "error without message": (
        exchange(status=400, body=b'{"error": {"type": "a", "message": ""}}'),
        {"GEN-04"},
    ),
    "error beside data": (
        exchange(status=400, body=b'{"error": {"type": "a", "message": "b"}, "data": {}}'),
        {"GEN-04"},
    ),
    "error type": (
        exchange(status=404, body=ERROR.replace(b"record-not-found", b"RecordNotFound")),
        {"GEN-05"},
    ),
    "no rate": (exchange(headers=(("x-ratelimit-limit", ""),)), {"GEN-20"}),
    "other rate": (exchange(headers=(("x-ratelimit-limit", "61"),)), {"RTL-02"}),
    "a rate of 5000 digits": (
        exchange(headers=(("x-ratelimit-limit", "9" * 5000),)),
        {"RTL-02"},
    ),
    "throttled oddly": (exchange(status=429, body=ERROR), {"ERR-25b"}),
    "token in the body": (exchange(run_object(statusMessage="a-secret-token")), {"AUT-12"}),
    "token in a header": (exchange(headers=(("x-echo", "a-secret%2Dtoken"),)), {"AUT-12"}),
    "start without location": (exchange(**START, headers=(RATE,)), {"TSK-03"}),
    "start with another's location": (
        exchange(**START, headers=(RATE, ("location", "/v2/actor-runs/other"))),
        {"TSK-03b"},
    ),
    "start with 200": (
        exchange(operation="runTask", run=None, headers=(RATE, LOCATION)),
        {"TSK-29"},
    ),
    "another run": (exchange(run="anotherRunAltogether"), {"OBJ-01"}),
    "no user": (exchange(without("userId")), {"INV-12", "OBJ-03"}),
    "no status": (exchange(without("status")), {"INV-12", "OBJ-07"}),
    "status FINISHED": (exchange(run_object(status="FINISHED")), {"OBJ-07", "LIF-08"}),
    "number as a message": (exchange(run_object(statusMessage=5)), {"OBJ-08"}),
    "word as a counter": (exchange(run_object(stats={"restartCount": "0"})), {"OBJ-18"}),
    "negative counter": (exchange(run_object(stats={"rebootCount": -1})), {"OBJ-41"}),
    "counter in a text": (exchange(run_object(stats={"rebootCount": "1"})), {"OBJ-18"}),
    "no date": (exchange(run_object(startedAt="yesterday")), {"OBJ-05", "GEN-19"}),
    "date without a zone": (
        exchange(run_object(startedAt="2026-01-01T00:00:00")),
        {"OBJ-05", "GEN-19"},
    ),
    "price without a date": (
        exchange(run_object(pricingInfo={"pricingModel": "NEW", "createdAt": "yesterday"})),
        {"OBJ-15", "GEN-19"},
    ),
    "one of two dates without a zone": (
        exchange(
            run_object(
                metamorphs=[
                    {"createdAt": date, "actorId": "a", "buildId": "b"}
                    for date in ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00")
                ]
            )
        ),
        {"OBJ-38", "GEN-19"},
    ),
    "unknown access": (exchange(run_object(generalAccess="EVERYBODY")), {"OBJ-29"}),
    "build number": (exchange(run_object(buildNumber="latest")), {"OBJ-27"}),
    "stats as a list": (exchange(run_object(stats=[])), {"OBJ-16"}),
    "ended without a date": (exchange(run_object(status="SUCCEEDED", exitCode=0)), {"INV-01"}),
    "date before the end": (
        exchange(run_object(finishedAt="2026-01-01T00:00:05.000Z")),
        {"INV-01"},
    ),
    "end before start": (
        exchange(run_object(**{**ENDED, "finishedAt": "2025-12-31T00:00:00.000Z"})),
        {"INV-02"},
    ),
    "success with code 1": (exchange(run_object(**{**ENDED, "exitCode": 1})), {"INV-03"}),
    "failure with code 0": (exchange(run_object(**{**ENDED, "status": "FAILED"})), {"INV-03"}),
    "running with a code": (exchange(run_object(exitCode=0)), {"INV-03"}),
    "disk": (
        exchange(
            run_object(
                options={
                    "build": "latest",
                    "timeoutSecs": 1,
                    "memoryMbytes": 1024,
                    "diskMbytes": 1024,
                }
            )
        ),
        {"INV-04"},
    ),
    "other storage": (
        exchange(run_object(storageIds={"datasets": {"default": "another"}})),
        {"INV-05"},
    ),
}


def breaches(session, *exchanges):
    """Return the must and should promises that these exchanges break."""
    session.history.tokens = frozenset({"a-secret-token"})
    session.history.owner = "a-secret-token"
    session.judge_exchange(InvariantRunner(session, INVARIANTS, PROMISES).judge)
    for one in exchanges:
        session.observe(one)
    verdicts = {name: session.findings.result(name).verdict for name in session.findings.by_promise}
    assert Verdict.ERROR not in verdicts.values(), session.findings.by_promise
    bad = {Verdict.FAILED, Verdict.WARNED}
    return {name for name, verdict in verdicts.items() if verdict in bad}


def test_every_date_of_the_contract_is_looked_at():
    """The paths of dates end in the keys that the contract gives the format of a date."""
    schemas = contract.document()["components"]["schemas"].values()
    keys = {
        key
        for schema in schemas
        for key, node in schema.get("properties", {}).items()
        if node.get("format") == "date-time"
    }
    assert {path.rpartition(".")[2] for path in DATES} == keys


@pytest.mark.parametrize("one", FREE.values(), ids=FREE)
def test_freedom(session, one):
    """What a target is free to do breaks nothing."""
    assert breaches(session, one) == set()


@pytest.mark.parametrize(("one", "expected"), BROKEN.values(), ids=BROKEN)
def test_breach(session, one, expected):
    """What breaks a promise breaks that one, and no other."""
    assert expected == breaches(session, one)


def seen(at, **values):
    return exchange(run_object(**values), sent=at)


# Snapshots of one run, and what they break: replicas may be 3 s behind.
STORIES = {
    "an ordinary life": (
        [seen(0, status="READY"), seen(5), seen(10, **ENDED), seen(15, **ENDED)],
        set(),
    ),
    "a replica that is behind": ([seen(0), seen(2, status="READY"), seen(6)], set()),
    "two requests at once": ([seen(5, **ENDED), seen(0)], set()),
    "back to READY": ([seen(0), seen(10, status="READY")], {"LIF-02"}),
    "READY after a reboot": (
        [seen(0), exchange(operation="rebootRun", sent=5), seen(10, status="READY")],
        set(),
    ),
    "an end by itself after an abort": ([seen(0, status="ABORTING"), seen(10, **ENDED)], set()),
    "an abort that is taken back": ([seen(0, status="ABORTING"), seen(10)], {"LIF-02"}),
    "an end that is left": (
        [seen(0, **ENDED), seen(10)],
        {"LIF-02", "LIF-03", "INV-10"},
    ),
    "an end that a resurrection leaves": (
        [seen(0, **ENDED, stats={"resurrectCount": 0}), seen(10, stats={"resurrectCount": 1})],
        set(),
    ),
    "one end after another": (
        [seen(0, **ENDED), seen(10, **{**ENDED, "status": "FAILED", "exitCode": 1})],
        {"LIF-02", "LIF-03", "INV-10"},
    ),
    "an exit code that changes": (
        [
            seen(0, status="ABORTED", finishedAt=ENDED["finishedAt"], exitCode=1),
            seen(10, status="ABORTED", finishedAt=ENDED["finishedAt"], exitCode=2),
        ],
        {"INV-10"},
    ),
    "a message after the end": (
        [seen(0, **ENDED, statusMessage="a"), seen(10, **ENDED, statusMessage="b")],
        set(),
    ),
    "a user that changes": ([seen(0), seen(1, userId="another")], {"INV-11"}),
    "a start that moves": (
        [seen(0), seen(10, startedAt="2026-01-01T00:00:01.000Z")],
        {"INV-11"},
    ),
    "a counter that falls": (
        [seen(0, stats={"restartCount": 2}), seen(10, stats={"restartCount": 1})],
        {"INV-09"},
    ),
    "a run time that falls": (
        [seen(0, stats={"runTimeSecs": 9}), seen(10, stats={"runTimeSecs": 8})],
        {"INV-09"},
    ),
    "a run time that settles lower": (
        [
            seen(0, stats={"runTimeSecs": 9}),
            seen(5, **ENDED, stats={"runTimeSecs": 8}),
            seen(9, **ENDED, stats={"runTimeSecs": 7}),
            seen(30, **ENDED, stats={"runTimeSecs": 6}),
        ],
        set(),
    ),
    "a run time that falls when it has settled": (
        [
            seen(0, **ENDED, stats={"runTimeSecs": 9}),
            seen(20, **ENDED, stats={"runTimeSecs": 8}),
            seen(30, **ENDED, stats={"runTimeSecs": 7}),
        ],
        {"INV-09"},
    ),
    "a restart that is forgotten at the end": (
        [seen(0, stats={"restartCount": 2}), seen(10, **ENDED, stats={"restartCount": 1})],
        {"INV-09"},
    ),
}

HIDDEN = {
    "owner": without("userId"),
    "meta": without("meta"),
    "null as owner": run_object(userId=None),
    "exit": run_object(**{**ENDED, "exitCode": None, "finishedAt": None}),
}


@pytest.mark.parametrize("run", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("token", [None, "another-token"])
def test_what_others_are_not_shown(session, run, token):
    """What only the owner of a run is shown breaks nothing where others do not see it."""
    assert breaches(session, exchange(run, token=token)) == set()
    query = f"http://127.0.0.1:1/v2/actor-runs/{run['id']}?token=a-secret-token"
    assert breaches(session, exchange(run, token=None, url=query)) != set()


@pytest.mark.parametrize("name", ["storageIds", "usage", "pricingInfo"])
def test_field_that_never_came(session, name):
    """A field that no answer had is no evidence, neither for nor against its promises."""
    promises = {
        "storageIds": {"OBJ-31", "INV-05"},
        "usage": {"OBJ-35"},
        "pricingInfo": {"OBJ-14"},
    }[name]
    run = {key: value for key, value in run_object().items() if key != name}
    assert breaches(session, exchange(run)) == set()
    for promise in promises:
        result = session.findings.result(promise)
        assert (result.verdict, result.message) == (Verdict.NOT_EXERCISED, NEVER_SENT_MESSAGE)


# Fields that a target file declares absent, and answers that only they would make wrong.
NEVER_SENT = {
    "exitCode": exchange(run_object(**{**ENDED, "exitCode": None})),
    "finishedAt": exchange(run_object(**{**ENDED, "finishedAt": None})),
}


@pytest.mark.parametrize(("snapshots", "expected"), STORIES.values(), ids=STORIES)
def test_story(session, snapshots, expected):
    """A run's answers are compared with what was known before, and with nothing else."""
    assert expected == breaches(session, *snapshots)


@pytest.mark.parametrize(("path", "one"), NEVER_SENT.items(), ids=NEVER_SENT)
def test_field_that_is_never_sent(session, path, one):
    """What an answer lacks because the target never sends it breaks nothing."""
    assert breaches(session, one) != set()
    session.findings.by_promise.clear()
    session.history.never_sent = frozenset({path})
    assert breaches(session, one) == set()


def test_fault_of_an_invariant_is_an_error(session):
    """An invariant that fails by itself is an error, which blames no target."""

    def broken(_exchange, _story):
        raise ZeroDivisionError

    check = Check("broken", "invariant", ("GET-01",), broken)
    session.judge_exchange(InvariantRunner(session, [check], frozenset({"GET-01"})).judge)
    session.observe(exchange())
    session.observe(exchange())
    conclusion = session.findings.result("GET-01")
    assert conclusion.verdict is Verdict.ERROR
    assert "ZeroDivisionError" in conclusion.message


ODD = {
    "a list": [1],
    "an object": {"a": {"b": [1]}},
    "null": None,
    "text": "",
    "true": True,
    "a number": -1e308,
    "beyond a double": 10**400,
    "infinity": float("inf"),
    "half a character": "\ud800",
    "deep": json.loads("[" * 500 + "]" * 500),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_value_is_no_fault_of_the_suite(session, odd):
    """Whatever stands in whichever place of a run, its story is judged, logged and rendered."""
    lines = []
    session.log.listeners.append(lines.append)
    ended = run_object(**ENDED, usage={"ACTOR_COMPUTE_UNITS": 1}, usageUsd={}, usageTotalUsd=1)
    inside = [f"{name}.{key}" for name in ("stats", "options", "meta") for key in ended[name]]
    for path in [*ended, *inside]:
        name, _, key = path.partition(".")
        changed = {name: {**ended[name], key: odd} if key else odd}
        for at, run in ((0, run_object(**changed)), (30, {**ended, **changed})):
            breaches(session, exchange(run, sent=at))
    assert all(shown(line) for line in lines)
    assert lines


CLOCKS = {
    "none": ((), None),
    "a zone of zeros": (
        ("Thu, 01 Jan 2026 00:00:00 -0000",),
        dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    ),
    "no date": (("soon", f"Mon, 01 Jan 2024 00:00:00 +{'9' * 30}"), None),
    "the last one": (
        ("Fri, 31 Dec 9999 23:59:59 GMT",),
        dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
    ),
    "an old one first": (
        ("Thu, 01 Jan 2026 00:00:00 GMT", "Thu, 01 Jan 2026 01:00:00 GMT"),
        dt.datetime(2026, 1, 1, 1, tzinfo=dt.UTC),
    ),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_clock_of_the_target(name):
    """The newest `Date` tells the target's clock; one that cannot be read tells nothing."""
    headers, expected = CLOCKS[name]
    history = History()
    for header in headers:
        history.note(exchange(headers=(("date", header),)))
    if expected is None:
        assert history.clock_skew is None
    else:
        assert abs(history.until(expected)) < dt.timedelta(seconds=5)
