"""The exchanges that a page holds: evidence first, then a sample, within a bound.

A page that held all of a hundred thousand exchanges would open nowhere. Each exchange is held
once, however many promises rest on it; the rest is counted, and is in exchanges.har.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.report.exchange_text import Shown, show
from actor_runs_conformance.report.html.differences import changed_lines
from actor_runs_conformance.report.model import GRAVITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actor_runs_conformance.events.reader import Log
    from actor_runs_conformance.report.model import Report

ROOM = 8_000_000
"""Bytes of all exchanges of a page together, as they stand in it."""


@frozen
class Piece:
    """An exchange as evidence of one promise, and which lines of its answer are new."""

    exchange: Shown
    since: int | None
    """The earlier exchange about the same run that it is compared with; None for the first."""
    lines: list[int]


def pick(report: Report, log: Log) -> dict[int, Shown]:
    """Return the exchanges to show by id, in the order they were sent."""
    picked: dict[int, Shown] = {}
    room = ROOM
    for number in _wanted(report):
        offset = report.traffic.offsets.get(number)
        if number in picked or offset is None:
            continue
        event = log.at(offset)
        if event is None:
            continue
        shown = show(event, report.start.target)
        if shown.size > room:
            continue
        room -= shown.size
        picked[number] = shown
    return dict(sorted(picked.items()))


def _wanted(report: Report) -> Iterator[int]:
    """Yield ids, the most relevant first: an exchange of each promise before the second of any."""
    ordered = sorted(report.verdicts, key=lambda verdict: GRAVITY.index(verdict.verdict))
    longest = max((len(verdict.exchanges) for verdict in ordered), default=0)
    for place in range(longest):
        for verdict in ordered:
            if place < len(verdict.exchanges):
                yield verdict.exchanges[place]
    yield from report.traffic.sample


def pieces(exchanges: Sequence[int], shown: dict[int, Shown]) -> list[Piece]:
    """Return the evidence of one promise, each answer compared with the one before it."""
    found = []
    latest: dict[str, Shown] = {}
    for number in exchanges:
        if (exchange := shown.get(number)) is None:
            continue
        before = latest.get(exchange.run) if exchange.run else None
        lines: list[int] = []
        if before is not None and before.response and exchange.response:
            lines = changed_lines(before.response, exchange.response)
        found.append(Piece(exchange, before.id if before and lines else None, lines))
        if exchange.run and exchange.response:
            latest[exchange.run] = exchange
    return found
