"""Faults of the fields of the Run object, from a table: of a wrong type, null, or not there."""

from collections.abc import Iterator

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import GONE, showing

# A field, the promise about it, and one or two values of a wrong type or form.
WRONG: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    ("actId", "OBJ-02", (17,)),
    ("userId", "OBJ-03", (17, "")),
    ("actorTaskId", "OBJ-04", (17,)),
    ("startedAt", "OBJ-05", (1575099264202, "30/11/2019 07:34")),
    ("finishedAt", "OBJ-06", (1575099264202, "", "0001-01-01 00:00:00")),
    ("status", "OBJ-07", ("Running", 3)),
    ("statusMessage", "OBJ-08", (["Actor is running"], 0)),
    ("isStatusMessageTerminal", "OBJ-09", (0, "false")),
    ("meta", "OBJ-10", ("API", [])),
    ("meta.origin", "OBJ-11", (3, "")),
    ("meta.clientIp", "OBJ-12", (2130706433, [])),
    ("meta.userAgent", "OBJ-13", ({"browser": "curl"}, False)),
    ("meta.scheduleId", "OBJ-14", (0,)),
    ("meta.scheduledAt", "OBJ-14", ("never", 0)),
    ("pricingInfo", "OBJ-15", ("FREE", {})),
    ("pricingInfo.pricingModel", "OBJ-15", (1,)),
    ("stats", "OBJ-16", ([],)),
    ("stats.inputBodyLen", "OBJ-17", ("240", 2.5)),
    ("stats.migrationCount", "OBJ-18", ("-1",)),
    ("stats.rebootCount", "OBJ-18", ("0", 0.5)),
    ("stats.restartCount", "OBJ-18", (False,)),
    ("stats.resurrectCount", "OBJ-18", ([],)),
    ("stats.metamorph", "OBJ-18", (False,)),
    ("stats.memAvgBytes", "OBJ-19", ("19 MB",)),
    ("stats.memMaxBytes", "OBJ-19", (0.5,)),
    ("stats.memCurrentBytes", "OBJ-19", (True,)),
    ("stats.cpuAvgUsage", "OBJ-20", ("33%",)),
    ("stats.cpuMaxUsage", "OBJ-20", ([0.5],)),
    ("stats.netRxBytes", "OBJ-21", ("1 kB",)),
    ("stats.netTxBytes", "OBJ-21", (1338.5,)),
    ("stats.durationMillis", "OBJ-22", (1.5,)),
    ("stats.runTimeSecs", "OBJ-22", ("0:00:01",)),
    ("stats.computeUnits", "OBJ-23", ("0.1", [0.1])),
    ("chargedEventCounts", "OBJ-24", ([{"actor-start": 1}],)),
    ("chargedEventCounts.actor-start", "OBJ-24", ("1", 0.5)),
    ("options", "OBJ-25", ([],)),
    ("options.build", "OBJ-25", (0.1,)),
    ("options.timeoutSecs", "OBJ-25", ("300", [300])),
    ("options.memoryMbytes", "OBJ-25", ("512 MB",)),
    ("options.diskMbytes", "OBJ-25", (2048.5,)),
    ("options.maxItems", "OBJ-25b", ("1000",)),
    ("options.maxTotalChargeUsd", "OBJ-25b", ("5", [5])),
    ("buildId", "OBJ-26", (36,)),
    ("buildNumber", "OBJ-27", (0.36, [0, 0, 36])),
    ("exitCode", "OBJ-28", ("0", 0.5, False)),
    ("generalAccess", "OBJ-29", (1, "restricted")),
    ("defaultKeyValueStoreId", "OBJ-30", (17,)),
    ("defaultDatasetId", "OBJ-30b", (17,)),
    ("defaultRequestQueueId", "OBJ-30c", (17,)),
    ("storageIds", "OBJ-31", (["default"],)),
    ("storageIds.datasets", "OBJ-31", (["default"],)),
    ("storageIds.requestQueues.default", "OBJ-31", (17,)),
    ("containerUrl", "OBJ-32", (8080, "the container")),
    ("isContainerServerReady", "OBJ-33", ("false", 0)),
    ("gitBranchName", "OBJ-34", (["master"], 0)),
    ("usage", "OBJ-35", ([],)),
    ("usage.DATASET_READS", "OBJ-35", ("4", [4])),
    ("usageUsd", "OBJ-36", (0.26,)),
    ("usageUsd.PROXY_SERPS", "OBJ-36", ("$0.01", [0.01])),
    ("usageTotalUsd", "OBJ-37", ("0.2654", [0.2654])),
    ("metamorphs", "OBJ-38", ({}, [{"actorId": "nspoEjklmnsF2oosD"}])),
    ("platformUsageBillingModel", "OBJ-39", (1,)),
    ("stats.inputBodyLen", "OBJ-41", (-1,)),
    ("stats.rebootCount", "OBJ-41", (-1,)),
    ("stats.computeUnits", "OBJ-41", (-0.1,)),
)

