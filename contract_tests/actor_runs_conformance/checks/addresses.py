"""Scenarios of paths, methods and queries that belong to no single operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.checks.comparing import about
from actor_runs_conformance.preflight import NOBODY
from actor_runs_conformance.registry import Profile, scenario
from actor_runs_conformance.stage import UnreachableError, summary

if TYPE_CHECKING:
    from actor_runs_conformance.exchange import Exchange
    from actor_runs_conformance.stage import Stage

ORIGIN = (
    ("origin", "https://example.com"),
    ("access-control-request-method", "POST"),
    ("access-control-request-headers", "authorization,content-type"),
)
MALFORMED_IDS = ("x", "a" * 20, "%C3%BC%C3%B1%C3%AE", "a.b-c_d", "%20%20", "a" * 300)


@scenario("GEN-01", "GEN-01b", "GEN-13", "GEN-12", profile=Profile.READ_ONLY, uses=("finished",))
async def paths(stage: Stage) -> None:
    """Get run lives at its path; misspelled paths and malformed ids are unknown."""
    run = await stage.cast.play("finished")
    control = await stage.get(run.id)
    stage.judge(
        "GEN-01",
        control,
        kept=about(control, run.id),
        message=f"Get run under /v2/actor-runs/ is answered {summary(control)}.",
        expected=200,
        observed=summary(control),
    )
    for path in (f"/v2/Actor-Runs/{run.id}", f"/v2/actor-run/{run.id}"):
        probe = await stage.send("GET", path)
        stage.refusal("GEN-01b", probe, control, what=f"GET {path}", statuses=(404,))
        stage.note("GEN-13", probe, message=f"An unknown path: {summary(probe)}.")
    for name in MALFORMED_IDS:
        probe = await stage.send("GET", f"/v2/actor-runs/{name}", operation="getRun")
        stage.refusal(
            "GEN-12", probe, control, what=f"Get run of the id {name[:30]!r}", statuses=(404,)
        )


@scenario("ERR-01", "ERR-01b", uses=("finished",), probes=True, seconds=3)
async def unknown_resources(stage: Stage) -> None:
    """A run or task that does not exist is answered with 404 on every operation."""
    run = await stage.cast.play("finished")
    controls: dict[str, Exchange] = {
        "Get run": await stage.get(run.id),
        "Update run": await stage.put(run.id, {"runId": run.id, "statusMessage": "of a known run"}),
        "Abort run": await stage.abort(run.id),
        "Run task": run.start,
    }
    probes = {
        "Get run": await stage.get(NOBODY),
        "Update run": await stage.say(NOBODY, "of nobody"),
        "Abort run": await stage.abort(NOBODY),
        "Run task": await stage.start({}, task=NOBODY),
    }
    if run.actor and "abortActorRun" not in stage.cast.left_out:
        controls["The deprecated abort"] = await stage.abort(run.id, actor=run.actor)
        probes["The deprecated abort"] = await stage.abort(NOBODY, actor=run.actor)
    for name, probe in probes.items():
        what = f"{name} of something that does not exist"
        stage.refusal("ERR-01", probe, controls[name], what=what, statuses=(404,))
        kind = probe.response.error_type if probe.response else None
        stage.judge(
            "ERR-01b",
            controls[name],
            probe,
            kept=kind == "record-not-found",
            message=f"{what} has the error type {kind!r}.",
            expected="record-not-found",
            observed=kind,
        )


@scenario("GEN-07", "GEN-07b", "GEN-07c", uses=("finished",), needs=("token",))
async def method_override(stage: Stage) -> None:
    """The query parameter `method` overrides the HTTP method."""
    run = await stage.cast.play("finished")
    path = f"/v2/actor-runs/{run.id}/abort"
    control = await stage.abort(run.id)
    if not about(control, run.id):
        raise UnreachableError(f"POST {path} itself is answered {summary(control)}")
    override = await stage.send("GET", path, query=(("method", "POST"),))
    stage.judge(
        "GEN-07",
        control,
        override,
        kept=about(override, run.id),
        message=f"GET {path}?method=POST is answered {summary(override)}.",
        expected="200, as for POST",
        observed=summary(override),
    )
    mixed = await stage.send("GET", path, query=(("method", "PoSt"),))
    stage.note("GEN-07b", mixed, message=f"method=PoSt: {summary(mixed)}.")
    odd = await stage.send("GET", path, query=(("method", "XXX"),))
    stage.note("GEN-07c", odd, message=f"method=XXX: {summary(odd)}.")


@scenario("GEN-08", "GEN-08b", "GEN-08c", uses=("finished",), probes=True)
async def unsupported_methods(stage: Stage) -> None:
    """A method that a path does not support is answered with 405."""
    run = await stage.cast.play("finished")
    base = f"/v2/actor-runs/{run.id}"
    read, abort = await stage.get(run.id), await stage.abort(run.id)
    task = stage.context.target.task or stage.context.target.short_task or NOBODY
    for method, path, control in (
        ("PATCH", base, read),
        ("GET", f"{base}/abort", abort),
        ("GET", f"{base}/reboot", abort),
        ("PATCH", f"/v2/actor-tasks/{task}/runs", run.start),
    ):
        probe = await stage.send(method, path)
        stage.refusal("GEN-08", probe, control, what=f"{method} {path}", statuses=(405,))
        kind = probe.response.error_type if probe.response else None
        stage.judge(
            "GEN-08b",
            control,
            probe,
            kept=kind == "method-not-allowed",
            message=f"{method} {path} has the error type {kind!r}.",
            expected="method-not-allowed",
            observed=kind,
        )
        message = ((probe.response.error if probe.response else None) or {}).get("message")
        stage.note("GEN-08c", probe, message=f"405 says {message!r}.")


@scenario("GEN-09", "GEN-10", "GEN-15", "GEN-16", uses=("finished",))
async def courtesies(stage: Stage) -> None:
    """What a target makes of OPTIONS, HEAD, slashes and unknown parameters is noted."""
    run = await stage.cast.play("finished")
    path = f"/v2/actor-runs/{run.id}"
    options = await stage.send("OPTIONS", path, headers=ORIGIN, token=None)
    origin = options.response.header("access-control-allow-origin") if options.response else None
    stage.note("GEN-09", options, message=f"OPTIONS: {options.status}, origin {origin}.")
    head = await stage.send("HEAD", path)
    stage.note("GEN-10", head, message=f"HEAD: {head.status}.")
    slash = await stage.send("GET", f"{path}/")
    stage.note("GEN-15", slash, message=f"A slash at the end: {slash.status}.")
    extra = await stage.get(run.id, query=(("standbyDeployment", "1"),))
    stage.note("GEN-16", extra, message=f"An unknown query parameter: {summary(extra)}.")
