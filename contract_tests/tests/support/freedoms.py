"""What a target is free to do: each lets the suite end with exit code 0.

They are built like faults, and break nothing.
"""

import asyncio
import inspect
import random
import re
import time
from collections import Counter

from actor_runs_server.runs.service import Parts
from tests.support import faults
from tests.support.faults.changes import GONE, problem, put, when
from tests.support.faults.get_run import long_wait_refused
from tests.support.tampering import Answer, Fault, Request, replaces, runs

BORN: dict[str, float] = {}
ENDED: dict[str, float] = {}
CALLED: Counter[str | None] = Counter()
COUNTERS = ("migrationCount", "rebootCount", "restartCount", "resurrectCount", "metamorph")


def several(*changes):
    def edit(run: dict) -> None:
        for change in changes:
            change(run)

    return edit


def unknown_keys(run: dict) -> None:
    for place in (run, *(run[key] for key in ("meta", "stats", "options") if key in run)):
        place["somethingNew"] = {"a": [1, None]}


def unknown_keys_around(request: Request, answer: Answer) -> None:
    if answer.run is not None:
        answer.json = {"data": answer.run, "traceId": "7"}


def question_mark(run: dict) -> None:
    for key in ("usage", "usageUsd"):
        if isinstance(run.get(key), dict):
            values = run[key]
            name = "DATA_TRANSFER_EXTERNAL_GBYTES"
            values[name + "?"] = values.pop(name, values.pop(name + "?", 0))


def lag(request: Request, answer: Answer) -> None:
    """Answer a GET of a run with 404 for three seconds after its start."""
    if answer.run is not None and request.operation == "runTask":
        BORN[answer.run["id"]] = time.monotonic()
    fresh = time.monotonic() - BORN.get(request.subject, -10) < 2.8
    if request.operation == "getRun" and fresh:
        answer.status = 404
        answer.json = {"error": {"type": "record-not-found", "message": "Not replicated yet."}}


def settling(run: dict) -> None:
    """Show preliminary figures for nine seconds after the end."""
    if not run.get("finishedAt") or "stats" not in run:
        return
    ended = ENDED.setdefault(run["id"], time.monotonic())
    if time.monotonic() - ended < 9:
        run["stats"]["netRxBytes"] = random.randrange(10**6)
        run["stats"]["computeUnits"] /= 2
        for key in ("usageTotalUsd",):
            if key in run:
                run[key] /= 2


def throttled_now_and_then(request: Request) -> Answer | None:
    """Answer one request of each operation, the third, with 429 and a type of another kind."""
    CALLED[request.operation] += 1
    return Answer.error(429, "slow-down") if CALLED[request.operation] == 3 else None


def container_moves(run: dict) -> None:
    if run.get("finishedAt"):
        run["containerUrl"] = f"https://{random.randrange(10**9)}.example.com"


@replaces("starter")
def private_by_default(starter: type) -> type:
    class Private(starter):
        async def start(self, name, task, caller, request):
            run = await super().start(name, task, caller, request)
            run.general_access = "RESTRICTED"
            self.repository.store(run)
            return run

    return Private


def slow_containers(seconds: float):
    """Let a container take so long to start; an abort meanwhile is heard at once."""

    @replaces("supervisor")
    def make(supervisor: type) -> type:
        class Slow(supervisor):
            async def launch(self, active):
                status, ready = active.run.status, time.monotonic() + seconds
                while active.run.status is status and time.monotonic() < ready:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                return await super().launch(active)

        return Slow

    return make


def without_deprecated(status: int):
    def edit(request: Request) -> Answer | None:
        if re.fullmatch(r"/v2/act(or)?s/[^/]+/runs/[^/]+/abort", request.path):
            return Answer.error(status, "page-not-found", "This path was removed.")
        return None

    return edit


def relative_location(request: Request, answer: Answer) -> None:
    if "location" in answer.headers:
        answer.headers["location"] = "/v2/" + answer.headers["location"].partition("/v2/")[2]


def documented_location(request: Request, answer: Answer) -> None:
    if "location" in answer.headers and answer.run:
        task, run = answer.run["actorTaskId"], answer.run["id"]
        answer.headers["location"] = f"https://api.apify.com/v2/actor-tasks/{task}/runs/{run}"


