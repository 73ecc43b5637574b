"""Faults of the operations on a run that is there: get, update, reboot, abort."""

import asyncio
import json
import time

from tests.support.tampering import TERMINAL, Answer, Fault, Request, runs, status, without_query

STARTED: dict[str, float] = {}


# Get run.


def first_run_for_all(request: Request, answer: Answer) -> None:
    run = answer.run
    if run is not None and request.operation == "getRun" and not request.anonymous:
        STARTED.setdefault("first", run)
        answer.json = {"data": STARTED["first"]}


def running_is_hidden(request: Request, answer: Answer) -> None:
    if request.operation == "getRun" and answer.run and answer.run["status"] == "RUNNING":
        answer.status = 404
        answer.json = {"error": {"type": "record-not-found", "message": "Not yet."}}


def waits_all_the_time(service: type) -> type:
    class Patient(service):
        async def wait(self, run, seconds) -> None:
            await asyncio.sleep(min(seconds, 35))

    return Patient


def waits_on_finished(service: type) -> type:
    class Patient(service):
        async def wait(self, run, seconds) -> None:
            if run.finished:
                await asyncio.sleep(min(seconds, 12))
            await super().wait(run, seconds)

    return Patient


def waits_too_long(service: type) -> type:
    class Patient(service):
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


def long_wait_refused(request: Request) -> Answer | None:
    try:
        seconds = float(request.query.get("waitForFinish", 0))
    except ValueError:
        return None
    return Answer.error(400, "invalid-value") if seconds > 60 else None


WATCHES: set[asyncio.Task] = set()


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


def one_waiter_at_a_time(service: type) -> type:
    class Lonely(service):
        async def wait(self, run, seconds) -> None:
            if f"waits {run.id}" in STARTED and not run.finished:
                await asyncio.sleep(min(seconds, 60))
                return
            if seconds > 0:
                STARTED[f"waits {run.id}"] = 1
            await super().wait(run, seconds)

    return Lonely


# Abort.


def aborts(change) -> object:
    """A service whose abort is `change(service, run, gracefully, abort)`."""

    def make(service: type) -> type:
        class Changed(service):
            def abort(self, run, *, gracefully: bool) -> None:
                change(self, run, gracefully, super().abort)

        return Changed

    return make


def nothing(service, run, gracefully, abort) -> None:
    pass


def not_when_young(service, run, gracefully, abort) -> None:
    if time.time() * 1000 - run.started_at > 1500:
        abort(run, gracefully=gracefully)


def never_gracefully(service, run, gracefully, abort) -> None:
    abort(run, gracefully=False)


def always_gracefully(service, run, gracefully, abort) -> None:
    abort(run, gracefully=True)


def rewrites(status_name: str):
    """Abort a run that has ended with this status once more."""

    def change(service, run, gracefully, abort) -> None:
        if run.finished and run.status.value == status_name:
            run.status = type(run.status)("ABORTED")
            run.finished_at += 1000
            service.store(run)
        else:
            abort(run, gracefully=gracefully)

    return change


def forces_after(seconds: float | None):
    def make(service: type) -> type:
        class Forcing(service):
            def _announce_abort(self, live) -> None:
                super()._announce_abort(live)
                live.force_stop.cancel()
                if seconds is not None:
                    loop = asyncio.get_running_loop()
                    live.force_stop = loop.call_later(seconds, live.container.kill)

        return Forcing

    return make


def tells_nobody(service: type) -> type:
    class Silent(service):
        def _announce_abort(self, live) -> None:
            announce, live.announcements.announce = live.announcements.announce, None
            live.announcements.announce = lambda *_, **__: None
            super()._announce_abort(live)
            live.announcements.announce = announce

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
    if request.operation == "abortRun" and run and run["status"] == "ABORTING":
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


# Reboot.


def reboots(change) -> object:
    """A service whose reboot is `change(service, run, reboot)`."""

    def make(service: type) -> type:
        class Changed(service):
            def reboot(self, run) -> None:
                change(self, run, super().reboot)

        return Changed

    return make


def finished_is_fine(service, run, reboot) -> None:
    if not run.finished:
        reboot(run)


def finished_starts_again(service, run, reboot) -> None:
    if run.finished and run.id not in service.live:
        service.resurrect(run)
    else:
        reboot(run)


def counts_only(service, run, reboot) -> None:
    if run.finished:
        reboot(run)
    run.counters["rebootCount"] += 1
    service.store(run)


def new_dataset(service, run, reboot) -> None:
    reboot(run)
    run.storages = {**run.storages, "dataset": run.storages["dataset"][::-1]}
    service.store(run)


def as_ready(run: dict) -> None:
    run["status"] = "READY"


