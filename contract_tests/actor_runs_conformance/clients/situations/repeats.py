"""Repetition: what a client may send again by itself, and what it must not."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from actor_runs_conformance.clients.answers import (
    Answer,
    gateway_page,
    no_answer,
    refusal,
    run_data,
    success,
)
from actor_runs_conformance.clients.driver import Kind
from actor_runs_conformance.clients.scripts import InTurn, OneRun
from actor_runs_conformance.clients.situation import (
    RUN,
    NotReachedError,
    about_run,
    situation,
    start,
)
from actor_runs_conformance.results.finding import UNSUPPORTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received

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


@frozen
class ByName:
    """Answers the first request that names a task or a run so, and every later one lawfully."""

    answers: Mapping[str, Answer]

    def __call__(self, request: Received, earlier: list[Received]) -> Answer:
        """Answer by the name in the path."""
        answer = self.answers.get(_name(request))
        first = all(_name(before) != _name(request) for before in earlier)
        return answer if answer is not None and first else OneRun()(request, earlier)


def _name(request: Received) -> str:
    return request.ids.get("actorTaskId") or request.ids.get("runId", "")


def _each_sent_once(
    seen: Seen, verdicts: Verdicts, promise: str, operation: str, script: ByName, why: str
) -> None:
    """Judge that each request was sent once; `why` has a place for the status of its answer."""
    seen.first(operation)
    sent = Counter(_name(request) for request in seen.to(operation))
    again = [name for name in script.answers if sent[name] > 1]
    if not again and seen.last.kind is Kind.HUNG:
        raise NotReachedError(f"one {operation} arrived, and the driver is still busy with it")
    name = again[0] if again else next(iter(script.answers))
    answer = script.answers[name]
    verdicts.expect(
        promise,
        not again,
        f"{operation} was sent {times(sent[name])}, after {why.format(answer.status)}.",
        expected=1,
        observed=sent[name],
        requests=[one for one in seen.to(operation) if _name(one) == name][:3],
    )


TASKS = tuple(f"janedoe~my-task-{place}" for place in range(4))
RUNS = tuple(f"{RUN[:-1]}{place}" for place in range(4))
MAY_HAVE_STARTED = ByName(
    {
        TASKS[0]: FAILED,
        TASKS[1]: refusal(502, "bad-gateway"),
        TASKS[2]: refusal(503, "service-unavailable"),
        TASKS[3]: gateway_page(504),
    }
)


@situation(
    *(start(task=task) for task in TASKS),
    script=lambda: MAY_HAVE_STARTED,
    within=8,
)
def start_answered_500(seen: Seen, verdicts: Verdicts) -> None:
    """Starts are answered 500, 502, 503 and 504: each may have started a run."""
    _each_sent_once(
        seen,
        verdicts,
        "CLI-02",
        "runTask",
        MAY_HAVE_STARTED,
        "a {} that may have started a run",
    )


@situation(start(), script=lambda: InTurn("runTask", (no_answer(), None)), within=8)
def start_cut_off(seen: Seen, verdicts: Verdicts) -> None:
    """The connection of a start is lost: it may have started a run."""
    _sent_once(seen, verdicts, "CLI-03", "runTask", "after a lost connection")


STARTED = success(run_data(id=RUN), 201)
BROKEN_OFF = ByName(
    {
        TASKS[0]: STARTED.halved(),
        TASKS[1]: evolve(STARTED, body=STARTED.body[: len(STARTED.body) // 2], broken=True),
    }
)


@situation(*(start(task=task) for task in BROKEN_OFF.answers), script=lambda: BROKEN_OFF, within=8)
def start_answered_in_half(seen: Seen, verdicts: Verdicts) -> None:
    """Starts are answered 201, and the answer or its JSON breaks off: each has started a run."""
    _each_sent_once(
        seen, verdicts, "CLI-04", "runTask", BROKEN_OFF, "half an answer with status {}"
    )


MAY_HAVE_REBOOTED = ByName(
    {RUNS[0]: refusal(502, "bad-gateway"), RUNS[1]: FAILED, RUNS[2]: refusal(503, "unavailable")}
)


@situation(
    *(about_run("reboot", run=run) for run in MAY_HAVE_REBOOTED.answers),
    script=lambda: MAY_HAVE_REBOOTED,
    within=8,
)
def reboot_answered_502(seen: Seen, verdicts: Verdicts) -> None:
    """Reboots are answered 502, 500 and 503: each may have rebooted the run."""
    _each_sent_once(
        seen,
        verdicts,
        "CLI-06",
        "rebootRun",
        MAY_HAVE_REBOOTED,
        "a {} that may have rebooted the run",
    )


@situation(about_run("reboot"), script=lambda: InTurn("rebootRun", (no_answer(), None)), within=8)
def reboot_cut_off(seen: Seen, verdicts: Verdicts) -> None:
    """The connection of a reboot is lost: it may have rebooted the run."""
    _sent_once(seen, verdicts, "CLI-27", "rebootRun", "after a lost connection")


TOLD = {"memory": 512, "build": "beta"}
THROTTLED = ("runTask", "updateRun", "abortRun")


def _throttled_once(request: Received, earlier: list[Received], /) -> Answer:
    seen = any(before.operation == request.operation for before in earlier)
    return OneRun()(request, earlier) if seen else BUSY


@situation(
    start(input={"url": "https://example.com"}, options=TOLD),
    about_run("update", statusMessage="Half done"),
    about_run("abort", gracefully=True),
    script=lambda: _throttled_once,
    within=12,
)
def requests_sent_again(seen: Seen, verdicts: Verdicts) -> None:
    """Every operation with something to say is answered 429 once, and the client sends it again."""
    if not seen.to(*THROTTLED):
        seen.first("runTask")
    pairs = [seen.to(operation)[:2] for operation in THROTTLED]
    again = [pair for pair in pairs if len(pair) == 2]
    if not again:
        raise NotReachedError(f"{UNSUPPORTED}: it does not try again after a 429")
    changed = [pair for pair in again if _said(pair[0]) != _said(pair[1])]
    verdicts.expect(
        "CLI-23",
        not changed,
        f"{changed[0][0].operation} is another request when it is sent again." if changed else "",
        expected=_said(changed[0][0]) if changed else None,
        observed=_said(changed[0][1]) if changed else None,
        requests=changed[0] if changed else again[0],
    )


def _said(request: Received) -> dict[str, object]:
    """Return what a request says to the server; no token is in it."""
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "body": request.json,
        "type": request.media_type,
        "with a token": request.token is not None,
    }


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


ASKED = 3.0
LATER = evolve(BUSY, headers=(*BUSY.headers, ("Retry-After", f"{ASKED:.0f}")))


@situation(about_run("get"), script=lambda: InTurn("getRun", (LATER, None)), within=12)
def read_throttled_with_retry_after(seen: Seen, verdicts: Verdicts) -> None:
    """A read is answered 429 with `Retry-After: 3`."""
    first = seen.first("getRun")
    sent = seen.to("getRun")
    if len(sent) < 2:
        raise NotReachedError(f"{UNSUPPORTED}: it does not try again after a 429")
    pause = sent[1].at - first.at
    long = pause >= ASKED - TOLERANCE
    verdicts.expect(
        "RTL-11",
        long,
        f"Asked to wait for {ASKED:g} s, the client waits {'that long' if long else 'less'}.",
        observed=round(pause, 1),
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