def more_headers(request: Request, answer: Answer) -> None:
    answer.headers |= {"x-request-id": "7", "vary": "accept", "cache-control": "no-store"}


def nulls_left_out(run: dict) -> None:
    for key in [key for key, value in run.items() if value is None]:
        del run[key]


def micros(run: dict) -> None:
    for key in ("startedAt", "finishedAt"):
        if run.get(key):
            run[key] = run[key].replace("Z", "123+00:00")


def other_error_types(request: Request, answer: Answer) -> None:
    error = answer.problem
    if error is not None and answer.status in (400, 403):
        answer.json = {"error": {**error, "type": "something-quite-new", "data": {"why": 7}}}


def reboot_refused_with_400(request: Request, answer: Answer) -> None:
    if request.operation == "rebootRun" and answer.status == 403:
        answer.status = 400


def long_messages_refused(request: Request) -> Answer | None:
    """Take no message above 128 characters, so that not even the Actor says what it saw by one."""
    if request.operation != "updateRun" or len(request.body) > 100_000:
        return None
    body = request.json()
    said = body.get("statusMessage") if isinstance(body, dict) else None
    long = isinstance(said, str) and len(said) > 128
    return Answer.error(400, "invalid-value") if long else None


NEIGHBOURS = re.compile(
    r"/v2/(datasets|request-queues|actor-builds|acts/.*/builds)/.*|/v2/actor-runs/.*/"
    r"(dataset|key-value-store|request-queue)(/.*)?"
)


def operations_and_input_only(request: Request) -> Answer | None:
    """Serve the fixture Actor's input, as every target must, and no other neighbour to the suite."""
    written = "/key-value-stores/" in request.path and request.method != "GET"
    if written or NEIGHBOURS.fullmatch(request.path):
        return Answer.error(404, "page-not-found")
    return None


def freedom(name: str, says: str, *warned: str, **how) -> Fault:
    """Name a freedom; `warned` are the promises of level should that it does not keep."""
    return Fault(name, "any", warned, says, **how)


TOLERANCES = (
    freedom("no-general-access", "`generalAccess` is left out.",
            after=runs(put("generalAccess", GONE))),
    freedom("no-usage", "`usage` is left out.", after=runs(put("usage", GONE))),
    freedom("no-costs-at-all", "`usage` and `usageUsd` are null.",
            after=runs(several(put("usage", None), put("usageUsd", None)))),
    freedom("no-metamorphs-no-pricing", "`metamorphs` and `pricingInfo` are left out.",
            after=runs(several(put("metamorphs", GONE), put("pricingInfo", GONE)))),
    freedom("no-counters", "`stats` has no counters.",
            after=runs(several(*(put(f"stats.{name}", GONE) for name in COUNTERS)))),
    freedom("empty-stats", "`stats` is an empty object.", after=runs(put("stats", {}))),
    freedom("unknown-keys", "There are unknown keys in every object.", after=runs(unknown_keys)),
    freedom("unknown-keys-in-envelope", "There is an unknown key beside `data`.",
            after=unknown_keys_around),
    freedom("unknown-origin", "`meta.origin` is a word that nobody knows.",
            after=runs(put("meta.origin", "TELEPATHY"))),
    freedom("unknown-error-types", "Error types of 400 and 403 are new, with more data.",
            "PUT-17b", after=other_error_types),
    freedom("error-extras", "Errors carry further keys.", after=problem(statusCode=400, help="x")),
    freedom("question-mark", "External transfer is spelled with a question mark.",
            after=runs(question_mark)),
    freedom("replica-lag", "A fresh run is not found for three seconds.", after=lag),
    freedom("figures-settle", "Figures settle in the nine seconds after the end.",
            after=runs(settling)),
    freedom("long-waits-refused", "A wait above 60 is refused.", "GET-07",
            before=long_wait_refused, beside=("GET-07b",), profile="thorough"),
    freedom("private-runs", "Nobody but the owner reads a run, and `generalAccess` says so.",
            parts=private_by_default),
    freedom("deprecated-path-is-404", "The deprecated path is gone, 404.",
            before=without_deprecated(404)),
    freedom("deprecated-path-is-410", "The deprecated path is gone, 410.",
            before=without_deprecated(410)),
    freedom("relative-location", "Location is relative.", after=relative_location),
    freedom("documented-location", "Location is as the documents show it.",
            after=documented_location),
    freedom("more-headers", "Answers have further headers.", after=more_headers),
    freedom("nulls-left-out", "What is null is left out.", after=runs(nulls_left_out)),
    freedom("microseconds", "Dates have microseconds and an offset.", after=runs(micros)),
    freedom("reboot-refused-with-400", "A reboot of a finished run is refused with 400.",
            after=reboot_refused_with_400),
    freedom("long-messages-refused", "A status message above 128 characters is refused.",
            before=long_messages_refused),
    freedom("container-starts-in-12-s", "A container takes 12 seconds to start.",
            parts=slow_containers(12)),
    freedom("container-starts-in-2-s", "A container takes 2 seconds to start.",
            parts=slow_containers(2)),
    freedom("no-storages-no-builds", "Storages and builds are not served, but for the Actor's input.",
            before=operations_and_input_only),
    freedom("throttled-now-and-then", "A request of each operation is answered 429, with another type.",
            "ERR-25b", before=throttled_now_and_then),
    freedom("container-moves", "A finished run has another `containerUrl` at each look.",
            "INV-10", "GET-13", after=runs(container_moves)),
    freedom("aborted-with-exit-code", "An aborted run has an exit code.",
            after=runs(when("ABORTED", put("exitCode", 0)))),
)  # fmt: skip

