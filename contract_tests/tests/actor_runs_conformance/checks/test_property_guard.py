"""What leaves the suite as a generated case: nothing that harms, costs or touches strangers."""

import base64
import json
import re

import pytest
from attrs import evolve

from actor_runs_conformance.checks.properties import adapter
from actor_runs_conformance.checks.properties.case import (
    ACTOR,
    PLACEHOLDERS,
    RUN,
    TASK,
    Case,
    CaseCounts,
)
from actor_runs_conformance.checks.properties.safe_targets import (
    UNKNOWN,
    WEBHOOKS,
    SafeTargets,
    documented_method,
    ids,
    make_safe,
    ordinary,
    to_unknown_task,
)
from actor_runs_conformance.checks.properties.violations import json_body, number, query
from actor_runs_conformance.ledger.contract import document, operations

GROUND = SafeTargets(
    live="liveRun0000000000", finished="doneRun0000000000", actor="a~b", task="u~t"
)
HOOK = base64.b64encode(
    b'[{"eventTypes": ["ACTOR.RUN.SUCCEEDED"], "requestUrl": "https://example.com/"}]'
).decode()


def start(query="", body=b"{}", mode="positive", phase="coverage", task=TASK, method="POST"):
    return Case(
        "runTask",
        phase,
        mode,
        method,
        f"/v2/actor-tasks/{task}/runs",
        query,
        (("Content-Type", "application/json"),),
        body,
    )


def get(run=RUN, query="", phase="coverage", method="GET"):
    return Case("getRun", phase, "positive", method, f"/v2/actor-runs/{run}", query)


@pytest.fixture(scope="module")
def guarded():
    """Every drawn case of every operation that may be sent, with what was drawn."""
    numbers = CaseCounts(positive=5, negative=9, ids=9)
    drawn = [
        case
        for name in operations()
        for case in adapter.cases(document(), name, seed=3, counts=numbers)
    ]
    return [(case, sent) for case in drawn if (sent := make_safe(case, GROUND)) is not None]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("memory=32768", "memory=512"),
        ("memory=128", "memory=128"),
        ("memory=127", "memory=127"),
        ("memory=AAA", "memory=AAA"),
        ("timeout=0", "timeout=60"),
        ("timeout=86400", "timeout=60"),
        ("timeout=-1", "timeout=-1"),
        ("waitForFinish=60", "waitForFinish=0.5"),
        ("waitForFinish=1e308", "waitForFinish=0.5"),
        ("maxItems=0", "maxItems=10"),
        ("maxTotalChargeUsd=1e300", "maxTotalChargeUsd=5"),
        ("build=latest", "build=latest"),
        ("build=latest&timeout=5", "timeout=5"),
        ("webhooks=", "webhooks=" + WEBHOOKS.replace("=", "%3D")),
        (f"webhooks={HOOK}", "webhooks=" + WEBHOOKS.replace("=", "%3D")),
    ],
)
def test_a_start_is_moderate(sent, expected):
    assert make_safe(start(sent), GROUND).query == expected


@pytest.mark.parametrize("padding", ["", "=", "=="])
def test_a_webhook_is_never_called_not_even_by_a_lenient_decoder(padding):
    sent = make_safe(start(f"webhooks={HOOK.rstrip('=')}{padding}", mode="negative"), GROUND)
    assert dict(query(sent))["webhooks"] == WEBHOOKS


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"durationSecs": 0, "exitCode": 0}),
        ({"durationSecs": 9999, "onAbort": "ignore"}, {"durationSecs": 0, "exitCode": 0}),
        ({"report": True, "x": 1}, {"x": 1, "durationSecs": 0, "exitCode": 0}),
    ],
)
def test_the_input_of_a_start_makes_it_short(body, expected):
    sent = make_safe(start(body=json.dumps(body).encode(), phase="fuzzing"), GROUND)
    assert json_body(sent) == expected


