"""Calls the target: a method for each operation, and for waiting until a run is as expected.

A replica may not know a new run for 3 s: calls that are answered 404 are repeated that long.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from attrs import define

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import JSON, call, run_actor
from actor_runs_conformance.http.transport import ApiRequest
from actor_runs_conformance.ledger.promise import DOCUMENTED_ABORT, OWN_PATH_ABORT
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended, runs_or_ended
from actor_runs_conformance.testkit.history import LAG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from actor_runs_conformance.http.exchange import Exchange, Headers
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.session import Session

POLL = 0.25
LOOK = 3.0
"""Seconds that the answer may take to a request for what a target need not serve."""
GRACE = 30.0
"""Seconds that a run has to end by itself after a graceful abort."""
OWN = "own"
"""Stands for the user's token. None sends no token, any other string is sent as the token."""


class NotExercisedError(Exception):
    """A scenario could not reach what it judges; the message says why.

    `because` is what is to blame, where that is known: the id of a promise, or a cause of the ledger.
    """

    def __init__(self, reason: str, *, because: str | None = None) -> None:
        super().__init__(reason)
        self.because = because


class ThrottledError(NotExercisedError):
    """A request was answered 429 each time that it was sent, which says nothing of a promise."""


@define
class Api:
    """Calls the target for a check, whose name the log shows beside each exchange.

    With `raw` every answer is returned as it comes: 429, and 404 of a run that was just started;
    and operations that the target file leaves out are called too.
    """

    session: Session
    check: str
    raw: bool = False

    def announce_wait(self, what: str, seconds: float, operation: str | None = None) -> None:
        """Show the user what is waited for, and for how long at most."""
        self.session.log.write(
            "waiting",
            check=self.check,
            operation=operation,
            until=round(self.session.now() + seconds, 1),
            **{"for": what},
        )

    def timeout_for(self, wait: float = 0.0, *, least: float = 10.0) -> float:
        """Return how many seconds to wait for the answer to a request that waits for `wait` seconds."""
        return min(wait, 60) + least + self.session.tolerance(wait)

    # -- Sending ------------------------------------------------------------------------------

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        headers: Headers = (),
        token: str | None = OWN,
        operation: str | None = None,
    ) -> Exchange:
        """Send a request that the operations have no method for; `path` begins with `/v2`.

        Raises:
            ThrottledError: the answer was 429, after every back-off too.
            NoAnswerError: there was no HTTP answer.
        """
        return await self._send(
            ApiRequest(
                method,
                path,
                query,
                headers,
                token=self._token(token),
                operation=operation,
                timeout=self.timeout_for(),
            )
        )

    async def look(
        self, method: str, path: str, *, headers: Headers = (), body: bytes | None = None
    ) -> Exchange:
        """Ask for what a target need not serve: no answer in time, or 429, is an exchange as well."""
        token, timeout = self._token(OWN), LOOK + self.session.tolerance()
        request = ApiRequest(method, path, (), headers, body, token, timeout=timeout)
        return await self.session.transport.once(request, check=self.check)

    async def call(
        self,
        operation: str,
        *,
        run: str | None = None,
        actor: str | None = None,
        task: str | None = None,
        query: Query = (),
        headers: Headers = (),
        body: Mapping[str, Any] | bytes | None = None,
        token: str | None = OWN,
        timeout: float | None = None,  # noqa: ASYNC109 - of the exchange
    ) -> Exchange:
        """Call an operation: an object is sent as JSON, bytes as they are.

        Raises:
            NotExercisedError: the target does not offer the operation, or its file leaves it out.
            ThrottledError: the answer was 429, after every back-off too.
            NoAnswerError: there was no HTTP answer.
        """
        if not self.raw:
            self.require(operation)
        return await self._send(
            call(
                operation,
                run=run,
                actor=actor,
                task=task,
                query=query,
                headers=headers,
                body=body,
                token=self._token(token),
                timeout=self.timeout_for() if timeout is None else timeout,
            )
        )

    async def start(self, *, task: str | None, **request: JsonValue) -> Exchange:
        """Run task; where the target has no tasks, its Actor is run instead, for set-up alone.

        Takes what `call` takes, and raises what it raises.
        """
        actor = self.session.target.actor
        if task is not None or actor is None:
            return await self.call("runTask", task=task, **request)
        request["token"] = self._token(request.get("token", OWN))
        return await self._send(run_actor(actor, **request))

    def require(self, operation: str) -> None:
        """Go on only where the target offers an operation, as far as is known.

        Raises:
            NotExercisedError: it does not, or its target file leaves it out.
        """
        left_out = self.session.unsupported.get(operation)
        if left_out is not None:
            raise NotExercisedError(f"{operation} is left out: {left_out}")
        absent = self.session.absent.get(operation)
        if absent is not None:
            raise NotExercisedError(absent, because=self.session.blamed_for(operation))

    def _token(self, token: str | None) -> str | None:
        return self.session.target.token if token == OWN else token

    async def _send(self, request: ApiRequest) -> Exchange:
        while True:
            exchange = await self.session.transport.send(request, check=self.check)
            if self.raw:
                return exchange
            if exchange.status == 429:
                raise ThrottledError(f"the target throttles ({summary(exchange)})")
            if exchange.status != 404 or not self.fresh(request.run):
                return exchange
            await asyncio.sleep(POLL)

    def fresh(self, run: str | None) -> bool:
        """Whether a run is so new that a replica may not know it yet."""
        age = self.session.runs.age(run) if run else None
        return age is not None and age < LAG + self.session.tolerance()

    async def get(
        self,
        run: str,
        *,
        wait: float | str | None = None,
        token: str | None = OWN,
        query: Query = (),
    ) -> Exchange:
        """Get run; with `wait` as waitForFinish when that is given."""
        if wait is not None:
            query = (("waitForFinish", f"{wait:g}" if not isinstance(wait, str) else wait), *query)
        seconds = wait if isinstance(wait, int | float) else 0
        return await self.call(
            "getRun", run=run, query=query, token=token, timeout=self.timeout_for(seconds)
        )

    async def get_and_hang_up(self, run: str, *, wait: float, after: float) -> Exchange:
        """Ask Get run to wait, and close the connection after this many seconds."""
        query = (("waitForFinish", f"{wait:g}"),)
        message = call("getRun", run=run, query=query, token=self._token(OWN), timeout=after)
        return await self.session.transport.once(message, check=self.check)

    async def update(
        self,
        run: str,
        body: Mapping[str, Any] | bytes | None,
        *,
        token: str | None = OWN,
        headers: Headers = JSON,
        query: Query = (),
    ) -> Exchange:
        """Update run with this body."""
        return await self.call(
            "updateRun", run=run, query=query, headers=headers, body=body, token=token
        )

    async def set_status_message(
        self, run: str, message: str, *, terminal: bool | None = None
    ) -> Exchange:
        """Update run with a status message, as the documents describe."""
        body: dict[str, Any] = {"runId": run, "statusMessage": message}
        if terminal is not None:
            body["isStatusMessageTerminal"] = terminal
        return await self.update(run, body)

    async def abort(
        self,
        run: str,
        *,
        gracefully: str | None = None,
        actor: str | None = None,
        at: str | None = None,
        token: str | None = OWN,
        query: Query = (),
        headers: Headers = (),
        body: bytes | None = None,
    ) -> Exchange:
        """Abort a run at the address where the abort is judged on this target.

        `actor` names the Actor of the documented address; `at` is the operationId of another one.
        A graceful abort may be answered when the run has ended: its answer is waited for that long.
        """
        if gracefully is not None:
            query = (("gracefully", gracefully), *query)
        self.session.runs.aborted_by.setdefault(run, "abort")
        documented = DOCUMENTED_ABORT if actor is not None else self.session.abort_address
        operation = at or documented
        if operation == DOCUMENTED_ABORT:
            actor = actor or self.session.runs.actor(run)
            # Without its Actor's id a run cannot be named there.
            operation = operation if actor else OWN_PATH_ABORT
        if operation == OWN_PATH_ABORT:
            actor = None
        return await self.call(
            operation,
            run=run,
            actor=actor,
            query=query,
            headers=headers,
            body=body,
            token=token,
            timeout=self.timeout_for(0.0 if gracefully in {None, "false"} else GRACE),
        )

    async def reboot(
        self, run: str, *, token: str | None = OWN, query: Query = (), body: bytes | None = None
    ) -> Exchange:
        """Reboot run."""
        return await self.call("rebootRun", run=run, query=query, body=body, token=token)

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
        """Poll Get run until `holds` accepts its answer, and return the last exchange in any case.

        `within` is in seconds; the tolerance for this target is added. An answer that is not 2xx
        ends the polling.
        """
        limit = within + self.session.tolerance(within)
        deadline = self.session.now() + limit
        if limit > 3:
            self.announce_wait(what, limit, "getRun")
        while True:
            exchange = await self.get(run)
            if exchange.data is not None and holds(exchange.data):
                return exchange
            if self.session.now() >= deadline or not (exchange.response and exchange.response.ok):
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
            NotExercisedError: it has not ended in time, or could not be read.
        """
        last = await self.until(run, has_ended, "the run to end", within=within)
        if last.response is not None and not last.response.ok:
            raise NotExercisedError(f"the run could not be read until its end: {summary(last)}")
        if status_of(last) not in TERMINAL:
            raise NotExercisedError(
                f"the run did not end within {within + self.session.tolerance(within):.1f} s: {summary(last)}"
            )
        return last

    async def until_running(self, run: str, *, within: float = 15.0) -> Exchange:
        """Poll Get run until the run is RUNNING.

        Raises:
            NotExercisedError: it is not, in time.
        """
        last = await self.until(run, runs_or_ended, "RUNNING", within=within, every=0.1)
        if status_of(last) != "RUNNING":
            raise NotExercisedError(f"the run was not seen RUNNING: {summary(last)}")
        return last

    async def wait_for_replicas(self) -> None:
        """Wait until every replica must know what was answered just now."""
        await asyncio.sleep(LAG + min(self.session.latency, 2.0))
