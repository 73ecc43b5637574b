"""What both clients are made of: their settings, and what a call and a wait go through.

A call is a coroutine, whichever client makes it, and each rule stands once. What a client adds is
how to sleep. The blocking one suspends nothing, so that its calls end with their first step, and
need no event loop.

Longer than 100 lines for promises: no start is sent twice, and a wait survives gateways that cut it
off, replicas that do not know the run yet, and broken answers.
"""

from __future__ import annotations

import abc
import collections
import copy
import math
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import attrs

from actor_runs_api import requests
from actor_runs_api.types import UNSET

from . import _arguments, errors
from ._arguments import check_setting, checked
from ._exchange import Exchange
from ._retries import PERHAPS_SEEN, UNSEEN, Retries, is_cut
from ._transports import Sender, sender

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Mapping

    from ._run import Run

    Parts = dict[str, Any]
    Wait = tuple[float, float] | None

# How much longer than its deadline a wait may take, so that the last answer can arrive.
GRACE_SECS = 5.0
# A run may be unknown for so long after it was started.
NOT_FOUND_GRACE_SECS = 3.0
NOT_FOUND_PAUSE_SECS = 0.25
# A server that does not wait is not asked more often than this.
SHORTEST_ROUND_SECS = 1.0
LONGEST_SLICE_SECS = float(_arguments.LONGEST_SERVER_WAIT_SECS)
# After so many slices that no gateway cut off, a longer one is tried again.
SLICES_UNTIL_LONGER = 10
# A wait survives so many answers in a row that break the contract.
MOST_BROKEN_ANSWERS = 2

# What a method returns, and a transport of httpx that fits.
R = TypeVar("R")
T = TypeVar("T")
# The last runs that were started here: server, run, and when that was.
started: collections.deque[tuple[tuple[str, str], float]] = collections.deque(maxlen=10_000)


