"""The runs that the suite started: remembered from their first answer on, aborted at the end.

Nothing else on the account is touched: an abort at the end names only an id from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from actor_runs_conformance.http.transport import STARTS
from actor_runs_conformance.ledger.statuses import TERMINAL

if TYPE_CHECKING:
    from actor_runs_conformance.events.writer import Log
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.budget import Budget

LONG_BODY = 1 << 20
"""Bytes from which on a target may close the connection before it has read the body."""


@define
class StartedRuns:
    """What is known of the runs that the suite started, by id.

    `started` holds the newest status of each run. `unidentified` counts the starts that were
    accepted, or may have been, and whose run no answer names.
    """

    log: Log
    budget: Budget
    started: dict[str, str | None] = field(factory=dict)
    ended: set[str] = field(factory=set)
    aborted_by: dict[str, str] = field(factory=dict)
    unidentified: int = 0
    _since: dict[str, float] = field(factory=dict)
    _start: dict[str, int] = field(factory=dict)
    _actors: dict[str, str] = field(factory=dict)

    def note(self, exchange: Exchange) -> bool:
        """Learn from an answer: a run that was started, a status that was seen.

        Returns:
            Whether the log now names the exchange.
        """
        news = False
        for run in exchange.runs:
            if run.get("id") is None:
                continue
            # An id that is not a string breaks a promise, and still names a run that must be aborted.
            identity, status = str(run["id"]), run.get("status")
            if exchange.operation in STARTS and identity not in self.started:
                self.started[identity] = None
                self._since[identity] = exchange.received
                self._start[identity] = exchange.id
                self._actors[identity] = str(run.get("actId") or "")
                self.log.write(
                    "run_started",
                    run=identity,
                    budget={"used": self.budget.used, "max": self.budget.max},
                    check=exchange.check,
                )
            if identity in self.started and isinstance(status, str):
                news |= self._status(identity, status, exchange.id)
        return news

    def note_unidentified(self, exchange: Exchange) -> None:
        """Count a start that got no answer, or a success that names no run."""
        if exchange.operation not in STARTS:
            return
        if exchange.response is not None:
            named = any(run.get("id") is not None for run in exchange.runs)
            if exchange.response.ok and not named:
                self.unidentified += 1
            return
        nothing_arrived = exchange.no_answer is not None and exchange.no_answer.nothing_arrived
        # A body that a target does not read to its end has started nothing.
        cut_off = len(exchange.request.body or b"") > LONG_BODY
        if not nothing_arrived and not cut_off:
            self.unidentified += 1

    def _status(self, run: str, status: str, exchange: int) -> bool:
        if self.started[run] == status:
            return False
        self.started[run] = status
        self.log.write("run_status", run=run, status=status, exchange=exchange)
        if status in TERMINAL:
            self.end(run, status)
        else:
            # The server has restarted a finished run: it must be aborted after all.
            self.ended.discard(run)
        return True

    def age(self, run: str) -> float | None:
        """Return the seconds since a run was started; None when the suite did not start it."""
        since = self._since.get(run)
        return None if since is None else self.log.now() - since

    def was_there(self, start: Exchange) -> bool:
        """Whether a start is answered with a run that another start has made."""
        named = [str(run["id"]) for run in start.runs if run.get("id") is not None]
        return any(self._start.get(run, start.id) != start.id for run in named)

    def actor(self, run: str) -> str | None:
        """Return the id of a run's Actor as its start showed it; None when it showed none."""
        return self._actors.get(run) or None

    def end(self, run: str, status: str, *, by: str | None = None) -> None:
        """Write, once, that a run has ended."""
        if run not in self.ended:
            self.ended.add(run)
            by = by or self.aborted_by.get(run, "itself")
            self.log.write("run_ended", run=run, status=status, by=by)

    def unfinished(self) -> list[str]:
        """Return the runs that were not seen to end, oldest first."""
        return [run for run in self.started if run not in self.ended]
