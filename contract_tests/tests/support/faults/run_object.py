"""Faults of the Run object: fields, dates, figures that agree, what never changes, lifecycle."""

import itertools
import time
from datetime import UTC, datetime, timedelta

from tests.support.faults.changes import GONE, put, when
from tests.support.field_promises import about
from tests.support.tampering import TERMINAL, Fault, runs

BEGAN = time.monotonic()

SEEN: dict[str, float] = {}


def later(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def ends_before_it_starts(run: dict) -> None:
    if run["finishedAt"]:
        run["startedAt"], run["finishedAt"] = run["finishedAt"], run["startedAt"]


def starts_tomorrow(run: dict) -> None:
    run["startedAt"] = run["startedAt"].replace("20", "21", 1)


def without_zone(run: dict) -> None:
    run["startedAt"] = run["startedAt"].removesuffix("Z")


def in_millis(run: dict) -> None:
    run["startedAt"] = int(datetime.fromisoformat(run["startedAt"]).timestamp() * 1000)


def lower_case_status(run: dict) -> None:
    run["status"] = run["status"].lower()


def another_dataset_below(run: dict) -> None:
    run["storageIds"] = {
        "datasets": {"default": "x" * 17},
        "keyValueStores": {"default": run["defaultKeyValueStoreId"]},
        "requestQueues": {"default": run["defaultRequestQueueId"]},
    }


def same_disk(run: dict) -> None:
    run["options"]["diskMbytes"] = run["options"]["memoryMbytes"]


def falling_time(run: dict) -> None:
    run["stats"]["runTimeSecs"] = max(0.0, 1000 - (time.monotonic() - BEGAN))
    run["stats"]["durationMillis"] = round(run["stats"]["runTimeSecs"] * 1000)


def restless_figures(run: dict) -> None:
    if run["status"] in TERMINAL:
        run["stats"]["netRxBytes"] = round((time.monotonic() - BEGAN) * 1000)


def rewritten_end(run: dict) -> None:
    if run["status"] in TERMINAL:
        run["finishedAt"] = later(0)


NUMBERS = itertools.count()


def restless_build(run: dict) -> None:
    if run["status"] in TERMINAL:
        run["buildNumber"] = f"0.0.{next(NUMBERS) + 1}"


def restless_user(run: dict) -> None:
    run["userId"] = f"user{next(NUMBERS)}"


def restless_origin(run: dict) -> None:
    run["meta"] = {"origin": ("API", "WEB")[next(NUMBERS) % 2]}


def back_and_forth(run: dict) -> None:
    """Show a running run as READY again at every fourth look."""
    if run["status"] == "RUNNING":
        looks = SEEN[run["id"]] = SEEN.get(run["id"], 0) + 1
        if looks % 4 == 0:
            run["status"] = "READY"


def rises_again(run: dict) -> None:
    """Show a finished run as RUNNING again from five seconds after its end."""
    if run["status"] in TERMINAL:
        ended = SEEN.setdefault(run["id"], time.monotonic())
        if time.monotonic() - ended > 5:
            run |= {"status": "RUNNING", "finishedAt": None, "exitCode": None}


def all_succeed(run: dict) -> None:
    if run["status"] == "FAILED":
        run["status"], run["exitCode"] = "SUCCEEDED", 0


def all_fail(run: dict) -> None:
    if run["status"] == "SUCCEEDED":
        run["status"], run["exitCode"] = "FAILED", 1


def field(path: str, value: object, wrong: str, *also: str) -> Fault:
    """A field of the Run object that is wrong in every answer."""
    name = f"run-{path.replace('.', '-').lower()}-wrong"
    return Fault(name, "any", (about(path), *also), wrong, after=runs(put(path, value)))


RUN_OBJECT = (
    Fault("run-id-wrong", "getRun", ("OBJ-01", "GET-02"),
          "Get run shows another run's id.", after=runs(put("id", "x" * 17), "getRun")),
    Fault("update-answers-another-run", "updateRun", ("OBJ-01", "PUT-24"),
          "Update run answers with another run's id.", after=runs(put("id", "x" * 17), "updateRun"),
          beside=("PUT-10",)),
    Fault("abort-answers-another-run", "abortRun", ("OBJ-01", "ABT-01", "ABT-25", "ABT-05b"),
          "Abort run answers with another run's id.", after=runs(put("id", "x" * 17), "abortRun")),
    field("actId", None, "`actId` is null.", "INV-12", "TSK-22"),
    field("userId", 7, "`userId` is a number.", "TSK-22", "INV-11"),
    field("actorTaskId", 7, "`actorTaskId` is a number.", "TSK-22"),
    field("finishedAt", "", "`finishedAt` is an empty string.", "GEN-19", "INV-01"),
    field("statusMessage", 7, "`statusMessage` is a number.", "PUT-05"),
    field("isStatusMessageTerminal", "yes", "`isStatusMessageTerminal` is a string.",
          "PUT-05", "PUT-07"),
    field("meta", [], "`meta` is a list.", "OBJ-11"),
    field("meta.origin", GONE, "`meta.origin` is missing."),
    field("meta.clientIp", 7, "`meta.clientIp` is a number."),
    field("meta.userAgent", 7, "`meta.userAgent` is a number."),
    field("meta.scheduledAt", "soon", "`meta.scheduledAt` is no date.", "GEN-19"),
    field("pricingInfo", {"price": 7}, "`pricingInfo` names no model."),
    field("stats", None, "`stats` is null.", "INV-12"),
    field("stats.inputBodyLen", "240", "`stats.inputBodyLen` is a string."),
    field("stats.rebootCount", "0", "`stats.rebootCount` is a string."),
    field("stats.memMaxBytes", "19 MB", "`stats.memMaxBytes` is a text."),
    field("stats.cpuAvgUsage", "low", "`stats.cpuAvgUsage` is a word."),
    field("stats.netRxBytes", 0.5, "`stats.netRxBytes` is half a byte."),
    field("stats.durationMillis", "7 s", "`stats.durationMillis` is a text."),
    field("stats.computeUnits", "0", "`stats.computeUnits` is a string."),
    field("chargedEventCounts", [], "`chargedEventCounts` is a list."),
    field("options.diskMbytes", GONE, "`options.diskMbytes` is missing.", "INV-04"),
    field("options.maxItems", "7", "`options.maxItems` is a string.", "TSK-14"),
    field("buildId", 7, "`buildId` is a number."),
    field("buildNumber", 7, "`buildNumber` is a number.", "TSK-13b", "TSK-13"),
    field("exitCode", "0", "`exitCode` is a string.", "INV-03"),
    field("generalAccess", "PUBLIC", "`generalAccess` is an unknown word.", "PUT-11"),
    field("defaultKeyValueStoreId", 7, "`defaultKeyValueStoreId` is a number.",
          "INV-05", "TSK-22", "TSK-23"),
    field("defaultDatasetId", None, "`defaultDatasetId` is null.",
          "INV-05", "INV-12", "TSK-22", "TSK-23"),
    field("defaultRequestQueueId", GONE, "`defaultRequestQueueId` is missing.",
          "INV-05", "INV-12", "TSK-22", "TSK-23"),
    field("storageIds", ["x"], "`storageIds` is a list.", "INV-05"),
    field("containerUrl", "none", "`containerUrl` is no URL."),
    field("isContainerServerReady", "no", "`isContainerServerReady` is a string."),
    field("gitBranchName", 7, "`gitBranchName` is a number."),
    field("usage", {"DATASET_READS": "1"}, "`usage` has a text for a number."),
    field("usageUsd", {"DATASET_READS": "free"}, "`usageUsd` has a word.", "AUT-05"),
    field("usageTotalUsd", "0.1", "`usageTotalUsd` is a string.", "AUT-05"),
    field("metamorphs", {}, "`metamorphs` is no list."),
    field("platformUsageBillingModel", 7, "`platformUsageBillingModel` is a number."),
    Fault("run-stats-below-zero", "any", ("OBJ-41",),
          "`stats.netRxBytes` is below 0.", after=runs(put("stats.netRxBytes", -1))),
    Fault("run-disk-below-zero", "any", ("OBJ-41", "INV-04"),
          "`options.diskMbytes` is below 0.", after=runs(put("options.diskMbytes", -2048))),
    Fault("started-in-millis", "any", ("OBJ-05", "GEN-19"),
          "`startedAt` is a number of milliseconds.", after=runs(in_millis)),
    Fault("date-without-zone", "any", ("GEN-19", "OBJ-05"),
          "`startedAt` has no time zone.", after=runs(without_zone)),
    Fault("status-in-lower-case", "any", ("OBJ-07",),
          "`status` is written in lower case.", after=runs(lower_case_status)),
    Fault("status-finished", "any", ("LIF-08", "OBJ-07"),
          "A run that SUCCEEDED has the status FINISHED.",
          after=runs(when("SUCCEEDED", put("status", "FINISHED"))), whole=True),
    Fault("required-field-missing", "any", ("INV-12", "OBJ-26"),
          "`buildId` is missing.", after=runs(put("buildId", GONE))),
    # What agrees.
    Fault("finished-without-date", "any", ("INV-01", "ABT-14b"),
          "A finished run has no finishedAt.", after=runs(when(TERMINAL, put("finishedAt", None)))),
    Fault("running-with-end", "any", ("INV-01",),
          "A running run has a finishedAt.",
          after=runs(when("RUNNING", lambda run: run.update(finishedAt=run["startedAt"])))),
    Fault("ends-before-it-starts", "any", ("INV-02", "INV-11"),
          "A finished run has ended before it was started.", after=runs(ends_before_it_starts)),
    Fault("starts-in-a-hundred-years", "any", ("INV-02",),
          "`startedAt` is in the future.", after=runs(starts_tomorrow)),
    Fault("succeeded-with-exit-code-one", "any", ("INV-03",),
          "A run that SUCCEEDED has exit code 1.",
          after=runs(when("SUCCEEDED", put("exitCode", 1)))),
    Fault("running-with-exit-code", "any", ("INV-03",),
          "A running run has an exit code.", after=runs(when("RUNNING", put("exitCode", 0)))),
    Fault("disk-equals-memory", "any", ("INV-04",),
          "A run has as much disk as memory.", after=runs(same_disk)),
    Fault("storage-ids-differ", "any", ("INV-05",),
          "`storageIds` names another dataset than defaultDatasetId.",
          after=runs(another_dataset_below)),
    Fault("run-time-falls", "any", ("INV-09",),
          "`stats.runTimeSecs` goes down.", after=runs(falling_time)),
    Fault("figures-never-settle", "any", ("GET-13", "INV-10", "RTL-10"),
          "The figures of a finished run go on rising.", after=runs(restless_figures)),
    Fault("end-is-now", "any", ("INV-10", "GET-13", "ABT-06"),
          "`finishedAt` is the time of the answer.", after=runs(rewritten_end)),
    Fault("build-number-changes", "any", ("INV-10", "GET-13", "ABT-06"),
          "`buildNumber` of a finished run changes.", after=runs(restless_build)),
    Fault("user-changes", "any", ("INV-11", "INV-10", "GET-13", "ABT-06"),
          "`userId` is another in every answer.", after=runs(restless_user)),
    Fault("origin-changes", "any", ("INV-11", "INV-10", "GET-13", "ABT-06"),
          "`meta.origin` is another in every answer.", after=runs(restless_origin)),
    # Lifecycle.
    Fault("status-goes-back", "any", ("LIF-02", "LIF-03", "LIF-03b"),
          "A running run is READY again now and then.", after=runs(back_and_forth)),
    Fault("finished-run-rises", "any", ("LIF-02", "LIF-03", "LIF-03b", "INV-10", "ABT-06"),
          "A finished run is RUNNING again after five seconds.", after=runs(rises_again)),
    Fault("every-run-succeeds", "any", ("LIF-04",),
          "A run whose Actor fails has SUCCEEDED.", after=runs(all_succeed)),
    Fault("every-run-fails", "any", ("LIF-04",),
          "A run whose Actor succeeds has FAILED.", after=runs(all_fail)),
)  # fmt: skip