# What one server takes at once: those of a row do not hide each other. Faults of `should` promises
# alone are such choices too.
BUNDLES = {
    "lean": (
        "no-general-access", "no-usage", "no-costs-at-all", "no-metamorphs-no-pricing",
        "no-counters", "empty-stats", "nulls-left-out", "relative-location",
        "deprecated-path-is-404", "no-storages-no-builds", "reboot-refused-with-400",
        "aborted-with-exit-code", "container-starts-in-12-s",
    ),
    "rich": (
        "unknown-keys", "unknown-keys-in-envelope", "question-mark", "error-extras",
        "unknown-error-types", "unknown-origin", "microseconds", "more-headers",
        "documented-location", "long-messages-refused", "deprecated-path-is-410",
        "long-waits-refused",
        "replica-lag", "figures-settle", "container-starts-in-2-s", "private-runs",
    ),
    "careless": (
        "restricted-run-is-open", "token-in-location", "body-limit-of-one-megabyte",
        "throttled-now-and-then", "crash-on-odd-ids", "any-access-accepted",
        "update-counts-a-restart", "update-follows-body", "memory-rounded",
        "reboot-renews-dataset", "running-with-exit-code", "container-moves",
        "leaving-aborts", "wait-on-finished-run",
    ),
}  # fmt: skip


def bundle(name: str) -> Fault:
    """Return the variant of the server that takes all freedoms of a bundle."""
    members = [VARIANTS[each] for each in BUNDLES[name]]

    async def before(request: Request) -> Answer | None:
        for member in members:
            answer = await _now(member.before(request)) if member.before else None
            if answer is not None:
                return answer
        return None

    async def after(request: Request, answer: Answer) -> None:
        for member in members:
            if member.after:
                await _now(member.after(request, answer))

    def parts(given: Parts) -> Parts:
        for member in members:
            given = member.parts(given) if member.parts else given
        return given

    warned = tuple(promise for member in members for promise in member.breaks)
    says = " ".join(member.wrong for member in members)
    profiles = {member.profile for member in members}
    how = {"whole": True, "profile": "thorough" if "thorough" in profiles else "full"}
    return freedom(name, says, *warned, before=before, after=after, parts=parts, **how)


async def _now(result: object) -> Answer | None:
    """Return what a change returned, whether it has to be awaited or not."""
    return await result if inspect.isawaitable(result) else result


BY_NAME = {each.name: each for each in TOLERANCES}
VARIANTS = faults.BY_NAME | BY_NAME
SERVERS = {name: bundle(name) for name in BUNDLES}
