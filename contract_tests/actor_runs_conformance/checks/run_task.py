"""Scenarios of Run task: the new run, its options, its input, and waiting for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.checks.comparing import details
from actor_runs_conformance.checks.references import task_name
from actor_runs_conformance.checks.run_object import number_at, value_at
from actor_runs_conformance.registry import Profile, scenario
from actor_runs_conformance.runs import STATUSES, TERMINAL
from actor_runs_conformance.stage import (
    RefusedStartError,
    UnreachableError,
    status_of,
    summary,
)
from actor_runs_conformance.story import LAG
from actor_runs_conformance.wire import USER_AGENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.exchange import Exchange
    from actor_runs_conformance.stage import Stage, StartedRun

IDS = ("id", "actId", "userId", "actorTaskId")
STORAGES = ("defaultKeyValueStoreId", "defaultDatasetId", "defaultRequestQueueId")
AT_LEAST = 60.0
"""Seconds that a run of 90 s works at the least."""
CAPS = {"TSK-14b": "ACTOR_MAX_PAID_DATASET_ITEMS", "TSK-15b": "ACTOR_MAX_TOTAL_CHARGE_USD"}


@scenario(
    "TSK-01",
    "TSK-22",
    "TSK-22b",
    "TSK-33",
    "TSK-16",
    "TSK-18",
    "LIF-01",
    "OBJ-13b",
    uses=("first",),
)
async def start_task(stage: Stage) -> None:
    """Run task answers 201 with a new run of the task."""
    start = stage.cast.refused or (await stage.cast.play("first")).start
    data = start.data or {}
    for promise in ("TSK-01", "TSK-33"):
        stage.judge(
            promise,
            start,
            kept=start.status == 201 and bool(data.get("id")) and "status" in data,
            message=f"Run task is answered {summary(start)}.",
            expected="201 with the new run",
            observed=summary(start),
        )
    if start is stage.cast.refused:
        raise UnreachableError(f"no run could be started: {summary(start)}")
    missing = [name for name in (*IDS, *STORAGES) if not data.get(name)]
    status = data.get("status")
    stage.judge(
        "TSK-22",
        start,
        kept=not missing and status in STATUSES,
        message=f"A new run lacks {', '.join(missing)}."
        if missing
        else f"A new run has the status {status!r}.",
        expected=[*IDS, *STORAGES, "status"],
        observed=sorted(data),
    )
    stage.judge(
        "LIF-01",
        start,
        kept=status in STATUSES,
        message=f"A new run has the status {status!r}.",
        expected="READY, or a later status",
        observed=status,
    )
    origin, agent = value_at(data, "meta.origin"), value_at(data, "meta.userAgent")
    stage.note("TSK-22b", start, message=f"A run started here has the origin {origin!s}.")
    stage.note(
        "OBJ-13b",
        start,
        message="meta.userAgent is that of the request."
        if agent == USER_AGENT
        else "meta.userAgent is not that of the request.",
    )
    charge = number_at(data, "options.maxTotalChargeUsd")
    stage.note("TSK-16", start, message=f"Unasked, options.maxTotalChargeUsd is {charge}.")
    shown = "restartOnError" in (data.get("options") or {})
    stage.note(
        "TSK-18", start, message=f"options.restartOnError is {'' if shown else 'not '}shown."
    )


@scenario("TSK-24", uses=("finished",))
async def start_answer_equals_get(stage: Stage) -> None:
    """The answer to a start is the Run object that Get run returns."""
    run = await stage.cast.play("finished")
    if run.start.operation != "runTask":
        raise UnreachableError("the suite did not start this run")
    read = await stage.get(run.id)
    now = details(read)
    lost = [name for name, value in run.first.items() if value is not None and name not in now]
    retyped = [
        name
        for name, value in run.first.items()
        if value is not None and now.get(name) is not None and _kind(value) is not _kind(now[name])
    ]
    stage.judge(
        "TSK-24",
        run.start,
        read,
        kept=not lost and not retyped and now.get("id") == run.first.get("id"),
        message=f"Get run lacks {', '.join(lost)} of the start's answer."
        if lost
        else f"Get run has other types for {', '.join(retyped)}.",
        expected=sorted(run.first),
        observed=sorted(now),
    )


def _kind(value: object) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


@scenario("TSK-23", "RTL-08", uses=("first", "second"))
async def start_twice(stage: Stage) -> None:
    """The same start twice makes two runs, with storages of their own."""
    one, other = await stage.cast.play("first"), await stage.cast.play("second")
    shared = [
        name
        for name in ("id", *STORAGES)
        if one.first.get(name) and one.first.get(name) == other.first.get(name)
    ]
    for promise in ("TSK-23", "RTL-08"):
        stage.judge(
            promise,
            one.start,
            other.start,
            kept=not shared,
            message=f"Two starts share {', '.join(shared)}. Does the server keep any state? "
            "A mock that answers from examples cannot keep this promise.",
            expected="two runs",
            observed={name: one.first.get(name) for name in shared},
        )


@scenario("TSK-02", uses=("live",), needs=("control",))
async def start_without_wait(stage: Stage) -> None:
    """A start is answered at once."""
    start = (await stage.cast.play("live")).start
    seconds = start.received - start.sent
    limit = 3 + stage.slack()
    stage.judge(
        "TSK-02",
        start,
        kept=seconds <= limit and status_of(start) not in TERMINAL,
        message=f"A start without waitForFinish took {seconds:.1f} s, run {status_of(start)}.",
        expected=f"within {limit:.1f} s (on this target), not terminal",
        observed=f"{summary(start)} after {seconds:.1f} s",
    )


@scenario("LIF-04", "TSK-17c", uses=("finished", "failed"), needs=("control",), seconds=4)
async def exit_code_decides_status(stage: Stage) -> None:
    """Exit code 0 ends as SUCCEEDED, another as FAILED, and without a restart."""
    done, failed = await stage.cast.play("finished"), await stage.cast.play("failed")
    for run, status in ((done, "SUCCEEDED"), (failed, "FAILED")):
        read = await stage.until_status(run.id, status, within=3)
        stage.judge(
            "LIF-04",
            run.start,
            read,
            kept=status_of(read) == status,
            message=f"An Actor that exits {0 if run is done else 7} ends as {status_of(read)}.",
            expected=status,
            observed=summary(read),
        )
    restarts = number_at(read.data or {}, "stats.restartCount") or 0
    stage.judge(
        "TSK-17c",
        failed.start,
        read,
        kept=restarts == 0 and status_of(read) == "FAILED",
        message=f"With restartOnError=false a run that fails is restarted {restarts:g} times.",
        expected="FAILED, no restart",
        observed=summary(read),
    )


@scenario("TSK-17", "TSK-17b", runs=1, profile=Profile.FULL, needs=("control",), seconds=25)
async def restart_on_error(stage: Stage) -> None:
    """With `restartOnError=true` a run that fails is restarted."""
    run = await stage.begin(
        {"durationSecs": 1.5, "exitCode": 1}, query=(("restartOnError", "true"),)
    )
    last = await stage.until_finished(run.id, within=60)
    restarts = number_at(details(last), "stats.restartCount") or 0
    seconds = last.received - run.start.received
    stage.judge(
        "TSK-17",
        run.start,
        last,
        kept=restarts >= 1 or seconds >= 3.0,
        message=f"With restartOnError=true a run that fails after 1.5 s is {status_of(last)} after "
        f"{seconds:.1f} s, with {restarts:g} restarts.",
        expected="at least one restart",
        observed=f"{status_of(last)}, stats.restartCount {restarts:g}",
    )
    stage.note(
        "TSK-17b",
        last,
        message=f"A run that always fails is restarted {restarts:g} times and ends as "
        f"{status_of(last)}.",
    )


@scenario("TSK-11", uses=("timed_out",), needs=("control",), seconds=6)
async def run_times_out(stage: Stage) -> None:
    """A run that exceeds its timeout ends as TIMED-OUT."""
    try:
        run = await stage.cast.play("timed_out")
    except UnreachableError:
        # Started and not ended although its time is long over: that is what is judged.
        if "timed_out" not in stage.cast.started:
            raise
        run = stage.cast.started["timed_out"]
    # A replica may be behind what was seen already.
    last = await stage.until_status(run.id, "TIMED-OUT", within=LAG)
    stage.judge(
        "TSK-11",
        run.start,
        last,
        kept=status_of(last) == "TIMED-OUT",
        message=f"A run of 60 s with timeout=2 is {status_of(last)} "
        f"{last.sent - run.start.received:.0f} s after its start.",
        expected="TIMED-OUT",
        observed=summary(last),
    )


@scenario("TSK-19", "TSK-19c", runs=1, profile=Profile.FULL, needs=("control",), seconds=6)
async def start_and_wait_for_end(stage: Stage) -> None:
    """A start that waits is answered as soon as the run has finished, with 201."""
    stage.waiting("a start that waits for its run", 32, "runTask")
    start = await stage.start({"durationSecs": 1, "exitCode": 0}, wait=30)
    seconds = start.received - start.sent
    stage.judge(
        "TSK-19",
        start,
        kept=bool(start.response and start.response.ok)
        and status_of(start) in TERMINAL
        and seconds < 25 + stage.slack(),
        message=f"waitForFinish=30 on the start of a run of 1 s was answered after {seconds:.1f} s "
        f"with {summary(start)}.",
        expected="a terminal status, as soon as the run has ended",
        observed=f"{summary(start)} after {seconds:.1f} s",
    )
    stage.judge(
        "TSK-19c",
        start,
        kept=start.status == 201,
        message=f"A start that waited is answered {start.status}.",
        expected=201,
        observed=start.status,
    )


@scenario(
    "TSK-06",
    "TSK-10",
    "TSK-12",
    "TSK-13",
    "TSK-14",
    "TSK-14b",
    "TSK-15",
    "TSK-15b",
    "TSK-21",
    "TSK-30",
    runs=1,
    uses=("first", "second", "live"),
    needs=("control",),
    seconds=8,
)
async def start_with_options(stage: Stage) -> None:
    """What the query sets is shown in the run's options and reaches the Actor."""
    first, second = await stage.cast.play("first"), await stage.cast.play("second")
    defaults = first.first.get("options") or {}
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
        run = await stage.begin(body, query=tuple(asked.values()))
    except RefusedStartError as refused:
        await _judge_refused(stage, refused, asked)
        raise
    options = run.first.get("options") or {}
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
        stage.judge(
            promise,
            run.start,
            kept=shown == value or (optional and shown is None),
            message=f"A start with {name} {value} shows options.{name} {shown!r}.",
            expected=value,
            observed=shown,
        )
    _judge_settings(stage, (first, second), run, memory)
    try:
        seen = await _report(stage, run.id)
    except UnreachableError:
        await _judge_overlooked(stage)
        raise
    given = seen["input"]
    wrong = [name for name, value in body.items() if given.get(name) != value]
    stage.judge(
        "TSK-06",
        run.start,
        seen["exchange"],
        kept=not wrong,
        message=f"The Actor got another {', '.join(wrong)} than the body said.",
        expected=body,
        observed=given,
    )
    for promise, variable in CAPS.items():
        read = seen.get(variable)
        wanted = "10" if promise == "TSK-14b" else "1.5"
        stage.judge(
            promise,
            run.start,
            seen["exchange"],
            kept=_number(read) == float(wanted),
            message=f"The Actor reads {read!r} in {variable}.",
            expected=wanted,
            observed=read,
        )
    length = number_at(details(seen["exchange"]), "stats.inputBodyLen")
    stage.note(
        "TSK-30",
        run.start,
        seen["exchange"],
        message=f"stats.inputBodyLen is {length} for an input of "
        f"{len(json.dumps(given, separators=(',', ':')))} characters.",
    )


