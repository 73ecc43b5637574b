"""Starts runs: counted before they are sent, remembered by their answers, found by Get run."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import JSON
from actor_runs_conformance.testkit.api import OWN, POLL, Api, NotExercisedError
from actor_runs_conformance.testkit.budget import BudgetSpentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange, Headers
    from actor_runs_conformance.http.transport import Query


class RefusedStartError(NotExercisedError):
    """A start was refused; `exchange` is the refusal."""

    def __init__(self, exchange: Exchange) -> None:
        """Say how it was refused."""
        super().__init__(f"no run could be started: {summary(exchange)}")
        self.exchange = exchange

    @property
    def blames_request(self) -> bool:
        """Whether the target says that the request is wrong, rather than caller or account."""
        return self.exchange.status in {400, 403, 404, 413, 415, 422}


class HiddenRunError(NotExercisedError):
    """A run was started and cannot be read; `run` is what its start said."""

    def __init__(self, run: StartedRun, found: Exchange) -> None:
        """Say how it cannot be read."""
        super().__init__(f"the run that was started cannot be read: {summary(found)} to Get run")
        self.run = run


@frozen
class StartedRun:
    """A run that the suite started; `start` is the exchange that did."""

    id: str
    start: Exchange
    first: Mapping[str, Any]

    @property
    def actor(self) -> str:
        """The id of the run's Actor; empty when the target does not say."""
        return str(self.first.get("actId") or "")


@define
class Starter(Api):
    """Starts runs for a check: those that it says it makes, and probes."""

    _own: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Have the starts that the check says it makes."""
        self._own = self.check.runs

    async def start(
        self,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        task: str | None = None,
        query: Query = (),
        headers: Headers | None = None,
        token: str | None = OWN,
        wait: float = 0.0,
    ) -> Exchange:
        """Run task. It is counted before it is sent; a start that is refused costs nothing.

        A start beyond those that the check says it makes is a probe: a good target refuses it.
        Probes go one by one, and only so many may be accepted.

        Raises:
            UnreachableError: the budget is spent, or the user named no task.
        """
        task = task or self.session.target.task
        if task is None:
            raise NotExercisedError("needs --task")
        if headers is None:
            headers = JSON if body is not None else ()
        if wait:
            query = (("waitForFinish", f"{wait:g}"), *query)
        sending = partial(
            self._started,
            task=task,
            query=query,
            headers=headers,
            body=body,
            token=token,
            timeout=self.timeout_for(wait, least=15.0),
        )
        if self._own > 0:
            self._own -= 1
            exchange = await sending()
            self._own += bool(exchange.response and exchange.response.started_nothing)
            return exchange
        if not self.check.probes:
            raise NotExercisedError("the runs that this check may start are used up")
        async with self.fixtures.probing:
            if self.fixtures.probes < 1:
                raise NotExercisedError(
                    "starts that were to be refused were accepted, and cost too many runs already"
                )
            exchange = await sending()
            if not exchange.response or not exchange.response.started_nothing:
                self.fixtures.probes -= 1
            return exchange

    async def _started(self, **request: Any) -> Exchange:  # noqa: ANN401 - as `call` takes it
        try:
            self.session.budget.take()
        except BudgetSpentError as error:
            raise NotExercisedError(str(error)) from None
        try:
            exchange = await self.call("runTask", **request)
        except NotExercisedError:  # It was throttled, or not sent at all.
            self.session.budget.give_back()
            raise
        if exchange.response is not None and exchange.response.started_nothing:
            self.session.budget.give_back()
        return exchange

    async def begin(
        self,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        task: str | None = None,
        query: Query = (),
        wait: float = 0.0,
    ) -> StartedRun:
        """Run task, and go on only with a run that Get run knows.

        Raises:
            UnreachableError: no run was started, or it cannot be found.
        """
        async with self.fixtures.starting:
            exchange = await self.start(body, task=task, query=query, wait=wait)
            data = exchange.data
            if not exchange.response or not exchange.response.ok or not data or not data.get("id"):
                raise RefusedStartError(exchange)
            run = StartedRun(str(data["id"]), exchange, data)
            found = await self.get(run.id)
            if not found.response or not found.response.ok:
                raise HiddenRunError(run, found)
            # Whoever starts next waits a moment for this one: starting costs a target most.
            timeout_for = self.now() + 1.0
            while status_of(found) == "READY" and self.now() < timeout_for:
                await asyncio.sleep(POLL)
                found = await self.get(run.id)
            return run
