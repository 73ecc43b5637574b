"""The runs that several scenarios share, each started when it is first needed.

A fixture says what to start and what to wait for. Sharing keeps a check of a target cheap: a dozen
scenarios can judge the same finished run.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL
from actor_runs_conformance.testkit.api import Api, NotExercisedError
from actor_runs_conformance.testkit.starts import StartedRun, Starts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.testkit.session import Session


@frozen
class RunFixture:
    """How to start a shared run.

    `does` describes the run in messages. `task` is the option that replaces `--task` where the
    fixture Actor is not hosted. `ends` is after how many seconds the run ends; None when it is not
    waited for.
    """

    does: str
    body: Mapping[str, Any]
    query: Query = ()
    task: str | None = None
    ends: float | None = None


FIXTURES: Mapping[str, RunFixture] = {
    "first": RunFixture(
        "works for a second and exits 0", {"durationSecs": 1, "exitCode": 0}, (), "short_task"
    ),
    # The same request as the first: a start is not idempotent.
    "second": RunFixture(
        "works for a second and exits 0",
        {"durationSecs": 1, "exitCode": 0},
        (),
        "short_task",
        1,
    ),
    "failed": RunFixture(
        "exits 7 at once",
        {"durationSecs": 0.5, "exitCode": 7},
        (("restartOnError", "false"),),
        ends=1,
    ),
    "timed_out": RunFixture(
        "works longer than its timeout of 2 s",
        {"durationSecs": 60, "onAbort": "ignore"},
        (("timeout", "2"),),
        ends=2,
    ),
    "live": RunFixture("works for 120 s", {"durationSecs": 120, "exitCode": 0}, (), "long_task"),
    # Takes the updates, and nothing else that could end it. Started as `live`, which still works.
    "updated": RunFixture("works for 120 s", {"durationSecs": 120, "exitCode": 0}, (), "long_task"),
    "generated": RunFixture(
        "works for 120 s", {"durationSecs": 120, "exitCode": 0}, (), "long_task"
    ),
}


@define
class Fixtures:
    """The shared runs by name."""

    session: Session
    planned: frozenset[str] = frozenset(FIXTURES)
    started: dict[str, StartedRun] = field(factory=dict)
    refused_start: Exchange | None = None  # The answer to the first start, if no run came of it.
    _tasks: dict[str, asyncio.Task[StartedRun]] = field(factory=dict)
    _locks: dict[str, asyncio.Lock] = field(factory=dict)

    async def get(self, name: str) -> StartedRun:
        """Return a shared run in the state that its fixture describes; start it when it is needed.

        Raises:
            NotExercisedError: it could not be started, or did not get into that state.
        """
        if name not in self._tasks:
            made = self.finished() if name == "finished" else self._start(name)
            self._tasks[name] = asyncio.create_task(made)
        return await asyncio.shield(self._tasks[name])

    async def finished(self) -> StartedRun:
        """Return a run that has ended: the first one, or the one that the user named to read.

        Raises:
            NotExercisedError: there is none, or it has not ended.
        """
        api = self.starts("finished").api
        if self.session.target.run is not None:
            found = await api.get(self.session.target.run)
            if status_of(found) not in TERMINAL or found.data is None:
                raise NotExercisedError(f"the run to read has not ended: {summary(found)}")
            return StartedRun(self.session.target.run, found, found.data)
        run = await self.get("first")
        await api.until_finished(run.id, within=20 if self.session.target.controlled else 120)
        return run

    async def provide(
        self, name: str, start: Callable[[Starts], Awaitable[StartedRun]]
    ) -> StartedRun:
        """Start a shared run by a function instead of its fixture, unless it was started already."""
        if name not in self._tasks:

            async def run() -> StartedRun:
                return await start(self.starts(name))

            self._tasks[name] = asyncio.create_task(run())
        return await asyncio.shield(self._tasks[name])

    def give_up(self, name: str, reason: str, *, because: str | None) -> None:
        """Let nobody have a shared run, for a reason, and say what is to blame."""

        async def fail() -> StartedRun:
            raise NotExercisedError(reason, because=because)

        self.refused_start = None
        self._tasks[name] = asyncio.create_task(fail())

    def close(self) -> None:
        """Cancel pending fixtures."""
        for task in self._tasks.values():
            task.cancel()

    def lock(self, name: str) -> asyncio.Lock:
        """Return the lock for something that two scenarios must not change at once, by name."""
        return self._locks.setdefault(name, asyncio.Lock())

    def starts(self, name: str) -> Starts:
        """Return what starts a shared run."""
        return Starts(Api(self.session, f"start_{name}_run"), own=1)

    async def _start(self, name: str) -> StartedRun:
        fixture, starts, target = FIXTURES[name], self.starts(name), self.session.target
        if name not in self.planned:
            raise NotExercisedError("the budget of runs does not reach that far")
        task: str | None = target.task
        body: Mapping[str, Any] | None = fixture.body
        if not target.controlled and fixture.task is not None:
            task, body = getattr(target, fixture.task), None
        if task is None and not target.controlled:
            raise NotExercisedError(
                f"needs a run that {fixture.does}: give --task"
                + (f" or --{fixture.task.replace('_', '-')}" if fixture.task else "")
            )
        run = await starts.begin(body, task=task, query=fixture.query)
        self.started[name] = run
        if fixture.ends is not None:
            # How long the user's own tasks take is not known.
            await starts.api.until_finished(run.id, within=fixture.ends + (20 if body else 120))
        return run
