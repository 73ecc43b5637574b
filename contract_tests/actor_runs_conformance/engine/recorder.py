"""What the log of a check of a target says first and last: what is asked, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from actor_runs_conformance.engine.log_entries import (
    write_end,
    write_promises,
    write_results,
    write_start,
)
from actor_runs_conformance.engine.options import repeat
from actor_runs_conformance.engine.plan import WITHOUT_TASKS
from actor_runs_conformance.ledger import contract
from actor_runs_conformance.ledger.dependencies import broken
from actor_runs_conformance.ledger.words import version as ledger_version
from actor_runs_conformance.results.finding import ONLY_THOROUGH, PromiseResult, not_due
from actor_runs_conformance.results.outcome import known_reason, sum_up
from actor_runs_conformance.results.verdict import ExitCode, Verdict
from actor_runs_conformance.testkit.registry import registered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actor_runs_conformance.engine.options import Options
    from actor_runs_conformance.engine.plan import Plan
    from actor_runs_conformance.results.outcome import Outcome
    from actor_runs_conformance.target.expected_failures import ExpectedFailure
    from actor_runs_conformance.target.target_file import TargetFile
    from actor_runs_conformance.testkit.session import Session

UNTRUE = "declared unsupported"
"""Message prefix for a promise that the target file excludes but the target keeps."""


@frozen
class Record:
    """The record of one check of a target."""

    options: Options
    target_file: TargetFile
    expected: Mapping[str, ExpectedFailure]
    session: Session
    plan: Plan

    def begin(self) -> None:
        """Write what is asked of which target, and each promise that is to be judged."""
        options, target, log = self.options, self.session.target, self.session.log
        write_start(
            log,
            target=target.url,
            task=target.task or target.short_task,
            seed=options.seed,
            profile=str(options.profile),
            max_runs=options.run_limit,
            workers=options.workers,
            command=repeat(options),
            strict=options.strict,
            scope=options.scope,
            ledger=options.as_of or ledger_version(),
            contract=contract.digest(),
            cases=options.cases,
            shard=str(options.shard) if options.shard.of > 1 else None,
        )
        write_promises(log, (self.session.ledger[name] for name in self._selected()), "server")

    def end(self, exit_code: ExitCode | None, message: str | None) -> Outcome:
        """Weigh what was found and write the verdicts and the end.

        `exit_code` is given when the check could not go its way, `message` goes first then.
        """
        options, session, log = self.options, self.session, self.session.log
        results = {name: self._result(name) for name in self._selected()}
        results = {
            name: self._left_to_first(self._blamed(result, results))
            for name, result in results.items()
        }
        if options.shard.of > 1:
            share = f"Share {options.shard} of the generated cases; `actor-runs merge` puts shares together."
            message = " ".join(filter(None, [message, share]))
        outcome = sum_up(
            results,
            self.expected,
            counted=[name for name in results if self.counts(name)],
            due=[name for name, result in results.items() if self._is_due(name, result)],
            strict=options.strict,
            exit_code=exit_code,
            message=message,
            notes=list(self._untrue(results)),
        )
        write_results(
            log,
            outcome.results,
            session.ledger,
            known={name: self._known(name, one.verdict) for name, one in outcome.results.items()},
            seed=options.seed,
            repeat=lambda name: repeat(options, only=self._alone(results[name])),
        )
        write_end(
            log,
            outcome,
            requests=session.requests,
            generated_cases=session.generated_cases,
            runs_started=len(session.runs.started),
        )
        return outcome

    def _alone(self, result: PromiseResult) -> str:
        """Return what `--only` has to name so that the same is found again."""
        if result.verdict in {Verdict.FAILED, Verdict.WARNED}:
            checks = registered()
            for name in (result.check, result.seen_by or ""):
                if name in checks and checks[name].kind != "invariant":
                    return f"{result.promise}@{name}"
        return result.promise

    def _left_to_first(self, result: PromiseResult) -> PromiseResult:
        """Return the result as a share has it: what it has no check for is left to the first one."""
        shard = self.options.shard
        if shard.first or result.verdict is not Verdict.NOT_EXERCISED:
            return result
        reason = f"left to the first share (--shard 1/{shard.of})"
        return PromiseResult(result.promise, Verdict.EXCLUDED, reason)

    def _selected(self) -> Iterator[str]:
        return (name for name in self.session.ledger if name in self.session.selected)

    def _result(self, name: str) -> PromiseResult:
        promise, findings = self.session.ledger[name], self.session.findings
        result = findings.result(name)
        if name in self.plan.excluded:
            reason = self.plan.excluded[name]
            by_user = name in self.plan.declared and reason != WITHOUT_TASKS
            if by_user and result.verdict is Verdict.PASSED:
                reason = (
                    f"{UNTRUE} ({reason}), but the target keeps it: "
                    f"take it out of {self.target_file.file}"
                )
            return PromiseResult(name, Verdict.EXCLUDED, reason)
        if name in self.plan.too_long:
            return PromiseResult(name, Verdict.NOT_EXERCISED, ONLY_THOROUGH)
        if promise.server.unchecked and result.verdict is Verdict.NOT_EXERCISED:
            return PromiseResult(name, Verdict.NOT_EXERCISED, promise.server.unchecked)
        if result.verdict is Verdict.NOT_EXERCISED and name not in findings.by_promise:
            skipped = self.plan.skipped.get(promise.server.check or "")
            if skipped:
                return PromiseResult(name, Verdict.NOT_EXERCISED, skipped)
        return result

    def counts(self, name: str) -> bool:
        """Whether a promise is of the scope that decides the verdict."""
        return self.session.ledger[name].counts_for(self.options.scope)

    def _is_due(self, name: str, result: PromiseResult) -> bool:
        """Whether not exercising a promise counts as a gap: not where the reason is one of `NOT_DUE`."""
        promise = self.session.ledger[name]
        checked = promise.level == "must" and promise.server.check is not None
        return checked and self.counts(name) and not not_due(result.message)

    def _blamed(self, result: PromiseResult, results: Mapping[str, PromiseResult]) -> PromiseResult:
        """Name the cause of what was not exercised: what it depends on and what is broken or missing."""
        if result.verdict is not Verdict.NOT_EXERCISED or result.because is not None:
            return result
        for dependency in self.session.ledger[result.promise].depends_on:
            if dependency in self.session.missing:
                return evolve(result, because=dependency)
            to_blame = broken(dependency)
            found = results.get(to_blame or "")
            if found is not None and found.verdict in {Verdict.FAILED, Verdict.WARNED}:
                return evolve(result, because=to_blame)
        # Where nothing starts a run, nothing is seen of runs.
        if "runTask" in self.session.absent and not not_due(result.message):
            return evolve(result, because=self.session.blamed_for("runTask"))
        return result

    def _known(self, name: str, verdict: Verdict) -> str | None:
        """Return why a broken promise was expected to be; None when nobody said so in time."""
        return known_reason(self.expected.get(name), verdict)

    def _untrue(self, results: Mapping[str, PromiseResult]) -> Iterator[str]:
        """Yield what the target file says and what is not so."""
        for name, result in results.items():
            if result.message and result.message.startswith(UNTRUE):
                yield f"{name} is {result.message}"
        snapshots = [
            snapshot.data
            for history in self.session.history.runs.values()
            for snapshot in history.snapshots
        ]
        for path in sorted(self.target_file.fields):
            if any(_has(data, path) for data in snapshots):
                yield (
                    f"the field {path} is declared never sent, but was seen: take it out of "
                    f"{self.target_file.file}"
                )
        yield from self.session.supported_after_all


def _has(data: Mapping[str, Any], path: str) -> bool:
    value: Any = data
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value is not None
