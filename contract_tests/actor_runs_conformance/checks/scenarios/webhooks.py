"""Scenarios of webhooks that are given with a start."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.checks.scenarios.auth import BAD_TOKEN
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import JSON, encode
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.http.webhook_receiver import receiving
from actor_runs_conformance.testkit.answers import accepted
from actor_runs_conformance.testkit.api import OWN, NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.http.webhook_receiver import Call, Receiver
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

EVENTS = [
    f"ACTOR.RUN.{event}"
    for event in ("CREATED", "SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT", "RESURRECTED")
]
NOWHERE = "https://webhooks.invalid/hook"
"""No host can have this name: a target that calls it disturbs nobody."""
DELIVERY = 15.0
"""Seconds within which a webhook must have been called."""
WORK = 2.0
"""Seconds that a run works whose end is told of."""
UNASKED = 1.5
"""Seconds that a call is waited for which is not to come."""
NO_CALL = (
    f"No webhook reached the receiver on 127.0.0.1 within {DELIVERY:g} s. Where the target cannot "
    "reach this machine, as from a container, its target file can say so: [capabilities] receiver."
)
KEYS = ("userId", "createdAt", "eventType", "eventData", "resource")
IDS = {"actorId": "actId", "actorTaskId": "actorTaskId", "actorRunId": "id"}


def encoded(hooks: list[dict[str, Any]]) -> Query:
    """Return the query of a start with these webhooks."""
    text = json.dumps(hooks, separators=(",", ":")).encode()
    return (("webhooks", base64.b64encode(text).decode()),)


@scenario(runs=1, profile=Profile.FULL, seconds=3)
async def start_with_webhooks(ctx: CheckContext) -> None:
    """A start with webhooks is accepted, with every field and every event type of runs."""
    body = {"durationSecs": 0.2} if ctx.session.target.controlled else None
    start = await ctx.starts.start(
        body,
        task=ctx.session.target.task or ctx.session.target.short_task,
        query=encoded(
            [
                {"eventTypes": EVENTS, "requestUrl": NOWHERE, "doNotRetry": True},
                {
                    "eventTypes": ["ACTOR.RUN.RESURRECTED"],
                    "requestUrl": f"{NOWHERE}/full",
                    # Three of each character are a plus and a slash in Base64, wherever they stand.
                    "payloadTemplate": '{"run": {{resource}}, "why": ">>>???"}',
                    "headersTemplate": '{"X-Suite": "1"}',
                    "shouldInterpolateStrings": False,
                    "idempotencyKey": f"suite-{ctx.session.seed}-full",
                    "ignoreSslErrors": False,
                    "doNotRetry": True,
                },
            ]
        ),
    )
    for promise in ("WHK-01", "WHK-02", "WHK-03"):
        ctx.expect_status(promise, start, 201, what="A start with webhooks")


@frozen
class Ending:
    """A run to start with webhooks, and what it comes to.

    `works` is after how many seconds it ends at the earliest; `rebooted` before, where it can be.
    """

    name: str
    body: Mapping[str, Any]
    query: Query = ()
    works: float = 0.0
    aborted: bool = False
    rebooted: bool = False


ENDINGS = (
    Ending("succeeds", {"durationSecs": WORK, "exitCode": 0}, works=WORK),
    Ending(
        "fails",
        {"durationSecs": WORK, "exitCode": 7},
        (("restartOnError", "false"),),
        works=WORK,
        rebooted=True,
    ),
    Ending("times-out", {"durationSecs": 60, "onAbort": "ignore"}, (("timeout", "2"),)),
    Ending("is-aborted", {"durationSecs": 60, "exitCode": 0}, aborted=True),
)
FIRST_BODY = encode(ENDINGS[0].body) or b""
NOTHING_STARTED: Mapping[str, tuple[str, bytes, Query, str | None]] = {
    "TSK-12e": ("with memory=129", FIRST_BODY, (("memory", "129"),), OWN),
    "ERR-12": ("with an unknown build", FIRST_BODY, (("build", "no-such-build-tag"),), OWN),
    "TSK-08b": ("with malformed JSON", FIRST_BODY[:-1], (), OWN),
    "AUT-07": ("without a token", FIRST_BODY, (), None),
    "AUT-08b": ("with an invalid token", FIRST_BODY, (), BAD_TOKEN),
}
"""Starts that are to be refused, by the promise that no run comes of them."""


@frozen
class Watched:
    """A run with webhooks that has ended; `sent` is by the clock of the receiver."""

    ending: Ending
    run: StartedRun
    last: Exchange
    sent: float
    reboot: Exchange | None

    @property
    def past(self) -> str:
        """What became of the run, in words."""
        rebooted = "was rebooted and " if self.reboot and accepted(self.reboot) else ""
        return f"a run that {rebooted}is {status_of(self.last)}"

    @property
    def event(self) -> str:
        """The event of its end."""
        return str(status_of(self.last)).replace("-", "_")

    @property
    def wanted(self) -> Mapping[str, str]:
        """The promise that each call keeps which is to come, by its path.

        The documents name runs that finished or failed; other events are in the public contract.
        """
        promise = "WHK-01b" if self.event in {"SUCCEEDED", "FAILED"} else "WHK-03"
        promises = {"CREATED": "WHK-03", self.event: promise, "any": promise}
        return {f"/{self.ending.name}/{event}": name for event, name in promises.items()}


def _hooks(receiver: Receiver, name: str, key: str | None = None) -> Query:
    """Return the query with a webhook for each event, one for every end, and one with a key."""
    ends = [event for event in EVENTS if not event.endswith(("CREATED", "RESURRECTED"))]
    kinds = {event.rpartition(".")[2]: [event] for event in EVENTS} | {"any": ends, "once": ends}
    hooks = [
        {"eventTypes": events, "requestUrl": f"{receiver.url}/{name}/{kind}"}
        | ({"idempotencyKey": key} if kind == "once" else {})
        for kind, events in kinds.items()
        if kind != "once" or key
    ]
    return encoded(hooks)


@scenario(runs=len(ENDINGS), probes=True, profile=Profile.FULL, seconds=16)
async def webhooks_are_called(ctx: CheckContext) -> None:
    """A webhook is called when its event happens, and only once for each idempotency key."""
    async with receiving() as receiver:
        ctx.api.announce_wait("webhooks to be called", DELIVERY, "runTask")
        # Port and time make a key that was never used before.
        key = f"{receiver.url}-{time.time_ns()}"
        first = ENDINGS[0]
        others = ENDINGS[1:] if ctx.wants("WHK-01b", "WHK-03", "WHK-06") else ()
        runs = [await _watch(ctx, receiver, first, key)]
        # What one start comes to does not hide what another one shows.
        more = await asyncio.gather(
            *(_watch(ctx, receiver, ending, key) for ending in others), return_exceptions=True
        )
        for one in more:
            if isinstance(one, Watched):
                runs.append(one)
            elif not isinstance(one, NotExercisedError | NoAnswerError):
                raise one
        awaited = {path for one in runs for path in one.wanted}
        await receiver.until(
            lambda _: awaited <= {call.path for call in receiver.calls},
            within=DELIVERY + ctx.session.tolerance(),
        )
        if not receiver.calls:
            _judge_silence(ctx, runs)
            return
        await asyncio.sleep(UNASKED)
        for one in runs:
            _judge_calls(ctx, receiver, one)
        call = _call_to(receiver, f"/{first.name}/SUCCEEDED")
        if call is not None:
            judge_payload(ctx, runs[0].run, call)
        _judge_key(ctx, receiver, runs)
        await _judge_refused_starts(ctx, receiver, runs[0])


async def _watch(ctx: CheckContext, receiver: Receiver, ending: Ending, key: str) -> Watched:
    sent = time.monotonic()
    query = (*ending.query, *_hooks(receiver, ending.name, key))
    run = await ctx.starts.begin(ending.body, query=query)
    if ending.aborted:
        await ctx.api.abort(run.id)
    reboot = None
    if ending.rebooted and ctx.session.offers("rebootRun"):
        await ctx.api.until_running(run.id)
        reboot = await ctx.api.reboot(run.id)
    return Watched(ending, run, await ctx.api.until_finished(run.id, within=20), sent, reboot)


def _call_to(receiver: Receiver, path: str) -> Call | None:
    return next((call for call in receiver.calls if call.path == path), None)


def _judge_silence(ctx: CheckContext, runs: list[Watched]) -> None:
    """Judge a target on this machine that calls no webhook at all."""
    ctx.judge(
        "WHK-01b",
        *(one.run.start for one in runs),
        kept=False,
        message=NO_CALL,
        expected=sorted(runs[0].wanted),
        observed=[],
    )
    for promise in ("WHK-05", "WHK-06"):
        ctx.not_exercised(promise, "no webhook is called")


def _judge_calls(ctx: CheckContext, receiver: Receiver, watched: Watched) -> None:
    """Judge that a run's webhooks were called for its own events, and not before its end."""
    prefix, start = f"/{watched.ending.name}/", watched.run.start
    calls = [call for call in receiver.calls if call.path.startswith(prefix)]
    paths = {call.path for call in calls}
    rebooted = [watched.reboot] if watched.reboot else []
    for path, promise in watched.wanted.items():
        ctx.judge(
            promise,
            start,
            *rebooted,
            watched.last,
            kept=path in paths,
            message=f"A webhook for {path.removeprefix(prefix)} of {watched.past} was not called "
            f"within {DELIVERY:g} s, although others were.",
            expected=f"POST {receiver.url}{path}",
            observed=sorted(paths),
        )
    unasked = sorted(paths - set(watched.wanted) - {f"{prefix}once"})
    early = sorted(
        call.path
        for call in calls
        if call.path != f"{prefix}CREATED" and call.at < watched.sent + watched.ending.works
    )
    for wrong, what in (
        (unasked, "for events that did not come"),
        (early, "before the run can have ended"),
    ):
        ctx.judge(
            "WHK-01b",
            start,
            watched.last,
            kept=not wrong,
            message=f"Webhooks of {watched.past} were called {what}: {', '.join(wrong)}.",
            expected=sorted(watched.wanted),
            observed=sorted(paths),
        )


