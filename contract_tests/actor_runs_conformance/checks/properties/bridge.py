"""Lets the state machine, which runs in a thread of its own, use the suite's event loop."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define, field

from actor_runs_conformance.checks.properties.traffic import take
from actor_runs_conformance.http.requests import JSON, call
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.testkit.history import LAG

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from concurrent.futures import Future

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.transport import ApiRequest
    from actor_runs_conformance.testkit.session import Session

T = TypeVar("T")
CHECK = "state_machine"
POLL = 0.1
LASTS = 90
"""Seconds for which the machine's runs work, longer than the machine takes."""


class GoneError(Exception):
    """The target does not answer, or the machine was told to stop."""


@define
class Bridge:
    """The six operations, each as a call that blocks this thread and none other.

    `runs` is how many runs may be started. Once `stopped`, every call raises `GoneError`.
    """

    session: Session
    loop: asyncio.AbstractEventLoop
    runs: int
    started: int = 0
    stopped: bool = False
    _pending: Future[Any] | None = field(default=None, repr=False)

    def stop(self) -> None:
        """End the machine soon: the call that is under way, and every later one, fails."""
        self.stopped = True
        if self._pending is not None:
            self._pending.cancel()

    @property
    def may_start(self) -> bool:
        """Whether another run may be started."""
        return not self.stopped and self.started < self.runs

    def start(self) -> Exchange:
        """Start a run that lasts.

        Raises:
            GoneError: no run is left, or the target does not answer.
        """
        task = self.session.target.task
        if task is None or not self.may_start:
            raise GoneError("no run may be started")
        body = {"durationSecs": LASTS, "exitCode": 0}
        exchange = self._send("runTask", task=task, headers=JSON, body=body)
        if exchange.response and exchange.response.started_nothing:
            self.session.budget.give_back()
        return exchange

    def get(self, run: str) -> Exchange:
        """Get run."""
        return self._send("getRun", run=run)

    def update(self, run: str, message: str) -> Exchange:
        """Update run with a status message."""
        body = {"runId": run, "statusMessage": message}
        return self._send("updateRun", run=run, headers=JSON, body=body)

    def reboot(self, run: str) -> Exchange:
        """Reboot run."""
        return self._send("rebootRun", run=run)

    def abort(self, run: str, *, actor: str | None = None) -> Exchange:
        """Abort run; by its deprecated twin when its Actor is given."""
        self.session.runs.aborted_by.setdefault(run, "abort")
        operation = "abortRun" if actor is None else "abortActorRun"
        return self._send(operation, run=run, actor=actor)

    def case(self, exchange: Exchange) -> None:
        """Count an exchange as a generated case: every call of a rule, not each look of a poll."""
        self.session.generated_cases += 1
        self.session.log.write(
            "case",
            operation=exchange.operation,
            phase="stateful",
            mode="positive",
            exchange=exchange.id,
        )

    def until(
        self, run: str, holds: Callable[[Mapping[str, Any]], bool], within: float = LAG
    ) -> Exchange:
        """Poll Get run until its answer holds, and return the last exchange, held or not."""
        deadline = time.monotonic() + within + self.session.tolerance(within)
        while True:
            exchange = self.get(run)
            if exchange.data is not None and holds(exchange.data):
                return exchange
            if time.monotonic() >= deadline:
                return exchange
            time.sleep(POLL)

    def _send(self, operation: str, **request: Any) -> Exchange:  # noqa: ANN401 - as `call` has it
        message = call(
            operation,
            token=self.session.target.token,
            timeout=10 + self.session.tolerance(),
            **request,
        )
        exchange = self._wait(self._sent(message))
        if operation != "getRun":
            self.case(exchange)
        return exchange

    async def _sent(self, message: ApiRequest) -> Exchange:
        # A start is taken and sent in one go, so that none comes after the budget was closed.
        if message.operation == "runTask":
            if not await take(self.session):
                raise GoneError("the budget of runs is spent")
            self.started += 1
        return await self.session.transport.send(message, check=CHECK)

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self.stopped:
            coroutine.close()
            raise GoneError("the machine was stopped")
        self._pending = pending = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return pending.result()
        except NoAnswerError as error:
            self.stopped = True
            raise GoneError(str(error)) from None
        except (CancelledError, asyncio.CancelledError):
            raise GoneError("the machine was stopped") from None
