"""Scenarios of the query of a start: options of the run, and limits that the Actor reads."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.checks.scenarios.run_task_input import input_of, reported
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.testkit.answers import accepted, details
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.fixtures import FIXTURES
from actor_runs_conformance.testkit.registry import scenario
from actor_runs_conformance.testkit.run_fields import (
    MISSING,
    number,
    number_at,
    object_at,
    value_at,
)
from actor_runs_conformance.testkit.starts import RefusedStartError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

AT_LEAST = 60.0
"""A run of 90 s that SUCCEEDED in fewer seconds has overlooked its input."""
OPTIONS = {
    "timeout": "timeoutSecs",
    "memory": "memoryMbytes",
    "build": "build",
    "maxItems": "maxItems",
    "maxTotalChargeUsd": "maxTotalChargeUsd",
}
"""The key of `options` that shows a parameter."""
CAPS = {"TSK-14b": "ACTOR_MAX_PAID_DATASET_ITEMS", "TSK-15b": "ACTOR_MAX_TOTAL_CHARGE_USD"}


BODY: Mapping[str, Any] = {
    "durationSecs": 2,
    "exitCode": 0,
    "report": True,
    "grüße": "✓ 🚀",
    "off": False,
    "none": [],
    "blank": "",
    "edges": " x ",
    "many": 5_000_000_000,
    "deep": {"a": [""]},
    "part": 1.5,
}
"""Input of every kind, with what is false, empty, large, nested or not ASCII.

It is short, as the report of it becomes a status message.
"""
BUILD_NUMBER = re.compile(r"\d+\.\d+\.\d+")
SETTINGS = ("timeoutSecs", "memoryMbytes", "build")
LEAST_MEMORY, MOST_MEMORY = 128, 32768
SHORT_TIMEOUT = 45


@scenario(runs=2, uses=("first", "second", "timed_out", "live"), seconds=8)
async def start_with_options(ctx: CheckContext) -> None:
    """What the query sets is shown in the run's options and reaches the Actor."""
    await _judge_refused_body(ctx)
    first, second = await ctx.fixtures.get("first"), await ctx.fixtures.get("second")
    defaults = object_at(first.first, "options")
    least = defaults.get("memoryMbytes") == LEAST_MEMORY
    # The timeout is above the task's, the memory the least there is.
    asked = {
        "TSK-10": ("timeout", str(round(number(defaults.get("timeoutSecs")) or 0) + 77)),
        "TSK-12": ("memory", str(LEAST_MEMORY * 2 if least else LEAST_MEMORY)),
        "TSK-13": ("build", _tag(defaults)),
        "TSK-14": ("maxItems", "10"),
        "TSK-15": ("maxTotalChargeUsd", "1.5"),
    }
    run = await _start_with(ctx, asked, known=defaults.get("build") == asked["TSK-13"][1])
    for promise, (name, value) in asked.items():
        _judge_option(ctx, promise, run, name, value)
    try:
        seen: dict[str, Any] | NotExercisedError = await reported(ctx, run.id)
    except NotExercisedError as error:
        seen = error
    await _judge_settings(ctx, (first, second), run, int(asked["TSK-12"][1]))
    await _judge_decimals(ctx, first, defaults)
    if isinstance(seen, NotExercisedError):
        await _judge_overlooked(ctx, run)
        raise seen
    given = seen["input"]
    wrong = _other_values(given)
    ctx.judge(
        "TSK-06",
        run.start,
        seen["exchange"],
        kept=not wrong,
        message=f"The Actor got other values than the body has for {', '.join(wrong)}.",
        expected=dict(BODY),
        observed=given,
    )
    for promise, variable in CAPS.items():
        read = seen.get(variable)
        wanted = "10" if promise == "TSK-14b" else "1.5"
        ctx.judge(
            promise,
            run.start,
            seen["exchange"],
            kept=_number(read) == float(wanted),
            message=f"The Actor reads {read!r} in {variable}.",
            expected=wanted,
            observed=read,
        )
    length = number_at(details(seen["exchange"]), "stats.inputBodyLen")
    ctx.note(
        "TSK-30",
        run.start,
        seen["exchange"],
        message=f"stats.inputBodyLen is {length} for an input of "
        f"{len(json.dumps(given, separators=(',', ':')))} characters.",
    )


def _tag(defaults: Mapping[str, Any]) -> str:
    """Return the tag of a build that there is, as far as is known; most tasks have `latest`."""
    shown = defaults.get("build")
    is_tag = isinstance(shown, str) and shown and not BUILD_NUMBER.fullmatch(shown)
    return str(shown) if is_tag else "latest"


def _other_values(given: Mapping[str, Any]) -> list[str]:
    return [name for name, value in BODY.items() if given.get(name, MISSING) != value]


async def _judge_refused_body(ctx: CheckContext) -> None:
    """Judge a target that starts runs, and none with a body."""
    refused = ctx.fixtures.refused_start
    if refused is None or not RefusedStartError(refused).blames_request:
        return
    plain = await ctx.starts.start()
    if accepted(plain):
        what = "A start with a JSON object as its body"
        ctx.expect_status("TSK-06", refused, 201, plain, what=what)


