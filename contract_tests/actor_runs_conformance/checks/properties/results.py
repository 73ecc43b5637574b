"""What generated cases were sent and how they were answered, and what that shows of a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from actor_runs_conformance.checks.properties.safe_targets import ids
from actor_runs_conformance.checks.properties.violations import json_body, query
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.results.finding import Finding, broken, kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from actor_runs_conformance.checks.properties.sender import SentCase
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue

SHOWN = 4
# Statuses that say nothing of the request: they are about the caller, the load or the connection.
NOT_ABOUT_REQUEST = frozenset({401, 408, 429})
Evidence = tuple[Finding, *tuple["Exchange", ...]]
"""A finding and the exchanges that show it; the last of them is the one to reproduce."""


def refuted(promise: str, sent: SentCase, message: str, expected: JsonValue) -> Evidence:
    """Return the finding that a request was answered with a status that breaks a promise."""
    return broken(promise, message, expected, sent.status), sent.exchange


@define
class Results:
    """What was sent, by operation; `missing` says why nothing more was.

    `controls` are accepted cases of this chunk and of earlier ones, beside which others are judged.
    `read_back` is Get run of the updated run after all updates. `ended` is the status that the
    finished run was found in; None when there was none.
    """

    sent: Mapping[str, Sequence[SentCase]]
    missing: Mapping[str, str] = field(factory=dict)
    read_back: Exchange | None = None
    ended: str | None = None
    controls: Mapping[str, Sequence[SentCase]] = field(factory=dict)

    def of(self, *operations: str) -> list[SentCase]:
        """Return what was sent to these operations; to all when none is named."""
        return [
            sent
            for name, cases in self.sent.items()
            for sent in cases
            if not operations or name in operations
        ]

    def accepted(self, operation: str, name: str | None = None) -> SentCase | None:
        """Return a plain case that was accepted and has this field; None when there is none."""
        return next(
            (
                sent
                for sent in (*self.controls.get(operation, ()), *self.of(operation))
                if sent.known and sent.plain and delivered(sent) and (not name or has(sent, name))
            ),
            None,
        )

    def why_not(self, operation: str) -> str:
        """Return why an operation cannot be judged."""
        return self.missing.get(operation, f"no valid request to {operation} was accepted")


def succeeded(sent: SentCase) -> bool:
    """Whether the answer is 2xx."""
    return 200 <= sent.status < 300


def delivered(sent: SentCase) -> bool:
    """Whether the answer is 2xx and has a run, the one that the request names if it names one."""
    identity = (sent.exchange.data or {}).get("id")
    named = ids(sent.case).get("runId", identity)
    return succeeded(sent) and isinstance(identity, str) and identity == named


def has(sent: SentCase, name: str) -> bool:
    """Whether a request has a field, in its query or its body."""
    body = json_body(sent.case)
    return (
        name == "body"
        or any(name == given for given, _ in query(sent.case))
        or (isinstance(body, dict) and name in body)
    )


def what(sent: SentCase) -> str:
    """Return the request in a few words."""
    return ", ".join(map(str, sent.violations)) or sent.case.note or "a valid request"


def refusals(results: Results, operation: str, promise: str, *statuses: int) -> Iterator[Evidence]:
    """Judge the requests that break the rule of this promise: refused with one of these statuses.

    Any 4xx will do when no status is given.
    """
    for sent in results.of(operation):
        if not sent.known or promise not in sent.broken or sent.status in NOT_ABOUT_REQUEST:
            continue
        wanted = statuses or range(400, 500)
        expected = f"{statuses[0] if statuses else '4xx'} to {what(sent)}"
        if succeeded(sent) or (sent.status < 500 and sent.status not in wanted):
            yield refuted(
                promise, sent, f"{what(sent)} is answered {summary(sent.exchange)}", expected
            )
        elif sent.status in wanted and len(sent.violations) == 1:
            control = results.accepted(operation, sent.violations[0].field)
            if control is not None:
                yield kept(promise), control.exchange, sent.exchange
