"""What a scenario works with: the six operations in one line each, shared runs, and judgements.

A scenario ends early by `UnreachableError`: the promises it has not judged are then
`not_exercised`, with that reason. A run that was just started may be unknown to a replica for 3 s;
the stage asks again meanwhile.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attrs import define, field, frozen

from actor_runs_conformance.budget import BudgetSpentError
from actor_runs_conformance.runs import TERMINAL
from actor_runs_conformance.story import LAG
from actor_runs_conformance.wire import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from actor_runs_conformance.cast import Cast
    from actor_runs_conformance.context import Context
    from actor_runs_conformance.exchange import Exchange, Headers
    from actor_runs_conformance.registry import Check
    from actor_runs_conformance.wire import Query

JSON: Headers = (("content-type", "application/json"),)
POLL = 0.25
OWN = "own"
"""Stands for the user's token; pass None for no token, or another string for another one."""


class UnreachableError(Exception):
    """A scenario could not reach what it judges; the message says why."""


class ThrottledError(UnreachableError):
    """A request was answered 429 each time that it was sent: that says nothing of any promise."""


class RefusedStartError(UnreachableError):
    """A start was refused; `exchange` is the refusal."""

    def __init__(self, exchange: Exchange) -> None:
        """Say how it was refused."""
        super().__init__(f"no run could be started: {summary(exchange)}")
        self.exchange = exchange

    @property
    def blames_request(self) -> bool:
        """Whether the target says that the request is wrong, rather than caller or account."""
        return self.exchange.status in {400, 403, 404, 413, 415, 422}


