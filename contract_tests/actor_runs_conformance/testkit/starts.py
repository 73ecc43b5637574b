"""Starts runs: each is counted before it is sent, and remembered when it is answered."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import JSON
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.testkit.api import OWN, POLL, Api, NotExercisedError
from actor_runs_conformance.testkit.budget import BudgetSpentError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from actor_runs_conformance.http.exchange import Exchange, Headers
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.testkit.session import Session


START_PATIENCE = 10.0
"""Seconds that the property tests wait for a start which a scenario may give back."""


class RefusedStartError(NotExercisedError):
    """A start was refused; `exchange` is the refusal."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(f"no run could be started: {summary(exchange)}")
        self.exchange = exchange

    @property
    def blames_request(self) -> bool:
        """Whether the status blames the request, and not the caller or the account."""
        return self.exchange.status in {400, 403, 404, 413, 415, 422}


class KnownRunError(NotExercisedError):
    """A start was answered with the run of an earlier one; `exchange` is that answer.

    Whatever else happens to that run is not what this check has asked for.
    """

    def __init__(self, exchange: Exchange) -> None:
        super().__init__("a start was answered with a run that was there before", because="TSK-01")
        self.exchange = exchange


class HiddenRunError(NotExercisedError):
    """A run was started, but Get run does not find it.

    `run` is what its start said, `found` the answer of Get run.
    """

    def __init__(self, run: StartedRun, found: Exchange) -> None:
        super().__init__(f"the run that was started cannot be read: {summary(found)} to Get run")
        self.run = run
        self.found = found


@frozen
class StartedRun:
    """A run that the suite started; `start` is the exchange that did."""

    id: str
    start: Exchange
    first: Mapping[str, Any]

    @property
    def actor(self) -> str:
        """The id of the run's Actor; empty when the target does not name it."""
        return str(self.first.get("actId") or "")


FULL_FOR = 20.0
"""Seconds since the last accepted start for which an account may have too many runs at once (402)."""
LONGEST_BLOCKED = 5.0
"""Seconds that a run may last whose start is answered only at its end."""


@define
class Starts:
    """Starts runs for a check: `own` runs that it says it makes, and probes if it sends any.

    A probe is a start that a good target refuses; one of a check may be accepted all the same.
    `patience` is how many seconds to wait for the budget while it is used up.
    """

    api: Api
    own: int = 0
    probes: bool = False
    _accepted: int = field(default=0, init=False)
    patience: float = 0.0

    @property
    def _session(self) -> Session:
        return self.api.session

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
        """Run task. The start is counted before it is sent; one that is refused costs nothing.

        A start beyond the `own` ones is a probe. Probes are sent one by one, until one of this
        check was accepted.

        An account may be allowed few runs at once: a start of an `own` run that is answered 402 is
        repeated, as long as others may end.

        Raises:
            NotExercisedError: the budget is spent, the account may start no more, or the user named
                no task.
            KnownRunError: no new run was started.
        """
        task = task or self._session.target.task
        if task is None and self._session.target.actor is None:
            raise NotExercisedError("needs --task")
        if self._session.starts_block and not isinstance(body, bytes) and not wait:
            lasts = (body or {}).get("durationSecs", 0)
            if isinstance(lasts, int | float) and lasts > LONGEST_BLOCKED:
                raise NotExercisedError(
                    "a start is answered only when its run has ended", because="TSK-02"
                )
        if headers is None:
            headers = JSON if body is not None else ()
        if wait:
            query = (("waitForFinish", f"{wait:g}"), *query)
        send = partial(
            self.api.start,
            task=task,
            query=query,
            headers=headers,
            body=body,
            token=token,
            timeout=self.api.timeout_for(wait, least=15.0),
        )
        if self.own > 0:
            self.own -= 1
            is_ours = token == OWN or any(name == "token" for name, _ in query)
            exchange = await (self._once_there_is_room(send) if is_ours else self._counted(send))
            if exchange.response and exchange.response.started_nothing:
                self.own += 1
            if exchange.response and not wait:
                slowest = max(self._session.slowest_start, exchange.response.seconds)
                self._session.slowest_start = slowest
            if self._session.runs.was_there(exchange):
                raise KnownRunError(exchange)
            return exchange
        return await self._probe(send)

    async def _once_there_is_room(self, send: Callable[[], Awaitable[Exchange]]) -> Exchange:
        """Send a start again while the account may start no more, and others of its runs may end.

        Raises:
            RefusedStartError: it might start no more all the time.
        """
        limits, session = self._session.start_limits, self._session
        while True:
            exchange = await self._counted(send)
            if exchange.status != HTTPStatus.PAYMENT_REQUIRED:
                limits.accepted_at = session.now()
                return exchange
            if session.now() >= limits.accepted_at + FULL_FOR:
                self.own += 1
                raise RefusedStartError(exchange)
            await asyncio.sleep(1)

    async def attempt(
        self,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        task: str | None = None,
        query: Query = (),
        headers: Headers | None = None,
        token: str | None = OWN,
    ) -> Exchange:
        """Send a start that the target may refuse, as `start` does; abort the run that comes of it.

        Raises:
            NotExercisedError: as for `start`.
        """
        exchange = await self.start(body, task=task, query=query, headers=headers, token=token)
        run = (exchange.data or {}).get("id")
        if exchange.response and exchange.response.ok and isinstance(run, str):
            # What was seen counts, whatever comes of this; the clean-up tries again.
            with suppress(NoAnswerError, NotExercisedError):
                await self.api.abort(run)
        return exchange

    async def _probe(self, send: Callable[[], Awaitable[Exchange]]) -> Exchange:
        limits = self._session.start_limits
        async with limits.probing:
            if not self.probes:
                raise NotExercisedError("the runs that this check may start are used up")
            if self._accepted:
                raise NotExercisedError("a start of this check that was to be refused was accepted")
            if limits.probes_left < 1:
                raise NotExercisedError(
                    "starts that were to be refused were accepted, and cost too many runs already"
                )
            exchange = await self._counted(send)
            if not exchange.response or not exchange.response.started_nothing:
                self._accepted += 1
                limits.probes_left -= 1
            return exchange

    async def _counted(self, send: Callable[[], Awaitable[Exchange]]) -> Exchange:
        try:
            await self._session.budget.take_within(self.patience)
        except BudgetSpentError as error:
            raise NotExercisedError(str(error)) from None
        try:
            exchange = await send()
        except NotExercisedError:  # Throttled, or not sent at all.
            self._session.budget.give_back()
            raise
        if exchange.response is not None and exchange.response.started_nothing:
            self._session.budget.give_back()
        return exchange

    async def begin(
        self,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        task: str | None = None,
        query: Query = (),
        wait: float = 0.0,
    ) -> StartedRun:
        """Run task, and return the run once Get run finds it.

        Raises:
            NotExercisedError: no run was started, or it cannot be found.
        """
        self.api.require("getRun")
        async with self._session.start_limits.at_once:
            exchange = await self.start(body, task=task, query=query, wait=wait)
            data = exchange.data
            if not exchange.response or not exchange.response.ok or not data or not data.get("id"):
                raise RefusedStartError(exchange)
            run = StartedRun(str(data["id"]), exchange, data)
            found = await self.api.get(run.id)
            if not found.response or not found.response.ok:
                raise HiddenRunError(run, found)
            # The next start waits until this run works: starting is the hardest work for a target.
            deadline = self._session.now() + 1.0
            while status_of(found) == "READY" and self._session.now() < deadline:
                await asyncio.sleep(POLL)
                found = await self.api.get(run.id)
            return run