def _object(value: JsonValue) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def judge_payload(ctx: CheckContext, run: StartedRun, call: Call) -> None:
    """Judge what a webhook for the end of a run has posted."""
    body = _object(call.body)
    data, resource = (_object(body.get(name)) for name in ("eventData", "resource"))
    problems = [f"`{key}` is missing" for key in KEYS if not body.get(key)]
    problems += [
        f"`eventData.{name}` is {data.get(name)!r}"
        for name, field in IDS.items()
        if run.first.get(field) and data.get(name) != run.first[field]
    ]
    if call.method != "POST":
        problems.append(f"the method is {call.method}")
    if body.get("eventType") != "ACTOR.RUN.SUCCEEDED":
        problems.append(f"`eventType` is {body.get('eventType')!r}")
    if resource.get("id") != run.id:
        problems.append("`resource` is not the run")
    ctx.judge(
        "WHK-05",
        run.start,
        kept=not problems,
        message=f"The payload of a webhook is not as documented: {'; '.join(problems)}.",
        expected=list(KEYS),
        observed=body or "no JSON object",
    )


def _judge_key(ctx: CheckContext, receiver: Receiver, runs: list[Watched]) -> None:
    """Judge that of the webhooks with the same key only that of the first start was called."""
    first, *others = runs
    if _call_to(receiver, f"/{first.ending.name}/once") is None or not others:
        ctx.not_exercised("WHK-06", "the webhooks were not called, so none was called twice")
        return
    again = [one for one in others if _call_to(receiver, f"/{one.ending.name}/once") is not None]
    ctx.judge(
        "WHK-06",
        first.run.start,
        *(one.run.start for one in again or others),
        kept=not again,
        message="A webhook with an idempotencyKey was registered again by a start that repeats it.",
        expected="called for the first start only",
        observed=f"called for {1 + len(again)} starts",
    )


@step(*NOTHING_STARTED)
async def _judge_refused_starts(ctx: CheckContext, receiver: Receiver, control: Watched) -> None:
    """Judge by their webhooks that starts which are refused make no run."""
    if _call_to(receiver, f"/{control.ending.name}/CREATED") is None:
        return
    refused: dict[str, Exchange] = {}
    try:
        for promise, (_, body, query, token) in NOTHING_STARTED.items():
            hooks = _hooks(receiver, promise)
            probe = await ctx.starts.attempt(
                body, query=(*query, *hooks), headers=JSON, token=token
            )
            if probe.response is not None and probe.response.refused:
                refused[promise] = probe
    finally:
        await asyncio.sleep(UNASKED)
        for promise, probe in refused.items():
            calls = sorted({call.path for call in receiver.calls if f"/{promise}/" in call.path})
            ctx.judge(
                promise,
                control.run.start,
                probe,
                kept=not calls,
                message=f"A start {NOTHING_STARTED[promise][0]} is answered {summary(probe)}, "
                "and its webhooks tell of a run that it started.",
                expected="no run, so no webhook is called",
                observed=calls,
            )
