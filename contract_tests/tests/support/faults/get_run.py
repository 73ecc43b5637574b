"""Faults of Get run: whose run it is, in which status, and waiting."""

import asyncio

from tests.support.tampering import (
    TERMINAL,
    Answer,
    Fault,
    Request,
    replaces,
    status,
    without_query,
)

STARTED: dict[str, float] = {}


def first_run_for_all(request: Request, answer: Answer) -> None:
    run = answer.run
    if run is not None and request.operation == "getRun" and not request.anonymous:
        STARTED.setdefault("first", run)
        answer.json = {"data": STARTED["first"]}


def running_is_hidden(request: Request, answer: Answer) -> None:
    if request.operation == "getRun" and answer.run and answer.run["status"] == "RUNNING":
        answer.status = 404
        answer.json = {"error": {"type": "record-not-found", "message": "Not yet."}}


def aborted_is_gone(request: Request, answer: Answer) -> None:
    if request.operation == "getRun" and answer.run and answer.run["status"] == "ABORTED":
        answer.status = 404
        answer.json = {"error": {"type": "record-not-found", "message": "It was aborted."}}


@replaces("repository")
def longer_ids_are_cut(repository: type) -> type:
    class Lenient(repository):
        def find(self, run_id):
            return super().find(run_id[:17])

    return Lenient


def zero_is_five(request: Request) -> None:
    if request.operation == "getRun" and request.query.get("waitForFinish") == "0":
        request.query["waitForFinish"] = "5"


@replaces("operations")
def waiter_lost_at_reboot(operations: type) -> type:
    class Forgetful(operations):
        async def wait(self, run, seconds) -> None:
            began, reboots = asyncio.get_running_loop().time(), run.counters["rebootCount"]
            await super().wait(run, seconds)
            if run.counters["rebootCount"] > reboots:
                left = began + seconds - asyncio.get_running_loop().time()
                await asyncio.sleep(max(left, 0))

    return Forgetful


@replaces("operations")
def waits_all_the_time(operations: type) -> type:
    class Patient(operations):
        async def wait(self, run, seconds) -> None:
            await asyncio.sleep(min(seconds, 35))

    return Patient


@replaces("operations")
def waits_on_finished(operations: type) -> type:
    class Patient(operations):
        async def wait(self, run, seconds) -> None:
            if run.finished:
                await asyncio.sleep(min(seconds, 12))
            await super().wait(run, seconds)

    return Patient


@replaces("operations")
def waits_too_long(operations: type) -> type:
    class Patient(operations):
        async def wait(self, run, seconds) -> None:
            await super().wait(run, seconds * 4 if seconds < 15 else seconds)

    return Patient


async def shows_what_was(request: Request) -> Answer | None:
    """Answer a wait with the run as it was before."""
    wait = request.query.get("waitForFinish", "")
    if request.operation != "getRun" or not wait.isdigit():
        return None
    now = Request("GET", request.path, {}, request.headers, b"")
    before = await request.server.call(now)
    await request.server.call(request)
    return before


def always_finished(request: Request, answer: Answer) -> None:
    if request.operation == "getRun" and "waitForFinish" in request.query and answer.run:
        run = answer.run
        if run["status"] not in TERMINAL:
            ended = {"status": "SUCCEEDED", "finishedAt": run["startedAt"], "exitCode": 0}
            answer.json = {"data": run | ended}


async def dawdles(request: Request, answer: Answer) -> None:
    running = answer.run and answer.run["status"] == "RUNNING"
    if request.operation == "getRun" and running and "waitForFinish" not in request.query:
        await asyncio.sleep(10)


async def waits_without_a_limit(request: Request) -> None:
    try:
        seconds = float(request.query.get("waitForFinish", 0))
    except ValueError:
        return
    await asyncio.sleep(min(max(0, seconds - 60), 120))


async def start_held_for_90_seconds(request: Request) -> None:
    if request.operation == "runTask" and request.query.get("waitForFinish") == "60":
        await asyncio.sleep(30)


@replaces("operations")
def waits_no_more_than_50(operations: type) -> type:
    class Hasty(operations):
        async def wait(self, run, seconds) -> None:
            await super().wait(run, min(seconds, 50))

    return Hasty


def long_wait_refused(request: Request) -> Answer | None:
    try:
        seconds = float(request.query.get("waitForFinish", 0))
    except ValueError:
        return None
    return Answer.error(400, "invalid-value") if seconds > 60 else None


