"""A check of a target from beginning to end: plan, preflight, checks, clean-up, verdicts.

    plan ─► preflight ─► scenarios (all at once) ─┬─► clean-up ─► verdicts ─► end
                         property tests ──────────┘
    invariants judge every exchange

Whatever happens, runs that were started are aborted before the log ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from functools import partial
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.engine import cleanup, offered, plan, preflight, trial
from actor_runs_conformance.engine.early_end import EarlyEnd
from actor_runs_conformance.engine.first_look import FirstLook
from actor_runs_conformance.engine.invariant_runner import InvariantRunner
from actor_runs_conformance.engine.log_entries import write_finding
from actor_runs_conformance.engine.recorder import Record
from actor_runs_conformance.engine.unanswered import judge_no_answer
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.http.shortage import shortage
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.results.finding import Findings, not_exercised, suite_error
from actor_runs_conformance.results.verdict import ExitCode
from actor_runs_conformance.target.target_file import TargetFile
from actor_runs_conformance.testkit.api import Api, NotExercisedError
from actor_runs_conformance.testkit.budget import Budget, StartLimits
from actor_runs_conformance.testkit.context import CheckContext
from actor_runs_conformance.testkit.fixtures import Fixtures
from actor_runs_conformance.testkit.session import Session
from actor_runs_conformance.testkit.started_runs import StartedRuns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from actor_runs_conformance.engine.options import Options
    from actor_runs_conformance.events.writer import Log
    from actor_runs_conformance.ledger.promise import Promise
    from actor_runs_conformance.results.outcome import Outcome
    from actor_runs_conformance.target.expected_failures import ExpectedFailure
    from actor_runs_conformance.target.target import Target
    from actor_runs_conformance.testkit.registry import Check

SCENARIO_LIMIT = 150.0
"""Seconds after which a scenario is cancelled: a check never hangs."""

STARTS_FIRST = 8.0
"""Seconds at most that the property tests wait for the scenarios' runs to be started."""


