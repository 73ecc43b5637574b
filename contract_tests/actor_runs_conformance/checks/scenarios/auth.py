"""Scenarios of authentication: with a token, with a bad one, with a stranger's, with none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.testkit.answers import (
    about,
    accepted,
    details,
    error_type_of,
    message_of,
)
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.context import SUCCESS
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext

BAD_TOKEN = "not-a-token-of-anybody"  # noqa: S105
COSTS = ("usageUsd", "usageTotalUsd")
ACCESS_DELAY = 60.0
"""Seconds after which a change of general access must have taken effect."""
REFUSALS = (401, 402, 403)


@scenario(uses=("finished", "live"), seconds=3)
async def bearer_token(ctx: CheckContext) -> None:
    """A Bearer token authenticates the caller on every operation."""
    run = await ctx.fixtures.get("finished")
    live = await ctx.fixtures.get("live")
    update = await ctx.api.set_status_message(live.id, "said with a token")
    answers = {
        "Run task": (run.start, 201),
        "Get run": (await ctx.api.get(run.id), 200),
        "Update run": (update, 200),
        "Abort run": (await ctx.api.abort(run.id), 200),
    }
    for name, (exchange, status) in answers.items():
        ctx.expect_status("AUT-01", exchange, status, what=f"{name} with a Bearer token")
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
    access = details(owner).get("generalAccess")
    refused = anonymous.response is not None and anonymous.response.refused
    if refused and access != "ANYONE_WITH_ID_CAN_READ":
        # The owner's settings may refuse strangers: open the run where it is ours.
        if ctx.session.target.run is not None:
            raise NotExercisedError(f"the run's general access ({access}) refuses strangers")
        opened = await ctx.api.update(run.id, {"generalAccess": "ANYONE_WITH_ID_CAN_READ"})
        if not accepted(opened):
            raise NotExercisedError(
                f"a run that refuses strangers cannot be opened: {opened.status}"
            )
        anonymous = await _until_read(ctx, run.id, readable=True)
    ctx.expect_run("AUT-04", anonymous, run.id, owner, what="Get run without a token")
    if not about(anonymous, run.id):
        raise NotExercisedError(f"the run cannot be read without a token: {summary(anonymous)}")
    owned, seen = details(owner), details(anonymous)
    shown = [name for name in COSTS if seen.get(name) is not None]
    ctx.judge(
        "AUT-05",
        owner,
        anonymous,
        kept=not shown,
        message=f"Get run shows {' and '.join(shown)} to a caller without a token.",
        expected="neither usageUsd nor usageTotalUsd",
        observed={name: seen[name] for name in shown},
    )
    hidden = sorted(set(owned) - set(seen) - set(COSTS))
    ctx.note(
        "AUT-05b",
        owner,
        anonymous,
        message=f"Beside costs, {', '.join(hidden)} are hidden without a token."
        if hidden
        else "Nothing but costs is hidden without a token.",
        observed=hidden,
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


@scenario(uses=("timed_out",), seconds=10)
async def general_access(ctx: CheckContext) -> None:
    """General access is updated, and RESTRICTED refuses a caller without a token."""
    run = await ctx.fixtures.get("timed_out")
    for value in ("ANYONE_WITH_ID_CAN_READ", "FOLLOW_USER_SETTING", "RESTRICTED"):
        update = await ctx.api.update(run.id, {"generalAccess": value})
        await ctx.api.wait_for_replicas()
        after = await ctx.api.get(run.id)
        shown = (after.data or {}).get("generalAccess")
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
    control = await ctx.api.update(run.id, {"generalAccess": "ANYONE_WITH_ID_CAN_READ"})
    for invalid in ("invalid", 0, None):
        probe = await ctx.api.update(run.id, {"generalAccess": invalid})
        ctx.refusal("PUT-12", probe, control, what=f"generalAccess {invalid!r}", statuses=(400,))


@scenario(uses=("finished", "live"), needs_token=True, probes=True, seconds=5)
async def missing_and_invalid_token(ctx: CheckContext) -> None:
    """Every operation but Get run refuses a caller without a valid token, and changes nothing."""
    live = await ctx.fixtures.get("live")
    done = await ctx.fixtures.get("finished")
    actor = done.actor or NOBODY
    controls = {
        "Update run": await ctx.api.set_status_message(live.id, "said by its owner"),
        "Abort run": await ctx.api.abort(done.id),
        "Run task": done.start,
    }
    if "abortActorRun" not in ctx.session.unsupported:
        controls["the deprecated abort"] = await ctx.api.abort(done.id, actor=actor)
    for token, promise, with_status, kind, statuses in (
        (None, "AUT-07", "AUT-07c", "without a token", REFUSALS),
        (BAD_TOKEN, "AUT-08b", "AUT-08d", "with an invalid token", (401, 403)),
    ):
        # On a running run, where a breach would show, but for aborts: those would end it.
        said = {"runId": live.id, "statusMessage": "said by a stranger"}
        probes = {
            "Update run": await ctx.api.update(live.id, said, token=token),
            "Abort run": await ctx.api.abort(done.id, token=token),
            "Run task": await ctx.starts.start(
                {"durationSecs": 1}, token=token, task=ctx.session.target.task or "none"
            ),
        }
        if "the deprecated abort" in controls:
            probes["the deprecated abort"] = await ctx.api.abort(done.id, actor=actor, token=token)
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


@scenario(profile=Profile.READ_ONLY, uses=("finished",), needs_token=True)
async def invalid_token_on_get(ctx: CheckContext) -> None:
    """Get run refuses a token that is not valid, although it needs none."""
    run = await ctx.fixtures.get("finished")
    control = await ctx.api.get(run.id)
    probe = await ctx.api.get(run.id, token=BAD_TOKEN)
    ctx.refusal("AUT-08", probe, control, what="Get run with an invalid token", statuses=(401,))


@scenario(uses=("live",), probes=True, seconds=5)
async def strangers_token(ctx: CheckContext) -> None:
    """A stranger with a valid token of their own is refused, and changes nothing."""
    live = await ctx.fixtures.get("live")
    stranger = ctx.session.target.other_token
    if not await _knows(ctx, stranger):
        raise NotExercisedError("the token of the second account is refused")
    await ctx.api.until_running(live.id)
    control = await ctx.api.set_status_message(live.id, "still said by its owner")
    said = {"runId": live.id, "statusMessage": "said by another account"}
    probes = {
        "Update run": await ctx.api.update(live.id, said, token=stranger),
        "Reboot run": await ctx.api.reboot(live.id, token=stranger),
        "Abort run": await ctx.api.abort(live.id, token=stranger),
    }
    if ctx.session.target.task is not None:
        probes["Run task"] = await ctx.starts.start({"durationSecs": 1}, token=stranger)
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
        after,
        kept=message_of(after) != "said by another account" and status_of(after) == "RUNNING",
        message=f"A stranger changed a run: it is {status_of(after)} and says "
        f"{message_of(after)!r}.",
        expected="the run as it was",
        observed=[status_of(after), message_of(after)],
    )


async def _knows(ctx: CheckContext, token: str | None) -> bool:
    """Whether the target knows a token: an unknown run is then answered 404, not 401."""
    return (await ctx.api.get(NOBODY, token=token)).status != 401
