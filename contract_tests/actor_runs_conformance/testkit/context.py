"""What a scenario works with: calls, starts, fixtures and judgements.

A scenario ends early by `NotExercisedError`: the promises it has not judged are then
`not_exercised`, with that reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.results.finding import Finding, not_exercised, noted
from actor_runs_conformance.testkit.api import Api
from actor_runs_conformance.testkit.starts import Starts

if TYPE_CHECKING:
    from collections.abc import Collection

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.fixtures import Fixtures
    from actor_runs_conformance.testkit.registry import Check
    from actor_runs_conformance.testkit.session import Session


@define
class CheckContext:
    """The context of one scenario.

    Attributes:
        check: the scenario as registered.
        session: what all checks of this target share.
        fixtures: the runs that scenarios share.
        api: calls the operations and waits for what a run comes to.
        starts: starts runs of the scenario's own.
    """

    check: Check
    session: Session
    fixtures: Fixtures
    api: Api = field(init=False)
    starts: Starts = field(init=False)
    _judged: set[str] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.api = Api(self.session, self.check.name)
        self.starts = Starts(self.api, own=self.check.runs, probes=self.check.probes)

    def judge(
        self,
        promise: str,
        *exchanges: Exchange,
        kept: bool,
        message: str,
        expected: JsonValue = None,
        observed: JsonValue = None,
    ) -> bool:
        """Judge a promise by these exchanges, the last one to be reproduced; return `kept`.

        `message` says what is wrong when it is not kept.
        """
        if self._heard(promise):
            finding = Finding(promise, kept, message, expected, observed)
            self.session.findings.add(self.check.name, finding, *exchanges)
        return kept

    def refusal(
        self,
        promise: str,
        probe: Exchange,
        control: Exchange,
        *,
        what: str,
        statuses: Collection[int] = range(400, 500),
    ) -> bool:
        """Judge that a request is refused, beside the same request made right; return if it is.

        `what` says what is wrong with the probe. Without an accepted control nothing is judged: a
        server that refuses everything keeps no promise.
        """
        if control.response is None or not control.response.ok:
            self.not_exercised(
                promise, f"the same request made right was not accepted either: {summary(control)}"
            )
            return False
        wanted = "4xx" if len(statuses) > 10 else " or ".join(map(str, sorted(statuses)))
        return self.judge(
            promise,
            control,
            probe,
            kept=probe.status in statuses,
            message=f"{what} is answered {summary(probe)}.",
            expected=wanted,
            observed=summary(probe),
        )

    def _heard(self, promise: str) -> bool:
        """Mark a promise as judged; return whether the user asked for it."""
        if promise not in self.check.promises:
            raise LookupError(f"{self.check.name} does not say that it judges {promise}")
        self._judged.add(promise)
        return promise in self.session.selected

    def note(
        self, promise: str, *exchanges: Exchange, message: str, observed: JsonValue = None
    ) -> None:
        """Say what the target does where the documents leave it free."""
        if self._heard(promise):
            finding = noted(promise, message, observed)
            self.session.findings.add(self.check.name, finding, *exchanges)

    def not_exercised(self, promise: str, reason: str) -> None:
        """Say that one promise of this scenario could not be judged."""
        if self._heard(promise):
            self.session.findings.add(self.check.name, not_exercised(promise, reason))

    @property
    def remaining(self) -> list[str]:
        """The promises of this scenario that it has not judged."""
        return [
            promise
            for promise in self.check.promises
            if promise in self.session.selected and promise not in self._judged
        ]
