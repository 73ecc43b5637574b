"""Scenarios of Update run: the status message, other bodies, and what stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import encode
from actor_runs_conformance.testkit.answers import details, message_of
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import scenario
from actor_runs_conformance.testkit.run_fields import (
    COUNTERS,
    FIGURES,
    changed,
    number_at,
    value_at,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext

NON_ASCII = "Ærøskøbing, 北京, 🚀, Ω"
UNUSUAL = {"empty": "", "two lines": "one\ntwo", "10,000 characters": "x" * 10_000}
MESSAGE = {"isStatusMessageTerminal", "statusMessage"}


async def read_message(ctx: CheckContext, run: str, update: Exchange, message: str) -> Exchange:
    """Read a run until it shows the message that was set, or no replica can be behind."""
    return await ctx.api.until(
        run,
        lambda data: data.get("statusMessage") == message,
        "the status message to be read",
        within=LAG if update.status == 200 else 0,
    )


def judge_message(
    ctx: CheckContext, promise: str, update: Exchange, read: Exchange, message: str
) -> bool:
    """Judge that a message is in the answer and in later reads."""
    return ctx.judge(
        promise,
        read,
        update,
        kept=update.status == 200 and message_of(update) == message and message_of(read) == message,
        message=f"The status message was set ({summary(update)}); the answer shows "
        f"{message_of(update)!r} and later reads {message_of(read)!r}.",
        expected=message,
        observed=[message_of(update), message_of(read)],
    )


@scenario(uses=("finished", "second"), seconds=9)
async def update_status_message(ctx: CheckContext) -> None:
    """A status message is stored, a new one replaces it, and nothing else changes."""
    run = await ctx.fixtures.get("second")
    await ctx.api.wait_for_replicas()
    async with ctx.fixtures.lock("message of second"):
        before = await ctx.api.get(run.id)
        update = await ctx.api.set_status_message(run.id, "first words", terminal=False)
        for promise in ("PUT-01", "PUT-02", "PUT-24"):
            ctx.expect_run(promise, update, run.id, what="Update run")
        read = await read_message(ctx, run.id, update, "first words")
        judge_message(ctx, "PUT-05", update, read, "first words")
        again = await ctx.api.set_status_message(run.id, "second words")
        ctx.expect_run(
            "PUT-02b", again, run.id, update, what="A body without isStatusMessageTerminal"
        )
        read = await read_message(ctx, run.id, again, "second words")
        judge_message(ctx, "PUT-06", again, read, "second words")
        foreign = await ctx.api.set_status_message(run.id, NON_ASCII)
        read = await read_message(ctx, run.id, foreign, NON_ASCII)
        judge_message(ctx, "GEN-03b", foreign, read, NON_ASCII)
        short = await ctx.api.update(run.id, {"statusMessage": "without an id"})
        ctx.note("PUT-03", short, message=f"A body without runId: {summary(short)}.")
        ctx.note("PUT-09", short, message=f"An update of a finished run: {summary(short)}.")
        changes = changed(details(before), details(read), MESSAGE | FIGURES)
        changes += _counted(details(before), details(read))
        ctx.judge(
            "PUT-10",
            before,
            again,
            read,
            kept=not changes,
            message=f"An update of the message changes {', '.join(changes)}.",
            expected={name: value_at(details(before), name) for name in changes},
            observed={name: value_at(details(read), name) for name in changes},
        )
        await _update_naming_another_run(ctx, run.id)


def _counted(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the counters that both show and that differ; run times change by themselves."""
    counters = [path for path in COUNTERS if not path.endswith(("Secs", "Millis"))]
    pairs = {path: (number_at(before, path), number_at(after, path)) for path in counters}
    return [path for path, (was, now) in pairs.items() if None not in (was, now) and was != now]


async def _update_naming_another_run(ctx: CheckContext, run: str) -> None:
    named = await ctx.fixtures.get("finished")
    message = "meant for the run of the path"
    update = await ctx.api.update(run, {"runId": named.id, "statusMessage": message})
    ctx.note("PUT-04", update, message=f"A body with another runId: {summary(update)}.")
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(named.id)
    ctx.judge(
        "PUT-04b",
        after,
        update,
        kept=message_of(after) != message,
        message="An update changed the run that its body names, not the one of its path.",
        expected="the run of the body as it was",
        observed=message_of(after),
    )


