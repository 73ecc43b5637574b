"""Faults of aborting, below either path."""

import asyncio
import time

from tests.support.tampering import (
    ABORTS,
    TERMINAL,
    Answer,
    Fault,
    Request,
    replaces,
    runs,
    status,
    without_query,
)

STARTED: dict[str, float] = {}


def aborts(change) -> object:
    """Operations whose abort is `change(operations, run, gracefully, abort)`."""

    @replaces("operations")
    def make(operations: type) -> type:
        class Changed(operations):
            def abort(self, run, *, gracefully: bool) -> None:
                change(self, run, gracefully, super().abort)

        return Changed

    return make


def nothing(operations, run, gracefully, abort) -> None:
    pass


def not_when_young(operations, run, gracefully, abort) -> None:
    if time.time() * 1000 - run.started_at > 1500:
        abort(run, gracefully=gracefully)


def finished_too_when_gracefully(operations, run, gracefully, abort) -> None:
    if run.finished and gracefully:
        rewrites(run.status.value)(operations, run, gracefully, abort)
    else:
        abort(run, gracefully=gracefully)


def never_gracefully(operations, run, gracefully, abort) -> None:
    abort(run, gracefully=False)


def always_gracefully(operations, run, gracefully, abort) -> None:
    abort(run, gracefully=True)


def rewrites(status_name: str):
    """Abort a run that has ended with this status once more."""

    def change(operations, run, gracefully, abort) -> None:
        if run.finished and run.status.value == status_name:
            run.status = type(run.status)("ABORTED")
            run.finished_at += 1000
            operations.repository.store(run)
        else:
            abort(run, gracefully=gracefully)

    return change


def forces_after(seconds: float | None):
    @replaces("operations")
    def make(operations: type) -> type:
        class Forcing(operations):
            def announce_abort(self, active) -> None:
                super().announce_abort(active)
                active.force_stop.cancel()
                if seconds is not None:
                    loop = asyncio.get_running_loop()
                    active.force_stop = loop.call_later(seconds, active.container.kill)

        return Forcing

    return make


@replaces("operations")
def tells_nobody(operations: type) -> type:
    class Silent(operations):
        def announce_abort(self, active) -> None:
            announce, active.announcements.announce = active.announcements.announce, None
            active.announcements.announce = lambda *_, **__: None
            super().announce_abort(active)
            active.announcements.announce = announce

    return Silent


def refuses_finished(*operations: str):
    def edit(request: Request, answer: Answer) -> None:
        run = answer.run
        if request.operation in operations and run and run["status"] in TERMINAL:
            answer.status = 400
            answer.json = {"error": {"type": "job-finished", "message": "It has finished."}}

    return edit


def aborting_refused(request: Request, answer: Answer) -> None:
    run = answer.run
    if request.operation in ABORTS and run and run["status"] == "ABORTING":
        if STARTED.setdefault(f"aborting {run['id']}", 1) == 2:
            answer.status = 400
            answer.json = {"error": {"type": "job-aborting", "message": "It aborts already."}}
        STARTED[f"aborting {run['id']}"] = 2


def aborted_without_end(run: dict) -> None:
    if run["status"] == "ABORTED":
        run["finishedAt"] = None


def aborted_is_failed(run: dict) -> None:
    if run["status"] == "ABORTED":
        run["status"] = "FAILED"


async def deprecated_is_get(request: Request) -> Answer | None:
    if request.operation != "abortActorRun":
        return None
    get = Request("GET", f"/v2/actor-runs/{request.subject}", {}, request.headers, b"")
    return await request.server.call(get)


def actor_names_unknown(request: Request) -> Answer | None:
    if request.operation == "abortActorRun" and "~" in request.path:
        return Answer.error(404, "record-not-found")
    return None


def actor_ids_unknown(request: Request) -> Answer | None:
    if request.operation == "abortActorRun" and "~" not in request.path:
        return Answer.error(404, "record-or-token-not-found")
    return None


