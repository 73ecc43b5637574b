"""Scenarios of starts that a target refuses, or is free to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import JSON
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import object_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.testkit.context import CheckContext

REFUSED: tuple[tuple[str, str, Query, tuple[int, ...]], ...] = (
    ("ERR-12", "an unknown build", (("build", "no-such-build-tag"),), (403,)),
    ("ERR-16", "timeout=abc", (("timeout", "abc"),), (400,)),
    ("ERR-16", "memory=abc", (("memory", "abc"),), (400,)),
)
"""Promise, what is wrong, the query, the statuses that refuse it."""
IMPOSSIBLE = {129: "TSK-12b", 384: "TSK-12b", 3000: "TSK-12b", 64: "TSK-12c", 1: "TSK-12c"}
"""Memory that no run can get, and the promise that none gets it."""
NOTED: Mapping[str, tuple[Query, ...]] = {
    "TSK-12d": ((("memory", "65536"),),),
    "ERR-12b": ((("build", "99.99.9999"),),),
    "ERR-17": ((("maxItems", "-1"),), (("maxTotalChargeUsd", "-1"),)),
    "TSK-31": (
        (("timeout", "-1"),),
        (("memory", ""),),
        (("restartOnError", "maybe"),),
    ),
    "WHK-04": (
        (("webhooks", "dGhpcyBpcyBqdXN0IGV4YW1wbGUK..."),),
        (("webhooks", "bm8ganNvbg=="),),
        (("webhooks", "e30="),),
    ),
}
"""Queries whose answer is only noted, by promise."""
BODIES: Mapping[str, tuple[bytes, str]] = {
    "null": (b"null", "application/json"),
    "an array": (b"[1]", "application/json"),
    "a string": (b'"words"', "application/json"),
    "text/plain": (b'{"durationSecs": 0}', "text/plain"),
}


async def attempt(
    ctx: CheckContext, query: Query = (), *, body: bytes | None = None, kind: str | None = None
) -> Exchange:
    """Send a start that a target may refuse; if it starts a run, that is aborted at once."""
    body = body if body is not None else _short(ctx)
    headers = (("content-type", kind),) if kind is not None else (JSON if body else ())
    task = ctx.session.target.task or ctx.session.target.short_task
    exchange = await ctx.starts.start(body, task=task, query=query, headers=headers)
    run = (exchange.data or {}).get("id")
    if exchange.status == 201 and isinstance(run, str):
        try:
            await ctx.api.abort(run)
        except NoAnswerError:
            return exchange  # The clean-up tries again.
    return exchange


def _short(ctx: CheckContext) -> bytes | None:
    return b'{"durationSecs": 0.2, "exitCode": 0}' if ctx.session.target.controlled else None


@scenario(uses=("first",), probes=True, seconds=4)
async def refused_starts(ctx: CheckContext) -> None:
    """A start with a wrong value is refused, and no run is started."""
    control = (await ctx.fixtures.get("first")).start
    for memory, promise in IMPOSSIBLE.items():
        probe = await attempt(ctx, (("memory", str(memory)),))
        what = f"A start with memory={memory}"
        refused = ctx.refusal("TSK-12e", probe, control, what=what)
        if not refused and probe.status != control.status:
            continue
        given = object_at(probe.data or {}, "options").get("memoryMbytes")
        ctx.judge(
            promise,
            control,
            probe,
            kept=given != memory,
            message=f"{what} gives a run of that memory.",
            expected="a power of 2 from 128 on, or a refusal",
            observed=given,
        )
    for promise, what, query, statuses in REFUSED:
        probe = await attempt(ctx, query)
        ctx.refusal(promise, probe, control, what=f"A start with {what}", statuses=statuses)
    probe = await attempt(ctx, body=b'{"durationSecs": ')
    ctx.refusal("TSK-08b", probe, control, what="A start with malformed JSON")
    ctx.note("ERR-14", probe, message=f"A start with malformed JSON: {summary(probe)}.")


@scenario(uses=("first",), runs=2, profile=Profile.FULL, seconds=4)
async def odd_starts(ctx: CheckContext) -> None:
    """How unusual starts are answered is noted, as far as two runs reach."""
    await ctx.fixtures.get("first")
    for promise, queries in NOTED.items():
        probes = [(query, await attempt(ctx, query)) for query in queries]
        answers = [
            f"{'&'.join(f'{name}={value}' for name, value in query)}: {summary(probe)}"
            for query, probe in probes
        ]
        ctx.note(promise, *(probe for _, probe in probes), message=f"{'; '.join(answers)}.")
    answers = []
    for name, (body, kind) in BODIES.items():
        probe = await attempt(ctx, body=body, kind=kind)
        if kind == "text/plain":
            ctx.note("TSK-09", probe, message=f"A body of type {kind}: {summary(probe)}.")
        else:
            answers.append(f"{name}: {summary(probe)}")
            ctx.note("TSK-08", probe, message=f"Unusual bodies: {'; '.join(answers)}.")
    probe = await attempt(ctx, kind=";;")
    ctx.note("ERR-24", probe, message=f"A malformed content type: {summary(probe)}.")
