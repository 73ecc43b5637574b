"""A check of a target from beginning to end: plan, preflight, checks, clean-up, verdicts.

    plan ─► preflight ─► scenarios (all at once) ─┬─► clean-up ─► verdicts ─► end
                         generated cases ─────────┘
    invariants ride on every exchange of all of them

Whatever happens, runs that were started are aborted before the log ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from typing import TYPE_CHECKING

from attrs import define, field

from actor_runs_conformance.engine import cleanup, plan, preflight
from actor_runs_conformance.engine.invariant_runner import Rider
from actor_runs_conformance.engine.recorder import Record
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import NOBODY, call
from actor_runs_conformance.http.transport import NO_URL, NoAnswerError, Wire
from actor_runs_conformance.results.findings import Board
from actor_runs_conformance.results.verdict import ExitCode
from actor_runs_conformance.target.target_file import Declaration
from actor_runs_conformance.testkit import registry
from actor_runs_conformance.testkit.api import UnreachableError
from actor_runs_conformance.testkit.budget import Budget
from actor_runs_conformance.testkit.context import Stage
from actor_runs_conformance.testkit.fixtures import Cast
from actor_runs_conformance.testkit.session import Context
from actor_runs_conformance.testkit.started_runs import Runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from actor_runs_conformance.cli.options import Options
    from actor_runs_conformance.events.writer import Log
    from actor_runs_conformance.ledger.ledger import Promise
    from actor_runs_conformance.results.outcome import Outcome
    from actor_runs_conformance.target.target import Target
    from actor_runs_conformance.target.target_file import Deviation
    from actor_runs_conformance.testkit.registry import Check

SCENARIO_LIMIT = 150.0
"""Seconds after which a scenario is given up: nothing hangs."""

PATIENCE = 8.0
"""Seconds that generated cases wait for the scenarios' runs to be started."""

ABSENT = {404, 405, 410, 501}
"""What an operation is answered with that a target does not have."""


