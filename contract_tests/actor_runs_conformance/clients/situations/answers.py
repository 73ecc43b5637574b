"""Answers: what the client shows of them, and what it must not take for a success."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import evolve

from actor_runs_conformance.clients.answers import (
    Answer,
    gateway_page,
    refusal,
    run_data,
    success,
)
from actor_runs_conformance.clients.driver import BROKEN_DRIVER, Kind, Reply
from actor_runs_conformance.clients.scripts import InTurn, OneRun
from actor_runs_conformance.clients.situation import (
    RUN,
    Command,
    NotReachedError,
    about_run,
    situation,
    start,
)
from actor_runs_conformance.http.requests import NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received


def answered(data: Mapping[str, Any], **more: Any) -> InTurn:  # noqa: ANN401
    """Return a script that answers Get run with this run again and again."""
    return InTurn("getRun", (success(data, **more),))


def expect_reply(
    seen: Seen,
    verdicts: Verdicts,
    promise: str,
    answer: str,
    *kinds: Kind,
    expected: str | None = None,
    place: int = -1,
) -> None:
    """Judge what the client says of the answer to its Get run; `answer` is that answer in words."""
    seen.first("getRun")
    reply = seen.reply(place)
    verdicts.expect(
        promise,
        reply.kind in kinds,
        f"{answer}: the client says {reply.describe()}.",
        expected=expected,
        observed=reply.describe(),
    )


ROUTED = RUN[:-1] + "r"
NO_ROUTE = Answer(404, b'{"message": "no Route matched with those values"}', broken=True)


def _gateway(request: Received, _earlier: list[Received], /) -> Answer:
    return NO_ROUTE if request.ids.get("runId") == ROUTED else gateway_page(404)


@situation(about_run("get"), about_run("get", run=ROUTED), script=lambda: _gateway, within=12)
def not_found_page_of_a_gateway(seen: Seen, verdicts: Verdicts) -> None:
    """Gateways answer 404 with an HTML page and with JSON of their own: that says nothing of the run."""
    seen.first("getRun")
    page, routed = seen.reply(0), seen.replies[1]
    wrong = page if page.kind is not Kind.ERROR else routed
    if page.kind is Kind.ERROR:
        seen.reply(1)
    verdicts.expect(
        "CLI-08",
        wrong.kind is Kind.ERROR,
        f"{'JSON of a gateway' if wrong is routed else 'An HTML page'} with status 404: "
        f"the client says {wrong.describe()}.",
        expected="an error",
        observed=wrong.describe(),
    )


@situation(
    about_run("get"),
    script=lambda: InTurn("getRun", (success(run_data(id=RUN)).halved(),)),
    within=75,
    profile="full",
)
def half_an_answer(seen: Seen, verdicts: Verdicts) -> None:
    """The answer to a read breaks off in the middle of its body, each time."""
    seen.first("getRun")
    if seen.last.kind is Kind.HUNG:
        raise NotReachedError("the client is still trying")
    expect_reply(seen, verdicts, "CLI-09", "Half an answer", Kind.ERROR, expected="an error")


def _truncated() -> Answer:
    whole = success(run_data(id=RUN), broken=True)
    return evolve(whole, body=whole.body[: len(whole.body) // 2])


@situation(about_run("get"), script=lambda: InTurn("getRun", (_truncated(),)), within=12)
def truncated_json(seen: Seen, verdicts: Verdicts) -> None:
    """A read is answered 200 with JSON that breaks off, whole as far as HTTP is concerned."""
    expect_reply(seen, verdicts, "CLI-20", "JSON that breaks off", Kind.ERROR, expected="an error")


@situation(about_run("get"), script=lambda: answered(run_data(id=NOBODY), broken=True))
def answer_about_another_run(seen: Seen, verdicts: Verdicts) -> None:
    """Get run is answered with another run than the one that was asked for."""
    seen.first("getRun")
    reply = seen.reply()
    verdicts.expect(
        "CLI-15",
        reply.kind is Kind.ERROR or reply.kind is Kind.NONE,
        f"Answered with another run than the one asked for, the client says {reply.describe()}.",
        observed=reply.describe(),
    )


MISSING = refusal(404, "record-not-found", "Actor run was not found")


@situation(about_run("get"), script=lambda: InTurn("getRun", (MISSING,)), within=12)
def run_that_does_not_exist(seen: Seen, verdicts: Verdicts) -> None:
    """A run that does not exist is answered with 404."""
    seen.first("getRun")
    reply = seen.reply()
    absent = reply.kind is Kind.NONE or (reply.kind is Kind.ERROR and reply.status in {404, None})
    verdicts.expect(
        "ERR-01",
        absent,
        f"A run that does not exist: the client says {reply.describe()}.",
        expected="no such run, or an error with status 404",
        observed=reply.describe(),
    )


CORE = "`url` is required"
BAD_INPUT = refusal(400, "invalid-input", f"Input is not valid: {CORE}.")
CANNOT = refusal(400, "run-not-running")
UNREADABLE = {
    RUN[:-1] + "f": refusal(403, "insufficient-permissions"),
    RUN[:-1] + "s": refusal(401, "user-or-token-not-found"),
}
REFUSED: tuple[tuple[Command, Answer], ...] = (
    (start(), BAD_INPUT),
    *((about_run("get", run=run), answer) for run, answer in UNREADABLE.items()),
    (about_run("reboot"), CANNOT),
    (about_run("abort"), CANNOT),
    (about_run("update", statusMessage="Half done"), CANNOT),
)
"""Commands, each with the refusal that answers it."""


def _refuse(request: Received, earlier: list[Received], /) -> Answer:
    if request.operation == "getRun":
        return UNREADABLE.get(request.ids["runId"]) or OneRun()(request, earlier)
    return BAD_INPUT if request.operation == "runTask" else CANNOT


def _told(reply: Reply, refused: Answer) -> bool:
    """Whether a reply passes a refusal on, as far as it tells of it, maybe in words of its own."""
    error = json.loads(refused.body)["error"]
    said = (
        (str(refused.status), reply.status),
        (error["type"], reply.type),
        (CORE if refused is BAD_INPUT else "", reply.message),
    )
    known = all(theirs is None or mine in str(theirs) for mine, theirs in said)
    return reply.kind is Kind.ERROR and known


@situation(*(told for told, _ in REFUSED), script=lambda: _refuse, within=12)
def error_object(seen: Seen, verdicts: Verdicts) -> None:
    """Every operation is refused: the error says why, and is no run."""
    seen.first("runTask")
    seen.reply(0)
    wrong = [
        f"A refusal of {told['do']} with {refused.status}: the client says {reply.describe()}."
        for (told, refused), reply in zip(REFUSED, seen.replies, strict=True)
        if reply.kind is not Kind.UNSUPPORTED
        and reply.kind not in BROKEN_DRIVER
        and not _told(reply, refused)
    ]
    broken = [place for place, one in enumerate(seen.replies) if one.kind in BROKEN_DRIVER]
    if broken and not wrong:
        seen.reply(broken[0])
    verdicts.expect(
        "GEN-04",
        not wrong,
        wrong[0] if wrong else "",
        expected="an error with the status, type and message that were sent",
        observed=[one.describe() for one in seen.replies],
    )


CAPTIVE = evolve(gateway_page(200), broken=True)
NULL = Answer(200, b'{"data": null}', broken=True)
"""The one of them that may be read as the API's word that there is no such run."""
NO_RUN = {
    RUN[:-1] + str(place): answer
    for place, answer in enumerate(
        (
            CAPTIVE,
            Answer(302, b"", (("Location", "/login"),), broken=True),
            Answer(200, b"{}", broken=True),
            NULL,
            Answer(200, b"[]", broken=True),
            Answer(200, b"", broken=True),
        )
    )
}
"""Answers that hold no run, by the id that they are asked for."""


def _without_a_run(request: Received, earlier: list[Received], /) -> Answer:
    if request.path == "/login":
        return CAPTIVE
    return NO_RUN.get(request.ids.get("runId", "")) or OneRun()(request, earlier)


@situation(*(about_run("get", run=run) for run in NO_RUN), script=lambda: _without_a_run, within=12)
def success_without_a_run(seen: Seen, verdicts: Verdicts) -> None:
    """Reads are answered with a page, a redirect, an empty object, null, a list and an empty body."""
    seen.first("getRun")
    taken = [
        f"An answer of {answer.status} whose body is {answer.body.decode()[:20]!r}: the client says {reply.describe()}."
        for answer, reply in zip(NO_RUN.values(), seen.replies, strict=True)
        if reply.kind is Kind.RUN or (reply.kind is Kind.NONE and answer is not NULL)
    ]
    if not taken:
        for place in range(len(seen.replies)):
            seen.reply(place)
    verdicts.expect(
        "CLI-25",
        not taken,
        taken[0] if taken else "",
        expected="an error",
        observed=taken,
    )
