"""The session: what all checks of one target share."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from actor_runs_conformance.events.writer import FURTHER
from actor_runs_conformance.http.transport import Transport
from actor_runs_conformance.ledger.dependencies import broken
from actor_runs_conformance.ledger.promise import ABORT, ABORTS, OWN_PATH_ABORT
from actor_runs_conformance.testkit.budget import StartLimits
from actor_runs_conformance.testkit.history import History
from actor_runs_conformance.testkit.shard import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from actor_runs_conformance.events.writer import Log
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.promise import Promise
    from actor_runs_conformance.results.finding import Findings
    from actor_runs_conformance.target.target import Target
    from actor_runs_conformance.testkit.budget import Budget
    from actor_runs_conformance.testkit.registry import Profile
    from actor_runs_conformance.testkit.shard import Shard
    from actor_runs_conformance.testkit.started_runs import StartedRuns


OWN_PATH_PROMISE = "ABT-01"
"""The promise that the abort is offered at the run's own path too."""


@define
class Session:
    """One check of one target, as scenarios, invariants and property tests see it.

    Attributes:
        target: the server under test.
        ledger: every promise by id.
        selected: the ids of the promises to judge; a part that judges none of them need not run.
        judges_answers: whether invariants judge the answers, so that every request is wanted.
        log: the one log, and the clock.
        findings: what checks have found so far.
        budget: the runs that may be started.
        start_limits: how many starts may be sent at once, or be accepted against expectation.
        runs: the runs that were started; those not ended are aborted at the end.
        profile: how much may be done to the target.
        seed: the seed of everything random.
        workers: how many processes may work at once.
        cases: how many cases to draw at random; None for as many as the profile has.
        shard: which share of them is drawn here.
        further: how often further cases were answered how, by operation and status.
        generated_runs: how many starts are set aside for the property tests.
        late_runs: how many more they may make once the scenarios need none to be refused any more.
        latency: how many seconds an answer took at the start, the median of several.
        slowest_start: how many seconds the slowest start took so far, of those that did not wait.
        loop_lag: recent event-loop lag, in seconds.
        unsupported: why an operation is not called, by operation, as the target file says.
        absent: operations that the target does not offer, each with the sentence that shows it.
        missing: causes of the ledger that no promise is to blame for, such as `fixture`, each with
            the sentence that says what is wrong with the set-up.
        starts_block: whether a start is answered only when its run has ended.
        supported_after_all: sentences on operations declared unsupported that the target serves.
        finished_run: a run that has ended, None when there is none.
        remarks: sentences about the target for the last message.
        transport: the connection that `connect` made.
        live_run: a run of ours that goes on while the property tests work; None when there is none.
    """

    target: Target
    ledger: dict[str, Promise]
    selected: frozenset[str]
    log: Log
    findings: Findings
    budget: Budget
    runs: StartedRuns
    profile: Profile
    judges_answers: bool = False
    seed: int = 1
    workers: int = 2
    cases: int | None = None
    shard: Shard = WHOLE
    further: Counter[tuple[str, str]] = field(factory=Counter)
    generated_runs: int = 0
    late_runs: int = 0
    generated_cases: int = 0
    latency: float = 0.0
    loop_lag: float = 0.0
    start_limits: StartLimits = field(factory=StartLimits)
    unsupported: dict[str, str] = field(factory=dict)
    absent: dict[str, str] = field(factory=dict)
    missing: dict[str, str] = field(factory=dict)
    starts_block: bool = False
    slowest_start: float = 0.0
    supported_after_all: list[str] = field(factory=list)
    finished_run: str | None = None
    live_run: str | None = None
    history: History = field(factory=History)
    transport: Transport = field(init=False, repr=False)
    requests: int = 0
    remarks: list[str] = field(factory=list)
    _numbers: Iterator[int] = field(factory=lambda: itertools.count(1), repr=False)
    _unlogged: dict[int, Exchange] = field(factory=dict, repr=False)
    _early: list[Exchange] = field(factory=list, repr=False)
    _invariants: list[Callable[[Exchange], None]] = field(factory=list, repr=False)

    def connect(self) -> Transport:
        """Return the connection to the target, not opened yet; all exchanges go through it."""
        self.transport = Transport(
            self.target.url,
            clock=self.now,
            observe=self.observe,
            redactor=self.log.redactor,
            seed=self.seed,
            local=self.target.local,
            ca_file=self.target.ca_file,
        )
        return self.transport

    def observe(self, exchange: Exchange) -> Exchange:
        """Number an exchange, log it, remember its runs and let invariants judge it; return it.

        Call it in the order in which the answers came, from the thread of the event loop.
        """
        numbered = evolve(exchange, id=next(self._numbers))
        self.requests += 1
        if numbered.check == FURTHER and numbered.response is not None:
            self._unlogged[numbered.id] = numbered
        else:
            self.log.exchange(numbered)
        self.runs.note_unidentified(numbered)
        if numbered.response is not None:
            self.history.note(numbered)
            if self.runs.note(numbered):
                self.keep(numbered)
            if not self._invariants:
                self._early.append(numbered)
            for judge_exchange in self._invariants:
                judge_exchange(numbered)
        return numbered

    def judge_exchange(self, invariants: Callable[[Exchange], None]) -> None:
        """Let this function judge every exchange, earlier ones too."""
        for exchange in self._early:
            invariants(exchange)
        self._early.clear()
        self._invariants.append(invariants)

    def count_case(
        self, exchange: Exchange, *, operation: str | None, phase: str, mode: str
    ) -> None:
        """Count an exchange as a generated case and write it into the log."""
        self.generated_cases += 1
        if exchange.check == FURTHER:
            answer = str(exchange.status) if exchange.response else str(exchange.error)
            self.further[exchange.operation or "other", answer] += 1
            return
        self.log.write(
            "case",
            operation=operation,
            phase=phase,
            mode=mode,
            exchange=exchange.id,
        )

    def keep(self, exchange: Exchange) -> None:
        """Write the exchange of a further case into the log, as something rests on it."""
        if self._unlogged.pop(exchange.id, None) is not None:
            self.log.exchange(exchange)

    def forget(self, exchanges: Iterable[Exchange]) -> None:
        """Let go of exchanges of further cases on which nothing rests."""
        for exchange in exchanges:
            self._unlogged.pop(exchange.id, None)

    def write_further(self) -> None:
        """Write how further cases were answered."""
        for operation in sorted({name for name, _ in self.further}):
            answers = {status: n for (name, status), n in self.further.items() if name == operation}
            self.log.write(
                FURTHER, operation=operation, sent=sum(answers.values()), answers=answers
            )

    def blamed_for(self, operation: str) -> str | None:
        """Return the id of the promise that is broken as an operation is not offered.

        The abort may be offered at one of its addresses; None for the one that may be dropped.
        """
        if operation not in ABORTS:
            return broken(f"offered:{operation}")
        if all(name in self.absent for name in ABORTS):
            return broken(f"offered:{ABORT}")
        return OWN_PATH_PROMISE if operation == OWN_PATH_ABORT else None

    def offers(self, operation: str) -> bool:
        """Whether an operation may be called, as far as is known."""
        return operation not in self.unsupported and operation not in self.absent

    @property
    def abort_address(self) -> str:
        """The operationId by which runs are aborted: the documented one where it is offered."""
        return next(filter(self.offers, ABORTS), OWN_PATH_ABORT)

    def now(self) -> float:
        """Return the seconds since the check of the target began."""
        return self.log.now()

    def tolerance(self, seconds: float = 0.0) -> float:
        """Return by how many seconds an answer may be late; more on a slow target or a busy machine.

        `seconds` is how long the answer takes by itself.
        """
        return 2.0 + 10 * self.latency + 2 * self.loop_lag + 0.1 * seconds
