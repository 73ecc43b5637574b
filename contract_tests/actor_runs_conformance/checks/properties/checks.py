"""Judges promises by the answers to generated cases.

A rejection is evidence only beside an accepted request: the same operation with that field right,
or a known id beside an unknown one. Invariants judge these exchanges too: documented statuses, no
5xx, envelopes, the Run object.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.properties.results import (
    NOT_ABOUT_REQUEST,
    SHOWN,
    Evidence,
    Results,
    delivered,
    refusals,
    refuted,
    succeeded,
    what,
)
from actor_runs_conformance.checks.properties.safe_targets import UNKNOWN, documented_method, ids
from actor_runs_conformance.checks.properties.violations import json_body, query
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.results.finding import Finding, kept, not_exercised
from actor_runs_conformance.testkit.registry import Profile, generated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from actor_runs_conformance.checks.properties.sender import SentCase


def worth_keeping(cases: Iterable[SentCase]) -> list[SentCase]:
    """Return accepted cases that later ones may be judged beside: one for each field."""
    found: dict[str, SentCase] = {}
    for sent in cases:
        if sent.known and sent.plain and delivered(sent):
            body = json_body(sent.case)
            names = [name for name, _ in query(sent.case)]
            for name in ("", "body", *names, *(body if isinstance(body, dict) else ())):
                found.setdefault(name, sent)
    return list({id(sent): sent for sent in found.values()}.values())


# -- Refusals ---------------------------------------------------------------------------------


def refusals_or_why(results: Results, promise: str, operation: str) -> Iterator[Evidence]:
    """Judge the refusals with 400 of an operation, or say why there are none to judge."""
    found = list(refusals(results, operation, promise, 400))
    if found:
        yield from found
    else:
        yield (not_exercised(promise, results.why_not(operation)),)


@generated()
def invalid_general_access(results: Results) -> Iterator[Evidence]:
    """Updates with a generated `generalAccess` of another value or type."""
    yield from refusals_or_why(results, "PUT-12", "updateRun")


@generated()
def update_with_wrong_types(results: Results) -> Iterator[Evidence]:
    """Updates with a generated `statusMessage` or `isStatusMessageTerminal` of a wrong type."""
    found = list(refusals_or_why(results, "PUT-14", "updateRun"))
    yield from found
    last = [sent for sent in results.of("updateRun") if sent.known and succeeded(sent)][-1:]
    after = results.read_back
    if after is None or not last or any(finding.kept is None for finding, *_ in found):
        return
    body = json_body(last[0].case)
    message = body.get("statusMessage") if isinstance(body, dict) and last[0].plain else None
    shown = (after.data or {}).get("statusMessage")
    if isinstance(message, str) and after.data is not None:
        same = shown == message
        problem = "an update that was refused changed the status message"
        yield Finding("PUT-14", same, problem, message, shown), last[0].exchange, after


# -- Ids --------------------------------------------------------------------------------------


@generated(profile=Profile.READ_ONLY)
def malformed_run_ids(results: Results) -> Iterator[Evidence]:
    """Generated ids of every length and script in place of a run's id."""
    control = results.accepted("getRun")
    count = 0
    for sent in results.of():
        identity = ids(sent.case).get("runId")
        if identity in {None, UNKNOWN} or sent.known or sent.status in NOT_ABOUT_REQUEST:
            continue
        # The server may check other faults of the request before the id.
        strict = not sent.violations
        message = f"the run id {shown(identity)} is answered with {summary(sent.exchange)}"
        if sent.status >= 500 or succeeded(sent) or (strict and sent.status not in {403, 404}):
            count += 1
            yield refuted("GEN-12", sent, message, 404)
        elif strict and sent.status == 404 and control is not None:
            count += 1
            yield kept("GEN-12"), control.exchange, sent.exchange
    if not count:
        yield (not_exercised("GEN-12", results.why_not("getRun")),)


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:79] + "…"


