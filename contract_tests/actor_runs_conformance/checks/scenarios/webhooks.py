"""Scenarios of webhooks that are given with a start."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.http.webhook_receiver import receiving
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from collections.abc import Callable

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
NO_CALL = (
    f"no webhook reached the receiver on 127.0.0.1 within {DELIVERY:g} s: the target calls none, or "
    "cannot reach this machine (as from a container), which its target file can say: "
    "[capabilities] receiver"
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
                    "payloadTemplate": '{"run": {{resource}}}',
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


@scenario(runs=2, profile=Profile.FULL, seconds=12)
async def webhooks_are_called(ctx: CheckContext) -> None:
    """A webhook is called when its event happens, and only once for each idempotency key."""
    async with receiving() as receiver:
        ctx.api.announce_wait("webhooks to be called", DELIVERY, "runTask")
        # Port and time make a key that was never used before.
        key = f"{receiver.url}-{time.time_ns()}"
        hooks = [
            {"eventTypes": ["ACTOR.RUN.SUCCEEDED"], "requestUrl": f"{receiver.url}/plain"},
            {
                "eventTypes": ["ACTOR.RUN.SUCCEEDED"],
                "requestUrl": f"{receiver.url}/once",
                "idempotencyKey": key,
            },
        ]
        body = {"durationSecs": 1, "exitCode": 0}
        first = await ctx.starts.begin(body, query=encoded(hooks))
        call = await receiver.until(
            _is_about(first, "/plain"), within=DELIVERY + ctx.session.tolerance()
        )
        if not receiver.calls:
            # Nothing shows that the target can reach this machine at all.
            for promise in ("WHK-01b", "WHK-05", "WHK-06"):
                ctx.not_exercised(promise, NO_CALL)
            return
        ctx.judge(
            "WHK-01b",
            first.start,
            kept=call is not None,
            message=f"A webhook for SUCCEEDED was not called within {DELIVERY:g} s, although "
            "another one of the same start was.",
            expected=f"POST {receiver.url}/plain",
            observed=[seen.path for seen in receiver.calls],
        )
        if call is not None:
            judge_payload(ctx, first, call)
        await _judge_key(ctx, receiver, first, await ctx.starts.begin(body, query=encoded(hooks)))


def _is_about(run: StartedRun, path: str) -> Callable[[Call], bool]:
    def holds(call: Call) -> bool:
        data = call.body.get("eventData") if isinstance(call.body, dict) else None
        named = isinstance(data, dict) and data.get("actorRunId") == run.id
        return call.path == path and (named or data is None)

    return holds


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


async def _judge_key(
    ctx: CheckContext, receiver: Receiver, first: StartedRun, second: StartedRun
) -> None:
    """Judge that a repeated start has its plain webhook called, and not the one with a used key."""
    plain = await receiver.until(
        _is_about(second, "/plain"), within=DELIVERY + ctx.session.tolerance()
    )
    once = await receiver.until(_is_about(first, "/once"), within=2)
    if plain is None or once is None:
        ctx.not_exercised("WHK-06", "the webhooks were not called, so none was called twice")
        return
    await asyncio.sleep(1)
    twice = await receiver.until(_is_about(second, "/once"), within=0.1)
    ctx.judge(
        "WHK-06",
        first.start,
        second.start,
        kept=twice is None,
        message="A webhook with an idempotencyKey was registered twice when its start was "
        "repeated.",
        expected="called for the first start only",
        observed="called for both",
    )
