"""The requests of each operation: path, token, body, and nothing that was not asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.clients.situation import ACTOR, RUN, about_run, situation
from actor_runs_conformance.http.exchange import find_header

if TYPE_CHECKING:
    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received

MESSAGE = "Größe: 3 m² 漢字 🙂"
TRUE = {"true", "1"}


def _expect_run(verdicts: Verdicts, promise: str, request: Received, message: str) -> None:
    """Judge that a path names the run that the client was told; `message` has a place for it."""
    named = request.ids["runId"]
    verdicts.expect(
        promise, named == RUN, message.format(repr(named)), expected=RUN, observed=named
    )


@situation(about_run("get"))
def get_run(seen: Seen, verdicts: Verdicts) -> None:
    """A run is read."""
    request = seen.first("getRun")
    _expect_run(verdicts, "GET-02", request, "Get run asks for the run {}.")
    verdicts.expect(
        "GET-04",
        "waitForFinish" not in request.query,
        f"Get run waits {request.query.get('waitForFinish')} s, which nobody asked for.",
        expected={},
        observed=request.query,
    )
    verdicts.expect(
        "AUT-01",
        find_header(request.headers, "authorization") == f"Bearer {seen.token}",
        "The token that the client was given does not arrive as a Bearer token.",
        expected="Authorization: Bearer <token>",
        observed="another token" if request.token else "no token",
    )
    shown = seen.shown()
    verdicts.expect(
        "GET-01",
        shown.get("id") == RUN,
        f"The client shows a run with the id {shown.get('id')!r}.",
        expected=RUN,
        observed=shown.get("id"),
    )


@situation(about_run("update", statusMessage=MESSAGE, isStatusMessageTerminal=True))
def update_run(seen: Seen, verdicts: Verdicts) -> None:
    """A status message is set, as the last one."""
    request = seen.first("updateRun")
    body = request.json if isinstance(request.json, dict) else {}
    wanted = {"runId": RUN, "statusMessage": MESSAGE, "isStatusMessageTerminal": True}
    _expect_run(verdicts, "PUT-24", request, "Update run names the run {} in its path.")
    verdicts.expect(
        "PUT-23",
        body.get("runId") == RUN and "statusMessage" in body,
        "The body lacks `runId` or `statusMessage`; the API itself takes less.",
        expected=wanted,
        observed=request.json,
    )
    verdicts.expect(
        "GEN-03b",
        body.get("statusMessage") == MESSAGE,
        "The status message arrives changed.",
        expected=MESSAGE,
        observed=body.get("statusMessage"),
    )
    verdicts.expect(
        "PUT-07",
        body.get("isStatusMessageTerminal") is True,
        "The mark of the last message does not arrive.",
        expected=True,
        observed=body.get("isStatusMessageTerminal"),
    )
    kind = (find_header(request.headers, "content-type") or "").partition(";")[0].strip().lower()
    verdicts.expect(
        "BDY-01",
        kind == "application/json" and isinstance(request.json, dict),
        f"The body is sent as {kind or 'no type at all'}.",
        expected="application/json",
        observed=kind,
    )


@situation(about_run("update", statusMessage=MESSAGE))
def update_run_in_between(seen: Seen, verdicts: Verdicts) -> None:
    """A status message is set, with more to come."""
    request = seen.first("updateRun")
    body = request.json if isinstance(request.json, dict) else {}
    verdicts.expect(
        "PUT-02b",
        not body.get("isStatusMessageTerminal"),
        "The message is marked as the last one, which nobody asked for.",
        observed=request.json,
    )


@situation(about_run("abort"))
def abort_run(seen: Seen, verdicts: Verdicts) -> None:
    """A run is aborted at once."""
    request = seen.first("abortRun")
    _expect_run(verdicts, "ABT-25", request, "Abort run names the run {}.")
    verdicts.expect(
        "ABT-07",
        request.query.get("gracefully", "false").lower() in {"false", "0"},
        "The abort is graceful, which nobody asked for.",
        expected={},
        observed=request.query,
    )


@situation(about_run("abort", gracefully=True))
def abort_run_gracefully(seen: Seen, verdicts: Verdicts) -> None:
    """A run is aborted gracefully."""
    request = seen.first("abortRun")
    verdicts.expect(
        "ABT-08",
        request.query.get("gracefully", "").lower() in TRUE,
        "`gracefully` does not arrive.",
        expected={"gracefully": "true"},
        observed=request.query,
    )


@situation(about_run("abort", actor=ACTOR, gracefully=True))
def abort_by_actor(seen: Seen, verdicts: Verdicts) -> None:
    """A run is aborted by the deprecated path below its Actor."""
    request = seen.first("abortActorRun")
    verdicts.expect(
        "ABT-03",
        request.ids == {"actorId": ACTOR, "runId": RUN},
        "The path names another Actor or run.",
        expected={"actorId": ACTOR, "runId": RUN},
        observed=dict(request.ids),
    )


@situation(about_run("reboot"))
def reboot_run(seen: Seen, verdicts: Verdicts) -> None:
    """A run is rebooted."""
    request = seen.first("rebootRun")
    _expect_run(verdicts, "RBT-09", request, "Reboot run names the run {}.")
    shown = seen.shown()
    verdicts.expect(
        "RBT-01",
        shown.get("id") == RUN,
        f"The client shows a run with the id {shown.get('id')!r}.",
        expected=RUN,
        observed=shown.get("id"),
    )


ODD_IDS = ("../actor-tasks/x", "a?waitForFinish=60", "a/b", "a#b", "a%2Fb", "..")


@situation(*(about_run("get", run=odd) for odd in ODD_IDS))
def run_ids_with_reserved_characters(seen: Seen, verdicts: Verdicts) -> None:
    """Run ids hold `../`, `?`, `/`, `#` and `%`: each is refused or arrives as one path segment."""
    for place in range(len(ODD_IDS)):
        seen.reply(place)
    strays = [request.target for request in seen.requests if not _is_one_segment(request.target)]
    verdicts.expect(
        "CLI-12",
        not strays,
        f"An id changed the address that was asked for: {', '.join(strays)}.",
        expected="/v2/actor-runs/ and one percent-encoded segment, or a refusal by the client",
        observed=[request.target for request in seen.requests],
    )


def _is_one_segment(target: str) -> bool:
    rest = target.removeprefix("/v2/actor-runs/")
    return rest != target and "/" not in rest and "?" not in rest and "#" not in rest
