"""The board on which checks put their judgements, and from which the verdicts are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict, define, evolve, field, frozen

from actor_runs_conformance.http.curl import reproduce
from actor_runs_conformance.results.verdict import (
    BROKEN,
    KEPT,
    Conclusion,
    Finding,
    Verdict,
    roll_up,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.events.writer import Log
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.ledger import Promise

SHOWN = 3
"""How many breaches of one kind are written out; the rest are counted."""


@frozen
class Judgement:
    """What an invariant says of an exchange: a promise kept or broken, and how it shows.

    `also` are the ids of earlier exchanges that it compares with.
    """

    promise: str
    kept: bool
    message: str | None = None
    expected: Any = None
    observed: Any = None
    also: tuple[int, ...] = ()


def kept(promise: str) -> Judgement:
    """Say that a promise is kept."""
    return Judgement(promise, kept=True)


def broken(promise: str, message: str, expected: Any, observed: Any) -> Judgement:  # noqa: ANN401
    """Say that a promise is broken."""
    return Judgement(promise, False, message, expected, observed)  # noqa: FBT003


def noted(promise: str, message: str, observed: Any = None) -> Judgement:  # noqa: ANN401
    """Say what a target does where the documents leave it free."""
    return Judgement(promise, kept=True, message=message, observed=observed)


@define
class Board:
    """The findings so far, by promise.

    A kept promise is written once for each check, its further evidence is counted; of a broken one
    the first `SHOWN` are written.
    """

    ledger: Mapping[str, Promise]
    log: Log
    findings: dict[str, dict[tuple[str, str, bool | None], Finding]] = field(factory=dict)

    def judge(
        self,
        promise: str,
        check: str,
        *exchanges: Exchange,
        kept: bool,
        message: str | None = None,
        expected: Any = None,  # noqa: ANN401 - any JSON value
        observed: Any = None,  # noqa: ANN401
        also: tuple[int, ...] = (),
    ) -> None:
        """Put down a judgement that rests on these exchanges; the last is the one to reproduce.

        Raises:
            KeyError: the ledger has no such promise.
        """
        level = self.ledger[promise].level
        self._put(
            Finding(
                promise,
                check,
                (KEPT if kept else BROKEN)[level],
                message,
                expected,
                observed,
                (*also, *(exchange.id for exchange in exchanges)),
                reproduce(exchanges[-1], self.log.redactor)
                if exchanges and (not kept or level == "open")
                else None,
                kept,
            )
        )

    def note(
        self,
        promise: str,
        check: str,
        *exchanges: Exchange,
        message: str,
        observed: Any = None,  # noqa: ANN401
    ) -> None:
        """Put down what a target does where the documents leave it free."""
        self.judge(promise, check, *exchanges, kept=True, message=message, observed=observed)

    def not_exercised(self, promise: str, check: str, reason: str) -> None:
        """Put down that a check could not reach what it judges."""
        self._put(Finding(promise, check, Verdict.NOT_EXERCISED, reason))

    def error(self, promise: str, check: str, reason: str) -> None:
        """Put down that the suite itself failed."""
        self._put(Finding(promise, check, Verdict.ERROR, reason))

    def judged(self, promise: str, check: str) -> bool:
        """Whether this check has said anything of this promise."""
        return any(key[0] == check for key in self.findings.get(promise, {}))

    def broken(self) -> bool:
        """Whether any must promise was found broken so far."""
        return any(
            finding.verdict is Verdict.FAILED
            for findings in self.findings.values()
            for finding in findings.values()
        )

    def _put(self, finding: Finding) -> None:
        findings = self.findings.setdefault(finding.promise, {})
        shown = str(finding.message) if finding.kept is not True else ""
        key = (finding.check, shown, finding.kept)
        earlier = findings.get(key)
        if earlier is not None:
            findings[key] = evolve(
                earlier,
                count=earlier.count + 1,
                exchanges=(*earlier.exchanges, *finding.exchanges)[:20],
            )
            return
        kinds = sum(1 for check, _, kept in findings if (check, kept) == (finding.check, False))
        if finding.kept is False and kinds >= SHOWN:
            last = next(k for k in findings if k[0] == finding.check and k[2] is False)
            findings[last] = evolve(findings[last], count=findings[last].count + 1)
            return
        findings[key] = finding
        values = asdict(finding)
        del values["kept"], values["count"]
        self.log.write("finding", **values)

    def conclude(self, promise: str) -> Conclusion:
        """Return the verdict on a promise as it stands."""
        return roll_up(promise, list(self.findings.get(promise, {}).values()))
