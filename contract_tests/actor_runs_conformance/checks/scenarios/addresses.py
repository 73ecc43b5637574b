"""Scenarios of paths, methods and queries that belong to no single operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.checks.scenarios.update_run import MESSAGES
from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.requests import NOBODY, path
from actor_runs_conformance.ledger.promise import DOCUMENTED_ABORT, OWN_PATH_ABORT
from actor_runs_conformance.testkit.answers import about
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.registry import Profile, scenario

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.context import CheckContext
    from actor_runs_conformance.testkit.starts import StartedRun

ORIGIN = (
    ("origin", "https://example.com"),
    ("access-control-request-method", "POST"),
    ("access-control-request-headers", "authorization,content-type"),
)
OVERLONG = 100
"""Characters of an id from which on it may be refused for its length."""
MALFORMED_IDS = ("x", "a" * 20, "üñî", "a.b-c_d", "  ", "a" * 300)


@scenario(profile=Profile.READ_ONLY, uses=("finished",))
async def paths(ctx: CheckContext) -> None:
    """Get run is served at its path; a misspelled path or a malformed id is unknown."""
    run = await ctx.fixtures.get("finished")
    control = await ctx.api.get(run.id)
    ctx.expect_run("GEN-01", control, run.id, what="Get run at its path")
    for misspelled in ("Actor-Runs", "actor-run"):
        place = path("getRun", run=run.id).replace("actor-runs", misspelled)
        probe = await ctx.api.send("GET", place)
        ctx.refusal("GEN-01b", probe, control, what=f"GET {place}", statuses=(404,))
        ctx.note("GEN-13", probe, message=f"An unknown path: {summary(probe)}.")
    for name in MALFORMED_IDS:
        probe = await ctx.api.send("GET", path("getRun", run=name), operation="getRun")
        # A URL may be too long to be looked at.
        statuses = (404, 414) if len(name) > OVERLONG else (404,)
        what = f"Get run of the id {name[:30]!r}"
        ctx.refusal("GEN-12", probe, control, what=what, statuses=statuses)


@scenario(uses=("finished", "updated"), probes=True, seconds=3)
async def unknown_resources(ctx: CheckContext) -> None:
    """A run or task that does not exist is answered with 404 on every operation."""
    run, live = await ctx.fixtures.get("finished"), await ctx.fixtures.get("updated")
    async with ctx.fixtures.lock(MESSAGES):
        update = await ctx.api.set_status_message(live.id, "of a known run")
    controls: dict[str, Exchange] = {
        "Get run": await ctx.api.get(run.id),
        "Update run": update,
        "Run task": run.start,
    }
    probes = {
        "Get run": await ctx.api.get(NOBODY),
        "Update run": await ctx.api.set_status_message(NOBODY, "of nobody"),
        "Run task": await ctx.starts.attempt({}, task=NOBODY),
    }
    if ctx.session.offers(OWN_PATH_ABORT):
        controls["Abort run"] = await ctx.api.abort(run.id, at=OWN_PATH_ABORT)
        probes["Abort run"] = await ctx.api.abort(NOBODY, at=OWN_PATH_ABORT)
    if run.actor and ctx.session.offers(DOCUMENTED_ABORT):
        controls["The abort"] = await ctx.api.abort(run.id, actor=run.actor)
        probes["The abort"] = await ctx.api.abort(NOBODY, actor=run.actor)
    for name, probe in probes.items():
        what = f"{name} of something that does not exist"
        ctx.refusal("ERR-01", probe, controls[name], what=what, statuses=(404,))
        ctx.expect_error_type("ERR-01b", probe, controls[name], "record-not-found", what=what)


def _abort_of(ctx: CheckContext, run: StartedRun) -> tuple[str, str]:
    """Return the operation that aborts a run on this target, and its path for this run."""
    if run.actor and not ctx.session.offers(OWN_PATH_ABORT):
        return DOCUMENTED_ABORT, path(DOCUMENTED_ABORT, run=run.id, actor=run.actor)
    return OWN_PATH_ABORT, path(OWN_PATH_ABORT, run=run.id)


@scenario(uses=("finished",), needs_token=True)
async def method_override(ctx: CheckContext) -> None:
    """The query parameter `method` overrides the HTTP method."""
    run = await ctx.fixtures.get("finished")
    at, place = _abort_of(ctx, run)
    control = await ctx.api.abort(run.id, at=at)
    if not about(control, run.id):
        raise NotExercisedError(f"POST {place} itself is answered {summary(control)}")
    override = await ctx.api.send("GET", place, query=(("method", "POST"),))
    ctx.expect_run("GEN-07", override, run.id, control, what=f"GET {place}?method=POST")
    mixed = await ctx.api.send("GET", place, query=(("method", "PoSt"),))
    ctx.note("GEN-07b", mixed, message=f"method=PoSt: {summary(mixed)}.")
    unknown = await ctx.api.send("GET", place, query=(("method", "XXX"),))
    ctx.note("GEN-07c", unknown, message=f"method=XXX: {summary(unknown)}.")


@scenario(uses=("finished",), probes=True)
async def unsupported_methods(ctx: CheckContext) -> None:
    """A method that a path does not support is answered with 405."""
    run = await ctx.fixtures.get("finished")
    at, aborting = _abort_of(ctx, run)
    read, abort = await ctx.api.get(run.id), await ctx.api.abort(run.id, at=at)
    task = ctx.session.target.task or ctx.session.target.short_task or NOBODY
    for operation, method, place, control in (
        ("getRun", "PATCH", path("getRun", run=run.id), read),
        (at, "GET", aborting, abort),
        ("rebootRun", "GET", path("rebootRun", run=run.id), abort),
        ("runTask", "PATCH", path("runTask", task=task), run.start),
    ):
        if not ctx.session.offers(operation):
            continue
        probe = await ctx.api.send(method, place)
        ctx.refusal("GEN-08", probe, control, what=f"{method} {place}", statuses=(405,))
        ctx.expect_error_type(
            "GEN-08b", probe, control, "method-not-allowed", what=f"{method} {place}"
        )
        error = probe.response.error if probe.response else None
        ctx.note("GEN-08c", probe, message=f"405 says {(error or {}).get('message')!r}.")


@scenario(uses=("finished",))
async def courtesies(ctx: CheckContext) -> None:
    """How OPTIONS, HEAD, a trailing slash and an unknown parameter are answered is noted."""
    run = await ctx.fixtures.get("finished")
    place = path("getRun", run=run.id)
    options = await ctx.api.send("OPTIONS", place, headers=ORIGIN, token=None)
    origin = options.response.header("access-control-allow-origin") if options.response else None
    ctx.note("GEN-09", options, message=f"OPTIONS: {options.status}, origin {origin}.")
    head = await ctx.api.send("HEAD", place)
    ctx.note("GEN-10", head, message=f"HEAD: {head.status}.")
    slash = await ctx.api.send("GET", f"{place}/")
    ctx.note("GEN-15", slash, message=f"A trailing slash: {slash.status}.")
    extra = await ctx.api.get(run.id, query=(("standbyDeployment", "1"),))
    ctx.note("GEN-16", extra, message=f"An unknown query parameter: {summary(extra)}.")
