"""Invariants on every answer of the six operations: status, envelope, headers, no token.

Answers with 429 are judged by `throttled_answer` alone: a proxy before the target may have sent them.
"""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from actor_runs_conformance.http.json_body import is_json
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.results.finding import (
    NEVER_SENT,
    Finding,
    broken,
    not_exercised,
    noted,
)
from actor_runs_conformance.testkit.registry import invariant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actor_runs_conformance.http.exchange import Exchange, Response
    from actor_runs_conformance.testkit.history import History

STATUSES = {promise.operation: promise.id for promise in ledger.by_check()["documented_statuses"]}
"""The promise of the documented statuses, by operation."""
LONG_URL = 250
"""Characters of a URL from which on a server may answer 414."""
WHOLE_NUMBER = re.compile(r"\s*[0-9]+\s*")
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
WITHDRAWN = {
    "permission-denied",
    "token-not-valid",
    "record-not-unique",
    "memory-limit-exceeded",
    "run-not-running",
    "cannot-reboot",
}
THROTTLED = {"rate-limit-exceeded", "too-many-requests"}
"""The error types that an answer with 429 may have."""
RATES = {"runTask": 400}
RATE = 60
"""Requests a second, for each resource: of the operations in `RATES`, and of all others."""


def answered(exchange: Exchange) -> Response | None:
    """Return the answer of an operation; None for anything else, and for one with 429."""
    response = exchange.response
    if exchange.operation is None or response is None or response.status == 429:
        return None
    return response


def shown(response: Response) -> str:
    """Return the beginning of a body."""
    return response.beginning(200)


