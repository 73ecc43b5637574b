"""Repetition: what a client may send again by itself, and what it must not."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from actor_runs_conformance.clients.answers import no_answer, refusal, run_data, success
from actor_runs_conformance.clients.driver import Kind
from actor_runs_conformance.clients.scripts import InTurn
from actor_runs_conformance.clients.situation import (
    RUN,
    NotReachedError,
    about_run,
    situation,
    start,
)
from actor_runs_conformance.results.finding import UNSUPPORTED

if TYPE_CHECKING:
    from actor_runs_conformance.clients.situation import Seen, Verdicts

FAILED = refusal(500, "internal-server-error")
BUSY = refusal(429, "rate-limit-exceeded")
DELAY = 0.5
"""Seconds of the documented back-off at first; it doubles each time."""
TOLERANCE = 0.1


def times(count: int) -> str:
    """Return how often, in words."""
    return "once" if count == 1 else f"{count} times"


def _sent_once(seen: Seen, verdicts: Verdicts, promise: str, operation: str, why: str) -> None:
    """Judge that an operation was sent once; a client that is still busy may yet send it again."""
    seen.first(operation)
    sent = seen.to(operation)
    if len(sent) == 1 and seen.last.kind is Kind.HUNG:
        raise NotReachedError(f"one {operation} arrived, and the driver is still busy with it")
    verdicts.expect(
        promise,
        len(sent) == 1,
        f"{operation} was sent {times(len(sent))}, {why}.",
        expected=1,
        observed=len(sent),
        requests=sent[:3],
    )


@situation(start(), script=lambda: InTurn("runTask", (FAILED, None)), within=8)
def start_answered_500(seen: Seen, verdicts: Verdicts) -> None:
    """A start is answered 500: it may have started a run."""
    _sent_once(seen, verdicts, "CLI-02", "runTask", "after a 500 that may have started a run")


@situation(start(), script=lambda: InTurn("runTask", (no_answer(), None)), within=8)
def start_cut_off(seen: Seen, verdicts: Verdicts) -> None:
    """The connection of a start is lost: it may have started a run."""
    _sent_once(seen, verdicts, "CLI-03", "runTask", "after a lost connection")


@situation(
    start(),
    script=lambda: InTurn("runTask", (success(run_data(id=RUN), 201).halved(), None)),
    within=8,
)
def start_answered_in_half(seen: Seen, verdicts: Verdicts) -> None:
    """A start is answered 201, and the answer breaks off: it has started a run."""
    _sent_once(seen, verdicts, "CLI-04", "runTask", "after half an answer with status 201")


@situation(
    about_run("reboot"),
    script=lambda: InTurn("rebootRun", (refusal(502, "bad-gateway"), None)),
    within=8,
)
def reboot_answered_502(seen: Seen, verdicts: Verdicts) -> None:
    """A reboot is answered 502: it may have rebooted the run."""
    _sent_once(seen, verdicts, "CLI-06", "rebootRun", "after a 502 that may have rebooted the run")


@situation(about_run("get"), script=lambda: InTurn("getRun", (FAILED, FAILED, None)), within=12)
def read_answered_500(seen: Seen, verdicts: Verdicts) -> None:
    """A read is answered 500 twice: it can be repeated without harm."""
    seen.first("getRun")
    sent = len(seen.to("getRun"))
    verdicts.expect(
        "RTL-05",
        sent > 1,
        f"A read that is answered 500 is sent {times(sent)}.",
        observed=sent,
    )


@situation(about_run("get"), script=lambda: InTurn("getRun", (BUSY, BUSY, BUSY, None)), within=15)
def read_throttled(seen: Seen, verdicts: Verdicts) -> None:
    """A read is answered 429 three times, without `Retry-After`."""
    seen.first("getRun")
    times = [request.at for request in seen.to("getRun")]
    verdicts.expect(
        "RTL-04",
        len(times) > 1,
        "A 429 without `Retry-After` ends the request.",
        expected="another try after a back-off",
        observed=len(times),
    )
    if len(times) < 2:
        raise NotReachedError(f"{UNSUPPORTED}: it does not try again after a 429")
    pauses = [round(after - before, 2) for before, after in itertools.pairwise(times)]
    least = [DELAY * 2**place - TOLERANCE for place in range(len(pauses))]
    verdicts.expect(
        "RTL-03",
        all(pause >= wanted for pause, wanted in zip(pauses, least, strict=True)),
        f"The pauses before the next tries are {', '.join(f'{pause} s' for pause in pauses)}.",
        expected="0.5 s to 1 s, then 1 s to 2 s, then 2 s to 4 s",
        observed=pauses,
    )


@situation(start(), script=lambda: InTurn("runTask", (BUSY, None)), within=12)
def start_throttled(seen: Seen, verdicts: Verdicts) -> None:
    """A start is answered 429: it has started nothing and may be sent again."""
    seen.first("runTask")
    sent = len(seen.to("runTask"))
    verdicts.expect(
        "CLI-16",
        sent > 1,
        f"A start that is answered 429 is sent {times(sent)}.",
        observed=sent,
    )


UNPAID = refusal(402, "not-enough-usage-to-run-paid-actor")
MISSING = refusal(404, "record-not-found", "Actor run was not found")


@situation(
    start(),
    about_run("get"),
    script=lambda: InTurn("runTask", (UNPAID, None), InTurn("getRun", (MISSING, None))),
    within=8,
)
def start_refused(seen: Seen, verdicts: Verdicts) -> None:
    """A start is refused with 402, and a read with 404."""
    _sent_once(seen, verdicts, "RTL-06", "runTask", "after a refusal with 402")
    if seen.to("getRun"):
        _sent_once(seen, verdicts, "RTL-06", "getRun", "after a refusal with 404")


@situation(start(), about_run("reboot"))
def one_start_and_one_reboot(seen: Seen, verdicts: Verdicts) -> None:
    """A task is started once and a run rebooted once, and both succeed."""
    _sent_once(seen, verdicts, "CLI-18", "runTask", "although the first one succeeded")
    if seen.to("rebootRun"):
        _sent_once(seen, verdicts, "CLI-18", "rebootRun", "although the first one succeeded")
