"""Scenarios of Update run: the status message, other bodies, and what stays as it was."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import encode
from actor_runs_conformance.ledger.statuses import has_ended
from actor_runs_conformance.testkit.answers import details, message_of
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.context import SUCCESS
from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.registry import scenario
from actor_runs_conformance.testkit.run_fields import (
    COUNTERS,
    number_at,
    value_at,
)
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext

NON_ASCII = "Ærøskøbing, 北京, 🚀, Ω, e\u0301"
"""The last letter is an accent after its letter, which a normalization would make one."""
UNUSUAL = {
    "empty": "",
    "two lines": "one\ntwo",
    "spaces at its ends": "  words  ",
    "10,000 characters": "x" * 10_000,
}
WORDS = r'The First Words:  1 < 2 & "so on", 100%25 of C:\new {id}'
"""A message that shows what is cut, escaped, unescaped, filled in, or made lower case."""
MESSAGES = "message of updated"
"""The lock of the run that takes updates: one scenario at a time sets its message."""
REMEMBERED = 7.0
"""Seconds after which a message must still be there."""


async def read_message(
    ctx: CheckContext, run: str, update: Exchange, message: str, *, mark: bool = False
) -> Exchange:
    """Read a run until it shows what was set, a mark included, or no replica can be behind."""
    return await ctx.api.until(
        run,
        lambda data: (
            data.get("statusMessage") == message
            and (data.get("isStatusMessageTerminal") is True or not mark)
        ),
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


@scenario(runs=1, uses=("updated", "second"), seconds=18)
async def update_status_message(ctx: CheckContext) -> None:
    """A status message is stored in the run of the path, a new one replaces it, no more changes."""
    older = await ctx.fixtures.get("updated")
    target = ctx.session.target
    body = {"durationSecs": 90, "exitCode": 0} if target.controlled else None
    run = await ctx.starts.begin(body, task=target.task or target.long_task)
    before = await ctx.api.until_running(run.id)
    async with ctx.fixtures.lock(MESSAGES):
        beside = await ctx.api.set_status_message(older.id, "For the Older Run", terminal=False)
        update = await ctx.api.set_status_message(run.id, WORDS, terminal=False)
        for answer, id_ in ((beside, older.id), (update, run.id)):
            _judge_answer(ctx, answer, id_)
        await _judge_older(ctx, older.id, beside)
        await _update_naming_another_run(ctx, run.id, older.id)
    await _update_twice(ctx, run.id, before)
    await _note_short_body(ctx, run.id)
    await _note_late_update(ctx)


@step("PUT-05")
async def _judge_older(ctx: CheckContext, run: str, update: Exchange) -> None:
    read = await read_message(ctx, run, update, "For the Older Run")
    judge_message(ctx, "PUT-05", update, read, "For the Older Run")


@step("PUT-02b", "PUT-05", "PUT-06", "PUT-07", "PUT-10", "GEN-03b")
async def _update_twice(ctx: CheckContext, run: str, before: Exchange) -> None:
    """Set a message, and another one in its place; `before` is how the run was at first."""
    update = await ctx.api.set_status_message(run, WORDS, terminal=False)
    read = await read_message(ctx, run, update, WORDS)
    judge_message(ctx, "PUT-05", update, read, WORDS)
    _judge_mark(ctx, update, read, mark=False)
    again = await ctx.api.set_status_message(run, "Second Words")
    ctx.expect_run("PUT-02b", again, run, update, what="A body without isStatusMessageTerminal")
    read = await read_message(ctx, run, again, "Second Words")
    for promise in ("PUT-05", "PUT-06"):
        judge_message(ctx, promise, again, read, "Second Words")
    await _update_outside_ascii(ctx, run)
    await _judge_the_rest(ctx, before, again)
    await _take_mark_back(ctx, run)


@step("PUT-03")
async def _note_short_body(ctx: CheckContext, run: str) -> None:
    short = await ctx.api.update(run, {"statusMessage": "without an id"})
    ctx.note("PUT-03", short, message=f"A body without runId: {summary(short)}.")


@step("PUT-09")
async def _note_late_update(ctx: CheckContext) -> None:
    ended = await ctx.fixtures.get("second")
    late = await ctx.api.set_status_message(ended.id, "after the end")
    ctx.note("PUT-09", late, message=f"An update of a finished run: {summary(late)}.")


def _judge_answer(ctx: CheckContext, answer: Exchange, run: str) -> None:
    what = "Update run of one of two runs"
    ctx.expect_details("PUT-01", answer, what=what)
    body = "A body with runId, statusMessage and isStatusMessageTerminal"
    ctx.expect_status("PUT-02", answer, SUCCESS, what=body)
    ctx.expect_run_of_path("PUT-24", answer, run, what=what, because="PUT-01")


def _judge_mark(ctx: CheckContext, update: Exchange, read: Exchange, *, mark: bool) -> None:
    """Judge that the answer to an accepted update and a later read show its mark, or none."""
    flags = [(shown.data or {}).get("isStatusMessageTerminal") for shown in (update, read)]
    if update.status == 200:
        ctx.judge(
            "PUT-07",
            update,
            read,
            kept=all((flag is True) == mark for flag in flags),
            message=f"A message was sent with isStatusMessageTerminal {str(mark).lower()}; the "
            f"answer shows {flags[0]!r} and a read {read.sent - update.sent:.0f} s later "
            f"{flags[1]!r}.",
            expected=mark,
            observed=flags,
        )


@step("PUT-07")
async def _take_mark_back(ctx: CheckContext, run: str) -> None:
    """Send a message that is not the last after one that is, and mark the same message then.

    A target is free to refuse what comes after the last message.
    """
    words = "More Words"
    more = await ctx.api.set_status_message(run, words, terminal=False)
    if message_of(more) != words:
        return
    _judge_mark(ctx, more, await read_message(ctx, run, more, words), mark=False)
    marked = await ctx.api.set_status_message(run, words, terminal=True)
    read = await read_message(ctx, run, marked, words, mark=True)
    _judge_mark(ctx, marked, read, mark=True)


@step("GEN-03b", "PUT-05", "PUT-07")
async def _update_outside_ascii(ctx: CheckContext, run: str) -> None:
    """Send a message in UTF-8 that is marked as the last, and look again when a while has passed."""
    words = {"runId": run, "statusMessage": NON_ASCII, "isStatusMessageTerminal": True}
    foreign = await ctx.api.update(run, json.dumps(words, ensure_ascii=False).encode())
    read = await read_message(ctx, run, foreign, NON_ASCII, mark=True)
    judge_message(ctx, "GEN-03b", foreign, read, NON_ASCII)
    _judge_mark(ctx, foreign, read, mark=True)
    if not ctx.wants("PUT-05", "PUT-07"):
        return
    ctx.api.announce_wait("a status message to last", REMEMBERED, "getRun")
    await asyncio.sleep(REMEMBERED)
    later = await ctx.api.get(run)
    # A run that has ended meanwhile may have a message of the platform's.
    if foreign.status == 200 and later.status == 200 and not has_ended(later.data or {}):
        ctx.expect_value(
            "PUT-05",
            message_of(later),
            message_of(read),
            foreign,
            read,
            later,
            message=f"The status message is {message_of(later)!r} {later.sent - foreign.sent:.0f} s "
            f"after it was set, and was {message_of(read)!r} before.",
        )
        _judge_mark(ctx, foreign, later, mark=True)


@step("PUT-10")
async def _judge_the_rest(ctx: CheckContext, before: Exchange, again: Exchange) -> None:
    """Judge that status, times, options and counters of a run that goes on are as before."""
    first = details(before)
    after = await ctx.api.get(str(first["id"]))
    now = details(after)
    if has_ended(now):
        raise NotExercisedError("the run that was to keep running has ended")
    names = [name for name in ("status", "startedAt", "finishedAt", "options") if name in now]
    changes = [name for name in names if first.get(name) != now[name]] + _counted(first, now)
    ctx.judge(
        "PUT-10",
        before,
        again,
        after,
        kept=not changes,
        message=f"An update of the message changes {', '.join(changes)}.",
        expected={name: value_at(first, name) for name in changes},
        observed={name: value_at(now, name) for name in changes},
    )


def _counted(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the counters that both show and that differ."""
    pairs = {path: (number_at(before, path), number_at(after, path)) for path in COUNTERS}
    return [path for path, (was, now) in pairs.items() if None not in (was, now) and was != now]


