"""The requests of each operation: path, token, body, and nothing that was not asked for."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from actor_runs_conformance.clients.answers import finished, success
from actor_runs_conformance.clients.driver import Kind
from actor_runs_conformance.clients.scripts import InTurn, OneRun
from actor_runs_conformance.clients.situation import (
    ACTOR,
    RUN,
    NotReachedError,
    about_run,
    situation,
)
from actor_runs_conformance.results.finding import UNSUPPORTED

if TYPE_CHECKING:
    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received

MESSAGE = "Größe: 3 m² 漢字 🙂"
TRUE, FALSE = {"true", "1"}, {"false", "0"}
"""Booleans in a query as the API understands them; `True` is none of them."""


def waits(request: Received) -> float | None:
    """Return the seconds that a request asks the server to wait; None when that is no number."""
    with contextlib.suppress(ValueError):
        return float(request.query.get("waitForFinish", 0))
    return None


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
        waits(request) == 0,
        f"Get run asks to wait for {request.query.get('waitForFinish')!r} s, which nobody asked for.",
        expected={},
        observed=request.query,
    )
    shown = seen.shown()
    verdicts.expect(
        "GET-01",
        shown.get("id") == RUN,
        f"The client shows a run with the id {shown.get('id')!r}.",
        expected=RUN,
        observed=shown.get("id"),
    )


WAITS = (2, 60)


@situation(
    *(about_run("get", waitForFinish=wait) for wait in WAITS),
    script=lambda: OneRun(ends_after=2.5),
)
def read_that_waits(seen: Seen, verdicts: Verdicts) -> None:
    """A run is read, and the server is to wait for its end: two seconds, then as long as it can."""
    seen.first("getRun")
    if seen.last.kind is Kind.UNSUPPORTED:
        raise NotReachedError(f"{UNSUPPORTED}: {seen.last.text}")
    asked = [request.query.get("waitForFinish") for request in seen.to("getRun")]
    waited = [waits(request) for request in seen.to("getRun")]
    wrong = next((place for place, wait in enumerate(WAITS) if wait not in waited), None)
    given = asked[min(wrong or 0, len(asked) - 1)]
    verdicts.expect(
        "GET-05b",
        wrong is None,
        f"`waitForFinish` {'does not arrive' if given is None else f'arrives as {given!r}'}.",
        expected=WAITS[wrong or 0],
        observed=given,
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
    kind = request.media_type
    verdicts.expect(
        "BDY-01",
        kind == "application/json" and request.json is not None,
        f"The body is sent as {kind or 'no type at all'}"
        + ("." if request.json is not None else ", and is no JSON in UTF-8."),
        expected="application/json",
        observed=kind,
    )


LONG = " 1 & 2 <b>of</b> \"3\"\\ '4'\n\tpages &amp; more" + " of them" * 40 + " "
"""Characters that are easily lost or escaped, in a text that is easily cut off."""


SHORT = "Half"


@situation(
    about_run("update", statusMessage=LONG),
    about_run("update", statusMessage=SHORT, isStatusMessageTerminal=False),
)
def update_run_in_between(seen: Seen, verdicts: Verdicts) -> None:
    """Status messages are set, with more to come."""
    seen.first("updateRun")
    bodies = [sent.json if isinstance(sent.json, dict) else {} for sent in seen.to("updateRun")]
    # Null is no boolean: a server may refuse it (PUT-14).
    flags = [body.get("isStatusMessageTerminal", False) for body in bodies]
    verdicts.expect(
        "PUT-02b",
        all(flag is False for flag in flags),
        f"The mark of the last message arrives as {flags}, which nobody asked for.",
        expected="no mark, or false",
        observed=flags,
    )
    messages = [body["statusMessage"] for body in bodies if "statusMessage" in body]
    if not messages:
        raise NotReachedError("no body has a status message", "PUT-23")
    long = [message for message in messages if message != SHORT]
    if not long:
        raise NotReachedError(f"{UNSUPPORTED}: it sends no message with line breaks")
    verdicts.expect(
        "PUT-05",
        long[0] == LONG,
        "The status message arrives changed.",
        expected=LONG,
        observed=long[0],
    )


@situation(about_run("abort"), about_run("abort", gracefully=False))
def abort_run(seen: Seen, verdicts: Verdicts) -> None:
    """A run is aborted at once, without `gracefully` and with false."""
    request = seen.first("abortRun", "abortActorRun")
    _expect_run(verdicts, "ABT-25", request, "Abort run names the run {}.")
    queries = [sent.query for sent in seen.to("abortRun", "abortActorRun")]
    verdicts.expect(
        "ABT-07",
        all(query.get("gracefully", "false") in FALSE for query in queries),
        "The abort is graceful, which nobody asked for.",
        expected={},
        observed=queries,
    )


ABORTED = finished("ABORTED", id=RUN)


@situation(
    about_run("abort", gracefully=True),
    about_run("abort", actor=ACTOR, gracefully=True),
    script=lambda: InTurn(
        "abortRun", (success(ABORTED),), InTurn("abortActorRun", (success(ABORTED),))
    ),
)
def abort_run_gracefully(seen: Seen, verdicts: Verdicts) -> None:
    """A run is aborted gracefully, by its own path and below its Actor."""
    seen.first("abortRun", "abortActorRun")
    queries = [sent.query for sent in seen.to("abortRun", "abortActorRun")]
    verdicts.expect(
        "ABT-08",
        all(query.get("gracefully") in TRUE for query in queries),
        "`gracefully` does not arrive, or as no boolean.",
        expected={"gracefully": "true"},
        observed=queries,
    )
    shown = seen.shown(0)
    verdicts.expect(
        "ABT-02",
        (shown.get("id"), shown.get("status", "ABORTED")) == (RUN, "ABORTED"),
        f"The client shows a run with the id {shown.get('id')!r} and the status "
        f"{shown.get('status')!r}.",
        expected={"id": RUN, "status": "ABORTED"},
        observed={"id": shown.get("id"), "status": shown.get("status")},
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


ODD_IDS = ("../actor-tasks/x", "a?waitForFinish=60", "a/b", "a#b", "a%2Fb", "..", "a b", "ä+ö")

HARMLESS = {*ODD_IDS, *(odd.replace("/", "~") for odd in ODD_IDS)}
"""Ids as they may arrive: `~` is the API's own way to write a slash in a name."""


@situation(about_run("get"), *(about_run("get", run=odd) for odd in ODD_IDS))
def run_ids_with_reserved_characters(seen: Seen, verdicts: Verdicts) -> None:
    """Run ids hold `../`, `?`, `/`, `#`, `%`, a blank and `ä`: each is refused or arrives as one path segment."""
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