async def _judge_refused(
    stage: Stage,
    refused: RefusedStartError,
    asked: Mapping[str, tuple[str, str]],
) -> None:
    """Find out which parameter it is that a start was refused for."""
    if not refused.blames_request:
        return
    body = {"durationSecs": 0.2, "exitCode": 0}
    for promise, parameter in asked.items():
        # Leaving one out costs a run only where it is the one.
        others = tuple(one for one in asked.values() if one is not parameter)
        without = await stage.start(body, query=others)
        if without.response is None or not without.response.ok:
            continue
        stage.judge(
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


async def _judge_overlooked(stage: Stage) -> None:
    """Judge by the run that is to go on whether input is overlooked, where nothing is reported."""
    live = await stage.cast.play("live")
    read = await stage.get(live.id)
    seconds = read.sent - live.start.received
    if status_of(read) == "SUCCEEDED" and seconds < AT_LEAST:
        stage.judge(
            "TSK-06",
            live.start,
            read,
            kept=False,
            message=f"A run whose body says durationSecs 90 had SUCCEEDED {seconds:.0f} s after "
            "its start, and none reports what the body asks for.",
            expected="a run that works for 90 s",
            observed=summary(read),
        )


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None


def _judge_settings(
    stage: Stage, plain: tuple[StartedRun, ...], run: StartedRun, memory: int
) -> None:
    """What the query sets goes before the task's settings; what it leaves out is as they say."""
    names = ("timeoutSecs", "memoryMbytes", "build")
    defaults = [{name: value_at(one.first, f"options.{name}") for name in names} for one in plain]
    stage.judge(
        "TSK-21",
        *(one.start for one in plain),
        run.start,
        kept=all(one == defaults[0] for one in defaults)
        and value_at(run.first, "options.memoryMbytes") == memory,
        message="What a start leaves out is not the same each time, or goes before the query.",
        expected=defaults[0],
        observed=[*defaults, run.first.get("options")],
    )


async def _report(stage: Stage, run: str) -> dict[str, Any]:
    """Return what the Actor saw, from its status message, with the exchange that shows it.

    Raises:
        UnreachableError: the Actor does not report.
    """
    last = await stage.until_finished(run, within=20)
    last = await stage.until(
        run, lambda data: _parsed(data) is not None, "the Actor's report", within=3
    )
    seen = _parsed(details(last))
    if seen is None:
        raise UnreachableError("the Actor does not report what it saw (input `report`)")
    return {**seen, "exchange": last}


def _parsed(data: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        seen = json.loads(str(data.get("statusMessage")))
    except ValueError:
        return None
    return seen if isinstance(seen, dict) and isinstance(seen.get("input"), dict) else None


@scenario(
    "TSK-05",
    "TSK-05b",
    "TSK-06b",
    "TSK-06c",
    "TSK-07",
    "TSK-10b",
    "TSK-13c",
    runs=3,
    profile=Profile.FULL,
    needs=("control",),
    seconds=12,
)
async def saved_input(stage: Stage) -> None:
    """Without a body, or with an empty one, a run gets the task's saved input."""
    plain = await stage.begin()
    stage.note("TSK-05", plain.start, message=f"A start without a body: {summary(plain.start)}.")
    merged = await stage.begin({"report": True, "durationSecs": 0.25})
    try:
        empty = await stage.begin({}, query=(("timeout", "0"), ("build", "")))
    except RefusedStartError as refused:
        await _judge_refused_empty(stage, plain, refused)
        raise
    timeout, build = (value_at(empty.first, f"options.{n}") for n in ("timeoutSecs", "build"))
    stage.note("TSK-10b", empty.start, message=f"timeout=0 gives options.timeoutSecs {timeout}.")
    stage.note("TSK-13c", empty.start, message=f"An empty build gives options.build {build}.")
    saved = await _input_of(stage, plain)
    await _judge_empty_body(stage, plain, empty, saved)
    seen = await _report(stage, merged.id)
    given = {name: value for name, value in seen["input"].items() if name != "report"}
    others = set(given) - {"durationSecs"}
    left_out = (
        {name: given[name] for name in others}
        if saved is None
        else {name: value for name, value in saved[0].items() if name != "durationSecs"}
    )
    if not left_out:
        raise UnreachableError("the task has saved no input but durationSecs, as far as is seen")
    stage.judge(
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
        raise UnreachableError("the task's saved input holds no object")
    stage.note("TSK-06c", plain.start, message=f"The saved input holds objects: {nested}.")


async def _judge_refused_empty(stage: Stage, plain: StartedRun, refused: RefusedStartError) -> None:
    """Judge a refusal of an empty object, unless it is for the odd query beside it."""
    alone = await stage.start({})
    if refused.blames_request and alone.response is not None and not alone.response.ok:
        stage.judge(
            "TSK-05b",
            plain.start,
            alone,
            kept=False,
            message=f"A start with an empty object is answered {summary(alone)}.",
            expected=201,
            observed=summary(alone),
        )


async def _judge_empty_body(
    stage: Stage,
    plain: StartedRun,
    empty: StartedRun,
    saved: tuple[dict[str, Any], Exchange] | None,
) -> None:
    """A run of `{}` got what a run without a body got; by its length where input is not served."""
    again = await _input_of(stage, empty)
    shown: list[Any]
    if saved is None or again is None:
        one, other = (number_at(run.first, "stats.inputBodyLen") for run in (plain, empty))
        if one is None or other is None:
            raise UnreachableError("the target does not show the input that a run got")
        evidence, same, shown = plain.start, one == other, [one, other]
    else:
        evidence, same, shown = saved[1], saved[0] == again[0], [saved[0], again[0]]
    for promise, message in (
        ("TSK-05b", "A start with {} does not run the task with its saved input."),
        ("TSK-07", "An override has changed the task's saved input."),
    ):
        stage.judge(
            promise,
            evidence,
            empty.start,
            kept=same,
            message=message,
            expected=shown[0],
            observed=shown[1],
        )


async def _input_of(stage: Stage, run: StartedRun) -> tuple[dict[str, Any], Exchange] | None:
    """Return the input that a run got, from its key-value store; None if that is not served."""
    store = run.first.get("defaultKeyValueStoreId")
    for path in (
        f"/v2/key-value-stores/{store}/records/INPUT",
        f"/v2/actor-runs/{run.id}/key-value-store/records/INPUT",
    ):
        exchange = await stage.send("GET", path)
        body = exchange.response.json if exchange.response else None
        if exchange.status == 200 and isinstance(body, dict):
            return body, exchange
    return None


@scenario(
    "GEN-14",
    "GEN-14b",
    "TSK-13b",
    "AUT-02",
    runs=3,
    uses=("first",),
    profile=Profile.FULL,
    needs=("token",),
    seconds=6,
)
async def task_references(stage: Stage) -> None:
    """A task is named by its id, by its owner and name, or by `~name`."""
    first = await stage.cast.play("first")
    identity = first.first.get("actorTaskId")
    task = stage.context.target.task or stage.context.target.short_task or ""
    if not isinstance(identity, str):
        raise UnreachableError("the run does not say which task it is of (actorTaskId)")
    number = first.first.get("buildNumber")
    body = {"durationSecs": 0.2} if stage.context.target.controlled else None
    by_number = None
    if number:
        by_number = await stage.start(body, task=identity, query=(("build", str(number)),))
    # Whether a task's id is understood rests on no build number: where that start was refused, the
    # id goes alone. It costs a run only then.
    by_id = by_number
    if by_id is None or not by_id.response or not by_id.response.ok:
        by_id = await stage.start(body, task=identity)
    token = stage.context.target.token or ""
    name = await task_name(stage, task)
    answers = {identity: by_id, task: first.start}
    answers[f"~{name.partition('~')[2]}"] = await stage.start(
        body, task=f"~{name.partition('~')[2]}", token=None, query=(("token", token),)
    )
    for reference, exchange in answers.items():
        shown = (exchange.data or {}).get("actorTaskId")
        stage.judge(
            "GEN-14",
            first.start,
            exchange,
            kept=exchange.status == 201 and shown == identity,
            message=f"A start of {reference!r} is answered {summary(exchange)}, task {shown}.",
            expected=f"201 with a run of the task {identity}",
            observed=summary(exchange),
        )
    query = answers[f"~{name.partition('~')[2]}"]
    stage.judge(
        "AUT-02",
        first.start,
        query,
        kept=query.status == 201,
        message=f"Run task with the token in the query is answered {summary(query)}.",
        expected=201,
        observed=summary(query),
    )
    _judge_build_number(stage, number, by_number, by_id)
    upper = await stage.start(body, task=name.upper())
    stage.note("GEN-14b", upper, message=f"A task's name in capitals: {summary(upper)}.")


def _judge_build_number(
    stage: Stage, number: object, start: Exchange | None, plain: Exchange
) -> None:
    """Judge a start with a build number beside `plain`, which names the task the same way."""
    if start is None:
        stage.unreached("TSK-13b", "the target does not show build numbers (buildNumber)")
        return
    if not plain.response or not plain.response.ok:
        stage.unreached(
            "TSK-13b", f"the same start without build was not accepted either: {summary(plain)}"
        )
        return
    options = (start.data or {}).get("options") or {}
    pair = [options.get("build"), (start.data or {}).get("buildNumber")]
    stage.judge(
        "TSK-13b",
        plain,
        start,
        kept=pair == [number, number],
        message=f"A start with build={number} ({summary(start)}) shows options.build and "
        f"buildNumber {pair}.",
        expected=[number, number],
        observed=pair,
    )
