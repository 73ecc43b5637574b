"""Scenario of Reboot run on a run that is ABORTING, which is not RUNNING."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.checks.scenarios.endings import require_read, span, under_way
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.ledger.statuses import TERMINAL, has_ended
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.testkit.context import CheckContext

SHORT_WORK = 12.0
"""Seconds that the Actor of a run works that is rebooted while it is ABORTING."""
ABORTED_AFTER, REBOOTED_AFTER = 2.0, 6.0
"""Seconds that it works before its graceful abort, and before the reboot."""
RESTARTED = SHORT_WORK - 2.0
"""Seconds after the reboot in which only an Actor that began again still works."""


@scenario(runs=1, profile=Profile.FULL, seconds=20)
async def reboot_of_aborting_run(ctx: CheckContext) -> None:
    """A reboot does not restart a run that is ABORTING, whether it is refused or answered 200."""
    body = {"durationSecs": SHORT_WORK, "exitCode": 0, "onAbort": "ignore"}
    run = await ctx.starts.begin(body)
    await ctx.api.until_running(run.id)
    seen = ctx.session.now()
    await asyncio.sleep(ABORTED_AFTER)
    async with under_way(ctx.api.abort(run.id, gracefully="true")) as abort:
        await asyncio.sleep(seen + REBOOTED_AFTER - ctx.session.now())
        during = await ctx.api.until(run.id, _aborting_or_ended, "ABORTING", within=1)
        require_read(during)
        if status_of(during) != "ABORTING":
            answer = f", its abort was answered {summary(await abort)}" if abort.done() else ""
            raise NotExercisedError(f"the run was not seen ABORTING: {summary(during)}{answer}")
        reboot = await ctx.api.reboot(run.id)
        last = await ctx.api.until(run.id, _revived_or_ended, "the end", within=SHORT_WORK + 8)
    require_read(last)
    took = span(ctx, run, reboot, last)
    status = status_of(last)
    ctx.judge(
        "RBT-02b",
        during,
        last,
        reboot,
        kept=status in {"ABORTING", *TERMINAL} and took.least < RESTARTED,
        message=f"A run that was ABORTING is {status} {took} after a reboot, which was answered "
        f"{summary(reboot)}: its Actor, which works {SHORT_WORK:g} s, had worked "
        f"{REBOOTED_AFTER:g} s before.",
        expected="ABORTING until its Actor ends, and no restart",
        observed=f"{status} after {took}",
    )


def _aborting_or_ended(data: Mapping[str, Any]) -> bool:
    return data.get("status") == "ABORTING" or has_ended(data)


def _revived_or_ended(data: Mapping[str, Any]) -> bool:
    return data.get("status") in {"READY", "RUNNING"} or has_ended(data)