# -- What the documents leave open ------------------------------------------------------------


def noted_statuses(results: Results, promise: str, *operations: str) -> Iterator[Evidence]:
    """Note the statuses that answer the values which a promise leaves open."""
    by_status: dict[int, list[SentCase]] = {}
    for sent in results.of(*operations):
        if sent.known and len(sent.violations) == 1 and sent.violations[0].open == promise:
            by_status.setdefault(sent.status, []).append(sent)
    if not by_status:
        yield (not_exercised(promise, results.why_not(operations[0])),)
        return
    words = [
        f"{status} to {', '.join(dict.fromkeys(str(sent.violations[0]) for sent in cases[:SHOWN]))}"
        f"{f' and {len(cases) - SHOWN} more' if len(cases) > SHOWN else ''}"
        for status, cases in sorted(by_status.items())
    ]
    reached = all(status < 500 for status in by_status)
    counts = {str(status): len(cases) for status, cases in sorted(by_status.items())}
    finding = Finding(promise, reached, "; ".join(words), None, counts)
    yield finding, *(cases[0].exchange for _, cases in sorted(by_status.items()))


@generated(profile=Profile.READ_ONLY)
def odd_wait_values(results: Results) -> Iterator[Evidence]:
    """Generated values of `waitForFinish` that are negative, repeated or not a number."""
    yield from noted_statuses(results, "GET-09", "getRun")


@generated()
def odd_gracefully_values(results: Results) -> Iterator[Evidence]:
    """Generated values of `gracefully` that are not a boolean."""
    yield from noted_statuses(results, "ABT-20", "abortRun", "abortActorRun")


@generated(profile=Profile.FULL)
def odd_start_values(results: Results) -> Iterator[Evidence]:
    """Generated values at the edge in the query of a start."""
    yield from noted_statuses(results, "TSK-31", "runTask")


# -- More evidence for what scenarios judge ---------------------------------------------------

ACCEPTED: Mapping[str, str] = {
    "getRun": "GET-01",
    "updateRun": "PUT-01",
    "abortRun": "ABT-06",
    "abortActorRun": "ABT-06",
    "runTask": "TSK-01",
}
# What an answer shows of a parameter, and whether it must show it.
OPTIONS: Mapping[str, tuple[str, str, bool]] = {
    "timeout": ("TSK-10", "timeoutSecs", True),
    "memory": ("TSK-12", "memoryMbytes", True),
    "maxItems": ("TSK-14", "maxItems", False),
    "maxTotalChargeUsd": ("TSK-15", "maxTotalChargeUsd", False),
}


MESSAGE_PROPERTIES = {"runId", "statusMessage", "isStatusMessageTerminal"}
SHORT = 200
"""Characters that a status message may have at least."""


def valid_requests(results: Results) -> Iterator[Evidence]:
    """What the documents describe is accepted."""
    for operation, promise in ACCEPTED.items():
        if promise == "ABT-06" and results.ended != "SUCCEEDED":
            continue
        for sent in results.of(operation):
            if not sent.known or not sent.plain:
                continue
            # Other statuses are about limits, rights, or a deprecated path that is gone.
            if delivered(sent):
                yield kept(promise), sent.exchange
            elif sent.status in {400, 405, 406, 409, 411, 412, 413, 414, 415, 422}:
                if promise == "PUT-01" and not described(json_body(sent.case)):
                    continue
                message = (
                    f"a valid request ({what(sent)}) is answered with {summary(sent.exchange)}"
                )
                yield refuted(promise, sent, message, "2xx")


def described(body: object) -> bool:
    """Whether the body of an update is one that a target has to take.

    It may refuse further properties, and messages that are empty, long or of several lines.
    """
    if not isinstance(body, dict) or set(body) - MESSAGE_PROPERTIES:
        return False
    message = body.get("statusMessage")
    return isinstance(message, str) and 0 < len(message) <= SHORT and message.isprintable()


