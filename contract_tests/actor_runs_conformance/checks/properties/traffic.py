"""Sends the cases of one operation, in order, and keeps what came of each.

Starts are rationed: a case that may start a run goes to the real task only while a start is left
for its kind, and to a task that does not exist afterwards. Which cases those are depends on the
answers to earlier ones alone, so the same target is sent the same requests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from actor_runs_conformance.checks.properties.safe_targets import (
    documented_method,
    ids,
    make_safe,
    to_unknown_task,
)
from actor_runs_conformance.checks.properties.violations import Violation, query, violations
from actor_runs_conformance.http.transport import ApiRequest, NoAnswerError
from actor_runs_conformance.testkit.budget import BudgetSpentError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from actor_runs_conformance.checks.properties.case import Case
    from actor_runs_conformance.checks.properties.safe_targets import SafeTargets
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.session import Session

CHECK = "generated_cases"
AT_ONCE = 4
NOTED = "TSK-31"
"""The promise under which it is noted what becomes of odd values in the query of a start."""
TRIES, PAUSE = 50, 0.2
SILENCES = 3
"""After so many requests in a row without an answer, the target is taken to be gone."""


@frozen
class Sent:
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
        """Whether the request is, in every respect, one that the documents describe."""
        return not self.violations and documented_method(self.case)

    @property
    def broken(self) -> frozenset[str]:
        """The promises by which the request is refused."""
        return frozenset(one.promise for one in self.violations if one.promise)


@define
class Rations:
    """How many starts may still succeed, by kind of case: plain, open, or to be refused.

    A field whose odd values are `open` is tried no more once one of them was accepted.
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
        self.accepted.update(one.field for one in found)


def kind(case: Case, found: tuple[Violation, ...]) -> str | None:
    """Return the kind of a start; None when it would say nothing that is worth a run."""
    if any(one.promise for one in found) or not documented_method(case):
        return "refused"
    if not found:
        return "plain"
    return "open" if len(found) == 1 and found[0].open == NOTED else None


def start_quota(starts: int) -> Rations:
    """Divide the starts: one in case a bad request is accepted, a third for open cases."""
    refused = min(1, starts)
    opened = min(starts // 3, starts - refused)
    return Rations(Counter(refused=refused, open=opened, plain=starts - refused - opened))


async def take(session: Session) -> bool:
    """Take a start out of the budget; return whether there was one.

    Starts that scenarios expect to be refused hold a part of it for a moment.
    """
    for _ in range(TRIES):
        try:
            session.budget.take()
        except BudgetSpentError:
            await asyncio.sleep(PAUSE)
        else:
            return True
    return False


@define
class Sender:
    """The way of one operation's cases to the target.

    `patience` is how many seconds answers may take together: a slow target is sent fewer cases.
    No case is sent after `deadline`, on the log's clock.
    """

    session: Session
    operation: str
    safe_targets: SafeTargets
    start_quota: Rations
    timeout_for: float
    deadline: float
    sent: list[Sent] = field(factory=list)
    stopped: str | None = None
    _seen: set[object] = field(factory=set)
    _silent: int = 0
    _taken: float = 0.0
    _starting: asyncio.Lock = field(factory=asyncio.Lock)

    async def run(self, cases: AsyncIterator[Case]) -> None:
        """Send the cases, a few at once where their order means nothing."""
        pending: set[asyncio.Task[None]] = set()
        try:
            async for case in cases:
                guarded = make_safe(case, self.safe_targets)
                if guarded is None or guarded.request_key in self._seen:
                    continue
                self._seen.add(guarded.request_key)
                if len(pending) >= self._at_once:
                    _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                if self._over():
                    break
                pending.add(asyncio.create_task(self._send(guarded)))
            if pending:
                await asyncio.wait(pending)
        finally:
            # Waiting for them does not take them along when this is cancelled.
            for task in pending:
                task.cancel()

    @property
    def _at_once(self) -> int:
        # Which of two messages set at once is the last would be chance.
        return 1 if self.operation == "updateRun" else AT_ONCE

    def _over(self) -> bool:
        if self._silent >= SILENCES:
            self.stopped = "the target stopped answering"
        elif self._taken > self.timeout_for * self._at_once or (
            self.session.log.now() > self.deadline
        ):
            self.stopped = "the time for generated cases was over"
        return self.stopped is not None

    async def _send(self, case: Case) -> None:
        if self.operation == "runTask" and case.phase != "ids":
            await self._start(case)
        else:
            await self._exchange(case, known=case.phase != "ids")

    async def _start(self, case: Case) -> None:
        found = violations(case)
        of_kind = kind(case, found)
        async with self._starting:
            if of_kind and self.start_quota.may_start(of_kind, found) and await take(self.session):
                exchange = await self._exchange(case, known=True)
                # A refusal started nothing; after anything else, 408 included, a run may exist.
                if exchange is not None and exchange.response and exchange.response.started_nothing:
                    self.session.budget.give_back()
                else:
                    self.start_quota.started(of_kind, found)
                return
        await self._exchange(to_unknown_task(case), known=False)

    async def _exchange(self, case: Case, *, known: bool) -> Exchange | None:
        named: Mapping[str, str] = ids(case)
        own = documented_method(case)
        message = ApiRequest(
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
            exchange = await self.session.transport.send(message, check=CHECK)
        except NoAnswerError as error:
            self._silent += 1
            exchange = error.exchange
        else:
            self._silent = 0
            self.sent.append(Sent(case, exchange, violations(case), known))
        self._taken += exchange.received - exchange.sent
        self.session.generated_cases += 1
        self.session.log.write(
            "case",
            operation=case.operation,
            phase=case.phase,
            mode=case.mode,
            exchange=exchange.id,
        )
        return exchange
