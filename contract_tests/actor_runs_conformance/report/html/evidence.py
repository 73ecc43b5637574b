"""The exchanges that a page holds: evidence first, then a sample, within a bound.

A page that held all of a hundred thousand exchanges would open nowhere. Each exchange is held
once, however many promises rest on it; the rest is counted, and is in exchanges.har.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from markupsafe import escape

from actor_runs_conformance.report.build import answer
from actor_runs_conformance.report.html.differences import changed_lines
from actor_runs_conformance.report.model import GRAVITY
from actor_runs_conformance.report.text import cut, pretty, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actor_runs_conformance.events.reader import Event, Log
    from actor_runs_conformance.report.model import Report

ROOM = 8_000_000
"""Bytes of all exchanges of a page together, as they stand in it."""
LONGEST_BODY = 20_000
LONGEST_HEADER = 2_000
LONGEST_URL = 2_000
SECOND = 1.0


@frozen
class Shown:
    """An exchange as the page shows it; every text is printable and bounded."""

    id: int
    at: float
    check: str | None
    operation: str | None
    run: str | None
    method: str
    path: str
    url: str
    request: str
    response: str | None
    answer: str
    took: str
    family: str
    """`2xx` to `5xx`, or `none` when nothing came back."""

    @property
    def size(self) -> int:
        """Bytes in a page: what a target sends can grow fivefold when it is escaped."""
        texts = (self.request, self.response or "", self.path)
        return sum(len(escape(text).encode("utf-8", "replace")) for text in texts)


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


def show(event: Event, target: str) -> Shown:
    """Return an exchange event as the page shows it."""
    request, response = event["request"], event.get("response")
    url = cut(printable(request["url"]), LONGEST_URL)
    path = url.removeprefix(target.rstrip("/"))
    status = response["status"] if response else None
    seconds = (response or {}).get("seconds")
    return Shown(
        id=event["id"],
        at=event["at"],
        check=event.get("check"),
        operation=event.get("operation"),
        run=event.get("run"),
        method=printable(request["method"]),
        path=path or "/",
        url=url,
        request=f"{request['method']} {path} HTTP/1.1\n{_message(request)}",
        response=f"{status}\n{_message(response)}" if response else None,
        answer=printable(answer(event)),
        took="" if seconds is None else _took(seconds),
        family=f"{status // 100}xx" if status else "none",
    )


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= SECOND else f"{1000 * seconds:.0f} ms"


def _message(message: dict[str, Any]) -> str:
    headers = "".join(
        f"{name}: {cut(printable(str(value)), LONGEST_HEADER)}\n"
        for name, value in (message.get("headers") or {}).items()
    )
    body = message.get("body")
    if not body:
        return printable(headers)
    if len(body) <= LONGEST_BODY:
        body = pretty(body)
    return f"{printable(headers)}\n{cut(printable(body), LONGEST_BODY)}"


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