@define
class Engine:
    """One check of one target."""

    options: Options
    target: Target
    log: Log
    ledger: Mapping[str, Promise]
    target_file: TargetFile = field(factory=TargetFile)
    expected: Mapping[str, ExpectedFailure] = field(factory=dict)
    say: Callable[[str], None] = print
    session: Session = field(init=False)
    fixtures: Fixtures = field(init=False)
    plan: plan.Plan = field(init=False)
    record: Record = field(init=False)

    def __attrs_post_init__(self) -> None:
        if self.target.without_tasks and "runTask" not in self.target_file.operations:
            left_out = {**self.target_file.operations, "runTask": plan.WITHOUT_TASKS}
            self.target_file = evolve(self.target_file, operations=left_out)
        promises = {
            name: promise for name, promise in self.ledger.items() if not promise.for_clients
        }
        selected = frozenset(self.options.selected or promises) & promises.keys()
        checks = all_checks()
        budget = Budget(self.options.run_limit)
        self.plan = plan.draw_up(
            checks.values(),
            promises=promises,
            selected=selected,
            profile=self.options.profile,
            target=self.target,
            target_file=self.target_file,
            max_runs=self.options.run_limit,
            chosen=self.options.checks,
            shard=self.options.shard,
            spare_runs=self.options.cases is not None and self.options.max_runs is not None,
        )
        self.session = Session(
            target=self.target,
            ledger=promises,
            selected=selected,
            log=self.log,
            findings=Findings(promises, self.log.redactor, record=partial(write_finding, self.log)),
            budget=budget,
            runs=StartedRuns(self.log, budget),
            profile=self.options.profile,
            judges_answers=bool(self.plan.invariants),
            seed=self.options.seed,
            workers=self.options.workers,
            cases=self.options.cases,
            shard=self.options.shard,
            generated_runs=self.plan.generated_runs,
            late_runs=self.plan.late_runs,
            start_limits=StartLimits(plan.PROBES[self.options.profile]),
            unsupported=dict(self.target_file.operations),
        )
        self.session.findings.keep = self.session.keep
        tokens = (self.target.token, self.target.other_token)
        history = self.session.history
        history.tokens = frozenset(token for token in tokens if token and len(token) >= 8)
        history.owner = self.target.token
        history.never_sent = frozenset(self.target_file.fields)
        self.fixtures = Fixtures(self.session, frozenset(self.plan.shared))
        self.record = Record(self.options, self.target_file, self.expected, self.session, self.plan)

    async def run(self) -> Outcome:
        """Check the target and return the outcome; the log then has its `end`.

        A cancellation (Ctrl-C) aborts the runs, ends the log and gives `INTERRUPTED`.
        """
        self.record.begin()
        early = self._early_end()
        exit_code: ExitCode | None = None
        message: str | None = None
        async with self.session.connect():
            watch = asyncio.create_task(preflight.measure_loop_lag(self.session))
            try:
                await self._check()
            except preflight.PreflightError as error:
                exit_code, message = ExitCode.UNUSABLE, str(error)
            except asyncio.CancelledError:
                exit_code, message = ExitCode.INTERRUPTED, "Interrupted."
                if early.over:
                    exit_code, message = (
                        None if early.complete else ExitCode.VIOLATED,
                        early.message,
                    )
            except Exception:  # noqa: BLE001 - whatever it is, runs have to be aborted
                exit_code = ExitCode.UNUSABLE
                message = f"The suite failed: {traceback.format_exc(limit=4)}"
            early.disarm()
            left = await self._clean_up()
            watch.cancel()
        if left:
            message = f"{message or ''} May still be running: {', '.join(left)}.".strip()
        if self.session.runs.unidentified:
            message = (
                f"{message or ''} Starts whose answer named no run: {self.session.runs.unidentified}; "
                "look whether a run of them goes on."
            ).strip()
        if exit_code is None and self.session.remarks:
            message = " ".join(filter(None, [message, *self.session.remarks]))
        return self.record.end(exit_code, message)

    def _early_end(self) -> EarlyEnd:
        task = asyncio.current_task()
        assert task is not None
        session, options = self.session, self.options
        judged = session.selected - self.plan.excluded.keys()
        early = EarlyEnd(
            task,
            asked={name for name in judged if session.ledger[name].server.check}
            if options.selected
            else (),
            counted={
                name for name in judged if self.record.counts(name) and name not in self.expected
            }
            if options.fail_fast
            else (),
        )
        self.log.listeners.append(early)
        return early

    # -- The parts ----------------------------------------------------------------------------

    async def _check(self) -> None:
        for line in self.plan.lines(max_runs=self.options.run_limit):
            self.say(line)
        self.log.write("phase", name=trial.PREFLIGHT)
        look = FirstLook(self.session, self.fixtures, self.plan, self.target_file, self.say)
        await look.take()
        # Only now: a server that is not a target is not judged.
        self._start_invariants()
        self.say(f"      the target answers within {self.session.latency * 1000:.0f} ms")
        await asyncio.sleep(0)  # What was broken at first sight may end the check here.
        self.log.write("phase", name="scenarios")
        async with asyncio.TaskGroup() as group:
            # The longest first, so that none of them ends long after the others.
            scenarios = {
                check.name: group.create_task(self._run_scenario(check))
                for check in sorted(self.plan.scenarios, key=lambda check: -check.seconds)
            }
            if self.plan.generated:
                probing = [scenarios[check.name] for check in self.plan.scenarios if check.probes]
                group.create_task(self._end_probing(probing))
                group.create_task(self._run_property_tests(scenarios.values()))
            if self.target_file.operations and "first" in self.plan.shared:
                group.create_task(self._probe_left_out())

    def _start_invariants(self) -> None:
        # What the target file leaves out is judged too: the target may support it after all.
        judged = self.session.selected - (set(self.plan.excluded) - self.plan.declared)
        self.session.judge_exchange(
            InvariantRunner(self.session, tuple(self.plan.invariants), frozenset(judged)).judge
        )

    async def _run_scenario(self, check: Check) -> None:
        ctx = CheckContext(check, self.session, self.fixtures)
        reason, because = "the check ended before it came to this", None
        if "control" in check.needs and "fixture" in self.session.missing:
            self._skip(ctx, self.session.missing["fixture"], "fixture")
            return
        try:
            async with asyncio.timeout(SCENARIO_LIMIT):
                await check.function(ctx)
        except NotExercisedError as error:
            reason, because = str(error), error.because
        except NoAnswerError as error:
            reason = await judge_no_answer(self.session, check, ctx.remaining, error)
        except TimeoutError:
            reason = f"the check was given up after {SCENARIO_LIMIT:g} s"
        except Exception as error:  # noqa: BLE001 - a fault of the suite is an error, never a verdict
            for promise in ctx.remaining:
                self.session.findings.add(check.name, suite_error(promise, _failure(error)))
            return
        self._skip(ctx, reason, because)

    def _skip(self, ctx: CheckContext, reason: str, because: str | None) -> None:
        """Say of what a scenario did not judge that it was not exercised."""
        for promise in ctx.remaining:
            finding = not_exercised(promise, reason, because=because)
            self.session.findings.add(ctx.check.name, finding)

    async def _end_probing(self, probing: Collection[asyncio.Task[None]]) -> None:
        """Let the property tests have the starts that were kept for refusals, and are left.

        They need not wait for the last scenario: one start is enough for that.
        """
        limits = self.session.start_limits
        limits.still_probing = len(probing)
        for done in asyncio.as_completed(probing):
            if limits.still_probing <= 1:
                limits.probing_is_over.set()
            await done
            limits.still_probing -= 1
        limits.probing_is_over.set()

    async def _run_property_tests(self, scenarios: Collection[asyncio.Task[None]]) -> None:
        from actor_runs_conformance.checks import properties

        await self._starts_made(scenarios)
        self.log.write("phase", name="generated")
        # Cases abort the first run, so it must have finished.
        for shared, name, slot in (
            ("first", "finished", "finished_run"),
            ("generated", "generated", "live_run"),
        ):
            with contextlib.suppress(NotExercisedError, NoAnswerError):
                if shared in self.plan.shared:
                    run = await self.fixtures.get(name)
                    setattr(self.session, slot, run.id)
        try:
            await properties.run_generated(self.session)
        except Exception as error:  # noqa: BLE001 - a fault of the suite is an error, never a verdict
            for check in self.plan.generated:
                for promise in set(check.promises) & self.session.selected:
                    self.session.findings.add(check.name, suite_error(promise, _failure(error)))

    async def _probe_left_out(self) -> None:
        """Call the operations that the target file leaves out, on a finished run, which they leave as it is."""
        try:
            run = await self.fixtures.get("finished")
            api = Api(self.session, "declared", raw=True)
            for name in self.target_file.operations:
                if name == "runTask":
                    continue
                exchange = await api.call(name, run=run.id, actor=run.actor or NOBODY)
                if exchange.status not in offered.ABSENT | {429}:
                    self.session.supported_after_all.append(
                        f"{name} is declared left out, but is answered {summary(exchange)}: "
                        f"take it out of {self.target_file.file}"
                    )
        except (NotExercisedError, NoAnswerError):
            return

    async def _starts_made(self, scenarios: Collection[asyncio.Task[None]]) -> None:
        """Wait a little until the scenarios, which measure time, have started their runs.

        They start fewer than planned where not all that they judge was asked for.
        """
        wanted = self.plan.runs - self.plan.generated_runs
        deadline = self.log.now() + STARTS_FIRST
        while (  # noqa: ASYNC110
            self.session.budget.used < wanted
            and self.log.now() < deadline
            and not all(scenario.done() for scenario in scenarios)
        ):
            await asyncio.sleep(0.2)

    async def _clean_up(self) -> list[str]:
        self.log.write("phase", name="cleanup")
        self.session.budget.close()
        self.fixtures.close()
        task = asyncio.create_task(cleanup.abort_all(self.session))
        while not task.done():
            # A second Ctrl-C does not stop the clean-up; a third one ends the process.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(task)
        return task.result()


def _failure(error: Exception) -> str:
    """Return why the suite failed: in a sentence where the machine is the reason."""
    return shortage(error) or "".join(traceback.format_exception(error, limit=5))
