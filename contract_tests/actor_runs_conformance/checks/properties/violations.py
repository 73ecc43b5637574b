"""Where a request breaks the documents, and which promise says that it is refused.

Schemathesis says of each case whether it is valid by the contract. That is not enough to judge a
target: the contract says that `timeout` is at least 0, but no document says how -1 is answered. So
the request is looked at again, as it is sent. Only a violation of a promise counts against a
target.
"""

from __future__ import annotations

import base64
import json
import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from attrs import frozen

from actor_runs_conformance.http.json_body import refuse_constant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from actor_runs_conformance.checks.properties.case import Case
    from actor_runs_conformance.ledger.json_value import JsonValue

MEMORY = tuple(2**n for n in range(7, 16))
GENERAL_ACCESS = ("FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED")
BOOLEANS = ("true", "false", "1", "0")
MESSAGE_LIMIT = 500
PLAIN_NUMBER = re.compile(r"(?:0|[1-9]\d{0,6})(?:\.\d{0,5}[1-9])?", re.ASCII)


class Absent:
    """Stands for a body without a JSON value."""


ABSENT = Absent()
MALFORMED = Absent()


@frozen
class Violation:
    """One field that is not as the documents describe it.

    `promise` is the promise by which a target refuses it; None when the documents leave open what
    happens. `open` is then the open promise under which the answer is noted, if there is one, and
    `allowed` the promise by which the target accepts it nevertheless.
    """

    field: str
    value: Any
    promise: str | None = None
    open: str | None = None
    allowed: str | None = None

    def __str__(self) -> str:
        text = json.dumps(self.value, ensure_ascii=False, default=repr)
        return f"{self.field}={text if len(text) <= 80 else text[:79] + '…'}"


def query(case: Case) -> tuple[tuple[str, str], ...]:
    """Return the query's names and values, decoded."""
    return tuple(parse_qsl(case.query, keep_blank_values=True))


def json_body(case: Case) -> JsonValue:
    """Return the body as JSON; ABSENT when there is none, MALFORMED when it is not JSON."""
    if not case.body:
        return ABSENT
    try:
        return json.loads(case.body.decode("utf-8"), parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return MALFORMED


def plain(text: str) -> float | None:
    """Return the number of a text in plain notation; None for any other, such as `1e1` or `60.0`."""
    return float(text) if PLAIN_NUMBER.fullmatch(text) else None


def number(text: str) -> float | None:
    """Return the number of a text in JSON notation; None when it is none, or infinite."""
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def violations(case: Case) -> tuple[Violation, ...]:
    """Return every field of a case that is not clearly as the documents describe it."""
    return tuple(_violations(case))


def _violations(case: Case) -> Iterator[Violation]:
    values: dict[str, list[str]] = {}
    for name, value in query(case):
        values.setdefault(name, []).append(value)
    for name, given in values.items():
        parameter = PARAMETERS.get((case.operation, name))
        if parameter is None or len(given) > 1:
            yield Violation(name, given if len(given) > 1 else given[0])
        else:
            yield from parameter(name, given[0])
    content_type = case.content_type
    if case.operation in BODIES:
        if content_type is not None and content_type.partition(";")[0] != "application/json":
            yield Violation("Content-Type", content_type, open=CONTENT_TYPE.get(case.operation))
        else:
            yield from BODIES[case.operation](json_body(case), case)
    elif case.body or content_type is not None:
        yield Violation("Content-Type", content_type)


def _number_between(
    low: float, high: float, promise: str
) -> Callable[[str, str], Iterator[Violation]]:
    def check(name: str, text: str) -> Iterator[Violation]:
        value = plain(text)
        if value is None or not low <= value <= high:
            yield Violation(name, text, open=promise)

    return check


def _wait(name: str, text: str) -> Iterator[Violation]:
    value = plain(text)
    if value is None:
        yield Violation(name, text, open="GET-09")
    elif value > 60:
        # Clients send up to 999999; no document says how larger numbers are read.
        yield Violation(name, text, allowed="GET-07" if value < 1_000_000 else None)


def _whole_number(low: float, high: float) -> Callable[[str, str], Iterator[Violation]]:
    def check(name: str, text: str) -> Iterator[Violation]:
        value = plain(text)
        if value is None or not low <= value <= high or value != int(value):
            yield Violation(name, text, open="TSK-31")

    return check


def _memory(name: str, text: str) -> Iterator[Violation]:
    value = number(text)
    if value is None:
        yield Violation(name, text, open="TSK-31")
    elif value > MEMORY[-1]:
        yield Violation(name, text, open="TSK-12d")
    elif value not in MEMORY:
        yield Violation(name, text, promise="TSK-12e")


def _boolean(promise: str) -> Callable[[str, str], Iterator[Violation]]:
    def check(name: str, text: str) -> Iterator[Violation]:
        if text not in BOOLEANS:
            yield Violation(name, text, open=promise)

    return check


def _webhooks(name: str, text: str) -> Iterator[Violation]:
    try:
        value = json.loads(base64.b64decode(text, validate=True))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list) or not all(map(_is_webhook, value)):
        yield Violation(name, text, open="WHK-04")