ABORT_RUN = (
    Fault("abort-answers-202", "abortRun", ("ABT-01", "ABT-19", "ABT-05b"),
          "Abort run answers 202.", after=status(200, 202, "abortRun")),
    Fault("abort-does-nothing", "abortRun", ("ABT-05", "ABT-05b", "ABT-07"),
          "Abort answers 200 and does nothing.", parts=aborts(nothing)),
    Fault("aborted-is-failed", "abortRun", ("ABT-05", "ABT-05b"),
          "An aborted run ends as FAILED.", after=runs(aborted_is_failed), whole=True),
    Fault("abort-lost-at-start", "abortRun", ("ABT-05b",),
          "An abort in the first second and a half is lost.", parts=aborts(not_when_young)),
    Fault("abort-of-finished-refused", "abortRun", ("ABT-06", "ABT-06b", "ABT-06c", "ABT-06d"),
          "Aborting a finished run is refused.", after=refuses_finished(*ABORTS)),
    *(
        Fault(f"abort-rewrites-{name.lower()}", "abortRun",
              (promise, "LIF-02", "LIF-03", "LIF-03b", "INV-10"),
              f"Aborting a run that is {name} makes it ABORTED, a second later.",
              parts=aborts(rewrites(name)))
        for name, promise in (("SUCCEEDED", "ABT-06"), ("FAILED", "ABT-06b"),
                              ("TIMED-OUT", "ABT-06c"), ("ABORTED", "ABT-06d"))
    ),
    Fault("abort-of-aborting-refused", "abortRun", ("ABT-06e",),
          "Aborting a run that is ABORTING is refused.", after=aborting_refused),
    Fault("abort-always-graceful", "abortRun", ("ABT-07", "ABT-05", "ABT-05b"),
          "Every abort is a graceful one.", parts=aborts(always_gracefully)),
    Fault("graceful-is-immediate", "abortRun", ("ABT-08c", "ABT-08"),
          "A graceful abort kills at once.", parts=aborts(never_gracefully)),
    Fault("graceful-tells-nobody", "abortRun", ("ABT-08",),
          "A graceful abort sends no event.", parts=tells_nobody),
    Fault("never-forced", "abortRun", ("ABT-08b",),
          "A graceful abort never stops by force.", parts=forces_after(None)),
    Fault("forced-after-ten", "abortRun", ("ABT-08c",),
          "A graceful abort stops by force after 10 seconds.", parts=forces_after(10)),
    Fault("aborted-without-end", "abortRun", ("ABT-14b", "INV-01"),
          "An aborted run has no finishedAt.", after=runs(aborted_without_end)),
    Fault("deprecated-abort-does-nothing", "abortActorRun", ("ABT-05",),
          "The deprecated path answers and does nothing.", before=deprecated_is_get),
    Fault("finished-run-aborted-gracefully", "abortRun",
          ("ABT-06c", "ABT-06", "ABT-06b", "ABT-06d", "LIF-02", "LIF-03", "LIF-03b", "INV-10"),
          "A graceful abort of a run that has ended makes it ABORTED.",
          parts=aborts(finished_too_when_gracefully)),
    Fault("deprecated-abort-refuses-finished", "abortActorRun", ("ABT-06", "ABT-02"),
          "The deprecated path refuses a finished run.", after=refuses_finished("abortActorRun")),
    Fault("deprecated-abort-never-graceful", "abortActorRun", ("ABT-08c", "ABT-08"),
          "The deprecated path overlooks gracefully.",
          before=without_query("gracefully", "abortActorRun")),
    Fault("actor-name-unknown", "abortActorRun", ("ABT-03b",),
          "The deprecated path knows no names of Actors.", before=actor_names_unknown),
    Fault("actor-id-unknown", "abortActorRun", ("ABT-03", "ABT-02"),
          "The deprecated path knows no ids of Actors.", before=actor_ids_unknown),
)  # fmt: skip