@define
class Engine:
    """One check of one target."""

    options: Options
    target: Target
    log: Log
    ledger: Mapping[str, Promise]
    declaration: Declaration = field(factory=Declaration)
    expected: Mapping[str, Deviation] = field(factory=dict)
    say: Callable[[str], None] = print
    context: Context = field(init=False)
    cast: Cast = field(init=False)
    plan: plan.Plan = field(init=False)
    record: Record = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Draw up the plan; nothing is sent yet."""
        promises = {
            name: promise for name, promise in self.ledger.items() if not promise.for_clients
        }
        selected = frozenset(self.options.only or promises)
        checks = registry.registry()
        budget = Budget(self.options.max_runs)
        self.plan = plan.draw_up(
            checks.values(),
            promises=promises,
            selected=selected,
            profile=self.options.profile,
            target=self.target,
            declaration=self.declaration,
            max_runs=self.options.max_runs,
        )
        self.context = Context(
            target=self.target,
            ledger=promises,
            selected=selected,
            log=self.log,
            board=Board(promises, self.log),
            budget=budget,
            runs=Runs(self.log, budget),
            profile=self.options.profile,
            seed=self.options.seed,
            workers=self.options.workers,
            generated_runs=self.plan.generated_runs,
        )
        tokens = (self.target.token, self.target.other_token)
        story = self.context.story
        story.tokens = frozenset(one for one in tokens if one and len(one) >= 8)
        story.never_sent = frozenset(self.declaration.fields)
        self.cast = Cast(
            self.context,
            self.declaration.operations,
            frozenset(self.plan.shared),
            plan.PROBES[self.options.profile],
        )
        self.record = Record(
            self.options, self.declaration, self.expected, self.context, self.cast, self.plan
        )

    async def run(self) -> Outcome:
        """Check the target and return what came of it; the log then has its `end`.

        A cancellation (Ctrl-C) aborts the runs, ends the log and gives `INTERRUPTED`.
        """
        self.record.begin()
        exit_code: ExitCode | None = None
        message: str | None = None
        async with Wire(self.context) as wire:
            self.context.wire = wire
            watch = asyncio.create_task(preflight.measure_stalls(self.context))
            try:
                await self._check()
            except preflight.PreflightError as error:
                exit_code, message = ExitCode.UNUSABLE, str(error)
            except asyncio.CancelledError:
                exit_code, message = ExitCode.INTERRUPTED, "Interrupted."
            except Exception:  # noqa: BLE001 - whatever it is, runs have to be aborted
                exit_code = ExitCode.UNUSABLE
                message = f"The suite failed: {traceback.format_exc(limit=4)}"
            left = await self._clean_up()
            watch.cancel()
        if left:
            message = f"{message or ''} May still be running: {', '.join(left)}.".strip()
        if self.context.runs.nameless:
            message = (
                f"{message or ''} Starts whose answer named no run: {self.context.runs.nameless}; "
                "look whether a run of them goes on."
            ).strip()
        if exit_code is None and self.context.remarks:
            message = " ".join(filter(None, [message, *self.context.remarks]))
        return self.record.end(exit_code, message)

    # -- The parts ----------------------------------------------------------------------------

    async def _check(self) -> None:
        for line in self.plan.lines(max_runs=self.options.max_runs):
            self.say(line)
        self.log.write("phase", name="preflight")
        await preflight.look(self.context, self.cast)
        if "first" in self.plan.shared:
            await preflight.first_run(self.context, self.cast)
        await self._leave_out_dropped()
        # Only now: what is no target is not judged.
        self._board_invariants()
        self.say(f"      the target answers within {self.context.latency * 1000:.0f} ms")
        self.log.write("phase", name="scenarios")
        async with asyncio.TaskGroup() as group:
            # The longest first: the whole takes as long as the last one to end.
            for check in sorted(self.plan.scenarios, key=lambda check: -check.seconds):
                group.create_task(self._play(check))
            if self.plan.generated:
                group.create_task(self._generate())
            if self.declaration.operations and "first" in self.plan.shared:
                group.create_task(self._probe_left_out())

    async def _leave_out_dropped(self) -> None:
        """Leave the deprecated abort out where the target has dropped it: it is free to."""
        name = "abortActorRun"
        mine = {one for one in self.context.selected if self.ledger[one].operation == name}
        unwilling = self.options.profile is registry.Profile.READ_ONLY
        if unwilling or not mine or name in self.declaration.operations:
            return
        exchange = await preflight.dropped(self.cast)
        if exchange is None:
            return
        reason = f"the target has dropped the deprecated path ({summary(exchange)})"
        self.cast.left_out = {**self.cast.left_out, name: reason}
        if "ABT-02b" in mine:
            self.context.board.note(
                "ABT-02b", "deprecated_abort_of_finished_run", exchange, message="It is gone."
            )
        self.plan.excluded |= dict.fromkeys(mine - {"ABT-02b"}, reason)
        self.context.remarks.append(
            f"The deprecated abort below /v2/acts/ is gone ({summary(exchange)}), as it may be: "
            f"{len(mine) - 1} promises about it are left out."
        )

    def _board_invariants(self) -> None:
        # What the target file leaves out is judged too: a declaration may be untrue.
        judged = self.context.selected - (set(self.plan.excluded) - self.plan.declared)
        self.context.ride(Rider(self.context, tuple(self.plan.invariants), frozenset(judged)))

    async def _play(self, check: Check) -> None:
        stage = Stage(self.context, self.cast, check)
        reason = "the check ended before it came to this"
        try:
            async with asyncio.timeout(SCENARIO_LIMIT):
                await check.function(stage)
        except UnreachableError as error:
            reason = str(error)
        except NoAnswerError as error:
            reason = await self._silence(stage.remaining, check, error)
        except TimeoutError:
            reason = f"the check was given up after {SCENARIO_LIMIT:g} s"
        except Exception:  # noqa: BLE001 - a fault of the suite is an error, never a verdict
            for promise in stage.remaining:
                self.context.board.error(promise, check.name, traceback.format_exc(limit=5))
            return
        for promise in stage.remaining:
            self.context.board.unreached(promise, check.name, reason)

    async def _silence(self, promises: list[str], check: Check, error: NoAnswerError) -> str:
        """Judge a request without an answer: broken only if the target answers all else.

        Returns:
            Why the check could not go on, for the promises it did not reach.
        """
        exchange = error.exchange
        request = f"{exchange.request.method} {exchange.request.url.partition('?')[0]}"
        problem = f"{request}: {exchange.error}"
        alive = self.cast.stage(check.name)
        try:
            control = await alive.get(NOBODY)
        except (NoAnswerError, UnreachableError):
            return f"the target stopped answering ({problem})"
        related = [
            name
            for name in promises
            if exchange.operation and self.ledger[name].holds_for(exchange.operation)
        ]
        # What was not sent says nothing; a start is not repeated, and what a shared run met is not
        # this scenario's to judge.
        if (
            str(error).startswith(NO_URL)
            or exchange.operation == "runTask"
            or exchange.check != check.name
            or not related
        ):
            return f"no answer to {problem}"
        again = await self.context.wire.once(error.message, check=check.name)
        if again.response is not None:
            return f"no answer at first ({problem}), though there was one later"
        self.context.board.judge(
            related[0],
            check.name,
            control,
            again,
            kept=False,
            message=f"No answer to {problem}, again and again, while other requests are answered.",
            expected="an HTTP answer",
            observed=exchange.error,
        )
        return f"no answer to {problem}"

    async def _generate(self) -> None:
        from actor_runs_conformance.checks import properties

        await self._starts_made()
        self.log.write("phase", name="generated")
        # The first run is aborted by cases: not before it has finished.
        for shared, name, slot in (
            ("first", "finished", "finished_run"),
            ("generated", "generated", "live_run"),
        ):
            with contextlib.suppress(UnreachableError, NoAnswerError):
                if shared in self.plan.shared:
                    run = await self.cast.play(name)
                    setattr(self.context, slot, run.id)
        try:
            await properties.run_generated(self.context)
        except Exception:  # noqa: BLE001 - a fault of the suite is an error, never a verdict
            for check in self.plan.generated:
                for promise in set(check.promises) & self.context.selected:
                    self.context.board.error(promise, check.name, traceback.format_exc(limit=5))

    async def _probe_left_out(self) -> None:
        """Ask for the operations that are declared left out, on a finished run: no harm comes."""
        try:
            run = await self.cast.play("finished")
            for name in self.declaration.operations:
                if name == "runTask":
                    continue
                message = call(
                    name,
                    run=run.id,
                    actor=run.actor or NOBODY,
                    token=self.target.token,
                )
                exchange = await self.context.wire.send(message, check="declared")
                if exchange.status not in ABSENT | {429}:
                    self.cast.untrue.append(
                        f"{name} is declared left out, but is answered {summary(exchange)}: "
                        f"take it out of {self.declaration.file}"
                    )
        except (UnreachableError, NoAnswerError):
            return

    async def _starts_made(self) -> None:
        """Wait, not for long, until the scenarios have their runs: they measure time."""
        wanted = self.plan.runs - self.plan.generated_runs
        deadline = self.log.now() + PATIENCE
        while self.context.budget.used < wanted and self.log.now() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.2)

    async def _clean_up(self) -> list[str]:
        self.log.write("phase", name="cleanup")
        self.context.budget.close()
        self.cast.close()
        task = asyncio.create_task(cleanup.abort_all(self.context))
        while not task.done():
            # A second Ctrl-C does not stop the clean-up; a third one ends the process.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(task)
        return task.result()
