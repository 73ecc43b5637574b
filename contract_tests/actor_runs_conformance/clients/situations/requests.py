"""The requests of each operation: path, token, body, and nothing that was not asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.clients.driver import Kind
from actor_runs_conformance.clients.situation import (
    ACTOR,
    RUN,
    NotReachedError,
    about_run,
    situation,
)
from actor_runs_conformance.http.exchange import find_header
from actor_runs_conformance.results.finding import UNSUPPORTED

if TYPE_CHECKING:
    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received

MESSAGE = "Größe: 3 m² 漢字 🙂"
TRUE, FALSE = {"true", "1"}, {"false", "0"}
"""Booleans in a query as the API understands them; `True` is none of them."""


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
        request.wait == 0,
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


@situation(about_run("get", waitForFinish=2))
def read_that_waits(seen: Seen, verdicts: Verdicts) -> None:
    """A run is read, and the server is to wait two seconds for its end."""
    request = seen.first("getRun")
    if seen.last.kind is Kind.UNSUPPORTED:
        raise NotReachedError(f"{UNSUPPORTED}: {seen.last.text}")
    asked = request.query.get("waitForFinish")
    verdicts.expect(
        "GET-05b",
        request.wait == 2,
        f"`waitForFinish` {'does not arrive' if asked is None else f'arrives as {asked!r}'}.",
        expected=2,
        observed=asked,
    )


@situation(about_run("update", statusMessage=MESSAGE, isStatusMessageTerminal=True))
def update_run(seen: Seen, verdicts: Verdicts) -> None:
    """A status message is set, as the last one."""
    request = seen.first("updateRun")
    _expect_run(verdicts, "PUT-24", request, "Update run names the run {} in its path.")
    body = request.json
    if request.content:
        _expect_json(verdicts, request)
        if not isinstance(body, dict):
            raise NotReachedError("the body is no JSON object", "BDY-01")
    wanted = {"runId": RUN, "statusMessage": MESSAGE, "isStatusMessageTerminal": True}
    given = body or {}
    verdicts.expect(
        "PUT-23",
        given.get("runId") == RUN and "statusMessage" in given,
        "The body lacks `runId` or `statusMessage`; the API itself takes less.",
        expected=wanted,
        observed=body,
    )
    if not given:
        raise NotReachedError("the body is empty", "PUT-23")
    verdicts.expect(
        "GEN-03b",
        given.get("statusMessage") == MESSAGE,
        "The status message arrives changed.",
        expected=MESSAGE,
        observed=given.get("statusMessage"),
    )
    verdicts.expect(
        "PUT-07",
        given.get("isStatusMessageTerminal") is True,
        "The mark of the last message does not arrive.",
        expected=True,
        observed=given.get("isStatusMessageTerminal"),
    )


def _expect_json(verdicts: Verdicts, request: Received) -> None:
    kind = (find_header(request.headers, "content-type") or "").partition(";")[0].strip().lower()
    verdicts.expect(
        "BDY-01",
        kind == "application/json" and request.json is not None,
        f"The body is sent as {kind or 'no type at all'}"
        + ("." if request.json is not None else ", and is no JSON in UTF-8."),
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
    request = seen.first("abortRun", "abortActorRun")
    _expect_run(verdicts, "ABT-25", request, "Abort run names the run {}.")
    verdicts.expect(
        "ABT-07",
        request.query.get("gracefully", "false") in FALSE,
        "The abort is graceful, which nobody asked for.",
        expected={},
        observed=request.query,
    )


@situation(about_run("abort", gracefully=True))
def abort_run_gracefully(seen: Seen, verdicts: Verdicts) -> None:
    """A run is aborted gracefully."""
    request = seen.first("abortRun", "abortActorRun")
    verdicts.expect(
        "ABT-08",
        request.query.get("gracefully") in TRUE,
        "`gracefully` does not arrive, or as no boolean.",
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

HARMLESS = {*ODD_IDS, *(odd.replace("/", "~") for odd in ODD_IDS)}
"""Ids as they may arrive: `~` is the API's own way to write a slash in a name."""


@situation(about_run("get"), *(about_run("get", run=odd) for odd in ODD_IDS))
def run_ids_with_reserved_characters(seen: Seen, verdicts: Verdicts) -> None:
    """Run ids hold `../`, `?`, `/`, `#` and `%`: each is refused or arrives as one path segment."""
    if seen.first("getRun").ids["runId"] != RUN:
        raise NotReachedError("the client changes every id", "GET-02")
    others = [request for request in seen.requests if request.ids.get("runId") != RUN]
    strays = [request for request in others if request.ids.get("runId") not in HARMLESS]
    if not strays:
        for place in range(len(ODD_IDS) + 1):
            seen.reply(place)
    targets = [request.target for request in strays]
    verdicts.expect(
        "CLI-12",
        not strays,
        f"An id arrives as another address or another id: {', '.join(targets)}.",
        expected="/v2/actor-runs/ and the id as one percent-encoded segment, or a refusal by the client",
        observed=targets or [request.target for request in others],
    )
