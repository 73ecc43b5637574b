"""A Hypothesis state machine that calls start, get, update, reboot and abort beside a model.

It calls the operations in any order on up to two runs at once and compares each answer with what
the model expects. Failures are not shrunk: that would cost more runs. The runs last longer than the
machine works; if one ends by itself all the same, nothing more is expected of it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from actor_runs_conformance.checks.properties.adapter import settings
from actor_runs_conformance.checks.properties.blocking_api import BlockingApi, MachineStoppedError
from actor_runs_conformance.checks.properties.model import Model, ModelRun
from actor_runs_conformance.checks.properties.not_public import without_local_constants
from actor_runs_conformance.http.exchange import status_of
from actor_runs_conformance.ledger.statuses import runs_or_ended
from actor_runs_conformance.results.finding import not_exercised

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.session import Session

AT_ONCE = 2
STEPS = 14
MESSAGES = ("Working", "Přidáno 3 položky", "完成 7 件", "🙂 half way", "x" * 300, "<b>&amp;</b>")


class Calls(RuleBasedStateMachine):
    """Calls in any order; `api` is set by `run_machine`."""

    api: ClassVar[BlockingApi]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model(self.api)
        self.runs = self.model.runs
        self.steps = 0

    def pick(self, index: int) -> ModelRun:
        """Return one of the runs."""
        self.steps += 1
        return self.runs[index % len(self.runs)]

    # Which rules may run depends on earlier rules only, never on answers: Hypothesis reports
    # anything else as a flaky machine.

    @precondition(lambda self: len(self.runs) < AT_ONCE)
    @rule()
    def start(self) -> None:
        """Start a run that lasts, and wait until it is RUNNING."""
        self.steps += 1
        run = ModelRun(lost=True)
        self.runs.append(run)
        with suppress(MachineStoppedError):
            first = self.api.start().data or {}
            if not isinstance(first.get("id"), str):
                return
            run.id, run.actor = first["id"], str(first.get("actId") or "")
            run.last = self.api.until(run.id, runs_or_ended, within=10)
            run.lost = status_of(run.last) != "RUNNING"

    @precondition(lambda self: self.runs)
    @rule(index=st.integers(0, AT_ONCE - 1))
    def get(self, index: int) -> None:
        """Read a run: it is as the model expects."""
        run = self.pick(index)
        if not run.lost:
            with suppress(MachineStoppedError):
                self.api.count_case(self.model.read(run))

    @precondition(lambda self: self.runs)
    @rule(index=st.integers(0, AT_ONCE - 1), text=st.sampled_from(MESSAGES))
    def update(self, index: int, text: str) -> None:
        """Set a status message: it replaces the one before, and nothing else changes."""
        run = self.pick(index)
        if not run.lost:
            message = f"{text} {self.steps}"
            with suppress(MachineStoppedError):
                self.model.updated(run, message, self.api.update(run.id, message))

    @precondition(lambda self: self.runs)
    @rule(index=st.integers(0, AT_ONCE - 1))
    def reboot(self, index: int) -> None:
        """Reboot a run: a running one starts over, a finished one stays as it is."""
        run = self.pick(index)
        if not run.lost:
            judged = self.model.rebooted_after_abort if run.aborted else self.model.rebooted
            with suppress(MachineStoppedError):
                judged(run, self.api.reboot(run.id))

    @precondition(lambda self: self.runs)
    @rule(index=st.integers(0, AT_ONCE - 1), documented=st.booleans())
    def abort(self, index: int, *, documented: bool) -> None:
        """Abort a run: a running one ends as ABORTED, an aborted one stays as it is."""
        run = self.pick(index)
        if not run.lost:
            judged = self.model.aborted_again if run.aborted else self.model.aborted
            with suppress(MachineStoppedError):
                exchange = self.api.abort(run.id, documented=documented)
                judged(run, exchange)

    def teardown(self) -> None:
        """Abort the runs that still go on."""
        with suppress(MachineStoppedError):
            for run in self.runs:
                if run.live:
                    self.model.count(run)
                    self.api.abort(run.id, documented=True)


async def run_machine(session: Session, runs: int) -> None:
    """Run the machine with at most this many runs; the same seed makes the same calls."""
    api = BlockingApi(session, asyncio.get_running_loop(), runs)
    machine = type("BoundCalls", (Calls,), {"api": api})
    try:
        await asyncio.to_thread(_run, machine, session.seed, max(1, runs // AT_ONCE))
    finally:
        api.stop()
    await asyncio.sleep(0)  # Lets findings that the thread handed over be added.
    if not session.findings.has("RBT-11", "repeated_reboots") and "RBT-11" in session.selected:
        session.findings.add(
            "repeated_reboots", not_exercised("RBT-11", "no run was rebooted more than once")
        )


def _run(machine: type[Calls], seed: int, examples: int) -> None:
    with without_local_constants():
        run_state_machine_as_test(
            hypothesis.seed(seed)(machine),
            settings=settings(max_examples=examples, stateful_step_count=STEPS),
        )
