"""Scenarios of a start's input: from its body, from the task, and as the Actor received it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from actor_runs_conformance.checks.scenarios.input_schema import judge_defaults, saved_by_task
from actor_runs_conformance.checks.scenarios.storages import judge_results, stored_report
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import path
from actor_runs_conformance.ledger.statuses import has_ended
from actor_runs_conformance.testkit.answers import details
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import MISSING, moment, object_at
from actor_runs_conformance.testkit.starts import RefusedStartError, StartedRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.testkit.context import CheckContext


Shown = tuple[dict[str, Any], "Exchange"]
"""An input as a target shows it, and the exchange that does."""


FREE: tuple[tuple[str, Mapping[str, Any] | None, Query], ...] = (
    ("TSK-05", None, ()),
    ("TSK-10b", {}, (("timeout", "0"),)),
    ("TSK-13c", {}, (("build", ""),)),
)
"""Starts with the saved input that a target is free to refuse."""
FREE_WORDS = {
    "TSK-05": ("A start without a body", None),
    "TSK-10b": ("A start with timeout=0", "timeoutSecs"),
    "TSK-13c": ("A start with an empty build", "build"),
}


@scenario(runs=4, uses=("first",), profile=Profile.FULL, seconds=12)
async def saved_input(ctx: CheckContext) -> None:
    """With an empty object a run gets the task's saved input, and what a body leaves out of it."""
    try:
        empty = await ctx.starts.begin({})
    except RefusedStartError as refused:
        if refused.blames_request:
            control = (await ctx.fixtures.get("first")).start
            what = "A start with an empty object"
            ctx.expect_status("TSK-05b", refused.exchange, 201, control, what=what)
        raise
    saved = await input_of(ctx, empty)
    merged = await ctx.starts.begin({"report": True})
    seen = await reported(ctx, merged.id)
    again = await ctx.starts.begin({})
    given = {name: value for name, value in seen["input"].items() if name != "report"}
    await judge_results(ctx, merged)
    await judge_defaults(ctx, merged, seen["input"], seen["exchange"], given={"report"})
    if saved is not None:
        await judge_defaults(ctx, empty, *saved, given=())
    is_kept = await _judge_kept_input(ctx, empty, saved, again)
    if is_kept:
        await _judge_shown_by_task(ctx, merged, given, seen["exchange"])
        await _judge_empty_object(ctx, empty, saved, given, seen["exchange"])
    bare = await _start_freely(ctx)
    if not is_kept:
        raise NotExercisedError("the saved input does not stay what it was", because="TSK-07")
    whole = await input_of(ctx, bare) if bare is not None else None
    if whole is not None and whole[0] and saved is not None and not saved[0]:
        # What a start without a body runs with is free, but this input can only be the task's.
        message = "A start with {} runs the task without the input that one without a body has."
        exchanges = (whole[1], saved[1], empty.start)
        ctx.expect_value("TSK-05b", saved[0], whole[0], *exchanges, message=message)
        saved = whole
    if saved is None:
        raise NotExercisedError("the target does not show the input that a run got")
    if not saved[0]:
        raise NotExercisedError("the task has saved no input")
    # The body gives `report`, for which an input schema may have a default.
    left_alone = {name: value for name, value in saved[0].items() if name != "report"}
    ctx.judge(
        "TSK-06b",
        saved[1],
        merged.start,
        seen["exchange"],
        kept=all(given.get(name, MISSING) == value for name, value in left_alone.items()),
        message="A property that the body leaves out does not keep the value of the task.",
        expected=left_alone,
        observed=given,
    )
    nested = [name for name, value in saved[0].items() if isinstance(value, dict)]
    if not nested:
        raise NotExercisedError("the task's saved input holds no object")
    ctx.note("TSK-06c", empty.start, message=f"The saved input holds objects: {nested}.")


async def _judge_shown_by_task(
    ctx: CheckContext, merged: StartedRun, given: Mapping[str, Any], report: Exchange
) -> None:
    """Judge what a body leaves out by the input that the task has saved, where a target shows that."""
    kept = {
        key: value for key, value in (await saved_by_task(ctx) or {}).items() if key != "report"
    }
    if kept:
        ctx.expect_value(
            "TSK-06b",
            {key: given.get(key) for key in kept},
            kept,
            merged.start,
            report,
            message="What the body leaves out is not as the task has saved it.",
        )