def wants_body(request: Request) -> Answer | None:
    if request.operation == "rebootRun" and not request.body:
        return Answer.error(400, "invalid-request")
    return None


# Update.


def updates(change) -> object:
    """A service whose update is `change(service, run, change, update)`."""

    def make(service: type) -> type:
        class Changed(service):
            def update(self, run, asked) -> None:
                change(self, run, asked, super().update)

        return Changed

    return make


def keeps_no_message(service, run, asked, update) -> None:
    """Nothing of the update is kept."""


def echo_message(request: Request, answer: Answer) -> None:
    body = request.json()
    if request.operation == "updateRun" and answer.run and isinstance(body, dict):
        keys = ("statusMessage", "isStatusMessageTerminal", "generalAccess")
        answer.json = {"data": answer.run | {k: body[k] for k in keys if k in body}}


def appends_message(service, run, asked, update) -> None:
    earlier = run.status_message
    update(run, asked)
    if earlier and asked.status_message:
        run.status_message = f"{earlier}\n{asked.status_message}"
        service.store(run)


def forgets_flag(service, run, asked, update) -> None:
    update(run, asked)
    run.is_status_message_terminal = False
    service.store(run)


def ascii_only(service, run, asked, update) -> None:
    update(run, asked)
    if run.status_message:
        run.status_message = run.status_message.encode("ascii", "replace").decode()
        service.store(run)


def starts_clock_again(service, run, asked, update) -> None:
    update(run, asked)
    run.started_at += 7
    service.store(run)


def counts_updates(service, run, asked, update) -> None:
    update(run, asked)
    run.counters["restartCount"] += 1
    service.store(run)


def keeps_access(service, run, asked, update) -> None:
    access = run.general_access
    update(run, asked)
    run.general_access = access
    service.store(run)


async def follows_body(request: Request) -> None:
    """Update the run that the body names as well."""
    body = request.json()
    if request.operation != "updateRun" or not isinstance(body, dict):
        return
    other = body.get("runId")
    if isinstance(other, str) and other != request.subject and other.isalnum():
        path = f"/v2/actor-runs/{other}"
        await request.server.call(Request("PUT", path, {}, dict(request.headers), request.body))


def body_edit(change):
    """Change the JSON body of an update; `change` takes the body, None when it is no object."""

    def edit(request: Request) -> Answer | None:
        if request.operation != "updateRun" or "content-encoding" in request.headers:
            return None
        value = request.json()
        changed = change(value if isinstance(value, dict) else None)
        if isinstance(changed, Answer):
            return changed
        if changed is not None:
            request.body = json.dumps(changed).encode()
            request.headers["content-type"] = "application/json"
        return None

    return edit


def wants_flag(body: dict | None) -> Answer | None:
    if body is not None and "statusMessage" in body and "isStatusMessageTerminal" not in body:
        return Answer.error(400, "invalid-request")
    return None


def refuses_run_id(body: dict | None) -> Answer | None:
    return Answer.error(400, "invalid-request") if body and "runId" in body else None


def any_access(body: dict | None) -> dict | None:
    known = ("FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED", None)
    if body and body.get("generalAccess") not in known:
        return {**body, "generalAccess": "FOLLOW_USER_SETTING"}
    if body and "generalAccess" in body and body["generalAccess"] is None:
        return {key: value for key, value in body.items() if key != "generalAccess"}
    return None


def casts(body: dict | None) -> dict | None:
    if not body:
        return None
    cast = dict(body)
    if "statusMessage" in cast:
        cast["statusMessage"] = str(cast["statusMessage"])
    if "isStatusMessageTerminal" in cast:
        cast["isStatusMessageTerminal"] = bool(cast["isStatusMessageTerminal"])
    return cast


def access_in_lists(body: dict | None) -> dict | None:
    if body and isinstance(body.get("generalAccess"), list | dict):
        return {**body, "generalAccess": "FOLLOW_USER_SETTING"}
    return None


def messages_of_any_shape(body: dict | None) -> dict | None:
    if body and isinstance(body.get("statusMessage"), list | dict):
        return {**body, "statusMessage": json.dumps(body["statusMessage"])}
    return None


def anything_is_an_object(body: dict | None) -> dict | None:
    return {"statusMessage": "whatever"} if body is None else None


def refusal_type(request: Request, answer: Answer) -> None:
    if request.operation == "updateRun" and answer.status == 400 and answer.problem:
        answer.json = {"error": {**answer.problem, "type": "bad-json"}}