def _is_webhook(value: JsonValue) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("eventTypes"), list)
        and isinstance(value.get("requestUrl"), str)
    )


def _build(name: str, text: str) -> Iterator[Violation]:
    yield Violation(name, text)  # The suite cannot know whether the task has such a build.


PARAMETERS: Mapping[tuple[str, str], Callable[[str, str], Iterator[Violation]]] = {
    ("getRun", "waitForFinish"): _wait,
    ("abortRun", "gracefully"): _boolean("ABT-20"),
    ("abortActorRun", "gracefully"): _boolean("ABT-20"),
    ("runTask", "timeout"): _whole_number(0, 86400),
    ("runTask", "memory"): _memory,
    # The documents do not say whether 0 is a limit or a mistake, nor how small a charge may be.
    ("runTask", "maxItems"): _whole_number(1, 1_000_000),
    ("runTask", "maxTotalChargeUsd"): _number_between(1, 1000, "TSK-31"),
    ("runTask", "restartOnError"): _boolean("TSK-31"),
    ("runTask", "build"): _build,
    ("runTask", "waitForFinish"): _number_between(0, 60, "TSK-31"),
    ("runTask", "webhooks"): _webhooks,
}


def _update_body(value: JsonValue, case: Case) -> Iterator[Violation]:
    if value is ABSENT or value is None:
        yield Violation("body", None, open="PUT-15")
    elif value is MALFORMED:
        yield Violation("body", "not JSON", promise="PUT-17")
    elif not isinstance(value, dict):
        yield Violation("body", value, promise="PUT-17")
    else:
        yield from _update_fields(value)
        run = value.get("runId", ABSENT)
        if run is ABSENT:
            yield Violation("runId", None, open="PUT-03")
        elif quote(str(run), safe="~") != case.path.rpartition("/")[2]:
            yield Violation("runId", run, open="PUT-04")


def _update_fields(body: Mapping[str, Any]) -> Iterator[Violation]:
    # Null may stand for absence, as it does in answers: only other types are wrong.
    message = body.get("statusMessage")
    if message is None:
        yield Violation("statusMessage", None, open="PUT-15")
    elif not isinstance(message, str):
        yield Violation("statusMessage", message, promise="PUT-14")
    elif not message or not message.isprintable() or len(message) > MESSAGE_LIMIT:
        yield Violation("statusMessage", message, open="PUT-18")
    flag = body.get("isStatusMessageTerminal", ABSENT)
    if flag is None:
        yield Violation("isStatusMessageTerminal", None)
    elif flag is not ABSENT and not isinstance(flag, bool):
        yield Violation("isStatusMessageTerminal", flag, promise="PUT-14")
    access = body.get("generalAccess", ABSENT)
    if access is not ABSENT and access not in GENERAL_ACCESS:
        yield Violation("generalAccess", access, promise="PUT-12")


def _task_body(value: JsonValue, case: Case) -> Iterator[Violation]:  # noqa: ARG001
    if value is not ABSENT and not isinstance(value, dict):
        yield Violation("body", "not JSON" if value is MALFORMED else value, open="TSK-08")
    elif isinstance(value, dict) and not value.keys() <= OWN_INPUT:
        # The Actor's input schema may refuse properties that it does not know.
        yield Violation("body", value)


OWN_INPUT = {"durationSecs", "exitCode"}
BODIES: Mapping[str, Callable[[Any, Case], Iterator[Violation]]] = {
    "updateRun": _update_body,
    "runTask": _task_body,
}
CONTENT_TYPE = {"updateRun": "PUT-16", "runTask": "TSK-09"}
