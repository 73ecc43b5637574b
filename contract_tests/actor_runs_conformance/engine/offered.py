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
from actor_runs_conformance.ledger.promise import ABORTS
from actor_runs_conformance.results.finding import NOT_OFFERED

if TYPE_CHECKING:
    from collections.abc import Iterable

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

PROBED = tuple(
    name
    for name in dict.fromkeys((*ABORTS, *contract.operations()))
    if "{runId}" in contract.operations()[name].path and name != "getRun"
)
"""Get run and Run task are not probed: reading and starting the first run tell of them.

Of an abort that is not offered at all, the documented address is told first.
"""

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
            f"{self.operation} {NOT_OFFERED}{operation.method} {operation.path} is answered "
            f"{self.summary}"
        )


@frozen
class Offered:
    """What ids of nobody tell of a target.

    `absent` is certainly not offered; of `doubtful` only a run can tell. `tells_apart` says whether
    an id that nobody has is answered otherwise than a path that cannot be.
    """

    absent: list[NotOffered]
    doubtful: dict[str, NotOffered]
    tells_apart: bool


async def find_absent(api: Api) -> Offered:
    """Find out what a target offers, by ids of nobody."""
    try:
        unknown = await api.call("getRun", run=NOBODY)
    except NoAnswerError:
        return Offered([], {}, tells_apart=False)
    seen = await asyncio.gather(*(_probe(api, operation) for operation in PROBED))
    absent: list[NotOffered] = []
    doubtful: dict[str, NotOffered] = {}
    tells_apart = False
    for operation, exchanges in zip(PROBED, seen, strict=True):
        if exchanges is None:
            continue
        probe, control = exchanges
        if control.status == HTTPStatus.NOT_FOUND:
            tells_apart |= any(
                other.status == HTTPStatus.NOT_FOUND and _shape(other) != _shape(control)
                for other in (probe, unknown)
            )
        if probe.status == HTTPStatus.GONE and _shape(probe) == _shape(unknown):
            # What there is not may be gone to this target, runs among it.
            doubtful[operation] = NotOffered(operation, probe)
        elif probe.status in ABSENT - {HTTPStatus.NOT_FOUND}:
            absent.append(NotOffered(operation, probe))
        elif probe.status == HTTPStatus.NOT_FOUND and _shape(probe) == _shape(control):
            if _shape(control) == _shape(unknown):
                doubtful[operation] = NotOffered(operation, probe)
            else:
                absent.append(NotOffered(operation, probe))
    return Offered(absent, doubtful, tells_apart)


async def without_starts(api: Api, start: Exchange, found: Offered) -> list[NotOffered]:
    """Return what is not offered by a target that refused a start; nothing if its task may be unknown.

    No run can tell then of what was in doubt; but a target that tells ids from paths does.
    """
    if start.status in ABSENT - {HTTPStatus.NOT_FOUND}:
        return [NotOffered("runTask", start)]
    if not found.tells_apart or start.status != HTTPStatus.NOT_FOUND:
        return []
    task, run = (
        contract.operations()[name].at(actorTaskId=NOBODY, runId=NOBODY)
        for name in ("runTask", "getRun")
    )
    try:
        control = await api.send("POST", f"{task}/no-such-path")
        unknown = await api.call("getRun", run=NOBODY)
        nowhere = await api.send("GET", f"{run}/no-such-path")
    except NoAnswerError:
        return []
    if _shape(start) != _shape(control):
        return []
    absent = [NotOffered("runTask", start), *found.doubtful.values()]
    if _shape(unknown) == _shape(nowhere):
        absent.append(NotOffered("getRun", unknown))
    return absent


async def look_at_run(api: Api, doubtful: Iterable[str], run: StartedRun) -> list[NotOffered]:
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
