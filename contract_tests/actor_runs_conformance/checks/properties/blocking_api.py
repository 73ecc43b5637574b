"""The suite's Api for the thread of the state machine: each call blocks until it is answered."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define, field

from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.ledger.promise import DOCUMENTED_ABORT, OWN_PATH_ABORT
from actor_runs_conformance.testkit.api import Api, NotExercisedError
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.starts import START_PATIENCE, Starts

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from concurrent.futures import Future

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.session import Session

T = TypeVar("T")
CHECK = "state_machine"
POLL = 0.1
RUN_SECONDS = 90
"""How long the machine's runs work: longer than the machine takes."""


class MachineStoppedError(Exception):
    """The target does not answer, no run may be started, or the machine was told to stop."""


@define
class BlockingApi:
    """Calls the target from a thread beside the event loop; starts at most `runs` runs.

    Every call raises `MachineStoppedError` once `stop` was called or the target did not answer.
    """

    session: Session
    loop: asyncio.AbstractEventLoop
    runs: int
    _api: Api = field(init=False, repr=False)
    _starts: Starts = field(init=False, repr=False)
    _stopped: bool = False
    _pending: Future[Any] | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        self._api = Api(self.session, CHECK, raw=True)
        self._starts = Starts(self._api, own=self.runs, patience=START_PATIENCE)

    def stop(self) -> None:
        """End the machine soon: the call that is under way, and every later one, fails."""
        self._stopped = True
        if self._pending is not None:
            self._pending.cancel()

    def start(self) -> Exchange:
        """Start a run that lasts."""
        body = {"durationSecs": RUN_SECONDS, "exitCode": 0}
        return self.count_case(self._wait(self._starts.start(body)))

    def get(self, run: str) -> Exchange:
        """Get run; no case is counted, as most of these calls are looks of a poll."""
        return self._wait(self._api.get(run))

    def update(self, run: str, message: str) -> Exchange:
        """Update run with a status message."""
        return self.count_case(self._wait(self._api.set_status_message(run, message)))

    def reboot(self, run: str) -> Exchange:
        """Reboot run."""
        return self.count_case(self._wait(self._api.reboot(run)))

    def abort(self, run: str, *, documented: bool) -> Exchange:
        """Abort run, at its documented address or at its own, where the target offers both."""
        session = self._api.session
        wanted = DOCUMENTED_ABORT if documented else OWN_PATH_ABORT
        address = wanted if session.offers(wanted) else session.abort_address
        return self.count_case(self._wait(self._api.abort(run, at=address)))

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

    def count_case(self, exchange: Exchange) -> Exchange:
        """Count an exchange as a generated case, and return it."""
        self.session.count_case(
            exchange, operation=exchange.operation, phase="stateful", mode="positive"
        )
        return exchange

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self._stopped:
            coroutine.close()
            raise MachineStoppedError("the machine was stopped")
        self._pending = pending = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return pending.result()
        except NoAnswerError as error:
            self._stopped = True
            raise MachineStoppedError(str(error)) from None
        except NotExercisedError as error:
            raise MachineStoppedError(str(error)) from None
        except (CancelledError, asyncio.CancelledError):
            raise MachineStoppedError("the machine was stopped") from None
