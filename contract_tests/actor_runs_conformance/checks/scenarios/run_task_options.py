"""Scenarios of the query of a start: options of the run, and limits that the Actor reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.run_task_input import reported
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.testkit.answers import accepted, details
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import scenario
from actor_runs_conformance.testkit.run_fields import number_at, object_at, value_at
from actor_runs_conformance.testkit.starts import RefusedStartError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

AT_LEAST = 60.0
"""A run of 90 s that SUCCEEDED in fewer seconds has overlooked its input."""
CAPS = {"TSK-14b": "ACTOR_MAX_PAID_DATASET_ITEMS", "TSK-15b": "ACTOR_MAX_TOTAL_CHARGE_USD"}


@scenario(runs=1, uses=("first", "second", "live"), seconds=8)
async def start_with_options(ctx: CheckContext) -> None:
    """What the query sets is shown in the run's options and reaches the Actor."""
    first, second = await ctx.fixtures.get("first"), await ctx.fixtures.get("second")
    defaults = object_at(first.first, "options")
    memory = 256 if defaults.get("memoryMbytes") != 256 else 512
    timeout = 77 if defaults.get("timeoutSecs") != 77 else 78
    build = str(defaults.get("build") or "latest")
    body = {"durationSecs": 0.5, "exitCode": 0, "report": True, "note": "overridden"}
    asked = {
        "TSK-10": ("timeout", str(timeout)),
        "TSK-12": ("memory", str(memory)),
        "TSK-13": ("build", build),
        "TSK-14": ("maxItems", "10"),
        "TSK-15": ("maxTotalChargeUsd", "1.5"),
    }
    try:
        run = await ctx.starts.begin(body, query=tuple(asked.values()))
    except RefusedStartError as refused:
        await _judge_refused(ctx, refused, asked)
        raise
    options = object_at(run.first, "options")
    for promise, name, value in (
        ("TSK-10", "timeoutSecs", timeout),
        ("TSK-12", "memoryMbytes", memory),
        ("TSK-13", "build", build),
        ("TSK-14", "maxItems", 10),
        ("TSK-15", "maxTotalChargeUsd", 1.5),
    ):
        shown = options.get(name)
        # These two may be left out for Actors that do not charge this way.
        optional = promise in {"TSK-14", "TSK-15"}
        ctx.judge(
            promise,
            run.start,
            kept=shown == value or (optional and shown is None),
            message=f"A start with {name} {value} shows options.{name} {shown!r}.",
            expected=value,
            observed=shown,
        )
    _judge_settings(ctx, (first, second), run, memory)
    try:
        seen = await reported(ctx, run.id)
    except NotExercisedError:
        await _judge_overlooked(ctx)
        raise
    given = seen["input"]
    wrong = [name for name, value in body.items() if given.get(name) != value]
    ctx.judge(
        "TSK-06",
        run.start,
        seen["exchange"],
        kept=not wrong,
        message=f"The Actor got other values than the body has for {', '.join(wrong)}.",
        expected=body,
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
        ctx.judge(
            promise,
            without,
            refused.exchange,
            kept=False,
            message=f"A start with {'='.join(parameter)} is answered {summary(refused.exchange)}, "
            f"and {summary(without)} without it.",
            expected=201,
            observed=summary(refused.exchange),
        )
        return


async def _judge_overlooked(ctx: CheckContext) -> None:
    """Judge whether input is overlooked by a run that ought to last, where nothing is reported."""
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


def _judge_settings(
    ctx: CheckContext, plain: tuple[StartedRun, ...], run: StartedRun, memory: int
) -> None:
    """Judge that the query overrides the task's settings, and that they fill in what it leaves out."""
    names = ("timeoutSecs", "memoryMbytes", "build")
    defaults = [{name: value_at(run.first, f"options.{name}") for name in names} for run in plain]
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