async def aborts_for_those_who_leave(request: Request) -> Answer | None:
    if request.operation != "getRun" or "waitForFinish" not in request.query:
        return None
    waiting = asyncio.ensure_future(request.server.call(request))
    leaving = asyncio.ensure_future(request.gone())
    await asyncio.wait([waiting, leaving], return_when=asyncio.FIRST_COMPLETED)
    leaving.cancel()
    if not waiting.done():
        abort = Request("POST", request.path + "/abort", {}, request.headers, b"")
        await request.server.call(abort)
    return await waiting


@replaces("operations")
def one_waiter_at_a_time(operations: type) -> type:
    class Lonely(operations):
        async def wait(self, run, seconds) -> None:
            if f"waits {run.id}" in STARTED and not run.finished:
                await asyncio.sleep(min(seconds, 60))
                return
            if seconds > 0:
                STARTED[f"waits {run.id}"] = 1
            await super().wait(run, seconds)

    return Lonely


GET_RUN = (
    Fault("get-answers-202", "getRun", ("GET-01", "GET-16", "GET-04", "GEN-01"),
          "Get run answers 202.", after=status(200, 202, "getRun")),
    Fault("get-gives-first-run", "getRun", ("GET-02", "OBJ-01"),
          "Get run gives the first run it has seen, whatever the id.", after=first_run_for_all,
          found_by="get_of_two_runs"),
    Fault("running-run-not-found", "getRun", ("GET-03",),
          "A run is not found while it is RUNNING.", after=running_is_hidden),
    Fault("aborted-run-is-gone", "getRun", ("GET-03",),
          "A run is not found once it is ABORTED.", after=aborted_is_gone,
          found_by="every_end_is_heard_of"),
    Fault("longer-id-is-found", "any", ("GET-02", "OBJ-01"),
          "Of an id only the first 17 characters count.", parts=longer_ids_are_cut,
          found_by="get_of_two_runs"),
    Fault("wait-of-zero-lasts", "getRun", ("GET-04",),
          "waitForFinish=0 waits for five seconds.", before=zero_is_five),
    Fault("waiter-lost-at-reboot", "getRun", ("GET-05",),
          "Who waits for a run that is rebooted meanwhile does not learn of its end.",
          parts=waiter_lost_at_reboot, found_by="reboot_of_running_run"),
    Fault("wait-ignored", "getRun", ("GET-05b", "GET-05", "GET-06"),
          "Get run overlooks waitForFinish.", before=without_query("waitForFinish", "getRun"),
          whole=True),
    Fault("wait-for-all-the-time", "getRun", ("GET-05", "GET-08", "TSK-19"),
          "A wait goes on for up to 35 seconds, though the run has finished.",
          parts=waits_all_the_time, found_by="every_end_is_heard_of"),
    Fault("wait-on-finished-run", "getRun", ("GET-08",),
          "A wait on a finished run lasts up to twelve seconds.", parts=waits_on_finished),
    Fault("wait-too-long", "any", ("GET-05b", "TSK-19b", "GEN-18"),
          "A wait lasts four times as long as asked.", parts=waits_too_long),
    Fault("wait-shows-what-was", "getRun", ("GET-05", "GET-06"),
          "A wait is answered with the run as it was before.", before=shows_what_was),
    Fault("wait-says-finished", "getRun", ("GET-06b", "LIF-02", "LIF-03", "LIF-03b"),
          "A wait in vain is answered with SUCCEEDED.", after=always_finished),
    Fault("get-dawdles", "getRun", ("GET-04",),
          "Get run of a running run waits ten seconds without being asked.", after=dawdles),
    Fault("long-wait-refused", "any", ("GET-07",),
          "A wait above 60 is refused.", before=long_wait_refused),
    Fault("wait-without-a-limit", "any", ("GET-07b", "GET-07"),
          "A wait above 60 seconds lasts as long as asked.", before=waits_without_a_limit,
          profile="thorough"),
    Fault("start-held-for-90-seconds", "runTask", ("GET-07b", "TSK-19b"),
          "A start that asks for a wait of 60 seconds is answered after 90.",
          before=start_held_for_90_seconds, profile="thorough"),
    Fault("wait-cut-at-50", "any", ("GET-05b", "TSK-19b", "GET-07"),
          "A wait is cut down to 50 seconds.", parts=waits_no_more_than_50,
          found_by="waits_of_a_minute_and_more", profile="thorough"),
    Fault("leaving-aborts", "getRun", ("GET-10",),
          "A caller who hangs up aborts the run.", before=aborts_for_those_who_leave),
    Fault("one-waiter-only", "getRun", ("GET-11", "GET-05"),
          "Only the first who waits learns of the end in time.", parts=one_waiter_at_a_time),
)  # fmt: skip
