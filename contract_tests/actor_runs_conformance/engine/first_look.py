"""The first look at a target, before anything is judged by its runs.

It tells whether the target is there, what it offers, whether its runs can be read, and whether
they do as their input says.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.engine import offered, preflight, trial
from actor_runs_conformance.engine.offered import Offered
from actor_runs_conformance.engine.trial import PREFLIGHT
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.results.finding import broken, noted
from actor_runs_conformance.testkit.api import Api, NotExercisedError
from actor_runs_conformance.testkit.registry import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from actor_runs_conformance.engine.offered import NotOffered
    from actor_runs_conformance.engine.plan import Plan
    from actor_runs_conformance.target.target_file import TargetFile
    from actor_runs_conformance.testkit.fixtures import Fixtures
    from actor_runs_conformance.testkit.session import Session

FINISHED_WITHIN = 6.0
"""Seconds that the first run is given to end before anything else is done."""

MAY_BE_DROPPED = "ABT-02b"
"""The promise that the documented address of the abort may be replaced or removed."""


@frozen
class FirstLook:
    """The first look at a target; what it finds stands in the session and among the findings."""

    session: Session
    fixtures: Fixtures
    plan: Plan
    target_file: TargetFile
    say: Callable[[str], None]

    async def take(self) -> None:
        """Look at the target.

        Raises:
            PreflightError: there is nothing to check.
        """
        await preflight.look(self.session, self.fixtures)
        found = await self._find_absent()
        if "first" in self.plan.shared:
            await self._start(found)
            await self._try_first_runs(found)
            await self._ask_run(found)

    async def _find_absent(self) -> Offered:
        """Find out what is not offered."""
        if self.session.profile is Profile.READ_ONLY:
            return Offered([], {}, tells_apart=False)
        found = await offered.find_absent(Api(self.session, PREFLIGHT, raw=True))
        self._leave_out(found.absent)
        return found

    async def _start(self, found: Offered) -> None:
        """Start the first run; where that is refused, say what is wrong.

        Raises:
            PreflightError: the target refuses the token, or does not know the task.
        """
        refused = await preflight.first_run(self.session, self.fixtures)
        if refused is None:
            return
        api = Api(self.session, PREFLIGHT, raw=True)
        absent = await offered.without_starts(api, refused, found)
        if absent:
            self._leave_out(absent)
            blamed = self.session.blamed_for("runTask")
            self.fixtures.give_up("first", absent[0].reason, because=blamed)
            remark = "if it is served, look at --task, and give as URL what stands before /v2"
        else:
            nothing = not found.tells_apart and found.doubtful.keys() == set(offered.PROBED)
            preflight.explain_refused_start(self.session, refused, serves_nothing=nothing)
            remark = "it started no run, and what needs a run could not be exercised"
        self.session.remarks.append(f"Run task was answered {summary(refused)}: {remark}.")

    async def _try_first_runs(self, found: Offered) -> None:
        """Find out what the first runs tell: of Get run, of starts that block, of the task."""
        with contextlib.suppress(NotExercisedError, NoAnswerError):
            run = await self.fixtures.get("first")
            absent = await trial.unreadable(self.session, run)
            if absent is not None:
                # Nobody can read whether it has ended; whatever is done to it disturbs nothing.
                api = Api(self.session, PREFLIGHT, raw=True)
                more = await offered.look_at_run(api, found.doubtful, run)
                self._leave_out([absent, *more])
                return
            trial.judge_blocking(self.session, run)
            if "failed" in self.plan.shared and self.session.target.controlled:
                problem = await trial.try_fixture(self.session, self.fixtures)
                if problem is not None:
                    self.session.missing["fixture"] = problem
                    self.session.remarks.append(f"{problem[0].upper()}{problem[1:]}.")
                    self.say(f"      {problem}")

    async def _ask_run(self, found: Offered) -> None:
        """Let a finished run tell of the operations that are still in doubt."""
        if not found.doubtful:
            return
        with contextlib.suppress(NotExercisedError, NoAnswerError, TimeoutError):
            run = await asyncio.wait_for(self.fixtures.get("finished"), FINISHED_WITHIN)
            api = Api(self.session, PREFLIGHT, raw=True)
            self._leave_out(await offered.look_at_run(api, found.doubtful, run))

    def _leave_out(self, absent: list[NotOffered]) -> None:
        """Judge what is not offered once; whatever depends on it is not exercised."""
        absent = [one for one in absent if one.operation not in self.target_file.operations]
        self.session.absent |= {one.operation: one.reason for one in absent}
        for one in absent:
            promise = self.session.blamed_for(one.operation)
            if promise is None:
                self._note_dropped(one)
            elif promise in self.session.selected:
                finding = broken(promise, f"{one.reason}.", "an answer about the run", one.summary)
                self.session.findings.add(PREFLIGHT, finding, one.exchange)
                if promise not in self.plan.declared:
                    # A profile without its check leaves it out, but here it was seen.
                    self.plan.excluded.pop(promise, None)

    def _note_dropped(self, dropped: NotOffered) -> None:
        """Leave the documented address of the abort out where a target has its successor alone."""
        mine = {
            name
            for name in self.session.selected
            if self.session.ledger[name].operation == dropped.operation
        }
        if MAY_BE_DROPPED in mine:
            self.session.findings.add(
                PREFLIGHT, noted(MAY_BE_DROPPED, f"{dropped.reason}."), dropped.exchange
            )
        left_out = mine - {MAY_BE_DROPPED}
        self.plan.excluded |= dict.fromkeys(left_out, dropped.reason)
        remark = f"{dropped.reason}, as it may be."
        if left_out:
            remark += (
                f" What is promised about that address is left out: {', '.join(sorted(left_out))}."
            )
        self.session.remarks.append(remark)
