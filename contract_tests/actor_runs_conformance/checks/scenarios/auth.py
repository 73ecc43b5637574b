"""Scenarios of authentication: with a token, with a bad one, with a stranger's, with none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.update_run import MESSAGES
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.ledger.promise import ABORTS, DOCUMENTED_ABORT, OWN_PATH_ABORT
from actor_runs_conformance.results.finding import NEVER_SENT
from actor_runs_conformance.testkit.answers import (
    about,
    accepted,
    details,
    error_type_of,
    message_of,
)
from actor_runs_conformance.testkit.api import OWN, NotExercisedError
from actor_runs_conformance.testkit.context import SUCCESS
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.run_fields import number_at

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.context import CheckContext

BAD_TOKEN = "not-a-token-of-anybody"  # noqa: S105
COSTS = ("usageUsd", "usageTotalUsd")
PUBLIC = "ANYONE_WITH_ID_CAN_READ"
ACCESS_DELAY = 60.0
"""Seconds after which a change of general access must have taken effect."""
REFUSALS = (401, 402, 403)
MISSING = (404, 405)


@scenario(uses=("finished", "updated"), seconds=3)
async def bearer_token(ctx: CheckContext) -> None:
    """A Bearer token authenticates the caller on every operation, beside a query too."""
    run = await ctx.fixtures.get("finished")
    live = await ctx.fixtures.get("updated")
    async with ctx.fixtures.lock(MESSAGES):
        update = await ctx.api.set_status_message(live.id, "said with a token")
    answers = {
        "Run task": run.start,
        "Get run": await ctx.api.get(run.id),
        "Update run": update,
    }
    if any(map(ctx.session.offers, ABORTS)):
        answers["Abort run"] = await ctx.api.abort(run.id)
        answers["Abort run with a query"] = await ctx.api.abort(run.id, gracefully="false")
    for name, exchange in answers.items():
        # Any other refusal is no word about the token.
        if accepted(exchange) or exchange.status in REFUSALS:
            ctx.expect_status("AUT-01", exchange, SUCCESS, what=f"{name} with a Bearer token")
        if accepted(exchange) or exchange.status in MISSING:
            ctx.expect_status("GEN-01", exchange, SUCCESS, what=f"{name} at its path")
    for exchange in (run.start, update):
        ctx.expect_status("BDY-01", exchange, SUCCESS, what="A JSON body with its content type")


@scenario(uses=("finished",), needs_token=True, seconds=6)
async def query_token(ctx: CheckContext) -> None:
    """A token in the query gives the same rights as one in the header."""
    run = await ctx.fixtures.get("finished")
    token = ctx.session.target.token or ""
    # A replica that is behind would show less, whatever the token.
    await ctx.api.wait_for_replicas()
    header = await ctx.api.get(run.id)
    query = await ctx.api.get(run.id, token=None, query=(("token", token),))
    owned, seen = details(header), (query.data or {})
    missing = [name for name in owned if owned[name] is not None and seen.get(name) is None]
    ctx.judge(
        "AUT-02",
        header,
        query,
        kept=about(query, run.id) and not missing,
        message=f"Get run with the token in the query is answered {summary(query)}"
        + (f", without {', '.join(missing)}." if missing else "."),
        expected="200 with all that is shown with the token in the header",
        observed=summary(query),
    )
    abort = await ctx.api.abort(run.id, token=None, query=(("token", token),))
    ctx.expect_run("AUT-02", abort, run.id, header, what="Abort run with the token in the query")
    good_header = await ctx.api.get(run.id, query=(("token", BAD_TOKEN),))
    good_query = await ctx.api.get(run.id, token=BAD_TOKEN, query=(("token", token),))
    ctx.note(
        "AUT-03",
        good_header,
        good_query,
        message=f"Good token in the header, bad one in the query: {good_header.status}; "
        f"the other way round: {good_query.status}.",
    )


@scenario(profile=Profile.READ_ONLY, uses=("finished",), seconds=5)
async def anonymous_get(ctx: CheckContext) -> None:
    """Get run answers a caller without a token, and hides the costs."""
    run = await ctx.fixtures.get("finished")
    owner = await ctx.api.get(run.id)
    anonymous = await ctx.api.get(run.id, token=None)
    access = access_of(owner)
    refused = anonymous.response is not None and anonymous.response.refused
    if refused and access != PUBLIC:
        # What settings refuse is judged on a run whose access is opened first.
        raise NotExercisedError(f"the run's general access ({access}) refuses strangers")
    ctx.expect_run("AUT-04", anonymous, run.id, owner, what="Get run without a token")
    if not about(anonymous, run.id):
        raise NotExercisedError(f"the run cannot be read without a token: {summary(anonymous)}")
    _judge_costs(ctx, owner, anonymous, "a run that has ended")
    waited = await ctx.api.get(run.id, token=None, wait=1)
    _judge_costs(ctx, owner, waited, "a run that has ended, with waitForFinish,")
    hidden = sorted(set(details(owner)) - set(details(anonymous)) - set(COSTS))
    ctx.note(
        "AUT-05b",
        owner,
        anonymous,
        message=f"Beside costs, {', '.join(hidden)} are hidden without a token."
        if hidden
        else "Nothing but costs is hidden without a token.",
        observed=hidden,
    )


@scenario(uses=("finished", "live"), seconds=3)
async def anonymous_get_of_running_run(ctx: CheckContext) -> None:
    """A caller without a token may read a run that goes on too, and wait, and sees no costs."""
    done, live = await ctx.fixtures.get("finished"), await ctx.fixtures.get("live")
    ended, control = await ctx.api.get(done.id), await ctx.api.get(done.id, token=None)
    await ctx.api.until_running(live.id)
    owner = await ctx.api.get(live.id)
    if access_of(owner) != PUBLIC and not about(control, done.id):
        raise NotExercisedError(f"the run's general access ({access_of(owner)}) refuses strangers")
    if access_of(owner) != access_of(ended):
        raise NotExercisedError("the general access of a run changes when it ends")
    for wait, what in (
        (None, "a run that goes on"),
        (1, "a run that goes on, with waitForFinish,"),
    ):
        anonymous = await ctx.api.get(live.id, token=None, wait=wait)
        ctx.expect_run(
            "AUT-04", anonymous, live.id, control, owner, what=f"Get run of {what} without a token"
        )
        _judge_costs(ctx, owner, anonymous, what)


def access_of(exchange: Exchange) -> JsonValue:
    """Return the general access that an answer shows; None when it shows none."""
    return (exchange.data or {}).get("generalAccess")


def _judge_costs(ctx: CheckContext, owner: Exchange, anonymous: Exchange, what: str) -> None:
    """Judge that costs which the owner is shown are hidden from a caller without a token."""
    owned, seen = owner.data or {}, anonymous.data or {}
    shown = [name for name in COSTS if seen.get(name) is not None]
    if not shown and all(owned.get(name) is None for name in COSTS):
        ctx.not_exercised("AUT-05", NEVER_SENT)
        return
    ctx.judge(
        "AUT-05",
        owner,
        anonymous,
        kept=not shown,
        message=f"Get run of {what} shows {' and '.join(shown)} to a caller without a token.",
        expected="neither usageUsd nor usageTotalUsd",
        observed={name: seen[name] for name in shown},
    )


async def _until_read(ctx: CheckContext, run: str, *, readable: bool) -> Exchange:
    """Read without a token until that works, or stops working; give up after about a minute."""
    deadline = ctx.session.now() + ACCESS_DELAY
    ctx.api.announce_wait("a change of general access to take effect", ACCESS_DELAY, "getRun")
    pause = 0.5
    while True:
        exchange = await ctx.api.get(run, token=None)
        if (exchange.status == 200) is readable or ctx.session.now() > deadline:
            return exchange
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 5)


@scenario(runs=1, seconds=14)
async def general_access(ctx: CheckContext) -> None:
    """General access is updated: then a caller without a token is answered, or refused."""
    run = await ctx.starts.begin({"durationSecs": 120, "exitCode": 0})
    for value in ("RESTRICTED", "FOLLOW_USER_SETTING", PUBLIC):
        update = await _set_access(ctx, run.id, value)
        await ctx.api.wait_for_replicas()
        after = await ctx.api.get(run.id)
        shown = access_of(after)
        ctx.judge(
            "PUT-11",
            update,
            after,
            kept=about(update, run.id) and shown in (value, None),
            message=f"After generalAccess was set to {value} ({summary(update)}), reads show {shown}.",
            expected=value,
            observed=shown,
        )
        if value == "RESTRICTED" and about(update, run.id):
            refused = await _until_read(ctx, run.id, readable=False)
            owner = await ctx.api.get(run.id)
            ctx.refusal(
                "AUT-06",
                refused,
                owner,
                what="Get run of a restricted run without a token",
                statuses=(401, 403, 404),
            )
    await _judge_open(ctx, run.id, update)
    for invalid in ("invalid", 0, None):
        probe = await _set_access(ctx, run.id, invalid)
        ctx.refusal("PUT-12", probe, update, what=f"generalAccess {invalid!r}", statuses=(400,))


async def _set_access(ctx: CheckContext, run: str, value: JsonValue) -> Exchange:
    body = {"runId": run, "statusMessage": "with general access", "generalAccess": value}
    return await ctx.api.update(run, body)


async def _judge_open(ctx: CheckContext, run: str, opened: Exchange) -> None:
    """Judge that a run which anyone may read, or whose access nobody can set, is read by anyone."""
    owner = await ctx.api.get(run)
    if not accepted(opened) and access_of(owner) is not None:
        ctx.not_exercised("AUT-04", f"general access cannot be opened: {summary(opened)}")
        return
    anonymous = await _until_read(ctx, run, readable=True)
    what = "Get run without a token"
    ctx.expect_run("AUT-04", anonymous, run, opened, owner, what=what)
    if about(anonymous, run):
        _judge_costs(ctx, owner, anonymous, "a run that anyone may read")


@scenario(uses=("finished", "live"), needs_token=True, probes=True, seconds=15)
async def missing_and_invalid_token(ctx: CheckContext) -> None:
    """Every operation but Get run refuses a caller without a valid token, and changes nothing."""
    live = await ctx.fixtures.get("live")
    done = await ctx.fixtures.get("finished")
    controls = {
        "Update run": await ctx.api.set_status_message(live.id, "said by its owner"),
        "Run task": done.start,
        **await _aborts(ctx, done.id),
    }
    own = ctx.session.target.token or ""
    near = {f"{own}x": "with one character more than the token"}
    if own.swapcase() != own:
        near[own.swapcase()] = "with the token in other letters, lower case for upper"
    for token, promise, with_status, kind, statuses in (
        (None, "AUT-07", "AUT-07c", "without a token", REFUSALS),
        (BAD_TOKEN, "AUT-08b", "AUT-08d", "with an invalid token", (401, 403)),
        *((token, "AUT-08b", "AUT-08d", kind, (401, 403)) for token, kind in near.items()),
    ):
        # On a running run, where a breach would show, but for aborts: those would end it.
        said = {"runId": live.id, "statusMessage": "said by a stranger"}
        probes = {
            "Update run": await ctx.api.update(live.id, said, token=token),
            **await _aborts(ctx, done.id, token=token),
        }
        if token not in near:
            task = ctx.session.target.task or "none"
            probes["Run task"] = await ctx.starts.attempt(
                {"durationSecs": 1}, token=token, task=task
            )
        for name, probe in probes.items():
            what = f"{name} {kind}"
            if ctx.refusal(promise, probe, controls[name], what=what):
                ctx.refusal(with_status, probe, controls[name], what=what, statuses=statuses)
            if token is None:
                ctx.judge(
                    "AUT-07b",
                    controls[name],
                    probe,
                    kept=(probe.status, error_type_of(probe)) == (401, "token-not-provided"),
                    message=f"{name} without a token is answered {summary(probe)}.",
                    expected="401 token-not-provided",
                    observed=summary(probe),
                )
            else:
                ctx.note("AUT-08c", probe, message=f"An invalid token: {summary(probe)}.")
        if token is None:
            ctx.note(
                "AUT-10",
                probes["Run task"],
                message=f"A start without a token: {summary(probes['Run task'])}.",
            )
        await ctx.api.wait_for_replicas()
        after = await ctx.api.get(live.id)
        message = message_of(after)
        if not about(after, live.id):
            raise NotExercisedError(f"the run cannot be read any more: {summary(after)}")
        ctx.judge(
            promise,
            after,
            kept=message != "said by a stranger",
            message=f"Update run {kind} changed the status message.",
            expected="the run as it was",
            observed=message,
        )


async def _aborts(ctx: CheckContext, run: str, *, token: str | None = OWN) -> dict[str, Exchange]:
    """Abort a run at each address that is offered."""
    return {
        name: await ctx.api.abort(run, at=address, token=token)
        for name, address in (("Abort run", OWN_PATH_ABORT), ("The abort", DOCUMENTED_ABORT))
        if ctx.session.offers(address)
    }


@scenario(profile=Profile.READ_ONLY, uses=("finished",), needs_token=True)
async def invalid_token_on_get(ctx: CheckContext) -> None:
    """Get run refuses a token that is not valid, although it needs none."""
    run = await ctx.fixtures.get("finished")
    control = await ctx.api.get(run.id)
    probe = await ctx.api.get(run.id, token=BAD_TOKEN)
    ctx.refusal("AUT-08", probe, control, what="Get run with an invalid token", statuses=(401,))


@scenario(runs=1, probes=True, seconds=6)
async def strangers_token(ctx: CheckContext) -> None:
    """A stranger with a valid token of their own is refused, and changes nothing."""
    stranger = ctx.session.target.other_token
    if not await _knows(ctx, stranger):
        raise NotExercisedError("the token of the second account is refused")
    # Of this scenario's own: a stranger who is let in would end it.
    target = ctx.session.target
    work = {"durationSecs": 90, "exitCode": 0} if target.controlled else None
    live = await ctx.starts.begin(work, task=target.task or target.long_task)
    before = await ctx.api.until_running(live.id)
    control = await ctx.api.set_status_message(live.id, "still said by its owner")
    said = {"runId": live.id, "statusMessage": "said by another account"}
    probes = {"Update run": await ctx.api.update(live.id, said, token=stranger)}
    if ctx.session.offers("rebootRun"):
        probes["Reboot run"] = await ctx.api.reboot(live.id, token=stranger)
    probes |= await _aborts(ctx, live.id, token=stranger)
    if target.task is not None:
        probes["Run task"] = await ctx.starts.attempt({"durationSecs": 1}, token=stranger)
    for name, probe in probes.items():
        ctx.refusal(
            "ERR-08",
            probe,
            control,
            what=f"{name} with a stranger's token",
            statuses=(402, 403, 404),
        )
        ctx.note("AUT-09", probe, message=f"{name} of a stranger's run: {summary(probe)}.")
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(live.id)
    ctx.judge(
        "ERR-08",
        before,
        after,
        kept=message_of(after) != "said by another account" and untouched(before, after),
        message=f"A stranger changed a run: it is {status_of(after)} and says "
        f"{message_of(after)!r}.",
        expected="the run as it was",
        observed=[status_of(after), message_of(after)],
    )


def untouched(before: Exchange, after: Exchange) -> bool:
    """Whether a run was not aborted, and no reboot of it was counted."""
    counts = [number_at(shown.data or {}, "stats.rebootCount") for shown in (before, after)]
    aborted = status_of(after) in {"ABORTING", "ABORTED"}
    return not aborted and (None in counts or counts[0] == counts[1])


async def _knows(ctx: CheckContext, token: str | None) -> bool:
    """Whether the target knows a token: an unknown run is then answered 404, not 401."""
    return (await ctx.api.get(NOBODY, token=token)).status != 401
