"""Scenarios of authentication: with a token, with a bad one, with a stranger's, with none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.restarts import (
    REPORTS,
    look_again,
    untouched,
    watch,
)
from actor_runs_conformance.checks.scenarios.update_run import MESSAGES
from actor_runs_conformance.http.exchange import status_of, summary
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.ledger.promise import ABORTS, DOCUMENTED_ABORT, OWN_PATH_ABORT
from actor_runs_conformance.testkit.answers import (
    about,
    accepted,
    details,
    error_type_of,
    message_of,
)
from actor_runs_conformance.testkit.api import OWN, NotExercisedError
from actor_runs_conformance.testkit.context import REFUSAL, SUCCESS
from actor_runs_conformance.testkit.registry import Profile, scenario
from actor_runs_conformance.testkit.steps import step

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

BAD_TOKEN = "not-a-token-of-anybody"  # noqa: S105
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
    await _judge_query(ctx, run.id, token)
    good_header = await ctx.api.get(run.id, query=(("token", BAD_TOKEN),))
    good_query = await ctx.api.get(run.id, token=BAD_TOKEN, query=(("token", token),))
    ctx.note(
        "AUT-03",
        good_header,
        good_query,
        message=f"Good token in the header, bad one in the query: {good_header.status}; "
        f"the other way round: {good_query.status}.",
    )


@step("AUT-02")
async def _judge_query(ctx: CheckContext, run: str, token: str) -> None:
    # A replica that is behind would show less, whatever the token.
    await ctx.api.wait_for_replicas()
    header = await ctx.api.get(run)
    query = await ctx.api.get(run, token=None, query=(("token", token),))
    owned, seen = details(header), (query.data or {})
    missing = [name for name in owned if owned[name] is not None and seen.get(name) is None]
    ctx.judge(
        "AUT-02",
        header,
        query,
        kept=about(query, run) and not missing,
        message=f"Get run with the token in the query is answered {summary(query)}"
        + (f", without {', '.join(missing)}." if missing else "."),
        expected="200 with all that is shown with the token in the header",
        observed=summary(query),
    )
    abort = await ctx.api.abort(run, token=None, query=(("token", token),))
    ctx.expect_run("AUT-02", abort, run, header, what="Abort run with the token in the query")


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
    near = {
        f"{own}x": "with one character more than the token",
        own[:-1]: "with one character less than the token",
    }
    if own.swapcase() != own:
        near[own.swapcase()] = "with the token in other letters, lower case for upper"
    for token, promise, with_status, kind, statuses in (
        (None, "AUT-07", "AUT-07c", "without a token", REFUSALS),
        # That may be taken for a malformed request.
        ("", "AUT-07", "AUT-07c", "with an empty token", REFUSAL),
        (BAD_TOKEN, "AUT-08b", "AUT-08d", "with an invalid token", (401, 403)),
        *((token, "AUT-08b", "AUT-08d", kind, (401, 403)) for token, kind in near.items()),
    ):
        noted = ("AUT-08c",) if token else ("AUT-07b", "AUT-10")
        if not ctx.wants(promise, with_status, *noted):
            continue
        # On a running run, where a breach would show, but for aborts: those would end it.
        said = {"runId": live.id, "statusMessage": "said by a stranger"}
        probes = {
            "Update run": await ctx.api.update(live.id, said, token=token),
            **await _aborts(ctx, done.id, token=token),
        }
        if token in {None, BAD_TOKEN}:
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
            elif token:
                ctx.note("AUT-08c", probe, message=f"An invalid token: {summary(probe)}.")
        if token is None:
            await _start_by_id(ctx, done)
            ctx.note(
                "AUT-10",
                probes["Run task"],
                message=f"A start without a token: {summary(probes['Run task'])}.",
            )
        if not ctx.wants(promise):
            continue
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


async def _start_by_id(ctx: CheckContext, run: StartedRun) -> None:
    """Start the task of a run without a token, by its id where the user has named it otherwise."""
    task = run.first.get("actorTaskId")
    if isinstance(task, str) and task and task != ctx.session.target.task:
        start = await ctx.starts.attempt({"durationSecs": 1}, token=None, task=task)
        ctx.refusal("AUT-07", start, run.start, what="Run task by its id without a token")


async def _aborts(ctx: CheckContext, run: str, *, token: str | None = OWN) -> dict[str, Exchange]:
    """Abort a run at each address that is offered, at once and gracefully."""
    return {
        f"{name}{how}": await ctx.api.abort(run, at=address, token=token, gracefully=gracefully)
        for name, address in (("Abort run", OWN_PATH_ABORT), ("The abort", DOCUMENTED_ABORT))
        if ctx.session.offers(address)
        for how, gracefully in (("", None), (" gracefully", "true"))
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
    work = {"durationSecs": 90, "exitCode": 0, **REPORTS} if target.controlled else None
    live = await ctx.starts.begin(work, task=target.task or target.long_task)
    before = await ctx.api.until_running(live.id)
    watched = await watch(ctx, live, before, "said by its owner")
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
    if not ctx.wants("ERR-08"):
        return
    after = await look_again(ctx, watched)
    ctx.judge(
        "ERR-08",
        before,
        after,
        kept=message_of(after) != "said by another account" and untouched(watched, after),
        message=f"A stranger changed a run: it is {status_of(after)} and says "
        f"{message_of(after)!r}.",
        expected="the run as it was",
        observed=[status_of(after), message_of(after)],
    )


async def _knows(ctx: CheckContext, token: str | None) -> bool:
    """Whether the target knows a token: an unknown run is then answered 404, not 401."""
    return (await ctx.api.get(NOBODY, token=token)).status != 401