class HiddenRunError(UnreachableError):
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
class Stage:
    """The stage of one scenario."""

    context: Context
    cast: Cast
    check: Check
    _judged: set[str] = field(factory=set)
    _own: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Have the starts that the check says it makes."""
        self._own = self.check.runs

    # -- Judging ------------------------------------------------------------------------------

    def judge(
        self,
        promise: str,
        *exchanges: Exchange,
        kept: bool,
        message: str,
        expected: Any = None,  # noqa: ANN401 - any JSON value
        observed: Any = None,  # noqa: ANN401
    ) -> bool:
        """Judge a promise by these exchanges, the last one to be reproduced; return `kept`.

        `message` says what is wrong when it is not kept.
        """
        if self._heard(promise):
            told = not kept or self.level(promise) == "open"
            self.context.board.judge(
                promise,
                self.check.name,
                *exchanges,
                kept=kept,
                message=message if told else None,
                expected=expected if told else None,
                observed=observed if told else None,
            )
        return kept

    def refusal(
        self,
        promise: str,
        probe: Exchange,
        control: Exchange,
        *,
        what: str,
        statuses: Collection[int] = range(400, 500),
    ) -> bool:
        """Judge that a request is refused, beside the same request made right; return if it is.

        `what` says what is wrong with the probe. Without an accepted control nothing is judged: a
        server that refuses everything keeps no promise.
        """
        if control.response is None or not control.response.ok:
            self.unreached(
                promise, f"the same request made right was not accepted either: {summary(control)}"
            )
            return False
        wanted = "4xx" if len(statuses) > 10 else " or ".join(map(str, sorted(statuses)))
        return self.judge(
            promise,
            control,
            probe,
            kept=probe.status in statuses,
            message=f"{what} is answered {summary(probe)}.",
            expected=wanted,
            observed=summary(probe),
        )

    def _heard(self, promise: str) -> bool:
        """Mark a promise as judged; return whether the user asked for it."""
        if promise not in self.check.promises:
            raise LookupError(f"{self.check.name} does not say that it judges {promise}")
        self._judged.add(promise)
        return promise in self.context.selected

    def note(self, promise: str, *exchanges: Exchange, message: str, observed: Any = None) -> None:  # noqa: ANN401
        """Say what the target does where the documents leave it free."""
        if self._heard(promise):
            self.context.board.note(
                promise, self.check.name, *exchanges, message=message, observed=observed
            )

    def unreached(self, promise: str, reason: str) -> None:
        """Say that one promise of this scenario could not be judged."""
        if self._heard(promise):
            self.context.board.unreached(promise, self.check.name, reason)

    def level(self, promise: str) -> str:
        """Return the level of a promise."""
        return self.context.ledger[promise].level

    @property
    def remaining(self) -> list[str]:
        """The promises of this scenario that it has not judged."""
        wanted = (one for one in self.check.promises if one in self.context.selected)
        return [one for one in wanted if one not in self._judged]

    def slack(self, seconds: float = 0.0) -> float:
        """Return by how many seconds an answer may be late on this target."""
        return self.context.slack(seconds)

    def now(self) -> float:
        """Return the seconds since the check of the target began."""
        return self.context.log.now()

    def waiting(self, what: str, seconds: float, operation: str | None = None) -> None:
        """Tell whoever watches what is waited for, and for how long at most."""
        self.context.log.write(
            "waiting",
            check=self.check.name,
            operation=operation,
            until=round(self.now() + seconds, 1),
            **{"for": what},
        )

    # -- Sending ------------------------------------------------------------------------------

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        headers: Headers = (),
        body: bytes | None = None,
        token: str | None = OWN,
        operation: str | None = None,
        run: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - of the exchange, not of this coroutine
    ) -> Exchange:
        """Send any request; `path` begins with `/v2`.

        Raises:
            UnreachableError: the target file leaves the operation out.
            ThrottledError: the answer was 429, after every back-off too.
            NoAnswerError: there was no HTTP answer.
        """
        left_out = self.cast.left_out.get(operation or "")
        if left_out is not None:
            raise UnreachableError(f"{operation} is left out: {left_out}")
        message = Message(
            method,
            path,
            query,
            headers,
            body,
            self.context.target.token if token == OWN else token,
            operation,
            run,
            timeout or 10.0 + self.slack(),
        )
        while True:
            exchange = await self.context.wire.send(message, check=self.check.name)
            if exchange.status == 429:
                raise ThrottledError(f"the target throttles ({summary(exchange)})")
            if exchange.status != 404 or not self.fresh(run):
                return exchange
            await asyncio.sleep(POLL)

    def fresh(self, run: str | None) -> bool:
        """Whether a run was started so recently that a replica may not know it yet."""
        age = self.context.runs.age(run) if run else None
        return age is not None and age < LAG + self.slack()

    async def get(
        self,
        run: str,
        *,
        wait: float | str | None = None,
        token: str | None = OWN,
        query: Query = (),
        headers: Headers = (),
    ) -> Exchange:
        """Get run, waiting up to `wait` seconds for it to finish when that is given."""
        if wait is not None:
            query = (("waitForFinish", f"{wait:g}" if not isinstance(wait, str) else wait), *query)
        seconds = wait if isinstance(wait, int | float) else 0
        return await self.send(
            "GET",
            f"/v2/actor-runs/{quote(run, safe='')}",
            query=query,
            headers=headers,
            token=token,
            operation="getRun",
            run=run,
            timeout=min(seconds, 60) + 10 + self.slack(seconds),
        )

    async def hang_up(self, run: str, *, wait: float, after: float) -> Exchange:
        """Ask Get run to wait, and hang up after this many seconds."""
        message = Message(
            "GET",
            f"/v2/actor-runs/{quote(run, safe='')}",
            (("waitForFinish", f"{wait:g}"),),
            token=self.context.target.token,
            operation="getRun",
            run=run,
            timeout=after,
        )
        return await self.context.wire.once(message, check=self.check.name)

    async def put(
        self,
        run: str,
        body: Mapping[str, Any] | bytes | None,
        *,
        token: str | None = OWN,
        headers: Headers = JSON,
        query: Query = (),
    ) -> Exchange:
        """Update run with this body: an object is sent as JSON, bytes as they are."""
        return await self.send(
            "PUT",
            f"/v2/actor-runs/{quote(run, safe='')}",
            query=query,
            headers=headers,
            body=encode(body),
            token=token,
            operation="updateRun",
            run=run,
        )

    async def say(self, run: str, message: str, *, terminal: bool | None = None) -> Exchange:
        """Update run with a status message, the way that the documents say."""
        body: dict[str, Any] = {"runId": run, "statusMessage": message}
        if terminal is not None:
            body["isStatusMessageTerminal"] = terminal
        return await self.put(run, body)

    async def abort(
        self,
        run: str,
        *,
        gracefully: str | None = None,
        actor: str | None = None,
        prefix: str = "acts",
        token: str | None = OWN,
        query: Query = (),
    ) -> Exchange:
        """Abort run; by its deprecated twin when `actor` is given."""
        if gracefully is not None:
            query = (("gracefully", gracefully), *query)
        path = f"/v2/actor-runs/{quote(run, safe='')}/abort"
        if actor is not None:
            path = f"/v2/{prefix}/{quote(actor, safe='~')}/runs/{quote(run, safe='')}/abort"
        self.context.runs.aborted_by.setdefault(run, "abort")
        return await self.send(
            "POST",
            path,
            query=query,
            token=token,
            operation="abortRun" if actor is None else "abortActorRun",
            run=run,
        )

    async def reboot(
        self, run: str, *, token: str | None = OWN, query: Query = (), body: bytes | None = None
    ) -> Exchange:
        """Reboot run."""
        return await self.send(
            "POST",
            f"/v2/actor-runs/{quote(run, safe='')}/reboot",
            query=query,
            body=body,
            token=token,
            operation="rebootRun",
            run=run,
        )

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
        task = task or self.context.target.task
        if task is None:
            raise UnreachableError("needs --task")
        if headers is None:
            headers = JSON if body is not None else ()
        if wait:
            query = (("waitForFinish", f"{wait:g}"), *query)
        sending = partial(self._started, task, query, headers, encode(body), token, wait)
        if self._own > 0:
            self._own -= 1
            exchange = await sending()
            self._own += bool(exchange.response and exchange.response.started_nothing)
            return exchange
        if not self.check.probes:
            raise UnreachableError("the runs that this check may start are used up")
        async with self.cast.probing:
            if self.cast.probes < 1:
                raise UnreachableError(
                    "starts that were to be refused were accepted, and cost too many runs already"
                )
            exchange = await sending()
            if not exchange.response or not exchange.response.started_nothing:
                self.cast.probes -= 1
            return exchange

    async def _started(
        self,
        task: str,
        query: Query,
        headers: Headers,
        body: bytes | None,
        token: str | None,
        wait: float,
    ) -> Exchange:
        try:
            self.context.budget.take()
        except BudgetSpentError as error:
            raise UnreachableError(str(error)) from None
        try:
            exchange = await self.send(
                "POST",
                f"/v2/actor-tasks/{quote(task, safe='~')}/runs",
                query=query,
                headers=headers,
                body=body,
                token=token,
                operation="runTask",
                timeout=min(wait, 60) + 15 + self.slack(wait),
            )
        except ThrottledError:
            self.context.budget.give_back()
            raise
        if exchange.response is not None and exchange.response.started_nothing:
            self.context.budget.give_back()
        return exchange

    async def begin(
        self,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        task: str | None = None,
        query: Query = (),
        headers: Headers | None = None,
        wait: float = 0.0,
        token: str | None = OWN,
    ) -> StartedRun:
        """Run task, and go on only with a run that Get run knows.

        Raises:
            UnreachableError: no run was started, or it cannot be found.
        """
        async with self.cast.starting:
            return await self._begin(body, task, query, headers, wait, token)

    async def _begin(
        self,
        body: Mapping[str, Any] | bytes | None,
        task: str | None,
        query: Query,
        headers: Headers | None,
        wait: float,
        token: str | None,
    ) -> StartedRun:
        exchange = await self.start(
            body, task=task, query=query, headers=headers, wait=wait, token=token
        )
        data = exchange.data
        if not exchange.response or not exchange.response.ok or data is None or not data.get("id"):
            raise RefusedStartError(exchange)
        run = StartedRun(str(data["id"]), exchange, data)
        found = await self.get(run.id)
        if not found.response or not found.response.ok:
            raise HiddenRunError(run, found)
        # Whoever starts next waits a moment for this one: starting is what costs a target most.
        patience = self.now() + 1.0
        while status_of(found) == "READY" and self.now() < patience:
            await asyncio.sleep(POLL)
            found = await self.get(run.id)
        return run

    # -- Waiting ------------------------------------------------------------------------------

    async def until(
        self,
        run: str,
        holds: Callable[[Mapping[str, Any]], bool],
        what: str,
        *,
        within: float,
        every: float = POLL,
    ) -> Exchange:
        """Poll Get run until its answer holds, and return the last exchange, held or not.

        `within` is in seconds; the slack of this target is added to it.
        """
        limit = within + self.slack(within)
        deadline = self.now() + limit
        if limit > 3:
            self.waiting(what, limit, "getRun")
        while True:
            exchange = await self.get(run)
            if exchange.data is not None and holds(exchange.data):
                return exchange
            if self.now() >= deadline or not (exchange.response and exchange.response.ok):
                return exchange
            await asyncio.sleep(every)

    async def until_status(self, run: str, *statuses: str, within: float) -> Exchange:
        """Poll Get run until the run has one of these statuses, and return the last exchange."""
        return await self.until(
            run, lambda data: data.get("status") in statuses, " or ".join(statuses), within=within
        )

    async def until_finished(self, run: str, *, within: float) -> Exchange:
        """Poll Get run until the run has ended.

        Raises:
            UnreachableError: it has not ended in time.
        """
        last = await self.until(
            run, lambda data: data.get("status") in TERMINAL, "the run to end", within=within
        )
        if status_of(last) not in TERMINAL:
            raise UnreachableError(
                f"the run did not end within {within + self.slack(within):.1f} s: {summary(last)}"
            )
        return last

    async def until_running(self, run: str, *, within: float = 15.0) -> Exchange:
        """Poll Get run until the run is RUNNING.

        Raises:
            UnreachableError: it is not, in time.
        """
        last = await self.until(
            run,
            lambda data: data.get("status") == "RUNNING" or data.get("status") in TERMINAL,
            "RUNNING",
            within=within,
            every=0.1,
        )
        if status_of(last) != "RUNNING":
            raise UnreachableError(f"the run was not seen RUNNING: {summary(last)}")
        return last

    async def replicas(self) -> None:
        """Wait until no replica can be behind what was answered just now."""
        await asyncio.sleep(LAG + min(self.context.latency, 2.0))


def encode(body: Mapping[str, Any] | bytes | None) -> bytes | None:
    """Return the bytes of a body: JSON for an object, itself for bytes."""
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body, separators=(",", ":")).encode()


def status_of(exchange: Exchange) -> str | None:
    """Return the run's status that an answer shows; None when it shows none."""
    status = exchange.data.get("status") if exchange.data is not None else None
    return status if isinstance(status, str) else None


def summary(exchange: Exchange) -> str:
    """Return what an exchange came to, in a few words: status, error type or run status."""
    response = exchange.response
    if response is None:
        return str(exchange.error)
    if response.error_type:
        return f"{response.status} {response.error_type}"
    if status_of(exchange):
        return f"{response.status}, run {status_of(exchange)}"
    body = response.body[:60].decode("utf-8", "replace")
    return f"{response.status} {body!r}"
