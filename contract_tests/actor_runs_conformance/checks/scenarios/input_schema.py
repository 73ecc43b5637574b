"""Defaults of the Actor's input schema, where a target shows the schema with the Actor's build."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from actor_runs_conformance.http.requests import path
from actor_runs_conformance.results.finding import NO_DEFAULTS
from actor_runs_conformance.testkit.run_fields import MISSING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun


async def judge_defaults(
    ctx: CheckContext,
    run: StartedRun,
    seen: Mapping[str, Any],
    report: Exchange,
    *,
    given: Collection[str],
) -> None:
    """Judge a run's input where neither its body, which has `given`, nor the task gives a property.

    Where a target does not show the saved input, any value may be that of the task.
    """
    defaults = await _defaults(ctx, run)
    saved = await saved_by_task(ctx)
    free = {
        name: value
        for name, value in (defaults or {}).items()
        if name not in given and name not in (saved or {})
    }
    if not free:
        ctx.not_exercised("TSK-06d", NO_DEFAULTS)
        return
    shown = {name: seen.get(name, MISSING) for name in free}
    wrong = [
        name
        for name, value in shown.items()
        if value is MISSING or (saved is not None and value != free[name])
    ]
    ctx.judge(
        "TSK-06d",
        report,
        run.start,
        kept=not wrong,
        message=f"The Actor's input does not have the default of its schema for {', '.join(wrong)}.",
        expected=free,
        observed={name: value for name, value in shown.items() if value is not MISSING},
    )


async def _defaults(ctx: CheckContext, run: StartedRun) -> dict[str, Any] | None:
    """Return the defaults of the input schema by property; None where no schema is shown."""
    for place in _builds(run):
        schema = _schema((await ctx.api.look("GET", place)).data or {})
        if schema is not None:
            properties = schema.get("properties")
            return {
                name: about["default"]
                for name, about in (properties if isinstance(properties, dict) else {}).items()
                if isinstance(about, dict) and "default" in about
            }
    return None


def _builds(run: StartedRun) -> Iterator[str]:
    """Yield the paths of the run's build, and of the default one of its Actor."""
    build = run.first.get("buildId")
    if isinstance(build, str) and build:
        yield f"/v2/actor-builds/{quote(build, safe='')}"
    if run.actor:
        yield f"/v2/acts/{quote(run.actor, safe='')}/builds/default"


def _schema(build: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the input schema of a build: an object in its definition, or a text of its own."""
    definition = build.get("actorDefinition")
    schema = definition.get("input") if isinstance(definition, dict) else None
    if schema is None and isinstance(build.get("inputSchema"), str):
        try:
            schema = json.loads(build["inputSchema"])
        except ValueError:
            return None
    return schema if isinstance(schema, dict) else None


async def saved_by_task(ctx: CheckContext) -> Mapping[str, Any] | None:
    """Return the task's saved input; None where the target does not show it."""
    task = ctx.session.target.task
    if task is None:
        return None
    place = path("runTask", task=task).removesuffix("/runs")
    exchange = await ctx.api.look("GET", f"{place}/input")
    body = exchange.response.json if exchange.response else None
    if isinstance(body, dict) and body.keys() == {"data"}:
        body = body["data"]
    # A router that overlooks what follows the task answers with the task.
    shows_input = exchange.status == 200 and isinstance(body, dict) and "actId" not in body
    return body if shows_input else None
