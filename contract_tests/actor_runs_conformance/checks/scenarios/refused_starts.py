"""Scenarios of starts that a target refuses, or is free to refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import JSON, encode
from actor_runs_conformance.testkit.fixtures import FIXTURES
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import object_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.http.transport import Query
    from actor_runs_conformance.testkit.context import CheckContext

NO_POWER_OF_2 = ("129", "384", "128.5", "1536")
BELOW_128 = ("64", "0", "1")
"""Memory that no run can get; 384 and 1536 are multiples of 128 and 512, 128.5 is next to 128."""
WORDS = (("timeout", "abc"), ("memory", "abc"))
UNKNOWN_BUILD = "no-such-build-tag"
NOTED: Mapping[str, tuple[Query, ...]] = {
    "TSK-12d": ((("memory", "65536"),),),
    "ERR-12b": ((("build", "99.99.9999"),),),
    "ERR-17": ((("maxItems", "-1"),), (("maxTotalChargeUsd", "-1"),)),
    "TSK-31": (
        (("timeout", "-1"),),
        (("memory", ""),),
        (("restartOnError", "maybe"),),
        (("waitForFinish", "61"),),
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
    body = body if body is not None else _first_body(ctx)
    headers = (("content-type", kind),) if kind is not None else (JSON if body else ())
    task = ctx.session.target.task or ctx.session.target.short_task
    return await ctx.starts.attempt(body, task=task, query=query, headers=headers)


def _first_body(ctx: CheckContext) -> bytes | None:
    """Return the body of the first start, so that a probe differs from it in one thing."""
    return encode(FIXTURES["first"].body) if ctx.session.target.controlled else None


@scenario(uses=("first",), probes=True, seconds=3)
async def refused_memory(ctx: CheckContext) -> None:
    """No run gets a memory that is no power of 2."""
    await _try_memory(ctx, "TSK-12b", NO_POWER_OF_2)


@scenario(uses=("first",), probes=True, seconds=3)
async def refused_small_memory(ctx: CheckContext) -> None:
    """No run gets a memory below 128."""
    await _try_memory(ctx, "TSK-12c", BELOW_128)


async def _try_memory(ctx: CheckContext, promise: str, values: Iterable[str]) -> None:
    """Judge starts with memory that no run can get, up to the first that is accepted."""
    control = (await ctx.fixtures.get("first")).start
    for memory in values:
        probe = await attempt(ctx, (("memory", memory),))
        what = f"A start with memory={memory}"
        refused = ctx.refusal("TSK-12e", probe, control, what=what)
        if not refused and probe.status != control.status:
            continue
        given = object_at(probe.data or {}, "options").get("memoryMbytes")
        ctx.judge(
            promise,
            control,
            probe,
            kept=given != float(memory),
            message=f"{what} gives a run of that memory.",
            expected="a power of 2 from 128 on, or a refusal",
            observed=given,
        )
        if not refused:
            return


@scenario(uses=("first",), probes=True, seconds=2)
async def refused_starts(ctx: CheckContext) -> None:
    """A start with a word where a number belongs is refused, and no run is started."""
    control = (await ctx.fixtures.get("first")).start
    for name, word in WORDS:
        probe = await attempt(ctx, ((name, word),))
        what = f"A start with {name}={word}"
        if not ctx.refusal("ERR-16", probe, control, what=what, statuses=(400,)):
            return


@scenario(uses=("first",), probes=True, seconds=2)
async def refused_build(ctx: CheckContext) -> None:
    """A start with an unknown build is refused, and no run is started."""
    control = (await ctx.fixtures.get("first")).start
    probe = await attempt(ctx, (("build", UNKNOWN_BUILD),))
    ctx.refusal("ERR-12", probe, control, what="A start with an unknown build", statuses=(403,))


@scenario(uses=("first",), probes=True, seconds=2)
async def refused_body(ctx: CheckContext) -> None:
    """A start with a malformed body is refused, and no run is started."""
    control = (await ctx.fixtures.get("first")).start
    malformed = (_first_body(ctx) or b"{}")[:-1]
    probe = await attempt(ctx, body=malformed)
    ctx.refusal("TSK-08b", probe, control, what="A start with malformed JSON")
    ctx.note("ERR-14", probe, message=f"A start with malformed JSON: {summary(probe)}.")


@scenario(uses=("first",), runs=3, profile=Profile.FULL, seconds=4)
async def odd_starts(ctx: CheckContext) -> None:
    """How unusual starts are answered is noted, as far as three runs reach."""
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
