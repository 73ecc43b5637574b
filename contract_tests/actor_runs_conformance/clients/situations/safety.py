"""The token: it goes to the server that was named, and into no message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.clients.answers import Answer, gateway_page, no_answer, refusal
from actor_runs_conformance.clients.scripts import InTurn, OneRun
from actor_runs_conformance.clients.situation import (
    RUN,
    NotReachedError,
    about_run,
    situation,
    start,
)
from actor_runs_conformance.http.exchange import find_header

if TYPE_CHECKING:
    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received


@situation(
    about_run("get"),
    start(),
    about_run("update", statusMessage="Half done"),
    about_run("reboot"),
    about_run("abort"),
)
def token_of_every_operation(seen: Seen, verdicts: Verdicts) -> None:
    """Every operation is called: the token is in the `Authorization` header, and nowhere else."""
    if not any(request.operation for request in seen.requests):
        seen.first("getRun")
    sent = [request for request in seen.requests if request.operation is not None]
    without = [request for request in sent if _bearer(request) != seen.token]
    verdicts.expect(
        "AUT-01",
        not without,
        "The token that the client was given does not arrive as a Bearer token"
        + (f" in {without[0].operation}." if without else "."),
        expected="Authorization: Bearer <token>",
        observed="another token" if any(one.token for one in without) else "no token",
        requests=without[:3] or None,
    )
    places = [
        f"{place} of {request.operation}"
        for request in sent
        for place, text in _places(request).items()
        if _secret(seen) in text
    ]
    verdicts.expect(
        "CLI-24",
        not places,
        f"The token stands in the {', in the '.join(places[:3])}.",
        expected="the token in the header Authorization alone",
        observed=places,
    )


def _secret(seen: Seen) -> str:
    """Return what is secret of the token, without the words that all tokens begin with."""
    return seen.token.rpartition("_")[2]


def _bearer(request: Received) -> str | None:
    scheme, _, token = (find_header(request.headers, "authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _places(request: Received) -> dict[str, str]:
    """Return where else a token may stand, with the text there."""
    others = [value for name, value in request.headers if name.lower() != "authorization"]
    return {
        "URL": request.target,
        "headers": " ".join(others),
        "body": request.content.decode("utf-8", "replace"),
    }


ELSEWHERE = "localhost"
"""Another name of this machine: another host, as far as HTTP is concerned."""


@frozen
class Redirects:
    """Answers with a redirect to the same address on another host."""

    def __call__(self, request: Received, earlier: list[Received]) -> Answer:
        """Redirect what comes to the first host, answer what comes to the other one."""
        host = find_header(request.headers, "host") or ""
        if host.startswith(ELSEWHERE):
            return OneRun()(request, earlier)
        port = host.rpartition(":")[2]
        location = f"http://{ELSEWHERE}:{port}{request.target}"
        return Answer(302, b"", (("Location", location),), broken=True)


@situation(about_run("get"), script=Redirects, within=12)
def redirect_to_another_host(seen: Seen, verdicts: Verdicts) -> None:
    """A read is redirected to another host."""
    seen.first("getRun")
    followed = [
        request
        for request in seen.requests
        if (find_header(request.headers, "host") or "").startswith(ELSEWHERE)
    ]
    leaked = [request for request in followed if request.token == seen.token]
    verdicts.expect(
        "CLI-13",
        not leaked,
        "The token was sent to the host that a redirect named.",
        expected="no token to another host than the one that was named",
        observed=f"{len(leaked)} requests with the token to {ELSEWHERE}",
    )


@frozen
class Echoes:
    """Refuses every request, and repeats the token in the refusal."""

    def __call__(self, request: Received, _earlier: list[Received], /) -> Answer:
        """Answer 400 with the token in the message."""
        error = {"type": "invalid-request", "message": f"No good: Bearer {request.token}"}
        return Answer(400, json.dumps({"error": error}).encode(), broken=True)


@situation(start(), about_run("get", run=RUN), script=Echoes, within=12)
def token_in_an_error(seen: Seen, verdicts: Verdicts) -> None:
    """A refusal repeats the token, and the client shows the refusal."""
    if not seen.requests:
        raise NotReachedError("no request arrived")
    replies = " ".join(str(reply.message or "") + reply.text for reply in seen.replies)
    shown = seen.token in replies or seen.token in seen.stderr
    verdicts.expect(
        "CLI-14",
        not shown,
        f"Where an error of the server repeats the token, the client {'shows' if shown else 'hides'} it.",
        observed="shown" if shown else "hidden",
    )


LOST = InTurn("rebootRun", (no_answer(),))
FAILURES = InTurn("getRun", (no_answer(), gateway_page(502), refusal(403, "x"), None), LOST)


@situation(
    start(),
    about_run("get"),
    about_run("abort"),
    about_run("reboot"),
    script=lambda: InTurn("runTask", (refusal(400, "invalid-input"),), FAILURES),
    within=20,
)
def token_in_messages(seen: Seen, verdicts: Verdicts) -> None:
    """A client meets refusals, a lost connection and a gateway's page; no answer has its token."""
    if all(request.token != seen.token for request in seen.requests):
        raise NotReachedError("no request with the token arrived")
    replies = json.dumps([[one.message, one.text, one.run] for one in seen.replies])
    places = [("what the driver replies", replies), ("what it writes to stderr", seen.stderr)]
    found = [where for where, text in places if _secret(seen) in text]
    verdicts.expect(
        "CLI-21",
        not found,
        f"The token stands in {' and in '.join(found)}.",
        expected="no token",
        observed=found,
    )
