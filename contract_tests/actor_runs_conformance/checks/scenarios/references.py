"""The names of the task and its Actor, read from further endpoints where a target has them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from actor_runs_conformance.testkit.api import NotExercisedError

if TYPE_CHECKING:
    from actor_runs_conformance.testkit.context import CheckContext


async def actor_name(ctx: CheckContext, actor: str) -> str:
    """Return `username~name` of an Actor.

    Raises:
        NotExercisedError: the target does not say.
    """
    if ctx.session.target.actor is not None:
        return ctx.session.target.actor
    return await _name(ctx, f"/v2/acts/{quote(actor, safe='~')}", "actor")


async def task_name(ctx: CheckContext, task: str) -> str:
    """Return `username~name` of a task: as the user gave it, or as the target says.

    Raises:
        NotExercisedError: the target does not say.
    """
    if "~" in task.strip("~"):
        return task
    return await _name(ctx, f"/v2/actor-tasks/{quote(task, safe='~')}", "task")


async def _name(ctx: CheckContext, path: str, what: str) -> str:
    exchange = await ctx.api.send("GET", path)
    data = exchange.data or {}
    if exchange.status != 200 or not data.get("username") or not data.get("name"):
        raise NotExercisedError(
            f"the {what} is not known by name (GET {path} is answered {exchange.status}); "
            f"give it with --{what} USER~{what.upper()}"
        )
    return f"{data['username']}~{data['name']}"
