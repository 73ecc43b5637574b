"""Waiting: what counts as the end, what a server that does not wait is asked, and long waits."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import field, frozen

from actor_runs_conformance.clients.answers import (
    FINISHED_AT,
    Answer,
    finished,
    refusal,
    run_data,
    success,
)
from actor_runs_conformance.clients.driver import Kind
from actor_runs_conformance.clients.scripts import LONGEST_WAIT, CutsLongAnswers, InTurn, OneRun
from actor_runs_conformance.clients.situation import (
    RUN,
    NotReachedError,
    about_run,
    situation,
    start,
)
from actor_runs_conformance.ledger.statuses import TERMINAL

if TYPE_CHECKING:
    from actor_runs_conformance.clients.situation import Seen, Verdicts
    from actor_runs_conformance.clients.stand_in import Received, Script

MOST_A_SECOND = 5.0


@situation(about_run("wait", deadlineSecs=20), script=lambda: OneRun(ends_after=2), within=25)
def wait_for_the_end(seen: Seen, verdicts: Verdicts) -> None:
    """A run ends after two seconds, and the client waits for it."""
    seen.first("getRun")
    shown = seen.shown()
    verdicts.expect(
        "GET-05",
        shown.get("status") == "SUCCEEDED",
        f"After a wait the client shows the status {shown.get('status')!r}.",
        expected="SUCCEEDED",
        observed=shown.get("status"),
    )


ENDED = {"isStatusMessageTerminal": True, "finishedAt": FINISHED_AT, "exitCode": 0}
"""What an example of a document shows of a run that goes on; the status alone tells the end."""


def _ending() -> InTurn:
    goes_on = run_data(id=RUN, status="READY"), run_data(id=RUN, **ENDED)
    ends = (run_data(id=RUN, status=name) for name in ("TIMING-OUT", "ABORTING"))
    answers = [success(data) for data in (*goes_on, *ends)]
    return InTurn("getRun", (*answers, None), OneRun(ends_after=0, status="ABORTED"))


@situation(about_run("wait", deadlineSecs=20), script=_ending, within=25)
def transitional_statuses(seen: Seen, verdicts: Verdicts) -> None:
    """A run is READY, RUNNING, TIMING-OUT and ABORTING before it is ABORTED."""
    seen.first("getRun")
    shown = seen.shown()
    verdicts.expect(
        "GET-06",
        shown.get("status") in TERMINAL,
        f"The client took {shown.get('status')!r} for the end of the run.",
        expected="ABORTED",
        observed=shown.get("status"),
    )


ENDS = {RUN[:-1] + str(place): status for place, status in enumerate(sorted(TERMINAL))}
"""Runs that have ended, each in another way, by their ids."""
MOST_READS = 2
"""How often a run that has ended is read: once to learn it, once more for its settled figures."""


def _ended(request: Received, earlier: list[Received], /) -> Answer:
    run = request.ids.get("runId", "")
    if run not in ENDS:
        return OneRun()(request, earlier)
    return success(finished(ENDS[run], id=run))


@situation(
    *(about_run("wait", run=run, deadlineSecs=4) for run in ENDS), script=lambda: _ended, within=15
)
def every_terminal_status(seen: Seen, verdicts: Verdicts) -> None:
    """Runs have ended already, each with another terminal status, and the client waits for them."""
    seen.first("getRun")
    named = [request.ids["runId"] for request in seen.to("getRun")]
    reads = Counter(ENDS[run] for run in named if run in ENDS)
    missed = [status for status, count in reads.items() if count > MOST_READS]
    if not missed:
        seen.reply()
    verdicts.expect(
        "LIF-03b",
        not missed,
        f"The client goes on waiting when a run has the status {' or '.join(missed)}.",
        expected="the end of the wait",
        observed=dict(reads),
    )


@situation(about_run("wait", deadlineSecs=3), within=15)
def wait_without_an_end(seen: Seen, verdicts: Verdicts) -> None:
    """A run goes on longer than the client is to wait."""
    seen.first("getRun")
    reply = seen.reply()
    status = (reply.run or {}).get("status")
    verdicts.expect(
        "GET-06b",
        reply.kind in {Kind.RUN, Kind.ERROR} and status not in TERMINAL,
        f"The run goes on, and the client says {reply.describe()}.",
        expected="the run as it stands, or an error that says so",
        observed=reply.describe(),
    )


MISSING = RUN[:-1] + "x"


def _at_once(request: Received, earlier: list[Received], /) -> Answer:
    if request.ids.get("runId") == MISSING:
        return refusal(404, "record-not-found", "Actor run was not found")
    return OneRun(waits=False)(request, earlier)


@situation(
    about_run("wait", deadlineSecs=4),
    about_run("wait", run=MISSING, deadlineSecs=3),
    script=lambda: _at_once,
    within=12,
)
def server_that_does_not_wait(seen: Seen, verdicts: Verdicts) -> None:
    """A server answers at once whatever `waitForFinish` says, also that there is no such run."""
    seen.first("getRun")
    reads = [
        [request.at for request in seen.to("getRun") if (request.ids["runId"] == MISSING) is absent]
        for absent in (False, True)
    ]
    times = max(reads, key=len)
    if len(times) == 1:
        seen.reply()
    lasted = max(times[-1] - times[0], 1.0)
    rate = (len(times) - 1) / lasted
    verdicts.expect(
        "CLI-07",
        rate <= MOST_A_SECOND,
        f"The client asks {len(times)} times in {lasted:.1f} s.",
        expected=f"at most {MOST_A_SECOND:g} requests a second",
        observed=round(rate, 1),
        requests=seen.to("getRun")[:5],
    )


@situation(
    about_run("wait", deadlineSecs=25),
    script=lambda: CutsLongAnswers(3.0, OneRun(ends_after=8)),
    within=30,
    profile="full",
)
def gateway_that_cuts_long_answers(seen: Seen, verdicts: Verdicts) -> None:
    """A gateway answers 504 for whatever is held longer than three seconds."""
    seen.first("getRun")
    reply = seen.reply()
    status = (reply.run or {}).get("status")
    verdicts.expect(
        "CLI-10",
        status == "SUCCEEDED",
        f"The run succeeds after 8 s, and the client says {reply.describe()}.",
        expected="the run, SUCCEEDED",
        observed=reply.describe(),
    )


@situation(
    about_run("wait", deadlineSecs=90),
    script=lambda: OneRun(ends_after=65),
    within=95,
    profile="full",
)
def wait_for_more_than_a_minute(seen: Seen, verdicts: Verdicts) -> None:
    """A run ends after 65 seconds: no answer is held longer than 60."""
    seen.first("getRun")
    reply = seen.reply()
    status = (reply.run or {}).get("status")
    verdicts.expect(
        "GET-07b",
        status == "SUCCEEDED",
        f"The run succeeds after 65 s, and the client says {reply.describe()}.",
        expected="the run, SUCCEEDED",
        observed=reply.describe(),
    )
    longest = max(request.wait for request in seen.to("getRun"))
    verdicts.expect(
        "CLI-22",
        longest <= LONGEST_WAIT,
        f"The client asks for a wait of {longest:g} s at a time.",
        observed=longest,
    )


HELD = 58.0


def _held_start() -> InTurn:
    return InTurn("runTask", (success(run_data(id=RUN), 201, after=HELD),))


@situation(start(options={"waitForFinish": 60}), script=_held_start, within=75, profile="full")
def start_that_is_held(seen: Seen, verdicts: Verdicts) -> None:
    """A start with `waitForFinish=60` is answered after 58 seconds."""
    asked = seen.first("runTask").wait
    if asked <= 0:
        raise NotReachedError("the client does not ask the server to wait when it starts a run")
    starts = seen.to("runTask")
    verdicts.expect(
        "CLI-05",
        len(starts) == 1,
        f"The client gave up waiting and started {len(starts)} runs.",
        expected="one start",
        observed=len(starts),
    )


@frozen
class BriefAbsence:
    """Answers Get run with 404 for some seconds after a start."""

    seconds: float
    run: Script = field(factory=lambda: OneRun(ends_after=4))

    def __call__(self, request: Received, earlier: list[Received]) -> Answer:
        """Answer as `run` does, once it is there."""
        starts = [before.at for before in earlier if before.operation == "runTask"]
        if request.operation == "getRun" and starts and request.at < starts[0] + self.seconds:
            return refusal(404, "record-not-found", "Actor run was not found")
        return self.run(request, earlier)


@situation(
    start(),
    about_run("wait", deadlineSecs=10),
    script=lambda: BriefAbsence(1.5),
    within=15,
)
def brief_absence_after_a_start(seen: Seen, verdicts: Verdicts) -> None:
    """A run that was just started is answered with 404 for a moment."""
    seen.first("runTask")
    seen.first("getRun")
    reply = seen.reply()
    verdicts.expect(
        "RTL-09",
        reply.kind is Kind.RUN,
        f"A run that is not found for 1.5 s after its start: the client says {reply.describe()}.",
        observed=reply.describe(),
    )
