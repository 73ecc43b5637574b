"""Scenarios of request bodies: size, compression and spelling, on Update run and Run task.

A body reaches its size by blanks after its JSON, so that it means the same at every size.
"""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.update_run import MESSAGES
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import JSON, encode
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.testkit.answers import accepted, message_of
from actor_runs_conformance.testkit.fixtures import FIXTURES
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from actor_runs_conformance.http.exchange import Exchange, Headers
    from actor_runs_conformance.testkit.context import CheckContext

LIMIT = 9_437_184
"""Bytes that a body may have at most, after it is decompressed."""


ENCODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "identity": bytes,
}


def sized(run: str, message: str, size: int) -> bytes:
    """Return the body of an update with this message, filled with blanks to this many bytes."""
    body = encode({"runId": run, "statusMessage": message}) or b""
    return body + b" " * (size - len(body))


def coded(encoding: str) -> Headers:
    """Return the headers of a JSON body in this encoding."""
    return (*JSON, ("content-encoding", encoding))


@scenario(uses=("first", "updated"), probes=True, seconds=6)
async def encodings(ctx: CheckContext) -> None:
    """A body may be compressed; an unknown encoding is refused with 415."""
    run = await ctx.fixtures.get("updated")
    first = await ctx.fixtures.get("first")
    async with ctx.fixtures.lock(MESSAGES):
        plain = await ctx.api.set_status_message(run.id, "uncompressed")
        for name, compress in ENCODINGS.items():
            message = f"by {name}"
            body = compress(encode({"runId": run.id, "statusMessage": message}) or b"")
            probe = await ctx.api.update(run.id, body, headers=coded(name))
            _judge_encoding(ctx, plain, probe, name, message)
        brotli = await ctx.api.update(run.id, brotli_body(run.id, "by br"), headers=coded("br"))
        _judge_encoding(ctx, plain, brotli, "br", "by br")
        update = await ctx.api.update(
            run.id, {"runId": run.id, "statusMessage": "by bla"}, headers=coded("bla")
        )
        _judge_unknown_encoding(ctx, "Update run", update, plain)
        charset = await ctx.api.update(
            run.id,
            {"runId": run.id, "statusMessage": "with a charset"},
            headers=(("content-type", "application/json; charset=utf-8"),),
        )
        ctx.note("BDY-01b", charset, message=f"A charset after the type: {summary(charset)}.")
        await _note_odd_bodies(ctx, run.id)
    start = await ctx.starts.attempt(
        _first_body(ctx) or {},
        task=ctx.session.target.task or ctx.session.target.short_task,
        headers=coded("bla"),
    )
    _judge_unknown_encoding(ctx, "Run task", start, first.start)


def _first_body(ctx: CheckContext) -> bytes | None:
    """Return the body of the first start, which shows that this one is accepted."""
    return encode(FIXTURES["first"].body) if ctx.session.target.controlled else None


def _judge_unknown_encoding(
    ctx: CheckContext, name: str, probe: Exchange, control: Exchange
) -> None:
    what = f"{name} with Content-Encoding: bla"
    if ctx.refusal("ERR-23", probe, control, what=what, statuses=(415,)):
        ctx.expect_error_type("ERR-23b", probe, control, "unsupported-content-encoding", what=what)


def _judge_encoding(
    ctx: CheckContext, plain: Exchange, probe: Exchange, name: str, message: str
) -> None:
    if not accepted(plain):
        ctx.not_exercised("BDY-02", f"an uncompressed body is refused too: {summary(plain)}")
        return
    ctx.judge(
        "BDY-02",
        plain,
        probe,
        kept=probe.status == 200 and message_of(probe) == message,
        message=f"A body in Content-Encoding: {name} is answered {summary(probe)}, and the "
        f"message is {message_of(probe)!r}.",
        expected=f"200 with the message {message!r}",
        observed=summary(probe),
    )


