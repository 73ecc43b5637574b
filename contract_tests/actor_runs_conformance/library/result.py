"""The result of a check, as a program reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from actor_runs_conformance.report.formats.json import as_json
from actor_runs_conformance.report.standing import standings
from actor_runs_conformance.results.verdict import ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from actor_runs_conformance.http.redaction import Redactor
    from actor_runs_conformance.ledger.promise import Level, Promise, Scope
    from actor_runs_conformance.report.model import Cost, Report
    from actor_runs_conformance.report.model import Verdict as Verdicts
    from actor_runs_conformance.report.standing import Standing
    from actor_runs_conformance.results.finding import Finding
    from actor_runs_conformance.results.outcome import Outcome, Overall


@frozen
class CheckedPromise:
    """A promise with what was found about it.

    Attributes:
        id: Its id, such as `RBT-02`.
        operation: The operation that it is about; `any` or `abort` where it is about several.
        level: `must`, `should` or `open`.
        scope: `documents` or `platform`.
        text: The sentence itself.
        verdict: What is said of it.
        counts: Whether it is of a scope that decides the verdict on the server.
        message: What was found, or why it was not exercised; None when there is nothing to say.
        expected: What was expected, as JSON has it; None where nothing is broken.
        observed: What was seen instead.
        reproduce: A `curl` command that shows it again, with `$APIFY_TOKEN` in the token's place.
        because: Why it was not exercised: the id of a broken promise, or a cause such as `fixture`.
        missed: Whether it had to be exercised and was not: no check is conformant then.
        known: Why a broken promise was expected to be, so that it does not count; None otherwise.
        outdated: What is out of date in its expected deviation; None otherwise.
        repeat: The command that judges this promise alone.
        findings: Every finding that it rests on, as the checks recorded them.
    """

    id: str
    operation: str
    level: Level
    scope: Scope
    text: str
    verdict: Verdict
    counts: bool
    message: str | None = None
    expected: Any = None
    observed: Any = None
    reproduce: str | None = None
    because: str | None = None
    missed: bool = False
    known: str | None = None
    outdated: str | None = None
    repeat: str | None = None
    findings: tuple[Finding, ...] = field(default=(), repr=False)


@frozen
class CheckResult:
    """What a check of a server came to.

    Attributes:
        exit_code: How the command would end.
        verdict: The same in a word: `conformant`, `violated`, `inconclusive` or `error`.
        message: The same in sentences.
        scopes: How the server stands in each scope; empty when nothing could be judged.
        promises: Every promise that was asked about, by id, in the order of the ledger.
        cost: What it cost the server: requests, generated cases, runs, seconds.
        report_dir: Where the reports are; None when none were asked for.
        report: What every report is rendered from. Its parts may change from version to version.
    """

    exit_code: ExitCode
    verdict: Overall
    message: str
    scopes: Mapping[str, Standing]
    promises: Mapping[str, CheckedPromise]
    cost: Cost
    report_dir: Path | None
    report: Report = field(repr=False)

    @property
    def conformant(self) -> bool:
        """Whether the server keeps every must promise of the scope, and each was exercised."""
        return self.exit_code is ExitCode.CONFORMANT

    @property
    def broken(self) -> Sequence[CheckedPromise]:
        """The promises that are broken, failed ones first; also those known, or that do not count."""
        order = (Verdict.FAILED, Verdict.WARNED)
        found = [promise for promise in self.promises.values() if promise.verdict in order]
        return sorted(found, key=lambda promise: order.index(promise.verdict))

    def as_json(self) -> str:
        """Return the content of `report.json`."""
        return as_json(self.report)


def made(
    outcome: Outcome,
    report: Report,
    ledger: Mapping[str, Promise],
    findings: Mapping[str, Sequence[Finding]],
    redactor: Redactor,
    report_dir: Path | None,
) -> CheckResult:
    """Put together what the log says and the findings as they were recorded, without tokens."""
    promises = {
        verdict.id: _checked(
            verdict,
            ledger[verdict.id],
            counts=report.counts_for(verdict),
            missed=verdict.id in outcome.missed,
            outdated=outcome.outdated.get(verdict.id),
            findings=tuple(_redacted(one, redactor) for one in findings.get(verdict.id, ())),
        )
        for verdict in report.verdicts
    }
    return CheckResult(
        exit_code=outcome.exit_code,
        verdict=outcome.verdict,
        message=report.end.message or "",
        scopes={standing.scope: standing for standing in standings(report)},
        promises=promises,
        cost=report.end.cost,
        report_dir=report_dir,
        report=report,
    )


def _checked(
    verdict: Verdicts,
    promise: Promise,
    *,
    counts: bool,
    missed: bool,
    outdated: str | None,
    findings: tuple[Finding, ...],
) -> CheckedPromise:
    return CheckedPromise(
        id=promise.id,
        operation=promise.operation,
        level=promise.level,
        scope=promise.scope,
        text=promise.text,
        verdict=Verdict(verdict.verdict),
        counts=counts,
        message=verdict.message,
        expected=verdict.expected,
        observed=verdict.observed,
        reproduce=verdict.reproduce,
        because=verdict.because,
        missed=missed,
        known=verdict.known,
        outdated=outdated,
        repeat=verdict.alone,
        findings=findings,
    )


def _redacted(finding: Finding, redactor: Redactor) -> Finding:
    return evolve(
        finding,
        message=redactor.value(finding.message),
        expected=redactor.value(finding.expected),
        observed=redactor.value(finding.observed),
        reproduce=redactor.value(finding.reproduce),
    )