@step("PUT-04", "PUT-04b")
async def _update_naming_another_run(ctx: CheckContext, run: str, named: str) -> None:
    message = "meant for the run of the path"
    update = await ctx.api.update(run, {"runId": named, "statusMessage": message})
    ctx.note("PUT-04", update, message=f"A body with another runId: {summary(update)}.")
    if not ctx.wants("PUT-04b"):
        return
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(named)
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


@scenario(uses=("updated",), seconds=5)
async def update_with_bad_body(ctx: CheckContext) -> None:
    """A body that is not a JSON object, or has wrong types, is refused and changes nothing."""
    run = await ctx.fixtures.get("updated")
    async with ctx.fixtures.lock(MESSAGES):
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
        if not ctx.wants("PUT-14"):
            return
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


@scenario(uses=("updated",), seconds=6)
async def odd_updates(ctx: CheckContext) -> None:
    """How unusual updates are answered is noted."""
    run = await ctx.fixtures.get("updated")
    async with ctx.fixtures.lock(MESSAGES):
        await ctx.api.set_status_message(run.id, "before unusual updates")
        query = await ctx.api.update(run.id, {}, query=(("statusMessage", "by query"),))
        await _note_query(ctx, run.id, query)
        nothing = await ctx.api.update(run.id, None, headers=())
        ctx.note(
            "PUT-15",
            query,
            nothing,
            message=f"An update with {{}}: {summary(query)}; without a body: {summary(nothing)}.",
        )
        plain = await ctx.api.update(
            run.id, encode({"runId": run.id, "statusMessage": "plain"}), headers=()
        )
        ctx.note("PUT-16", plain, message=f"Without a content type: {summary(plain)}.")
        extra = await ctx.api.update(
            run.id, {"runId": run.id, "statusMessage": "with more", "more": 1}
        )
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


@step("PUT-13")
async def _note_query(ctx: CheckContext, run: str, update: Exchange) -> None:
    await ctx.api.wait_for_replicas()
    read = await ctx.api.get(run)
    taken = message_of(read) == "by query"
    message = f"A message in the query {'has an' if taken else 'has no'} effect."
    ctx.note("PUT-13", update, read, message=message)


@scenario(uses=("failed",))
async def default_status_message(ctx: CheckContext) -> None:
    """The message of a run that was never given one is noted."""
    run = await ctx.fixtures.get("failed")
    read = await ctx.api.get(run.id)
    ctx.note("PUT-08", read, message=f"A run without a message says {message_of(read)!r}.")