@pytest.mark.parametrize(
    ("case", "path"),
    [
        (get(), "/v2/actor-runs/doneRun0000000000"),
        (get("HG7ML7M8z78YcAPEB", phase="ids"), f"/v2/actor-runs/{UNKNOWN}"),
        (get("%2E%2E%2Fx", phase="ids"), "/v2/actor-runs/..-x"),
        (get("%C3%A9", phase="ids"), "/v2/actor-runs/%C3%A9"),
        (start(), "/v2/actor-tasks/u~t/runs"),
        (start(phase="ids", task="~mine"), "/v2/actor-tasks/-mine/runs"),
        (start(phase="ids", task="janedoe%7Emy-task"), "/v2/actor-tasks/janedoe-my-task/runs"),
    ],
)
def test_a_case_is_addressed_to_ours_or_to_nobody(case, path):
    assert make_safe(case, GROUND).path == path


@pytest.mark.parametrize("method", ["DELETE", "POST", "TRACE", "OPTIONS"])
def test_a_method_that_may_mean_something_is_not_sent(method):
    """Another method on a run's path deletes the run on a real platform."""
    assert make_safe(get(method=method), GROUND) is None


@pytest.mark.parametrize("operation", operations())
def test_without_a_run_nothing_is_sent_but_invented_ids(operation):
    path = operations()[operation].path
    for name, value in PLACEHOLDERS.items():
        path = path.replace(f"{{{name}}}", value)
    case = Case(operation, "coverage", "positive", operations()[operation].method, path)
    assert make_safe(case, SafeTargets()) is None
    assert make_safe(evolve(case, phase="ids"), SafeTargets()) is not None


def test_a_wait_for_a_run_that_may_last_is_short():
    lasting = SafeTargets(finished="x", ended=False)
    assert make_safe(get(query="waitForFinish=60"), lasting).query == "waitForFinish=0.5"
    assert make_safe(get(query="waitForFinish=60"), GROUND).query == "waitForFinish=60"


def test_an_unknown_task_takes_the_place_of_the_real_one():
    assert to_unknown_task(start("memory=128")).path == f"/v2/actor-tasks/{UNKNOWN}/runs"


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("abc", "abc"),
        ("é 🙂", "é 🙂"),
        ("\U000f1234", "\U000f1234"),
        ("", "-"),
        (".", "-"),
        ("..", "-"),
        (" a", "-"),
        ("a/b", "a-b"),
        ("a\0b\x85", "a-b-"),
        ("a?b#c;d", "a-b-c-d"),
        ("%41", "-41"),
        ("x" * 300, "x" * 200),
    ],
)
def test_ids_reach_the_server_as_they_are(identity, expected):
    assert ordinary(identity) == expected


def test_of_all_that_is_drawn_nothing_dangerous_is_sent(guarded):
    assert len(guarded) > 250
    for drawn, sent in guarded:
        text = f"{sent.path} {sent.query} {sent.body!r}"
        assert not [placeholder for placeholder in (RUN, ACTOR, TASK) if placeholder in text], drawn
        allowed = {GROUND.live, GROUND.finished, UNKNOWN}
        run = ids(sent).get("runId", UNKNOWN)
        assert run in allowed or not re.fullmatch(r"[A-Za-z0-9]{17}", run), drawn
        if sent.operation == "runTask":
            assert dangers(sent) == [], drawn


def dangers(sent):
    """Return what would cost, last or reach strangers in a start."""
    found = []
    values = dict(query(sent))
    task = ids(sent)["actorTaskId"]
    if task != GROUND.task and "~" in task:
        found.append(task)
    memory = number(values.get("memory", "128"))
    if documented_method(sent) and memory in {2.0**n for n in range(10, 16)}:
        found.append(memory)
    if (number(values.get("waitForFinish", "0")) or 0) > 0.5:
        found.append(values["waitForFinish"])
    hosts = re.findall(rb"://([^/\"]+)", _decoded(values.get("webhooks", "")))
    found += [host for host in hosts if not host.endswith(b".invalid")]
    body = json_body(sent)
    if isinstance(body, dict) and (body["durationSecs"] or "onAbort" in body):
        found.append(body)
    return found


def _decoded(text):
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
