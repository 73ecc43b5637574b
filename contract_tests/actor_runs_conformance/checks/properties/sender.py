"""Sends the cases of one operation, in order, and keeps the answer to each.

Starts have a quota: a case that may start a run goes to the real task only while a start is left
for its kind, and to a task that does not exist afterwards. Which cases those are depends only on
the answers to earlier ones, so the same target is sent the same requests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from attrs import define, field, frozen

from actor_runs_conformance.checks.properties.safe_targets import (
    documented_method,
    ids,
    make_safe,
    to_unknown_task,
)
from actor_runs_conformance.checks.properties.violations import Violation, query, violations
from actor_runs_conformance.events.writer import FURTHER
from actor_runs_conformance.http.transport import ApiRequest, NoAnswerError
from actor_runs_conformance.testkit.budget import BudgetSpentError
from actor_runs_conformance.testkit.starts import START_PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from actor_runs_conformance.checks.properties.case import Case
    from actor_runs_conformance.checks.properties.safe_targets import SafeTargets
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.session import Session

CHECK = "generated_cases"
CHUNK = 1_000
"""Cases of one operation that are judged together, and then let go."""
AT_ONCE = 4
NOTED = "TSK-31"
"""The open promise about unusual values in the query of a start."""
UNANSWERED = 3
"""After this many requests in a row without an answer, the target is taken to be gone."""


@frozen
class SentCase:
    """A case as it was sent, and the answer; `known` says whether what it names exists."""

    case: Case
    exchange: Exchange
    violations: tuple[Violation, ...]
    known: bool

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.exchange.status

    @property
    def plain(self) -> bool:
        """Whether the documents describe the request in every respect."""
        return not self.violations and documented_method(self.case)

    @property
    def broken(self) -> frozenset[str]:
        """The promises by which the request is refused."""
        return frozenset(found.promise for found in self.violations if found.promise)


@define
class StartQuota:
    """How many starts may still succeed, by kind of case: plain, open, or to be refused.

    A field whose unusual values are `open` is not tried again once one of them was accepted.
    """

    left: Counter[str]
    accepted: set[str] = field(factory=set)

    def may_start(self, kind: str, found: tuple[Violation, ...]) -> bool:
        """Whether a start of this kind is left, for a case with these violations."""
        if self.left[kind] < 1:
            return False
        return kind != "open" or found[0].field not in self.accepted

    def started(self, kind: str, found: tuple[Violation, ...]) -> None:
        """Count a start that succeeded, or may have."""
        self.left[kind] -= 1
        self.accepted.update(violation.field for violation in found)

    def add(self, starts: int) -> None:
        """Let so many more starts succeed: a third of open cases, the others plain."""
        self.left["open"] += starts // 3
        self.left["plain"] += starts - starts // 3

    @classmethod
    def divide(cls, starts: int) -> Self:
        """Divide the starts: one in case a bad request is accepted, a third for open cases."""
        refused = min(1, starts)
        opened = min(starts // 3, starts - refused)
        return cls(Counter(refused=refused, open=opened, plain=starts - refused - opened))


def start_kind(case: Case, found: tuple[Violation, ...]) -> str | None:
    """Return the kind of a start; None when its answer would not be worth a run."""
    if any(violation.promise for violation in found) or not documented_method(case):
        return "refused"
    if not found:
        return "plain"
    return "open" if len(found) == 1 and found[0].open == NOTED else None


@define
class Sender:
    """Sends the cases of one operation.

    `answer_time` is how many seconds the answers may take together: a slow target is sent fewer
    cases. No case is sent after `deadline`, in seconds since the check of the target began.
    `judge` is called whenever there is a chunk of cases; those after the first are `FURTHER` ones.
    """

    session: Session
    operation: str
    safe_targets: SafeTargets
    start_quota: StartQuota
    answer_time: float
    deadline: float
    sent: list[SentCase] = field(factory=list)
    judge: Callable[[Sender], None] = lambda _: None
    stopped: str | None = None
    _check: str = CHECK
    _seen: set[int] = field(factory=set)
    _unanswered: int = 0
    _taken: float = 0.0
    _starting: asyncio.Lock = field(factory=asyncio.Lock)
    _late: asyncio.Queue[Case | None] = field(factory=asyncio.Queue)
    _late_quota: StartQuota = field(factory=lambda: StartQuota(Counter()))

    async def run(self, cases: AsyncIterator[Case]) -> None:
        """Send the cases, a few at once where their order means nothing."""
        pending: set[asyncio.Task[None]] = set()
        if self.operation == "runTask":
            self._late_quota.add(self.session.late_runs)
        late = asyncio.create_task(self._start_late())
        try:
            async for case in cases:
                safe = make_safe(case, self.safe_targets)
                if safe is None or hash(safe.request_key) in self._seen:
                    continue
                self._seen.add(hash(safe.request_key))
                if len(self.sent) >= CHUNK:
                    pending = await self._end_chunk(pending)
                if len(pending) >= self._at_once:
                    _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                if self._over():
                    break
                pending.add(asyncio.create_task(self._send(safe)))
            if pending:
                await asyncio.wait(pending)
            self._late.put_nowait(None)
            await late
        finally:
            # `asyncio.wait` does not cancel what it waits for.
            for task in (*pending, late):
                task.cancel()

    async def _end_chunk(self, pending: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
        if pending:
            await asyncio.wait(pending)
        self.judge(self)
        self.session.forget(sent.exchange for sent in self.sent)
        self.sent.clear()
        self._check = FURTHER
        return set()

    @property
    def _at_once(self) -> int:
        # Of two messages that are set at once, either may be the last.
        return 1 if self.operation == "updateRun" else AT_ONCE

    def _over(self) -> bool:
        if self._unanswered >= UNANSWERED:
            self.stopped = "the target stopped answering"
        elif self._taken > self.answer_time * self._at_once or (self.session.now() > self.deadline):
            self.stopped = "the time for generated cases was over"
        return self.stopped is not None

    async def _send(self, case: Case) -> None:
        if self.operation == "runTask":
            await self._start(case)
        else:
            await self._exchange(case, known=case.phase != "ids")

    async def _start(self, case: Case) -> None:
        if case.phase == "ids":
            await self._send_refusable(case)
            return
        found = violations(case)
        if await self._start_run(case, found):
            return
        kind = start_kind(case, found)
        if kind and self._late_quota.may_start(kind, found):
            self._late_quota.started(kind, found)
            self._late.put_nowait(case)
        else:
            await self._send_refusable(to_unknown_task(case))

    async def _start_run(self, case: Case, found: tuple[Violation, ...]) -> bool:
        """Send a case to the real task if a start is left for it; return whether it was sent."""
        kind = start_kind(case, found)
        async with self._starting:
            if not kind or not self.start_quota.may_start(kind, found):
                return False
            if not await self._take_start():
                return False
            if not self._refused(await self._exchange(case, known=True)):
                self.start_quota.started(kind, found)
            return True

    async def _start_late(self) -> None:
        """Send the cases that wait for starts which scenarios keep for refusals, until None comes."""
        first = await self._late.get()
        if first is None:
            return
        limits = self.session.start_limits
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self.deadline - self.session.now())):
                await limits.probing_is_over.wait()
                self.start_quota.add(min(limits.spare, self.session.late_runs))
        case: Case | None = first
        while case is not None and not self._over():
            if not await self._start_run(case, violations(case)):
                await self._send_refusable(to_unknown_task(case))
            case = await self._late.get()

    async def _send_refusable(self, case: Case) -> None:
        """Send a start that a good target refuses; it is of the budget until it is refused."""
        if self.stopped is not None:
            return
        # One at a time: what is held here in case it is accepted, a scenario may need.
        async with self._starting:
            if await self._take_start():
                self._refused(await self._exchange(case, known=False))
                return
        self.stopped = "no run was left to start, in case a start is accepted that should not be"

    def _refused(self, exchange: Exchange) -> bool:
        """Give a start back that was refused; after anything else, 408 included, a run may exist."""
        refused = exchange.response is not None and exchange.response.started_nothing
        if refused:
            self.session.budget.give_back()
        return refused

    async def _take_start(self) -> bool:
        try:
            await self.session.budget.take_within(START_PATIENCE)
        except BudgetSpentError:
            return False
        return True

    async def _exchange(self, case: Case, *, known: bool) -> Exchange:
        named: Mapping[str, str] = ids(case)
        own = documented_method(case)
        request = ApiRequest(
            method=case.method,
            path=case.path,
            query=query(case),
            headers=case.headers,
            body=case.body,
            token=self.session.target.token,
            # A start by another method is a start too, and the run is remembered by it.
            operation=case.operation if own or case.operation == "runTask" else None,
            run=named.get("runId") if known else None,
            timeout=10 + self.session.tolerance(),
        )
        try:
            exchange = await self.session.transport.send(request, check=self._check)
        except NoAnswerError as error:
            self._unanswered += 1
            exchange = error.exchange
        else:
            self._unanswered = 0
            self.sent.append(SentCase(case, exchange, violations(case), known))
        self._taken += exchange.received - exchange.sent
        self.session.count_case(
            exchange, operation=case.operation, phase=case.phase, mode=case.mode
        )
        return exchange
