"""Answers: what the client shows of them, and what it must not take for a success."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import evolve

from actor_runs_conformance.clients.answers import (
    Answer,
    finished,
    gateway_page,
    refusal,
    run_data,
    success,
)
from actor_runs_conformance.clients.driver import Kind
from actor_runs_conformance.clients.scripts import InTurn
from actor_runs_conformance.clients.situation import (
    RUN,
    NotReachedError,
    about_run,
    situation,
    start,
)
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.ledger import contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.clients.situation import Seen, Verdicts

PLAIN, MARKED = "DATA_TRANSFER_EXTERNAL_GBYTES", "DATA_TRANSFER_EXTERNAL_GBYTES?"


def answered(data: Mapping[str, Any], **more: Any) -> InTurn:  # noqa: ANN401
    """Return a script that answers Get run with this run again and again."""
    return InTurn("getRun", (success(data, **more),))


def moment(value: Any) -> dt.datetime | None:  # noqa: ANN401 - any JSON
    """Return the moment that a text names; None when it names none."""
    with contextlib.suppress(TypeError, ValueError):
        return dt.datetime.fromisoformat(value)
    return None


def address(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Return a URL with the path that an empty one stands for; None when it is no URL."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        return None
    return value if urlsplit(value).path else f"{value}/"


SPELLINGS = (moment, address)
"""Values that mean the same although they are spelled otherwise."""


def differences(shown: Any, sent: Any, where: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    """Return where a value that a client shows is not the one that was sent.

    What a client does not show is left out; an absent value may be shown as null.
    """
    if isinstance(shown, dict) and isinstance(sent, dict):
        return [
            found
            for key, value in shown.items()
            for found in differences(value, sent.get(key), f"{where}/{key}")
        ]
    if isinstance(shown, list) and isinstance(sent, list) and len(shown) == len(sent):
        pairs = enumerate(zip(shown, sent, strict=True))
        return [found for place, (a, b) in pairs for found in differences(a, b, f"{where}/{place}")]
    same = shown == sent and isinstance(shown, bool) == isinstance(sent, bool)
    same = same or any(
        spelled(shown) is not None and spelled(shown) == spelled(sent) for spelled in SPELLINGS
    )
    return [] if same else [f"{where or '/'} is {shown!r}, sent was {sent!r}"]


SHOWN = finished(id=RUN, statusMessage="Fertig: 3 m² 漢字 🙂")


@situation(about_run("get"), script=lambda: answered(SHOWN))
def every_property(seen: Seen, verdicts: Verdicts) -> None:
    """A run with every property of the example is shown with the same values."""
    seen.first("getRun")
    shown = seen.shown()
    found = differences(shown, SHOWN)
    verdicts.expect(
        "CLI-01",
        not found and bool(shown),
        f"Shown otherwise than it was sent: {'; '.join(found[:3]) or 'nothing is shown'}.",
        expected="the values that were sent",
        observed=found,
    )


def _expect_reply(
    seen: Seen,
    verdicts: Verdicts,
    promise: str,
    answer: str,
    *kinds: Kind,
    expected: str | None = None,
) -> None:
    """Judge what the client says of the answer to its Get run; `answer` is that answer in words."""
    seen.first("getRun")
    reply = seen.reply()
    verdicts.expect(
        promise,
        reply.kind in kinds,
        f"{answer}: the client says {reply.describe()}.",
        expected=expected,
        observed=reply.describe(),
    )


NULLS: dict[str, Any] = {
    "generalAccess": None,
    "usage": {"ACTOR_COMPUTE_UNITS": None},
    "usageUsd": {"ACTOR_COMPUTE_UNITS": None},
    "usageTotalUsd": None,
}


@situation(about_run("get"), script=lambda: answered(finished(id=RUN, **NULLS), broken=True))
def nulls_of_real_answers(seen: Seen, verdicts: Verdicts) -> None:
    """A run has null where real answers have it: general access and figures of usage."""
    _expect_reply(
        seen,
        verdicts,
        "CLI-17",
        "A run with nulls where real answers have them",
        Kind.RUN,
        Kind.DONE,
        expected="the run",
    )


def _bare() -> dict[str, Any]:
    """Return a run with what a run always has, and nothing else."""
    always = contract.document()["components"]["schemas"]["Run"]["required"]
    return {name: run_data(id=RUN)[name] for name in always}


@situation(about_run("get"), script=lambda: answered(_bare()))
def nothing_but_what_a_run_always_has(seen: Seen, verdicts: Verdicts) -> None:
    """A run has the properties that are always there, and no other."""
    _expect_reply(
        seen,
        verdicts,
        "CLI-19",
        "A run without what it may lack",
        Kind.RUN,
        Kind.DONE,
        expected="the run",
    )


@situation(about_run("get"), script=lambda: answered(run_data(id=RUN, status="PAUSED")))
def unknown_status(seen: Seen, verdicts: Verdicts) -> None:
    """A run has a status that no document knows."""
    seen.first("getRun")
    reply = seen.reply()
    verdicts.expect(
        "CLI-11",
        reply.kind is Kind.RUN and (reply.run or {}).get("status", "PAUSED") == "PAUSED",
        f"A run of an unknown status: the client says {reply.describe()}.",
        observed=reply.describe(),
    )


@situation(about_run("get"), script=lambda: answered(run_data(id=RUN, shoeSize=42)))
def unknown_property(seen: Seen, verdicts: Verdicts) -> None:
    """A run has a property that the contract does not know."""
    _expect_reply(seen, verdicts, "OBJ-40", "A run with an unknown property", Kind.RUN, Kind.DONE)


def _transferred(seen: Seen, place: int) -> Any:  # noqa: ANN401 - any JSON
    usage = seen.shown(place).get("usage")
    return (usage.get(PLAIN) or usage.get(MARKED)) if isinstance(usage, dict) else None


def _transfer(name: str) -> Answer:
    return success(finished(id=RUN, usage={name: 1.5}, usageUsd={name: 0.5}))


@situation(
    about_run("get"),
    about_run("get"),
    script=lambda: InTurn("getRun", (_transfer(PLAIN), _transfer(MARKED))),
)
def both_spellings_of_external_transfer(seen: Seen, verdicts: Verdicts) -> None:
    """External transfer is spelled with a question mark, and without one."""
    seen.first("getRun")
    lost = [name for place, name in enumerate((PLAIN, MARKED)) if _transferred(seen, place) != 1.5]
    verdicts.expect(
        "OBJ-35b",
        not lost,
        f"The figure of external transfer is lost when it is spelled {' or '.join(lost)}."
        if lost
        else "External transfer is shown in both spellings.",
        observed=lost,
    )


@situation(about_run("get"), script=lambda: InTurn("getRun", (gateway_page(404),)), within=12)
def not_found_page_of_a_gateway(seen: Seen, verdicts: Verdicts) -> None:
    """A gateway answers 404 with an HTML page: that says nothing of the run."""
    _expect_reply(
        seen, verdicts, "CLI-08", "An HTML page with status 404", Kind.ERROR, expected="an error"
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
    _expect_reply(seen, verdicts, "CLI-09", "Half an answer", Kind.ERROR, expected="an error")


def _truncated() -> Answer:
    whole = success(run_data(id=RUN), broken=True)
    return evolve(whole, body=whole.body[: len(whole.body) // 2])


@situation(about_run("get"), script=lambda: InTurn("getRun", (_truncated(),)), within=12)
def truncated_json(seen: Seen, verdicts: Verdicts) -> None:
    """A read is answered 200 with JSON that breaks off, whole as far as HTTP is concerned."""
    _expect_reply(seen, verdicts, "CLI-20", "JSON that breaks off", Kind.ERROR, expected="an error")


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


BAD_INPUT = refusal(400, "invalid-input", "Input is not valid: `url` is required.")


@situation(start(), script=lambda: InTurn("runTask", (BAD_INPUT,)), within=12)
def error_object(seen: Seen, verdicts: Verdicts) -> None:
    """A start is refused, and the error says why."""
    seen.first("runTask")
    reply = seen.reply()
    told = (reply.status, reply.type, reply.message)
    known = [
        said is None or str(wanted) in str(said)
        for said, wanted in zip(told, (400, "invalid-input", "`url` is required"), strict=True)
    ]
    verdicts.expect(
        "GEN-04",
        reply.kind is Kind.ERROR and all(known),
        f"A refusal with 400 invalid-input: the client says {reply.describe()}.",
        expected="an error with the status, type and message that were sent",
        observed=reply.describe(),
    )