@invariant
def status_classes(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """Every status is 2xx, 4xx or 5xx."""
    response = answered(exchange)
    if response is not None:
        yield Finding(
            "GEN-06",
            response.status // 100 in {2, 4, 5},
            f"An answer has status {response.status}.",
            "2xx, 4xx or 5xx",
            response.status,
        )


@invariant
def documented_statuses(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """Every operation answers with a status that is documented for it, or with 5xx."""
    response = answered(exchange)
    if response is None or exchange.operation not in STATUSES:
        return
    allowed = contract.operations()[exchange.operation].statuses
    yield Finding(
        STATUSES[exchange.operation],
        response.status in allowed or response.status >= 500 or _of_http(exchange),
        f"{exchange.operation} answers {response.status}, which is not documented for it.",
        f"one of {', '.join(map(str, sorted(allowed)))}",
        response.status,
    )


def _of_http(exchange: Exchange) -> bool:
    """Whether an answer is one that HTTP has for a body without a length, or for a long URL."""
    request = exchange.request
    return (exchange.status == HTTPStatus.LENGTH_REQUIRED and request.chunked) or (
        exchange.status == HTTPStatus.REQUEST_URI_TOO_LONG and len(request.url) > LONG_URL
    )


@invariant
def no_server_error(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """No request makes the server answer with 5xx."""
    response = answered(exchange)
    if response is not None:
        yield Finding(
            "ERR-26",
            response.status < 500,
            f"The server answers {response.status}: it failed.",
            "no 5xx",
            f"{response.status} {shown(response)}",
        )


@invariant
def success_envelope(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """A success has the Run object under `data`, and no `error`."""
    response = answered(exchange)
    if response is None or not response.ok:
        return
    has_run = response.data is not None
    yield Finding(
        "GEN-02",
        has_run,
        "A success answer has no object under the key `data`.",
        '{"data": {…the run…}}',
        None if has_run else shown(response),
    )
    if has_run:
        yield Finding(
            "GEN-02b",
            "error" not in response.json,
            "A success answer has a key `error` beside `data`.",
            "no `error`",
            shown(response) if "error" in response.json else None,
        )


@invariant
def json_answers(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """A body is JSON in UTF-8, and its content type says so."""
    response = answered(exchange)
    if response is None or not response.body:
        return
    promise = "GEN-03" if response.ok else "GEN-03c"
    kind = response.header("content-type") or ""
    if not kind.lower().startswith("application/json"):
        yield broken(promise, "An answer's content type is not JSON.", "application/json", kind)
        return
    yield Finding(
        promise,
        is_json(response.body),
        "A body whose content type is JSON is not valid JSON.",
        "JSON in UTF-8, without a byte order mark",
        shown(response),
    )


@invariant
def error_envelope(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """An error has a non-empty `type` and `message` under `error`, and no `data`."""
    response = answered(exchange)
    if response is None or response.status < 400:
        return
    error = response.error or {}
    formed = (
        all(isinstance(error.get(key), str) and error[key] for key in ("type", "message"))
        and "data" not in response.json
    )
    yield Finding(
        "GEN-04",
        formed,
        "An error answer is not of the documented form.",
        '{"error": {"type": "…", "message": "…"}}',
        shown(response),
    )


@invariant
def error_types(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """An error type is kebab-case; which ones a target uses is noted."""
    response = answered(exchange)
    if response is None or response.error_type is None or response.error is None:
        return
    kind = response.error_type
    yield Finding(
        "GEN-05",
        bool(KEBAB.fullmatch(kind)),
        f"The error type {kind!r} is not kebab-case.",
        "lower-case words joined by single hyphens",
        kind,
    )
    extras = sorted(set(response.error) - {"type", "message"})
    yield noted(
        "GEN-04b",
        f"Error objects have further keys: {', '.join(extras)}."
        if extras
        else "Error objects have no further keys.",
    )
    if kind in known_error_types():
        yield noted("GEN-05b", "Error types come from the published list.")
    else:
        yield broken("GEN-05b", f"{kind!r} is not on the list.", None, kind)
    yield Finding(
        "ERR-28",
        kind not in WITHDRAWN,
        f"The error type {kind!r} is in use."
        if kind in WITHDRAWN
        else "None of the withdrawn error types is in use.",
        None,
        kind,
    )


@cache
def known_error_types() -> frozenset[str]:
    """Return the error types that the contract names."""
    schema = contract.document()["components"]["schemas"]["ErrorDetail"]
    return frozenset(schema["properties"]["type"]["examples"])


@invariant
def throttled_answer(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """An answer with 429 has an error type about the rate of requests."""
    response = exchange.response
    if response is not None and response.status != 429:
        yield not_exercised("ERR-25b", NEVER_SENT)
    # The answer to HEAD has no body, and so no error type.
    if response is not None and response.status == 429 and exchange.request.method != "HEAD":
        yield Finding(
            "ERR-25b",
            response.error_type in THROTTLED,
            "An answer with 429 has an error type that is not about the rate.",
            " or ".join(sorted(THROTTLED)),
            response.error_type,
        )


@invariant
def rate_limit_header(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """`X-RateLimit-Limit` of a success says how many requests a second the resource takes."""
    response = answered(exchange)
    if response is None or not response.ok or exchange.operation is None:
        return
    value = response.header("x-ratelimit-limit")
    # `int` would raise for a number of some thousand digits.
    number = float(value) if value and WHOLE_NUMBER.fullmatch(value) else 0.0
    yield Finding(
        "GEN-20",
        number > 0,
        "A success answer has no X-RateLimit-Limit."
        if value is None
        else "X-RateLimit-Limit is not a positive whole number.",
        "a positive whole number",
        value,
    )
    if number:
        rate = RATES.get(exchange.operation, RATE)
        yield Finding(
            "RTL-02",
            number == rate,
            f"X-RateLimit-Limit of {exchange.operation} is {number:g}.",
            rate,
            value,
        )


@invariant
def token_not_echoed(exchange: Exchange, history: History) -> Iterator[Finding]:
    """No answer shows the caller's token, neither in its body nor in a header."""
    response = exchange.response
    if response is None or exchange.operation is None or not history.tokens:
        return
    redactor = _redactor(history.tokens)
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers)
    body = response.body[: 1 << 20].decode("utf-8", "replace")
    places = [
        place
        for place, text in (("a header", headers), ("the body", body))
        if redactor.text(text) != text
    ]
    yield Finding(
        "AUT-12",
        not places,
        f"The caller's token is shown in {' and '.join(places)} of an answer.",
        "no token in any answer",
        redactor.text(headers if "a header" in places else body)[:300] if places else None,
    )


@cache
def _redactor(tokens: frozenset[str]) -> Redactor:
    return Redactor(tokens)


@invariant
def start_location(exchange: Exchange, _history: History) -> Iterator[Finding]:
    """The answer to a start has a `Location`, which ends with the new run's id."""
    response = answered(exchange)
    if response is None or exchange.operation != "runTask" or not response.ok:
        return
    location = response.header("location")
    yield Finding(
        "TSK-03",
        bool(location),
        "The answer to a start has no header Location.",
        "a header Location",
        location,
    )
    run = (response.data or {}).get("id")
    if location and run:
        last = location.partition("?")[0].rstrip("/").rpartition("/")[2]
        yield Finding(
            "TSK-03b",
            last == run,
            "Location does not end with the id of the new run.",
            f"…/{run}",
            location,
        )
