"""Scenarios of a start's input: from its body, from the task, and as the Actor received it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import path
from actor_runs_conformance.testkit.answers import accepted, details
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import number_at, value_at
from actor_runs_conformance.testkit.starts import RefusedStartError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun


@scenario(runs=3, profile=Profile.FULL, seconds=12)
async def saved_input(ctx: CheckContext) -> None:
    """Without a body, or with an empty one, a run gets the task's saved input."""
    plain = await ctx.starts.begin()
    ctx.note("TSK-05", plain.start, message=f"A start without a body: {summary(plain.start)}.")
    merged = await ctx.starts.begin({"report": True, "durationSecs": 0.25})
    try:
        empty = await ctx.starts.begin({}, query=(("timeout", "0"), ("build", "")))
    except RefusedStartError as refused:
        await _judge_refused_empty(ctx, plain, refused)
        raise
    timeout, build = (value_at(empty.first, f"options.{n}") for n in ("timeoutSecs", "build"))
    ctx.note("TSK-10b", empty.start, message=f"timeout=0 gives options.timeoutSecs {timeout}.")
    ctx.note("TSK-13c", empty.start, message=f"An empty build gives options.build {build}.")
    saved = await _input_of(ctx, plain)
    await _judge_empty_body(ctx, plain, empty, saved)
    seen = await reported(ctx, merged.id)
    given = {name: value for name, value in seen["input"].items() if name != "report"}
    kept = set(given) - {"durationSecs"}
    left_out = (
        {name: given[name] for name in kept}
        if saved is None
        else {name: value for name, value in saved[0].items() if name != "durationSecs"}
    )
    if not left_out:
        raise NotExercisedError("the task has saved no input but durationSecs, as far as is seen")
    ctx.judge(
        "TSK-06b",
        plain.start,
        merged.start,
        seen["exchange"],
        kept=all(given.get(name) == value for name, value in left_out.items()),
        message="A property that the body leaves out does not keep the value of the task.",
        expected=left_out,
        observed=given,
    )
    nested = [name for name, value in left_out.items() if isinstance(value, dict)]
    if not nested:
        raise NotExercisedError("the task's saved input holds no object")
    ctx.note("TSK-06c", plain.start, message=f"The saved input holds objects: {nested}.")


async def _judge_refused_empty(
    ctx: CheckContext, plain: StartedRun, refused: RefusedStartError
) -> None:
    """Judge a refusal of an empty object, unless the query beside it was refused."""
    alone = await ctx.starts.start({})
    if refused.blames_request and not accepted(alone):
        ctx.expect_status("TSK-05b", alone, 201, plain.start, what="A start with an empty object")


async def _judge_empty_body(
    ctx: CheckContext,
    plain: StartedRun,
    empty: StartedRun,
    saved: tuple[dict[str, Any], Exchange] | None,
) -> None:
    """Judge that a run of `{}` got what a run without a body got; by length where input is hidden."""
    again = await _input_of(ctx, empty)
    shown: list[Any]
    if saved is None or again is None:
        shown = [number_at(run.first, "stats.inputBodyLen") for run in (plain, empty)]
        if None in shown:
            raise NotExercisedError("the target does not show the input that a run got")
        evidence = plain.start
    else:
        evidence, shown = saved[1], [saved[0], again[0]]
    for promise, message in (
        ("TSK-05b", "A start with {} does not run the task with its saved input."),
        ("TSK-07", "An override has changed the task's saved input."),
    ):
        ctx.expect_value(promise, shown[1], shown[0], evidence, empty.start, message=message)


async def _input_of(ctx: CheckContext, run: StartedRun) -> tuple[dict[str, Any], Exchange] | None:
    """Return the input that a run got, from its key-value store; None if that is not served."""
    store = quote(str(run.first.get("defaultKeyValueStoreId")), safe="")
    for place in (
        f"/v2/key-value-stores/{store}/records/INPUT",
        f"{path('getRun', run=run.id)}/key-value-store/records/INPUT",
    ):
        exchange = await ctx.api.send("GET", place)
        body = exchange.response.json if exchange.response else None
        if exchange.status == 200 and isinstance(body, dict):
            return body, exchange
    return None


async def reported(ctx: CheckContext, run: str) -> dict[str, Any]:
    """Return what the Actor saw, from its status message, with the exchange that shows it.

    Raises:
        NotExercisedError: the Actor does not report.
    """
    last = await ctx.api.until_finished(run, within=20)
    last = await ctx.api.until(
        run, lambda data: _parsed(data) is not None, "the Actor's report", within=3
    )
    seen = _parsed(details(last))
    if seen is None:
        raise NotExercisedError("the Actor does not report what it saw (input `report`)")
    return {**seen, "exchange": last}


def _parsed(data: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        seen = json.loads(str(data.get("statusMessage")))
    except ValueError:
        return None
    return seen if isinstance(seen, dict) and isinstance(seen.get("input"), dict) else None