CONTROL = (
    Fault("get-answers-202", "getRun", ("GET-01", "GET-16", "GET-02", "GET-04", "GEN-01"),
          "Get run answers 202.", after=status(200, 202, "getRun")),
    Fault("get-gives-first-run", "getRun", ("GET-01", "GET-02", "OBJ-01"),
          "Get run gives the first run it has seen, whatever the id.", after=first_run_for_all),
    Fault("running-run-not-found", "getRun", ("GET-03",),
          "A run is not found while it is RUNNING.", after=running_is_hidden),
    Fault("wait-ignored", "getRun", ("GET-05", "GET-05b", "GET-06"),
          "Get run overlooks waitForFinish.", before=without_query("waitForFinish", "getRun")),
    Fault("wait-for-all-the-time", "getRun", ("GET-05", "GET-08", "TSK-19"),
          "A wait goes on for up to 35 seconds, though the run has finished.",
          service=waits_all_the_time),
    Fault("wait-on-finished-run", "getRun", ("GET-08",),
          "A wait on a finished run lasts up to twelve seconds.", service=waits_on_finished),
    Fault("wait-too-long", "any", ("GET-05b", "TSK-19b", "GEN-18"),
          "A wait lasts four times as long as asked.", service=waits_too_long),
    Fault("wait-shows-what-was", "getRun", ("GET-05", "GET-06"),
          "A wait is answered with the run as it was before.", before=shows_what_was),
    Fault("wait-says-finished", "getRun", ("GET-06b", "LIF-02", "LIF-03"),
          "A wait in vain is answered with SUCCEEDED.", after=always_finished),
    Fault("get-dawdles", "getRun", ("GET-04",),
          "Get run of a running run waits ten seconds without being asked.", after=dawdles),
    Fault("long-wait-refused", "any", ("GET-07",),
          "A wait above 60 is refused.", before=long_wait_refused),
    Fault("leaving-aborts", "getRun", ("GET-10",),
          "A caller who hangs up aborts the run.", before=aborts_for_those_who_leave),
    Fault("one-waiter-only", "getRun", ("GET-11", "GET-05"),
          "Only the first who waits learns of the end in time.", service=one_waiter_at_a_time),
    # Abort.
    Fault("abort-answers-202", "abortRun", ("ABT-01", "ABT-19", "ABT-05b"),
          "Abort run answers 202.", after=status(200, 202, "abortRun")),
    Fault("abort-does-nothing", "abortRun", ("ABT-05", "ABT-05b", "ABT-07", "ABT-21"),
          "Abort answers 200 and does nothing.", service=aborts(nothing)),
    Fault("aborted-is-failed", "abortRun", ("ABT-05", "ABT-05b", "ABT-21"),
          "An aborted run ends as FAILED.", after=runs(aborted_is_failed)),
    Fault("abort-lost-at-start", "abortRun", ("ABT-05b",),
          "An abort in the first second and a half is lost.", service=aborts(not_when_young)),
    Fault("abort-of-finished-refused", "abortRun", ("ABT-06", "ABT-06b", "ABT-06c", "ABT-06d"),
          "Aborting a finished run is refused.", after=refuses_finished("abortRun")),
    *(
        Fault(f"abort-rewrites-{name.lower()}", "abortRun",
              (promise, "ABT-22", "LIF-02", "LIF-03", "INV-10"),
              f"Aborting a run that is {name} makes it ABORTED, a second later.",
              service=aborts(rewrites(name)))
        for name, promise in (("SUCCEEDED", "ABT-06"), ("FAILED", "ABT-06b"),
                              ("TIMED-OUT", "ABT-06c"), ("ABORTED", "ABT-06d"))
    ),
    Fault("abort-of-aborting-refused", "abortRun", ("ABT-06e",),
          "Aborting a run that is ABORTING is refused.", after=aborting_refused),
    Fault("abort-always-graceful", "abortRun", ("ABT-07", "ABT-05b", "ABT-21"),
          "Every abort is a graceful one.", service=aborts(always_gracefully)),
    Fault("graceful-is-immediate", "abortRun", ("ABT-08", "ABT-08c", "ABT-23"),
          "A graceful abort kills at once.", service=aborts(never_gracefully)),
    Fault("graceful-tells-nobody", "abortRun", ("ABT-08", "ABT-23"),
          "A graceful abort sends no event.", service=tells_nobody),
    Fault("never-forced", "abortRun", ("ABT-08b",),
          "A graceful abort never stops by force.", service=forces_after(None)),
    Fault("forced-after-ten", "abortRun", ("ABT-08c",),
          "A graceful abort stops by force after 10 seconds.", service=forces_after(10)),
    Fault("aborted-without-end", "abortRun", ("ABT-14b", "INV-01"),
          "An aborted run has no finishedAt.", after=runs(aborted_without_end)),
    Fault("deprecated-abort-does-nothing", "abortActorRun", ("ABT-21",),
          "The deprecated path answers and does nothing.", before=deprecated_is_get),
    Fault("deprecated-abort-refuses-finished", "abortActorRun", ("ABT-02", "ABT-22"),
          "The deprecated path refuses a finished run.", after=refuses_finished("abortActorRun")),
    Fault("deprecated-abort-never-graceful", "abortActorRun", ("ABT-23",),
          "The deprecated path overlooks gracefully.",
          before=without_query("gracefully", "abortActorRun")),
    Fault("actor-name-unknown", "abortActorRun", ("ABT-03b",),
          "The deprecated path knows no names of Actors.", before=actor_names_unknown),
    Fault("actor-id-unknown", "abortActorRun", ("ABT-03", "ABT-02"),
          "The deprecated path knows no ids of Actors.", before=actor_ids_unknown),
    # Reboot.
    Fault("reboot-answers-202", "rebootRun", ("RBT-01", "RBT-12"),
          "Reboot run answers 202.", after=status(200, 202, "rebootRun")),
    Fault("reboot-of-finished-accepted", "rebootRun", ("RBT-02",),
          "A reboot of a finished run is accepted and does nothing.",
          service=reboots(finished_is_fine)),
    Fault("reboot-resurrects", "rebootRun", ("RBT-02", "LIF-02", "LIF-03", "INV-10"),
          "A reboot of a finished run starts it again.", service=reboots(finished_starts_again)),
    Fault("reboot-only-counts", "rebootRun", ("RBT-03",),
          "A reboot counts and restarts nothing.", service=reboots(counts_only)),
    Fault("reboot-renews-dataset", "rebootRun", ("RBT-04", "INV-11"),
          "A reboot gives the run another dataset.", service=reboots(new_dataset)),
    Fault("reboot-answers-ready", "rebootRun", ("RBT-07", "LIF-02", "LIF-03"),
          "The answer to a reboot says READY.", after=runs(as_ready, "rebootRun")),
    Fault("reboot-wants-body", "rebootRun", ("RBT-01", "RBT-09"),
          "A reboot without a body is refused.", before=wants_body),
    # Update.
    Fault("update-answers-201", "updateRun", ("PUT-01", "PUT-20"),
          "Update run answers 201.", after=status(200, 201, "updateRun")),
    Fault("update-refuses-run-id", "updateRun", ("PUT-02", "PUT-01"),
          "An update with runId in its body is refused.", before=body_edit(refuses_run_id)),
    Fault("update-wants-flag", "updateRun", ("PUT-02b",),
          "An update without isStatusMessageTerminal is refused.", before=body_edit(wants_flag)),
    Fault("message-not-kept", "updateRun",
          ("PUT-05", "PUT-06", "PUT-07", "GEN-03b", "BDY-02", "PUT-11", "PUT-14"),
          "An update is echoed and forgotten.", service=updates(keeps_no_message),
          after=echo_message),
    Fault("messages-pile-up", "updateRun", ("PUT-06",),
          "A new message is put below the old one.", service=updates(appends_message)),
    Fault("terminal-flag-lost", "updateRun", ("PUT-07",),
          "isStatusMessageTerminal is forgotten.", service=updates(forgets_flag)),
    Fault("messages-in-ascii", "updateRun", ("GEN-03b",),
          "Characters outside ASCII become question marks.", service=updates(ascii_only)),
    Fault("update-follows-body", "updateRun", ("PUT-04b",),
          "An update changes the run that its body names, too.", before=follows_body),
    Fault("update-moves-start", "updateRun", ("PUT-10", "INV-11"),
          "An update moves startedAt.", service=updates(starts_clock_again)),
    Fault("update-counts-a-restart", "updateRun", ("PUT-10",),
          "An update counts as a restart.", service=updates(counts_updates)),
    Fault("access-not-kept", "updateRun", ("PUT-11", "AUT-06"),
          "generalAccess is accepted and forgotten.", service=updates(keeps_access)),
    Fault("any-access-accepted", "updateRun", ("PUT-12",),
          "An unknown generalAccess is accepted.", before=body_edit(any_access)),
    Fault("wrong-types-accepted", "updateRun", ("PUT-14",),
          "A status message of another type is cast.", before=body_edit(casts)),
    Fault("access-in-lists-accepted", "updateRun", ("PUT-12",),
          "A generalAccess that is a list or an object is accepted.",
          before=body_edit(access_in_lists)),
    Fault("messages-of-any-shape-accepted", "updateRun", ("PUT-14",),
          "A status message that is a list or an object is written out.",
          before=body_edit(messages_of_any_shape)),
    Fault("malformed-update-accepted", "updateRun", ("PUT-17",),
          "A body that is no JSON object is taken for some other.",
          before=body_edit(anything_is_an_object)),
    Fault("malformed-update-type", "updateRun", ("PUT-17b",),
          "The error type of a malformed update is another.", after=refusal_type),
)  # fmt: skip
