"""Finds out, once for each target, which operations it offers, without harm to any run.

First with ids that nobody has: a path that is not served is answered like one that cannot be.
Where the two answers look alike, as for servers whose every 404 is the same, a finished run tells:
a served operation knows it.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import JSON, NOBODY
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger import contract

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.api import Api
    from actor_runs_conformance.testkit.starts import StartedRun

ABSENT = {
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.GONE,
    HTTPStatus.NOT_IMPLEMENTED,
}
"""What an operation is answered with that a target does not have."""

PROBED = ("updateRun", "rebootRun", "abortActorRun", "abortRun")
"""Get run and Run task are not probed: reading and starting the first run tell of them."""

MALFORMED = b"{"
"""A body that Update run refuses, so that the probe changes nothing."""


@frozen
class NotOffered:
    """An operation that a target does not have, and the answer that shows it."""

    operation: str
    exchange: Exchange

    @property
    def summary(self) -> str:
        """What the operation is answered, in a few words."""
        return summary(self.exchange)

    @property
    def reason(self) -> str:
        """The sentence that says it."""
        operation = contract.operations()[self.operation]
        return (
            f"{self.operation} is not offered: {operation.method} {operation.path} is answered "
            f"{self.summary}"
        )


async def find_absent(api: Api) -> tuple[list[NotOffered], list[str]]:
    """Return what is certainly not offered, and the operations that only a run can tell of."""
    try:
        unknown = await api.call("getRun", run=NOBODY)
    except NoAnswerError:
        return [], []
    seen = await asyncio.gather(*(_probe(api, operation) for operation in PROBED))
    absent, doubtful = [], []
    for operation, exchanges in zip(PROBED, seen, strict=True):
        if exchanges is None:
            continue
        probe, control = exchanges
        if probe.status == HTTPStatus.GONE and _shape(probe) == _shape(unknown):
            # What there is not may be gone to this target, runs among it.
            doubtful.append(operation)
        elif probe.status in ABSENT - {HTTPStatus.NOT_FOUND}:
            absent.append(NotOffered(operation, probe))
        elif probe.status == HTTPStatus.NOT_FOUND and _shape(probe) == _shape(control):
            if _shape(control) == _shape(unknown):
                doubtful.append(operation)
            else:
                absent.append(NotOffered(operation, probe))
    return absent, doubtful


async def look_at_run(api: Api, doubtful: list[str], run: StartedRun) -> list[NotOffered]:
    """Return which operations a finished run does not know; none of the requests changes it."""
    absent = []
    for operation in doubtful:
        if operation == "abortActorRun" and not run.actor:
            continue
        try:
            exchange = await api.call(
                operation,
                run=run.id,
                actor=run.actor or None,
                headers=JSON if operation == "updateRun" else (),
                body=MALFORMED if operation == "updateRun" else None,
            )
        except NoAnswerError:
            continue
        if exchange.status in ABSENT:
            absent.append(NotOffered(operation, exchange))
    return absent


async def _probe(api: Api, operation: str) -> tuple[Exchange, Exchange] | None:
    """Return the answers to an operation with ids of nobody, and to a path that cannot be."""
    served = contract.operations()[operation]
    path = served.at(runId=NOBODY, actorId=NOBODY)
    body = MALFORMED if operation == "updateRun" else None
    try:
        probe = await api.call(
            operation,
            run=NOBODY,
            actor=NOBODY,
            headers=JSON if body else (),
            body=body,
        )
        control = await api.send(served.method, f"{path}/no-such-path")
    except NoAnswerError:
        return None
    return probe, control


def _shape(exchange: Exchange) -> tuple[int, str | None, bool]:
    response = exchange.response
    error = response.error if response else None
    return exchange.status, response.error_type if response else None, error is not None
