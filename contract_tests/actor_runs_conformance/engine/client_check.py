"""A check of a client from beginning to end: situations, verdicts, outcome."""

from __future__ import annotations

import asyncio
import itertools
import shlex
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from actor_runs_conformance.clients.runner import Sink, run_all
from actor_runs_conformance.clients.situations import SITUATIONS
from actor_runs_conformance.engine.client_options import repeat_client, selected
from actor_runs_conformance.engine.early_end import EarlyEnd
from actor_runs_conformance.engine.log_entries import (
    write_end,
    write_finding,
    write_promises,
    write_results,
    write_start,
)
from actor_runs_conformance.ledger.words import version as ledger_version
from actor_runs_conformance.results.finding import (
    LEFT_OUT_BY_QUICK,
    Finding,
    Findings,
    PromiseResult,
    not_due,
    not_exercised,
    suite_error,
)
from actor_runs_conformance.results.outcome import known_reason, sum_up
from actor_runs_conformance.results.verdict import ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from actor_runs_conformance.clients.situation import Situation
    from actor_runs_conformance.engine.client_options import ClientOptions
    from actor_runs_conformance.events.writer import Log
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.promise import Promise
    from actor_runs_conformance.results.outcome import Outcome
    from actor_runs_conformance.target.expected_failures import ExpectedFailure


SEED = 1
"""Nothing is drawn at random; the log has a seed all the same."""


@define
class ClientCheck:
    """One check of one client."""

    options: ClientOptions
    log: Log
    ledger: Mapping[str, Promise]
    expected: Mapping[str, ExpectedFailure] = field(factory=dict)
    findings: Findings = field(init=False)
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(1), init=False)
    _requests: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        record = partial(write_finding, self.log)
        # A request is the client's: sending it by hand would show nothing of the client.
        self.findings = Findings(self.ledger, self.log.redactor, record, reproducible=False)

    def selected(self) -> list[Promise]:
        """Return the promises to judge: those of clients that were asked for."""
        wanted = selected(self.options)
        return [promise for promise in self.ledger.values() if promise.id in wanted]

    async def run(self) -> Outcome:
        """Judge the client and return what came of it; the log then has its `end`."""
        promises = self.selected()
        early = self._early_end(promises)
        write_start(
            self.log,
            target=f"the client of: {shlex.join(self.options.command)}",
            task=None,
            seed=SEED,
            profile=self.options.profile,
            max_runs=0,
            workers=1,
            command=repeat_client(self.options),
            strict=self.options.strict,
            scope=self.options.scope,
            ledger=self.options.as_of or ledger_version(),
        )
        write_promises(self.log, promises, "client")
        self.log.write("phase", name="situations")
        sink = Sink(self._observe, self._add, self._skip, self._fail, self.log.now)
        exit_code: ExitCode | None = None
        message: str | None = None
        try:
            await run_all(self._situations(promises), self.options.command, sink)
        except asyncio.CancelledError:
            exit_code, message = ExitCode.INTERRUPTED, "Interrupted."
            if early.over:
                exit_code, message = ExitCode.VIOLATED, early.message
        early.disarm()
        return self._end(promises, exit_code, message)

    def _early_end(self, promises: list[Promise]) -> EarlyEnd:
        task = asyncio.current_task()
        assert task is not None
        counted = {
            promise.id
            for promise in promises
            if self._counts(promise.id) and promise.id not in self.expected
        }
        early = EarlyEnd(task, asked=(), counted=counted if self.options.fail_fast else ())
        self.log.listeners.append(early)
        return early

    def _situations(self, promises: list[Promise]) -> Iterator[tuple[Situation, Collection[str]]]:
        for name, situation in SITUATIONS.items():
            mine = [promise.id for promise in promises if promise.client.situation == name]
            if not mine:
                continue
            if situation.profile == "full" and self.options.profile == "quick":
                for promise in mine:
                    self._skip(promise, name, LEFT_OUT_BY_QUICK)
                continue
            yield situation, mine

    def _observe(self, exchange: Exchange) -> Exchange:
        numbered = evolve(exchange, id=next(self._numbers))
        self._requests += 1
        self.log.exchange(numbered)
        return numbered

    def _add(self, promise: str, check: str, *exchanges: Exchange, **what: Any) -> None:  # noqa: ANN401
        self.findings.add(check, Finding(promise, **what), *exchanges)

    def _skip(self, promise: str, check: str, reason: str, *, because: str | None = None) -> None:
        self.findings.add(check, not_exercised(promise, reason, because=because))

    def _fail(self, promise: str, check: str, reason: str) -> None:
        self.findings.add(check, suite_error(promise, reason))

    def _end(
        self, promises: list[Promise], exit_code: ExitCode | None, message: str | None
    ) -> Outcome:
        found = {promise.id: self.findings.result(promise.id) for promise in promises}
        results = {name: _blamed(result, found) for name, result in found.items()}
        outcome = sum_up(
            results,
            self.expected,
            counted=[name for name in results if self._counts(name)],
            due=[name for name, result in results.items() if self._is_due(result)],
            strict=self.options.strict,
            exit_code=exit_code,
            message=message,
        )
        write_results(
            self.log,
            outcome.results,
            self.ledger,
            known={
                name: known_reason(self.expected.get(name), result.verdict)
                for name, result in outcome.results.items()
            },
            seed=SEED,
            repeat=lambda name: repeat_client(self.options, only=name),
        )
        write_end(self.log, outcome, requests=self._requests)
        return outcome

    def _counts(self, name: str) -> bool:
        """Whether a promise is of the scope that decides the verdict."""
        return self.ledger[name].counts_for(self.options.scope)

    def _is_due(self, result: PromiseResult) -> bool:
        """Whether a must had to be exercised: not what the client does not offer at all."""
        binding = self.ledger[result.promise].level == "must" and self._counts(result.promise)
        return binding and not not_due(result.message)


def _blamed(result: PromiseResult, results: Mapping[str, PromiseResult]) -> PromiseResult:
    """Keep the promise that is to blame only where it was judged, and found broken."""
    blamed = results.get(result.because or "")
    if blamed is not None and blamed.verdict in {Verdict.FAILED, Verdict.WARNED}:
        return result
    return evolve(result, because=None)