@attrs.define(eq=False)
class Session(abc.ABC, Generic[R, T]):
    """Settings of a client, and how a call begins. Their meaning is described at `Client`."""

    _token: str | None = attrs.field(default=None, converter=_arguments.token, repr=False)
    base_url: str = attrs.field(default=None, kw_only=True, converter=_arguments.base_url)
    http_timeout_secs: float = attrs.field(default=30.0, kw_only=True, validator=check_setting)
    retries: Retries = attrs.field(factory=Retries, kw_only=True, validator=check_setting)
    headers: Mapping[str, str] = attrs.field(
        factory=dict, kw_only=True, repr=False, validator=check_setting
    )
    ca_file: str | None = attrs.field(default=None, kw_only=True, validator=check_setting)
    _transport: T | Sender | None = attrs.field(
        default=None, kw_only=True, repr=False, alias="transport"
    )
    _sender: Sender = attrs.field(init=False, repr=False)
    _blocks = True

    def __attrs_post_init__(self) -> None:
        """Connect to nothing yet."""
        self._sender = sender(self._transport, self.base_url, self.ca_file, blocks=self._blocks)

    @abc.abstractmethod
    def _begin(self, call: Coroutine[Any, Any, Run]) -> R:
        """Return what a method returns: the run of a call, or what to await for it."""

    @abc.abstractmethod
    async def _sleep(self, secs: float) -> None:
        """Let time pass."""

    @property
    def transport(self) -> Any:  # noqa: ANN401 - of httpx, or our own
        """What carries the requests. Another client may take it, and share its connections."""
        return getattr(self._sender, "transport", self._sender)

    def with_options(
        self,
        *,
        http_timeout_secs: float | None = None,
        retries: Retries | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Return a client with other settings, for as little as one call.

        It shares the connections of this one: closing either closes both. None keeps a setting.

        Raises:
            InvalidArgumentError: A setting is not acceptable.
        """
        other = copy.copy(self)
        options = {"http_timeout_secs": http_timeout_secs, "retries": retries, "headers": headers}
        for name, value in options.items():
            if value is not None:
                setattr(other, name, value)
        return other

    async def _call(
        self, parts: Parts, run_id: str | None, *, idempotent: bool = False, wait: Wait = None
    ) -> Run:
        """Send a request until there is a run.

        What the server was asked to wait uses up none of the time for attempts: a connection lost
        after a minute is no minute of failure.

        Args:
            parts: What the generated code made of the arguments.
            run_id: Which run the answer has to be about; None starts one.
            idempotent: Whether doing it twice has the effect of doing it once.
            wait: When the wait began that this is a part of, and when it ends, by
                `time.monotonic()`: no attempt begins later. It survives a broken answer, and asks
                the server to wait half as long when a gateway cuts it off.

        Raises:
            ExchangeError: There is no run, and no further attempt to be made.
        """
        waits_since, until = wait or (None, math.inf)
        deadline = time.monotonic() + self.retries.deadline_secs
        attempt = cuts = broken = 0
        while True:
            if self._sender.closed:
                raise errors.ClientStateError("this client is closed: make a new one")
            attempt += 1
            began = time.monotonic()
            wait_secs = parts.get("params", {}).get("waitForFinish", 0)
            left_secs = max(until - began, 0.0) + GRACE_SECS
            timeout_secs = min(self.http_timeout_secs + wait_secs, left_secs)
            exchange = Exchange.of(self, parts, run_id, timeout_secs)
            try:
                run = await exchange.attempt(self._sender, attempt)
            except errors.ExchangeError as error:
                ended = time.monotonic()
                deadline += min(ended - began, wait_secs)
                left_secs = min(deadline, until) - ended
                if waits_since is not None and wait_secs and is_cut(error):
                    cuts += 1
                    parts["params"]["waitForFinish"] = wait_secs / 2 if wait_secs > 1 else 0
                delay = self.retries.delay_secs(
                    error, max(attempt - cuts, 1), left_secs, idempotent=idempotent
                )
                if isinstance(error, errors.NotFoundError):
                    known_at = self._known_at(run_id, waits_since)
                    delay = NOT_FOUND_PAUSE_SECS if ended < min(known_at, until) else None
                elif isinstance(error, errors.AnswerError) and waits_since is not None:
                    broken += 1
                    if broken <= MOST_BROKEN_ANSWERS and self.retries.first_delay_secs <= left_secs:
                        delay = self.retries.first_delay_secs
                if delay is None:
                    raise
            else:
                if run_id is None:
                    started.append(((self.base_url, run.id), time.monotonic()))
                return run
            await self._sleep(delay)

    def _known_at(self, run_id: str | None, waits_since: float | None) -> float:
        """Return when a run is known everywhere, if it was started here or is waited for."""
        since = (dict(started.copy()).get((self.base_url, run_id or "")), waits_since)
        return max(each or -math.inf for each in since) + NOT_FOUND_GRACE_SECS

    async def _looks(
        self, run_id: str, deadline_secs: float, longest_secs: float = LONGEST_SLICE_SECS
    ) -> AsyncGenerator[Run]:
        """Ask for a run, slice by slice, until it ends or time runs out."""
        began = started = time.monotonic()
        until, slice_secs, served = started + deadline_secs, longest_secs, 0
        last: Run | None = None
        while True:
            secs = round(min(max(until - began, 0.0), slice_secs), 3)
            parts = requests.get_run(run_id, wait_for_finish=secs or UNSET)
            try:
                last = await self._call(parts, run_id, idempotent=True, wait=(started, until))
            except UNSEEN + PERHAPS_SEEN:
                # Retries would have outlasted the deadline: a timeout, not an error.
                if last and until <= time.monotonic() + self.retries.deadline_secs:
                    return
                raise
            yield last
            if last.ended or time.monotonic() >= until:
                return
            served += 1
            if secs and parts["params"]["waitForFinish"] < secs:
                slice_secs, served = parts["params"]["waitForFinish"], 0
            elif served % SLICES_UNTIL_LONGER == 0:
                slice_secs = min(max(slice_secs * 2, 1.0), longest_secs)
            pause = min(began + SHORTEST_ROUND_SECS, until) - time.monotonic()
            await self._sleep(max(pause, 0.0))
            began = time.monotonic()

    async def _wait(self, run_id: str, deadline_secs: float) -> Run:
        """Return a run when it has ended or time has run out."""
        return [run async for run in self._looks(run_id, deadline_secs)][-1]

    async def _start_and_wait(self, start: Coroutine[Any, Any, Run], deadline_secs: float) -> Run:
        """Start a run and wait for it. Whatever goes wrong then says which run goes on."""
        run = await start
        try:
            run = await self._wait(run.id, deadline_secs)
        except errors.ExchangeError as error:
            error.run_id = run.id
            raise
        if not run.ended:
            raise errors.StillRunningError(run)
        return run

    async def _watch(
        self, run_id: str, every_secs: float, deadline_secs: float | None
    ) -> AsyncGenerator[Run]:
        """Yield a run as it is, and again whenever its status or message has changed."""
        secs = checked("every_secs", every_secs)
        looks = self._looks(checked("run_id", run_id), _arguments.deadline(deadline_secs), secs)
        seen = None
        async with aclosing(looks):
            async for run in looks:
                if seen != (run.status, run.status_message):
                    seen = run.status, run.status_message
                    yield run
