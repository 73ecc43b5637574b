"""Lets every invariant judge every exchange, and keeps a bug of one from being blamed on a target."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.registry import Check
    from actor_runs_conformance.testkit.session import Session


@define
class InvariantRunner:
    """Judges the exchanges of a session by these invariants."""

    session: Session
    invariants: Iterable[Check]
    promises: frozenset[str]
    _broken: set[str] = field(factory=set)

    def __call__(self, exchange: Exchange) -> None:
        """Judge an exchange by every invariant."""
        board = self.session.board
        for check in self.invariants:
            if check.name in self._broken:
                continue
            try:
                for judgement in check.function(exchange, self.session.history):
                    if judgement.promise not in self.promises:
                        continue
                    board.judge(
                        judgement.promise,
                        check.name,
                        exchange,
                        kept=judgement.kept,
                        message=judgement.message,
                        expected=judgement.expected,
                        observed=judgement.observed,
                        also=judgement.also,
                    )
            except Exception:  # noqa: BLE001 - a fault of the suite is an error, never a verdict
                self._broken.add(check.name)
                for promise in set(check.promises) & self.promises:
                    board.error(promise, check.name, traceback.format_exc(limit=3))