def messages_come_back(results: Results) -> Iterator[Evidence]:
    """The answer to an update shows the message that it set."""
    for sent in results.of("updateRun"):
        body = json_body(sent.case)
        if sent.known and sent.plain and succeeded(sent) and isinstance(body, dict):
            observed = (sent.exchange.data or {}).get("statusMessage")
            expected = body["statusMessage"]
            message = "the answer shows another status message than was set"
            yield (
                Finding("PUT-05", observed == expected, message, expected, observed),
                sent.exchange,
            )


def options_show_parameters(results: Results) -> Iterator[Evidence]:
    """The options of a new run show what the query set."""
    for sent in results.of("runTask"):
        options = (sent.exchange.data or {}).get("options")
        if not (sent.known and sent.plain and succeeded(sent) and isinstance(options, dict)):
            continue
        for name, value in query(sent.case):
            if name not in OPTIONS:
                continue
            promise, option, needed = OPTIONS[name]
            observed, expected = options.get(option), json.loads(value)
            if observed is not None or needed:
                message = f"{name}={value} is not what options.{option} shows"
                yield (
                    Finding(promise, observed == expected, message, expected, observed),
                    sent.exchange,
                )


def waits_above_maximum(results: Results) -> Iterator[Evidence]:
    """A wait above the maximum is not refused."""
    for sent in results.of("getRun"):
        allowed = [violation.allowed for violation in sent.violations]
        if not sent.known or allowed != ["GET-07"]:
            continue
        refused = 400 <= sent.status < 500 and sent.status not in NOT_ABOUT_REQUEST
        if delivered(sent):
            yield kept("GET-07"), sent.exchange
        elif refused and results.accepted("getRun"):
            message = f"{what(sent)} is answered with {summary(sent.exchange)}"
            yield refuted("GET-07", sent, message, 200)


def undocumented_methods(results: Results) -> Iterator[Evidence]:
    """A method that a path does not have is answered with 405."""
    for sent in results.of():
        operation = sent.case.operation
        if documented_method(sent.case) or not sent.known or sent.status in NOT_ABOUT_REQUEST:
            continue
        control = results.accepted(operation)
        if sent.status == 405 and control is not None:
            yield kept("GEN-08"), control.exchange, sent.exchange
        elif control is not None and sent.status < 500 and sent.status != 405:
            message = (
                f"{sent.case.method} on the path of {operation} is answered with "
                f"{summary(sent.exchange)}"
            )
            yield refuted("GEN-08", sent, message, 405)


def other_refusals(results: Results) -> Iterator[Evidence]:
    """Malformed bodies and impossible memory are refused."""
    yield from refusals(results, "updateRun", "PUT-17", 400)
    yield from refusals(results, "runTask", "TSK-12e")


MORE_EVIDENCE: Iterable[Callable[[Results], Iterator[Evidence]]] = (
    valid_requests,
    messages_come_back,
    options_show_parameters,
    waits_above_maximum,
    undocumented_methods,
    other_refusals,
)


@generated(profile=Profile.READ_ONLY)
def generated_cases(results: Results) -> Iterator[Evidence]:
    """Generated requests: what the documents describe is accepted, and comes back."""
    for judge in MORE_EVIDENCE:
        yield from judge(results)


MACHINE_CHECKS = ("repeated_reboots", "state_machine")
"""What the state machine judges, as it goes; the other checks judge generated cases."""


@generated(profile=Profile.FULL)
def repeated_reboots(results: Results) -> Iterator[Evidence]:  # noqa: ARG001
    """Reboots of one run again and again, between other calls: judged by the state machine."""
    yield from ()


@generated(profile=Profile.FULL)
def state_machine(results: Results) -> Iterator[Evidence]:  # noqa: ARG001
    """Calls to a few runs in an order that was drawn: judged by the state machine."""
    yield from ()
