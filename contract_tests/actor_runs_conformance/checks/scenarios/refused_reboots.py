"""What Reboot run answers for a run that has ended: a refusal that changes nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.testkit.answers import details
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.run_fields import FIGURES, MAY_CHANGE_AFTER_END, changed
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Set

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext

ACCESS = frozenset({"generalAccess"})


@step("RBT-02", "ERR-07")
async def judge_refusals(ctx: CheckContext, control: Exchange) -> None:
    """Judge the refusal of a reboot beside `control`, one that was accepted while a run was RUNNING."""
    await asyncio.gather(
        _judge_refusal(ctx, control, "second", MAY_CHANGE_AFTER_END),
        # Nobody sets a message of these two.
        _judge_refusal(ctx, control, "failed", ACCESS),
        _judge_refusal(ctx, control, "timed_out", ACCESS),
    )


async def _judge_refusal(ctx: CheckContext, control: Exchange, name: str, free: Set[str]) -> None:
    run = await ctx.fixtures.get(name)
    # A replica may be behind what was seen already.
    ended = await ctx.api.until_finished(run.id, within=LAG)
    data, status = details(ended), status_of(ended)
    free = free | FIGURES | ctx.session.history.runs[run.id].moving(ended.received)
    reboot = await ctx.api.reboot(str(data["id"]))
    refused = ctx.refusal("RBT-02", reboot, control, what=f"A reboot of a run that is {status}")
    ctx.note("ERR-07", reboot, message=f"A reboot of a run that is {status}: {summary(reboot)}.")
    if not refused:
        return
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(str(data["id"]))
    changes = changed(data, details(after), free)
    ctx.judge(
        "RBT-02",
        ended,
        after,
        reboot,
        kept=not changes,
        message=f"A reboot of a run that is {status} is refused and still changes "
        f"{', '.join(changes)}.",
        expected="the run as it was",
        observed={name: (after.data or {}).get(name) for name in changes},
    )