async def _note_odd_bodies(ctx: CheckContext, run: str) -> None:
    mislabelled = await ctx.api.update(
        run, {"runId": run, "statusMessage": "not gzip"}, headers=coded("gzip")
    )
    ctx.note("BDY-04", mislabelled, message=f"Plain JSON labelled as gzip: {summary(mislabelled)}.")
    chunked = await ctx.api.update(
        run,
        {"runId": run, "statusMessage": "in chunks"},
        headers=(*JSON, ("transfer-encoding", "chunked")),
    )
    ctx.note("BDY-05", chunked, message=f"A body in chunks: {summary(chunked)}.")
    answers = []
    for name, body in (
        ("repeated keys", b'{"statusMessage": "one", "statusMessage": "two"}'),
        ("500 levels", b'{"statusMessage": "deep", "x": ' + b"[" * 500 + b"]" * 500 + b"}"),
        ("a huge number", b'{"statusMessage": "big", "x": 1' + b"0" * 400 + b"}"),
    ):
        probe = await ctx.api.update(run, body)
        answers.append(f"{name}: {summary(probe)}")
        ctx.note("BDY-06", probe, message=f"Unusual JSON: {'; '.join(answers)}.")


def brotli_body(run: str, message: str) -> bytes:
    """Return a body as a brotli stream of one uncompressed block (RFC 7932, section 9.2)."""
    data = encode({"runId": run, "statusMessage": message}) or b""
    # WBITS 16 (one bit 0), then ISLAST 0, MNIBBLES 4 (00), MLEN-1 in 16 bits, ISUNCOMPRESSED 1.
    bits = (len(data) - 1) << 4 | 1 << 20
    header = bits.to_bytes(3, "little")
    return header + data + b"\x03"  # An empty last block.


@scenario(uses=("first", "updated"), profile=Profile.FULL, probes=True, seconds=8)
async def body_sizes(ctx: CheckContext) -> None:
    """A body of 9,437,184 bytes is accepted and one byte more refused, compressed or not."""
    run = await ctx.fixtures.get("updated")
    first = await ctx.fixtures.get("first")
    async with ctx.fixtures.lock(MESSAGES):
        small = await ctx.api.set_status_message(run.id, "a small body")
        full = await ctx.api.update(run.id, sized(run.id, "a full body", LIMIT))
        ctx.judge(
            "ERR-22b",
            small,
            full,
            kept=full.status != 413,
            message=f"A body of exactly {LIMIT} bytes is answered {summary(full)}.",
            expected="not 413",
            observed=summary(full),
        )
        over = await _answer_if_any(
            ctx.api.update(run.id, sized(run.id, "too large a body", LIMIT + 1))
        )
        packed = await _answer_if_any(
            ctx.api.update(
                run.id,
                gzip.compress(sized(run.id, "too large a body", LIMIT + 1), 1),
                headers=coded("gzip"),
            ),
        )
        unpacked = await ctx.api.update(
            run.id, gzip.compress(sized(run.id, "compressed", LIMIT), 1), headers=coded("gzip")
        )
    for promise, what, probe, control in (
        ("ERR-22", "An update of one byte too many", over, small),
        ("BDY-03", "A compressed update of one byte too many", packed, unpacked),
    ):
        _judge_too_large(ctx, promise, probe, control, what=what)
    start = await _answer_if_any(
        ctx.starts.attempt(
            (_first_body(ctx) or b"{}").ljust(LIMIT + 1),
            task=ctx.session.target.task or ctx.session.target.short_task,
        ),
    )
    what = "A start of one byte too many"
    _judge_too_large(ctx, "ERR-22", start, first.start, what=what)


def _judge_too_large(
    ctx: CheckContext, promise: str, probe: Exchange | None, control: Exchange, *, what: str
) -> None:
    if probe is None:
        ctx.not_exercised(promise, "the connection ended while the body was being sent")
    elif ctx.refusal(promise, probe, control, what=what, statuses=(413,)):
        ctx.expect_error_type("ERR-22c", probe, control, "request-too-large", what=what)


async def _answer_if_any(sending: Awaitable[Exchange]) -> Exchange | None:
    """Return the answer; None when the target closes the connection instead of reading on."""
    try:
        return await sending
    except NoAnswerError:
        return None