# The fields that every run has, and the promise about each.
REQUIRED = {
    "id": "OBJ-01",
    "actId": "OBJ-02",
    "userId": "OBJ-03",
    "startedAt": "OBJ-05",
    "meta": "OBJ-10",
    "meta.origin": "OBJ-11",
    "stats": "OBJ-16",
    "options": "OBJ-25",
    "options.build": "OBJ-25",
    "options.timeoutSecs": "OBJ-25",
    "options.memoryMbytes": "OBJ-25",
    "options.diskMbytes": "OBJ-25",
    "buildId": "OBJ-26",
    "defaultKeyValueStoreId": "OBJ-30",
    "defaultDatasetId": "OBJ-30b",
    "defaultRequestQueueId": "OBJ-30c",
}

# Those that may go but never be null.
NEVER_NULL = {"stats.restartCount": "OBJ-18", "stats.computeUnits": "OBJ-23"}

# Without these nothing can be judged, so that each is wrong alone.
ESSENTIAL = ("id", "status", "startedAt", "finishedAt", "statusMessage", "stats", "options", "meta")


def _rows() -> Iterator[tuple[str, str, str, object]]:
    for pointer, promise, values in WRONG:
        for number, value in enumerate(values, 1):
            yield pointer, promise, f"wrong-{number}", value
    for pointer, promise in REQUIRED.items():
        yield pointer, promise, "null", None
        yield pointer, promise, "gone", GONE
    for pointer, promise in NEVER_NULL.items():
        yield pointer, promise, "null", None


def _name(pointer: str, what: str) -> str:
    return f"{pointer}-{what}".replace(".", "-").replace("_", "-").lower()


def _fault(pointer: str, promise: str, what: str, value: object) -> Fault:
    shown = "is not there" if value is GONE else f"is {value!r}"
    required = ("INV-12",) if value in (GONE, None) and pointer in REQUIRED else ()
    change = {"shows": (showing(pointer, value),)}
    return Fault(_name(pointer, what), f"{pointer} {shown}.", (promise, *required), change)


def _groups() -> tuple[tuple[str, ...], ...]:
    """Put those that break different promises, and do not lie in each other, into one server."""
    groups: list[list[tuple[str, str, str]]] = []
    for pointer, promise, what, _value in _rows():
        row = (pointer, promise, _name(pointer, what))
        for group in groups:
            if pointer not in ESSENTIAL and all(_go_together(row, other) for other in group):
                group.append(row)
                break
        else:
            groups.append([row])
    return tuple(tuple(name for _pointer, _promise, name in group) for group in groups)


def _go_together(row: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    (pointer, promise, _), (another, its_promise, _) = row, other
    nested = f"{pointer}.".startswith(f"{another}.") or f"{another}.".startswith(f"{pointer}.")
    return promise != its_promise and another not in ESSENTIAL and not nested


FIELDS = tuple(_fault(*row) for row in _rows())
FIELD_GROUPS = _groups()