async def _judge_empty_object(
    ctx: CheckContext,
    empty: StartedRun,
    saved: Shown | None,
    given: Mapping[str, Any],
    report: Exchange,
) -> None:
    """Judge that a run of `{}` has the input that another body left as it was.

    Where a target does not show input, a run that does not work as long as that says has another.
    """
    if not given:
        ctx.not_exercised("TSK-05b", "the task has saved no input, as far as is seen")
        return
    if saved is not None:
        shown = {name: saved[0].get(name) for name in given}
        kept, exchange = shown == given, saved[1]
    else:
        exchange = await ctx.api.until_finished(empty.id, within=20)
        lasted, wanted = _lasted(details(exchange)), given.get("durationSecs")
        if lasted is None or not isinstance(wanted, int | float) or wanted < 1:
            ctx.not_exercised("TSK-05b", "the target does not show the input that a run got")
            return
        # Whole seconds may be rounded.
        shown, kept = {"durationSecs": lasted}, lasted >= wanted * 0.8 - 0.5
    ctx.judge(
        "TSK-05b",
        report,
        exchange,
        empty.start,
        kept=kept,
        message="A start with {} does not run the task with its saved input.",
        expected=dict(given),
        observed=shown,
    )


def _lasted(run: Mapping[str, Any]) -> float | None:
    start, end = (moment(run.get(name)) for name in ("startedAt", "finishedAt"))
    return (end - start).total_seconds() if start and end else None


async def _judge_kept_input(
    ctx: CheckContext, empty: StartedRun, saved: Shown | None, again: StartedRun
) -> bool:
    """Judge that the saved input is the same after a start with an override, where inputs are shown."""
    later = await input_of(ctx, again)
    if saved is None or later is None:
        ctx.not_exercised("TSK-07", "the target does not show the input that a run got")
        return True
    return ctx.expect_value(
        "TSK-07",
        later[0],
        saved[0],
        empty.start,
        saved[1],
        later[1],
        again.start,
        message="After a start with a body, a start with {} runs the task with other input.",
    )


async def _start_freely(ctx: CheckContext) -> StartedRun | None:
    """Note how starts are answered that are free to be refused; one by one only if together.

    Returns:
        The run of a start without a body; None where that was refused.
    """
    together = await _free_start(ctx, None, (("timeout", "0"), ("build", "")))
    if isinstance(together, StartedRun):
        _note_free_start(ctx, FREE_WORDS, together)
        return together
    bare = None
    for promise, body, query in FREE:
        try:
            start = await _free_start(ctx, body, query)
        except NotExercisedError as missing:  # No must promise waits for what is free.
            ctx.not_exercised(promise, str(missing))
            continue
        _note_free_start(ctx, (promise,), start)
        if body is None and isinstance(start, StartedRun):
            bare = start
    return bare


async def _free_start(
    ctx: CheckContext, body: Mapping[str, Any] | None, query: Query
) -> StartedRun | RefusedStartError:
    try:
        return await ctx.starts.begin(body, query=query)
    except RefusedStartError as refused:
        return refused


def _note_free_start(
    ctx: CheckContext, promises: Iterable[str], start: StartedRun | RefusedStartError
) -> None:
    exchange = start.start if isinstance(start, StartedRun) else start.exchange
    shown = object_at(exchange.data or {}, "options")
    for promise in promises:
        what, option = FREE_WORDS[promise]
        gives = f", options.{option} {shown.get(option)}" if option else ""
        ctx.note(promise, exchange, message=f"{what}: {summary(exchange)}{gives}.")


async def input_of(ctx: CheckContext, run: StartedRun) -> Shown | None:
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
    """Return what the Actor saw, with the exchange that shows it.

    It stands in the run's status message, or, where a target takes or keeps none that long, in the
    run's default dataset.

    Raises:
        NotExercisedError: the Actor does not report.
    """
    # The end of the run may replace the message, so it is looked for as long as the run works.
    last = await ctx.api.until(
        run,
        lambda data: report_in(data) is not None or has_ended(data),
        "the Actor's report",
        within=20,
    )
    stored = await stored_report(ctx, details(last)) if report_in(details(last)) is None else None
    if stored is not None:
        return {**stored[0], "exchange": stored[1]}
    if report_in(details(last)) is None:
        # A replica may be behind.
        last = await ctx.api.until(
            run, lambda data: report_in(data) is not None, "the Actor's report", within=LAG
        )
    seen = report_in(details(last))
    if seen is None:
        raise NotExercisedError("the Actor does not report what it saw (input `report`)")
    return {**seen, "exchange": last}


def report_in(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what an Actor reports by a status message; None when it is another message."""
    try:
        seen = json.loads(str(data.get("statusMessage")))
    except ValueError:
        return None
    return seen if isinstance(seen, dict) and isinstance(seen.get("input"), dict) else None