BAD_BODIES = {
    "malformed JSON": b'{"statusMessage": ',
    "an array": b"[]",
    "a string": b'"words"',
}
WRONG_TYPES: dict[str, dict[str, Any]] = {
    "a number as statusMessage": {"statusMessage": 5},
    "a word as isStatusMessageTerminal": {
        "statusMessage": "meant to be refused",
        "isStatusMessageTerminal": "yes",
    },
}


@scenario(uses=("second",), seconds=5)
async def update_with_bad_body(ctx: CheckContext) -> None:
    """A body that is not a JSON object, or has wrong types, is refused and changes nothing."""
    run = await ctx.fixtures.get("second")
    async with ctx.fixtures.lock("message of second"):
        control = await ctx.api.set_status_message(run.id, "before bad bodies")
        for name, body in BAD_BODIES.items():
            probe = await ctx.api.update(run.id, body)
            ctx.refusal("PUT-17", probe, control, what=f"An update with {name}", statuses=(400,))
            ctx.expect_error_type(
                "PUT-17b", probe, control, "invalid-request", what=f"An update with {name}"
            )
        for name, values in WRONG_TYPES.items():
            probe = await ctx.api.update(run.id, {"runId": run.id, **values})
            ctx.refusal("PUT-14", probe, control, what=f"An update with {name}", statuses=(400,))
        await ctx.api.wait_for_replicas()
        after = await ctx.api.get(run.id)
        ctx.expect_value(
            "PUT-14",
            message_of(after),
            "before bad bodies",
            control,
            after,
            message="An update that had to be refused changed the status message.",
        )


@scenario(uses=("second",), seconds=6)
async def odd_updates(ctx: CheckContext) -> None:
    """How unusual updates are answered is noted."""
    run = await ctx.fixtures.get("second")
    async with ctx.fixtures.lock("message of second"):
        await ctx.api.set_status_message(run.id, "before unusual updates")
        query = await ctx.api.update(run.id, {}, query=(("statusMessage", "by query"),))
        await ctx.api.wait_for_replicas()
        read = await ctx.api.get(run.id)
        taken = message_of(read) == "by query"
        ctx.note(
            "PUT-13",
            query,
            read,
            message=f"A message in the query {'has an' if taken else 'has no'} effect.",
        )
        nothing = await ctx.api.update(run.id, None, headers=())
        ctx.note(
            "PUT-15",
            query,
            nothing,
            message=f"An update with {{}}: {summary(query)}; without a body: {summary(nothing)}.",
        )
        plain = await ctx.api.update(run.id, encode({"statusMessage": "plain"}), headers=())
        ctx.note("PUT-16", plain, message=f"Without a content type: {summary(plain)}.")
        extra = await ctx.api.update(run.id, {"statusMessage": "with more", "more": 1})
        ctx.note("PUT-21", extra, message=f"An unknown property: {summary(extra)}.")
        flag = await ctx.api.update(run.id, {"isStatusMessageTerminal": True})
        ctx.note("ERR-18", flag, message=f"A terminal flag alone: {summary(flag)}.")
        answers = []
        for name, message in UNUSUAL.items():
            answer = await ctx.api.set_status_message(run.id, message)
            kept = message_of(answer) == message
            answers.append(f"{name}: {answer.status}, {'kept' if kept else 'not kept'}")
            ctx.note("PUT-18", answer, message=f"Unusual messages: {'; '.join(answers)}.")
        # The next reader of this run expects an ordinary message.
        await ctx.api.set_status_message(run.id, "after unusual updates", terminal=False)


@scenario(uses=("failed",))
async def default_status_message(ctx: CheckContext) -> None:
    """The message of a run that was never given one is noted."""
    run = await ctx.fixtures.get("failed")
    read = await ctx.api.get(run.id)
    ctx.note("PUT-08", read, message=f"A run without a message says {message_of(read)!r}.")