async def _start_with(
    ctx: CheckContext, asked: dict[str, tuple[str, str]], *, known: bool
) -> StartedRun:
    """Start a run with these parameters; without the build if it is not `known`, and refused."""
    try:
        body = json.dumps(BODY, ensure_ascii=False).encode()
        return await ctx.starts.begin(body, query=tuple(asked.values()))
    except RefusedStartError as refused:
        if known:
            await _judge_refused(ctx, refused, asked)
            raise
    _, tag = asked.pop("TSK-13")
    ctx.not_exercised("TSK-13", f"the target shows no tag of a build, and knows no {tag!r}")
    return await _start_with(ctx, asked, known=True)


def _judge_option(ctx: CheckContext, promise: str, run: StartedRun, name: str, value: str) -> None:
    option, wanted = OPTIONS[name], value if name == "build" else float(value)
    shown = object_at(run.first, "options").get(option)
    # These two may be left out for Actors that do not charge this way.
    optional = promise in {"TSK-14", "TSK-15"}
    ctx.judge(
        promise,
        run.start,
        kept=shown == wanted or (optional and shown is None),
        message=f"A start with {name}={value} shows options.{option} {shown!r}.",
        expected=wanted,
        observed=shown,
    )


async def _judge_decimals(
    ctx: CheckContext, plain: StartedRun, defaults: Mapping[str, Any]
) -> None:
    """Judge numbers that are spelled with decimals, beside the same numbers without.

    The timeout is below the task's as a rule, the memory above it.
    """
    memory = round(number(defaults.get("memoryMbytes")) or LEAST_MEMORY) * 2
    values = {"timeout": SHORT_TIMEOUT, "memory": min(memory, MOST_MEMORY), "maxItems": 20}
    query = tuple((name, f"{value}.0") for name, value in values.items())
    what = "A start with " + "&".join(map("=".join, query))
    try:
        run = await ctx.starts.begin({"durationSecs": 0.2, "exitCode": 0}, query=query)
    except RefusedStartError as refused:
        whole = tuple((name, str(value)) for name, value in values.items())
        control = await ctx.starts.start({"durationSecs": 0.2, "exitCode": 0}, query=whole)
        if accepted(control):
            ctx.expect_status("GEN-18", refused.exchange, 201, control, what=what)
        else:
            ctx.not_exercised("GEN-18", f"the same without decimals: {summary(control)}")
        return
    ctx.expect_status("GEN-18", run.start, 201, plain.start, what=what)
    for promise, name in (("TSK-10", "timeout"), ("TSK-12", "memory"), ("TSK-14", "maxItems")):
        _judge_option(ctx, promise, run, name, str(values[name]))


async def _judge_refused(
    ctx: CheckContext,
    refused: RefusedStartError,
    asked: Mapping[str, tuple[str, str]],
) -> None:
    """Find out which parameter was the reason why a start was refused."""
    if not refused.blames_request:
        return
    body = {"durationSecs": 0.2, "exitCode": 0}
    for promise, parameter in asked.items():
        # Leaving a parameter out costs a run only when it was the reason.
        rest = tuple(pair for pair in asked.values() if pair is not parameter)
        without = await ctx.starts.start(body, query=rest)
        if not accepted(without):
            continue
        what = f"A start with {'='.join(parameter)} beside other options that are accepted"
        ctx.expect_status(promise, refused.exchange, 201, without, what=what)
        return


async def _judge_overlooked(ctx: CheckContext, run: StartedRun) -> None:
    """Judge by other signs whether the body is overlooked, where nothing is reported.

    These are the input in the store of the run, and a run that ought to last.
    """
    shown = await input_of(ctx, run)
    if shown is not None and (wrong := _other_values(shown[0])):
        ctx.judge(
            "TSK-06",
            run.start,
            shown[1],
            kept=False,
            message=f"The input of the run has other values than the body for {', '.join(wrong)}.",
            expected=dict(BODY),
            observed=shown[0],
        )
        return
    live = await ctx.fixtures.get("live")
    read = await ctx.api.get(live.id)
    seconds = read.sent - live.start.received
    if status_of(read) == "SUCCEEDED" and seconds < AT_LEAST:
        ctx.judge(
            "TSK-06",
            live.start,
            read,
            kept=False,
            message=f"A run whose body says durationSecs 90 had SUCCEEDED {seconds:.0f} s after "
            "its start, and no run reports what its body asks for.",
            expected="a run that works for 90 s",
            observed=summary(read),
        )


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


async def _judge_settings(
    ctx: CheckContext, plain: tuple[StartedRun, ...], run: StartedRun, memory: int
) -> None:
    """Judge that the query overrides the task's settings, and that they fill in what it leaves out."""
    defaults = [
        {name: value_at(run.first, f"options.{name}") for name in SETTINGS} for run in plain
    ]
    ctx.judge(
        "TSK-21",
        *(run.start for run in plain),
        run.start,
        kept=all(default == defaults[0] for default in defaults)
        and value_at(run.first, "options.memoryMbytes") == memory,
        message="What a start leaves out differs from start to start, or overrides the query.",
        expected=defaults[0],
        observed=[*defaults, run.first.get("options")],
    )
    with suppress(NotExercisedError):  # Whether it ends in time is judged elsewhere.
        await ctx.fixtures.get("timed_out")
    short = ctx.fixtures.started.get("timed_out")
    if short is None:
        return
    _judge_option(ctx, "TSK-10", short, *FIXTURES["timed_out"].query[0])
    others = {name: value for name, value in defaults[0].items() if name != "timeoutSecs"}
    shown = {name: value_at(short.first, f"options.{name}") for name in others}
    ctx.expect_value(
        "TSK-21",
        shown,
        others,
        plain[0].start,
        short.start,
        message="A start with timeout alone has other options than the task's beside it.",
    )
