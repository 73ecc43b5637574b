"""What was seen of each run, in order; invariants compare answers with it.

A target may answer from a replica that is behind, and two requests may overlap. So an answer is
compared only with what was *known* before: received at least `LAG` seconds before the request
was sent.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field, frozen

from actor_runs_conformance.http.exchange import SMALL
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.run_fields import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actor_runs_conformance.http.exchange import Exchange

LAG = 3.0
"""Seconds by which a read may be behind: clients of the API poll that long for a fresh run."""

RECENT = 10.0
"""Seconds for which every snapshot of a run is kept; of earlier ones the first and last few are."""

CROWD = 500
"""Snapshots of one run from which on earlier ones are let go."""

FEW = 100

SETTLING = 10.0
"""Seconds after the end of a run in which figures may still change; the documents say about 10."""


def knows_end(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> bool:
    """Whether an answer about a run was surely made after an end that an earlier one showed.

    A replica that is behind knows neither another end nor the date of this one.
    """
    if not has_ended(earlier):
        return False
    if has_ended(later):
        return True
    return earlier.get("finishedAt") is not None and (
        later.get("finishedAt") == earlier["finishedAt"]
    )


ROOM = 4 * 1024 * 1024
"""Bytes of large answers that are remembered: what a target answers does not decide how much is held."""


@frozen
class Snapshot:
    """A Run object as an answer showed it, and when."""

    exchange: int
    sent: float
    received: float
    data: Mapping[str, Any]
    operation: str | None
    waited: bool = False


@define
class RunHistory:
    """The snapshots of one run, as received."""

    snapshots: list[Snapshot] = field(factory=list)
    first_seen: dict[str, Snapshot] = field(factory=dict)  # By status.
    ended: Snapshot | None = None
    rebooted: bool = False  # Whether a reboot was accepted.
    _crowd: int = CROWD

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot."""
        self.snapshots.append(snapshot)
        if len(self.snapshots) > self._crowd:
            self._let_go(before=snapshot.received - RECENT)
        status = snapshot.data.get("status")
        if isinstance(status, str):
            self.first_seen.setdefault(status, snapshot)
            if status in TERMINAL and self.ended is None:
                self.ended = snapshot

    def _let_go(self, before: float) -> None:
        """Let earlier snapshots go: thousands of generated cases may look at one run."""
        earlier = [one for one in self.snapshots if one.received < before]
        recent = [one for one in self.snapshots if one.received >= before]
        if len(earlier) > 2 * FEW:
            earlier = [*earlier[:FEW], *earlier[-FEW:]]
        self.snapshots = [*earlier, *recent]
        self._crowd = max(CROWD, 2 * len(self.snapshots))

    def known(self, snapshot: Snapshot, *, since: float = float("-inf")) -> Snapshot | None:
        """Return the newest snapshot that was known when this one was requested.

        Only snapshots requested at or after `since` count.
        """
        for earlier in reversed(self.snapshots):
            if (
                earlier is not snapshot
                and earlier.received + LAG <= snapshot.sent
                and earlier.sent >= since
            ):
                return earlier
        return None

    @property
    def first_read(self) -> Mapping[str, Any] | None:
        """The run as Get run showed it first; None when it has not."""
        return next((one.data for one in self.snapshots if one.operation == "getRun"), None)

    def moving(self, until: float) -> frozenset[str]:
        """Return what changed between two answers after the end, received until then, but the status."""
        ends = [one.data for one in self.snapshots if one.received <= until and has_ended(one.data)]
        return frozenset(
            name
            for earlier, later in pairwise(ends)
            for name in changed(earlier, later, frozenset({"status"}))
        )

    def settled(self, snapshot: Snapshot) -> bool:
        """Whether the figures of a snapshot can no longer change."""
        return (
            self.ended is not None
            and has_ended(snapshot.data)
            and snapshot.sent >= self.ended.received + SETTLING + LAG
        )


@define
class History:
    """The histories of all runs, by id.

    `tokens` are the real ones, which no answer may hold; `owner` is the one that the runs were
    started with. `never_sent` are the fields that the target file declares absent. `clock_skew` is by how much the target's clock is ahead of ours,
    by its `Date` headers; None while it has sent none.
    """

    runs: dict[str, RunHistory] = field(factory=dict)
    tokens: frozenset[str] = frozenset()
    owner: str | None = None
    never_sent: frozenset[str] = frozenset()
    clock_skew: dt.timedelta | None = None
    _room: int = ROOM

    def note(self, exchange: Exchange) -> None:
        """Take in the Run objects of an answer, and the target's clock."""
        self._read_clock(exchange)
        if exchange.operation == "rebootRun" and exchange.run and exchange.status < 300:
            self.runs.setdefault(exchange.run, RunHistory()).rebooted = True
        if not self._has_room(exchange):
            return
        for data in exchange.runs:
            if isinstance(data.get("id"), str):
                self.runs.setdefault(data["id"], RunHistory()).add(
                    Snapshot(
                        exchange.id,
                        exchange.sent,
                        exchange.received,
                        data,
                        operation=exchange.operation,
                        waited="waitForFinish=" in exchange.request.url,
                    )
                )

    def _has_room(self, exchange: Exchange) -> bool:
        size = len(exchange.response.body) if exchange.response else 0
        if size > SMALL:
            self._room -= size
        return size <= SMALL or self._room >= 0

    def shows_all(self, exchange: Exchange) -> bool:
        """Whether an answer is for the owner of the runs; others may be shown less."""
        if self.owner is None:
            return True
        if exchange.request.header("authorization") == f"Bearer {self.owner}":
            return True
        return ("token", self.owner) in parse_qsl(urlsplit(exchange.request.url).query)

    def _read_clock(self, exchange: Exchange) -> None:
        header = exchange.response.header("date") if exchange.response else None
        if header is None:
            return
        with contextlib.suppress(ValueError, OverflowError):
            date = parsedate_to_datetime(header)
            # `-0000` is UTC too, and read as a date without a zone.
            date = date if date.tzinfo else date.replace(tzinfo=dt.UTC)
            skew = date - dt.datetime.now(tz=dt.UTC)
            # A slow answer carries an old date: the newest date shows the clock.
            self.clock_skew = max(skew, self.clock_skew or skew)

    def until(self, moment: dt.datetime) -> dt.timedelta:
        """Return the time until a moment by the target's clock; by ours if it sent no `Date`.

        Computed as a difference: adding to the last date of the calendar would overflow.
        """
        return moment - dt.datetime.now(tz=dt.UTC) - (self.clock_skew or dt.timedelta())

    def seen_in(self, exchange: Exchange) -> Iterator[tuple[RunHistory, Snapshot]]:
        """Yield the snapshots that this exchange added, each with the history of its run."""
        for data in exchange.runs:
            history = self.runs.get(str(data.get("id")))
            if history and history.snapshots and history.snapshots[-1].exchange == exchange.id:
                yield history, history.snapshots[-1]
