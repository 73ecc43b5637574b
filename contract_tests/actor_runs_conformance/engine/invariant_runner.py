"""Lets every invariant judge every exchange; a bug in one is an error of the suite."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from attrs import define, field

from actor_runs_conformance.http.transport import RUN_ACTOR
from actor_runs_conformance.results.finding import suite_error

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

    def judge(self, exchange: Exchange) -> None:
        """Judge an exchange by every invariant; a start by an Actor is set-up, and judged by none."""
        if exchange.operation == RUN_ACTOR:
            return
        findings = self.session.findings
        for check in self.invariants:
            if check.name in self._broken:
                continue
            try:
                for finding in check.function(exchange, self.session.history):
                    if finding.promise in self.promises:
                        findings.add(check.name, finding, exchange)
            except Exception:  # noqa: BLE001 - a fault of the suite is an error, never a verdict
                self._broken.add(check.name)
                for promise in set(check.promises) & self.promises:
                    findings.add(check.name, suite_error(promise, traceback.format_exc(limit=3)))
