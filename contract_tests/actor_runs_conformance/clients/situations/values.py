"""Values: what the client shows of a run, whatever is in it."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from actor_runs_conformance.clients.answers import (
    EXAMPLE,
    Answer,
    finished,
    run_data,
    success,
)
from actor_runs_conformance.clients.driver import Kind
from actor_runs_conformance.clients.scripts import InTurn
from actor_runs_conformance.clients.situation import RUN, NotReachedError, about_run, situation
from actor_runs_conformance.clients.situations.answers import answered, expect_reply
from actor_runs_conformance.ledger import contract

if TYPE_CHECKING:
    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received

PLAIN, MARKED = "DATA_TRANSFER_EXTERNAL_GBYTES", "DATA_TRANSFER_EXTERNAL_GBYTES?"


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


NAMES = {path.rpartition(".")[2] for path in contract.fields()} | {"data"}
"""The names of a run's fields and of its envelope; what a client shows beside them is its own."""


def differences(shown: Any, sent: Any, where: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    """Return where a value that a client shows is not the one that was sent.

    What a client does not show is left out; an absent value may be shown as null.
    """
    if isinstance(shown, dict) and isinstance(sent, dict) and bool(shown) == bool(sent):
        return [
            found
            for key, value in shown.items()
            if where or key in sent or key in NAMES
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


def made_up(shown: Any, sent: Any, where: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    """Return the figures that a client shows where none was sent."""
    if isinstance(shown, dict):
        given = sent if isinstance(sent, dict) else {}
        return [
            found
            for key, value in shown.items()
            if key in NAMES
            for found in made_up(value, given.get(key), f"{where}/{key}")
        ]
    figure = isinstance(shown, int | float) and not isinstance(shown, bool)
    return [f"{where} is {shown!r}"] if figure and sent is None else []


BYTES = 6_103_508_042
"""More than 32 bits hold."""
SHOWN = finished(
    id=RUN,
    statusMessage="Fertig: 3 m² 漢字 🙂",
    stats={**EXAMPLE["stats"], "netRxBytes": BYTES},
)
LATER = finished("FAILED", id=RUN, statusMessage="Failed since") | {"exitCode": 1}
OTHERS = {
    RUN[:-1] + str(place): name
    for place, name in enumerate(sorted({*contract.enum("RunStatus")} - {"SUCCEEDED", "FAILED"}))
}
"""Runs in the other statuses, by their ids."""


def _run_that_changes(request: Received, earlier: list[Received], /) -> Answer:
    run = request.ids.get("runId", RUN)
    if run in OTHERS:
        return success(run_data(id=run, status=OTHERS[run]))
    read = any(before.ids.get("runId") == RUN for before in earlier)
    return success(LATER if read else SHOWN)


@situation(
    about_run("get"),
    about_run("get"),
    *(about_run("get", run=run) for run in OTHERS),
    script=lambda: _run_that_changes,
)
def every_property(seen: Seen, verdicts: Verdicts) -> None:
    """Runs with every property of the example, one of them twice, are shown as they are answered."""
    if seen.first("getRun").ids["runId"] != RUN:
        raise NotReachedError("the client changes every id", "GET-02")
    first, second, *others = (seen.shown(place) for place in range(len(seen.replies)))
    # Who reads twice for one command may show the second answer at once.
    found = min(differences(first, SHOWN), differences(first, LATER), key=len)
    found += differences(second, LATER)
    for run, shown in zip(OTHERS, others, strict=True):
        found += differences(shown, run_data(id=run, status=OTHERS[run]))
    empty = [place + 1 for place, shown in enumerate((first, second, *others)) if not shown]
    missing = f"of read {empty[0]} nothing is shown" if empty else ""
    verdicts.expect(
        "CLI-01",
        not found and not empty,
        f"Shown otherwise than it was sent: {'; '.join(found[:3]) or missing}.",
        expected="the values that were sent",
        observed=found or missing,
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
    expect_reply(
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


@situation(
    about_run("get"),
    about_run("get"),
    script=lambda: InTurn(
        "getRun", (success(_bare()), success(finished(id=RUN, **NULLS), broken=True))
    ),
)
def nothing_but_what_a_run_always_has(seen: Seen, verdicts: Verdicts) -> None:
    """A run has the properties that are always there, and no other; then null for figures of usage."""
    expect_reply(
        seen,
        verdicts,
        "CLI-19",
        "A run without what it may lack",
        Kind.RUN,
        Kind.DONE,
        expected="the run",
        place=0,
    )
    bare, nulls = seen.shown(0), seen.shown(1)
    found = made_up(bare, _bare()) + made_up(nulls, finished(id=RUN, **NULLS))
    verdicts.expect(
        "CLI-26",
        not found,
        f"Figures that no answer has: {', '.join(found[:3])}.",
        expected="null, or nothing",
        observed=found,
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
    expect_reply(seen, verdicts, "OBJ-40", "A run with an unknown property", Kind.RUN, Kind.DONE)


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
