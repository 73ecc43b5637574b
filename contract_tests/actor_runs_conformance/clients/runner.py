"""Runs situations against a driver: each with a stand-in, a port and a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from actor_runs_conformance.clients.driver import Driver, Kind, Reply
from actor_runs_conformance.clients.situation import (
    AstrayError,
    BrokenOffError,
    NotReachedError,
    Seen,
    Verdicts,
)
from actor_runs_conformance.clients.stand_in import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence

    from actor_runs_conformance.clients.situation import Situation
    from actor_runs_conformance.http.exchange import Exchange

TOKEN = "apify_api_A7kQ2vX9mB4nR8sT1wZ6"  # noqa: S105 - a made-up one, the same in all situations
STARTING_AT_ONCE = 4
"""Drivers that are being started at once: more would make a slow client look impatient."""


@frozen
class Sink:
    """Where what comes of a situation goes.

    Attributes:
        observe: takes each exchange and returns it numbered.
        add: takes what a situation says of a promise.
        skip: takes a promise that a situation did not come to, with the reason and, as `because`,
            the promise that is to blame.
        fail: takes the promises of a situation that failed itself, with the reason.
        clock: returns the seconds since the check of the client began.
    """

    observe: Callable[[Exchange], Exchange]
    add: Callable[..., None]
    skip: Callable[..., None]
    fail: Callable[[str, str, str], None]
    clock: Callable[[], float]


async def run_all(
    situations: Iterable[tuple[Situation, Collection[str]]], command: Sequence[str], sink: Sink
) -> None:
    """Run situations, the longest first, each with the promises that it is to judge."""
    gate = asyncio.Semaphore(STARTING_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        for situation, promises in sorted(situations, key=lambda pair: -pair[0].within):
            group.create_task(_run(situation, promises, command, sink, gate))


async def _run(
    situation: Situation,
    promises: Collection[str],
    command: Sequence[str],
    sink: Sink,
    gate: asyncio.Semaphore,
) -> None:
    try:
        seen, fault = await play(situation, command, gate, sink.clock)
    except OSError as error:
        fault = f"the driver cannot be started: {error}"
        for promise in promises:
            sink.skip(promise, situation.name, fault)
        return
    seen = Seen(
        seen.replies,
        seen.requests,
        tuple(sink.observe(evolve(one, check=situation.name)) for one in seen.exchanges),
        seen.stderr,
        seen.token,
    )
    if fault is not None:
        for promise in promises:
            sink.fail(promise, situation.name, fault)
        return
    _judge(situation, promises, seen, sink)


def _judge(situation: Situation, promises: Collection[str], seen: Seen, sink: Sink) -> None:
    reason, because = "the situation did not come to this", None
    verdicts = Verdicts(partial(_add, situation.name, sink), promises, seen)
    try:
        situation.judge(seen, verdicts)
    except AstrayError as error:
        reason, because = str(error), error.because
        verdicts.astray(error)
    except BrokenOffError as error:
        reason = str(error)
        verdicts.broke_off(error)
    except NotReachedError as error:
        reason, because = str(error), error.because
    except Exception:  # noqa: BLE001 - a fault of the suite is an error, never a verdict
        for promise in set(promises) - verdicts.judged:
            sink.fail(promise, situation.name, traceback.format_exc(limit=4))
        return
    for promise in promises:
        if promise not in verdicts.judged:
            sink.skip(promise, situation.name, reason, because=because)


def _add(name: str, sink: Sink, promise: str, *exchanges: Exchange, **what: object) -> None:
    sink.add(promise, name, *exchanges, **what)


async def play(
    situation: Situation,
    command: Sequence[str],
    gate: asyncio.Semaphore,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Seen, str | None]:
    """Bring a situation about; return what was seen, and what was wrong with the situation itself.

    The driver passes the gate until its first request or reply: from then on it mostly waits,
    which costs nothing.

    Raises:
        OSError: the driver cannot be started.
    """
    replies: list[Reply] = []
    async with StandIn(situation.script(), clock) as stand_in:
        driver = Driver(command)
        async with _passing(gate) as passed:
            stand_in.on_request = passed
            async with driver:
                for told in situation.commands:
                    whole = {"base_url": stand_in.url, "token": TOKEN, **told}
                    replies.append(await driver.ask(whole, within=situation.within))
                    passed()
                    if replies[-1].kind is Kind.HUNG:
                        break
    missing = len(situation.commands) - len(replies)
    replies += [replies[-1]] * missing
    seen = Seen(
        tuple(replies),
        tuple(stand_in.requests[: len(stand_in.exchanges)]),
        tuple(stand_in.exchanges),
        driver.stderr.decode("utf-8", "replace"),
        TOKEN,
    )
    return seen, stand_in.fault


@contextlib.asynccontextmanager
async def _passing(gate: asyncio.Semaphore) -> AsyncIterator[Callable[[], None]]:
    """Enter a gate, and leave it when the function that is returned is called, or at the end."""
    await gate.acquire()
    inside = [gate]

    def passed() -> None:
        if inside:
            inside.pop().release()

    try:
        yield passed
    finally:
        passed()
