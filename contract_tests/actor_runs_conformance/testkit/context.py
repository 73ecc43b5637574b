"""What a scenario works with: calls, starts, and expectations of what comes of them.

A scenario ends early by `NotExercisedError`: the promises it has not judged are then
`not_exercised`, with that reason.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from attrs import define, field

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.results.finding import Finding, not_exercised, noted
from actor_runs_conformance.testkit.answers import about, accepted, details, error_type_of
from actor_runs_conformance.testkit.api import Api
from actor_runs_conformance.testkit.run_fields import FIGURES, MAY_CHANGE_AFTER_END, changed
from actor_runs_conformance.testkit.starts import Starts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Set

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.fixtures import Fixtures
    from actor_runs_conformance.testkit.registry import Check
    from actor_runs_conformance.testkit.session import Session

SUCCESS = range(200, 300)
REFUSAL = range(400, 500)


def _spelled(statuses: Collection[int]) -> str:
    classes = {SUCCESS: "2xx", REFUSAL: "4xx"}
    if isinstance(statuses, range):
        return classes[statuses]
    return " or ".join(map(str, sorted(statuses)))


@define
class CheckContext:
    """The context of one scenario.

    Every `expect_…` judges and returns whether the promise is kept. The exchange it is about comes
    first; `beside` are earlier exchanges that the judgement rests on too. `what` says in a few words
    what was sent, as in "Abort of a running run".

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
    _step: frozenset[str] | None = None

    def __attrs_post_init__(self) -> None:
        self.api = Api(self.session, self.check.name)
        self.starts = Starts(self.api, own=self.check.runs, probes=self.check.probes)

    # -- What is asked for ------------------------------------------------------------------------

    def wants(self, *promises: str, waits: bool = False) -> bool:
        """Whether any of these promises is asked for, so that what only they need has to be done.

        All but what `waits` is where invariants judge the answers: then the scenario is wanted for its
        requests too.
        """
        mine = self.session.selected.intersection(self.check.promises)
        return (self.session.judges_answers and not waits) or not mine.isdisjoint(promises)

    def limited_to(self, promises: Collection[str]) -> CheckContext:
        """Return this context for a step: one that judges nothing but these promises.

        Raises:
            LookupError: the step stands in another one that does not name all of them.
        """
        named = frozenset(promises) & frozenset(self.check.promises)
        if self._step is not None and not named <= self._step:
            raise LookupError(f"a step judges {sorted(named - self._step)}, the one around it not")
        part = copy(self)
        part._step = named  # noqa: SLF001 - of the same class
        return part

    # -- Expectations ---------------------------------------------------------------------------

    def expect_run(
        self, promise: str, answer: Exchange, run: str, *beside: Exchange, what: str
    ) -> bool:
        """Expect 200 with this run."""
        shown = (answer.data or {}).get("id")
        aside = f", about the run {shown}" if answer.status == 200 and shown != run else ""
        return self.judge(
            promise,
            *beside,
            answer,
            kept=about(answer, run),
            message=f"{what} is answered {summary(answer)}{aside}.",
            expected=f"200 with the run {run}",
            observed=summary(answer),
        )

    def expect_details(self, promise: str, answer: Exchange, *beside: Exchange, what: str) -> bool:
        """Expect 200 with the details of a run, whichever it is."""
        return self.judge(
            promise,
            *beside,
            answer,
            kept=answer.status == 200 and (answer.data or {}).get("id") is not None,
            message=f"{what} is answered {summary(answer)}, without the details of a run.",
            expected="200 with the details of a run",
            observed=summary(answer),
        )

    def expect_run_of_path(
        self, promise: str, answer: Exchange, run: str, *beside: Exchange, what: str, because: str
    ) -> None:
        """Expect that an answer which has a run has the one that the path names.

        `because` is the promise that is broken where the answer has none.
        """
        shown = (answer.data or {}).get("id")
        if answer.status != 200 or shown is None:
            reason = f"no run in the answer: {summary(answer)}"
            self.not_exercised(promise, reason, because=because)
            return
        message = f"{what} is answered with the run {shown}."
        self.expect_value(promise, shown, run, *beside, answer, message=message)

    def expect_status(
        self,
        promise: str,
        answer: Exchange,
        statuses: int | Collection[int],
        *beside: Exchange,
        what: str,
    ) -> bool:
        """Expect an answer with this status, or with one of these."""
        statuses = {statuses} if isinstance(statuses, int) else statuses
        return self.judge(
            promise,
            *beside,
            answer,
            kept=answer.status in statuses,
            message=f"{what} is answered {summary(answer)}.",
            expected=_spelled(statuses),
            observed=summary(answer),
        )

    def expect_value(
        self,
        promise: str,
        observed: JsonValue,
        expected: JsonValue,
        *exchanges: Exchange,
        message: str,
    ) -> bool:
        """Expect that these exchanges show a value; `message` says what is wrong otherwise."""
        return self.judge(
            promise,
            *exchanges,
            kept=observed == expected,
            message=message,
            expected=expected,
            observed=observed,
        )

    def expect_error_type(
        self, promise: str, probe: Exchange, control: Exchange, kind: str, *, what: str
    ) -> bool:
        """Expect that a refusal has this error type."""
        observed = error_type_of(probe)
        message = f"{what} has the error type {observed!r}."
        return self.expect_value(promise, observed, kind, control, probe, message=message)

    def refusal(
        self,
        promise: str,
        probe: Exchange,
        control: Exchange,
        *,
        what: str,
        statuses: Collection[int] = REFUSAL,
    ) -> bool:
        """Expect that a request is refused, beside the same request made right; return if it is.

        `what` says what is wrong with the probe. Without an accepted control nothing is judged: a
        server that refuses everything keeps no promise.
        """
        if not accepted(control):
            self.not_exercised(
                promise, f"the same request made right was not accepted either: {summary(control)}"
            )
            return False
        return self.expect_status(promise, probe, statuses, control, what=what)

    def expect_same(
        self,
        promise: str,
        names: Iterable[str],
        before: Mapping[str, JsonValue],
        after: Mapping[str, JsonValue],
        *exchanges: Exchange,
        what: str,
    ) -> bool:
        """Expect that these keys of a run are as they were before."""
        changes = [name for name in names if before.get(name) != after.get(name)]
        return self.judge(
            promise,
            *exchanges,
            kept=not changes,
            message=f"{what} changes {', '.join(changes)}.",
            expected={name: before.get(name) for name in changes},
            observed={name: after.get(name) for name in changes},
        )

    async def expect_unchanged(
        self,
        promise: str,
        before: Exchange,
        answer: Exchange,
        *,
        what: str,
        free: Set[str] = MAY_CHANGE_AFTER_END,
    ) -> bool:
        """Expect that a call answers 200 and leaves a finished run as it was before.

        The answer itself is compared, and the run again when no replica can be behind. Figures may
        change, what is `free`, as others may set it meanwhile, and what has changed before the call.
        """
        run, first = str(details(before)["id"]), details(before)
        free = free | FIGURES | self.session.history.runs[run].moving(before.received)
        if not self.expect_run(promise, answer, run, before, what=what):
            return False
        await self.api.wait_for_replicas()
        after = await self.api.get(run)
        for shown, exchanges in ((answer, (before, answer)), (after, (before, answer, after))):
            names = changed(first, details(shown), free)
            if not self.expect_same(promise, names, first, details(shown), *exchanges, what=what):
                return False
        return True

    # -- What they rest on ----------------------------------------------------------------------

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
        if self._wanted(promise):
            finding = Finding(promise, kept, message, expected, observed)
            self.session.findings.add(self.check.name, finding, *exchanges)
        return kept

    def note(
        self, promise: str, *exchanges: Exchange, message: str, observed: JsonValue = None
    ) -> None:
        """Say what the target does where the documents leave it free."""
        if self._wanted(promise):
            finding = noted(promise, message, observed)
            self.session.findings.add(self.check.name, finding, *exchanges)

    def not_exercised(self, promise: str, reason: str, *, because: str | None = None) -> None:
        """Say that one promise of this scenario could not be judged, and what is to blame."""
        if self._wanted(promise):
            self.session.findings.add(
                self.check.name, not_exercised(promise, reason, because=because)
            )

    def _wanted(self, promise: str) -> bool:
        """Mark a promise as judged; return whether the user asked for it."""
        if promise not in self.check.promises:
            raise LookupError(
                f"the ledger does not say that {self.check.name} judges {promise}: name it in "
                "`server` of that promise"
            )
        if self._step is not None and promise not in self._step:
            raise LookupError(f"a step of {self.check.name} judges {promise} and does not name it")
        self._judged.add(promise)
        return promise in self.session.selected

    @property
    def remaining(self) -> list[str]:
        """The promises of this scenario that it has not judged."""
        return [
            name
            for name in self.check.promises
            if name in self.session.selected and name not in self._judged
        ]
