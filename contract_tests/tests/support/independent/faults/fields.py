"""Faults of the fields of the Run object, from tables: of a wrong type, null, or not there."""

from collections.abc import Iterator

from actor_runs_conformance.ledger import contract
from tests.support.field_promises import PROMISES, about
from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import GONE, showing

# A field, and one or two values of a wrong type or form.
WRONG: dict[str, tuple[object, ...]] = {
    "actId": (17,),
    "userId": (17, ""),
    "actorTaskId": (17,),
    "startedAt": (1575099264202, "30/11/2019 07:34"),
    "finishedAt": (1575099264202, "", "0001-01-01 00:00:00"),
    "status": ("Running", 3),
    "statusMessage": (["Actor is running"], 0),
    "isStatusMessageTerminal": (0, "false"),
    "meta": ("API", []),
    "meta.origin": (3, ""),
    "meta.clientIp": (2130706433, []),
    "meta.userAgent": ({"browser": "curl"}, False),
    "meta.scheduleId": (0,),
    "meta.scheduledAt": ("never", 0),
    "pricingInfo": ("FREE", {}),
    "pricingInfo.pricingModel": (1,),
    "stats": ([],),
    "stats.inputBodyLen": ("240", 2.5),
    "stats.migrationCount": ("-1",),
    "stats.rebootCount": ("0", 0.5),
    "stats.restartCount": (False,),
    "stats.resurrectCount": ([],),
    "stats.metamorph": (False,),
    "stats.memAvgBytes": ("19 MB",),
    "stats.memMaxBytes": (0.5,),
    "stats.memCurrentBytes": (True,),
    "stats.cpuAvgUsage": ("33%",),
    "stats.cpuMaxUsage": ([0.5],),
    "stats.netRxBytes": ("1 kB",),
    "stats.netTxBytes": (1338.5,),
    "stats.durationMillis": (1.5,),
    "stats.runTimeSecs": ("0:00:01",),
    "stats.computeUnits": ("0.1", [0.1]),
    "chargedEventCounts": ([{"actor-start": 1}],),
    "chargedEventCounts.actor-start": ("1", 0.5),
    "options": ([],),
    "options.build": (0.1,),
    "options.timeoutSecs": ("300", [300]),
    "options.memoryMbytes": ("512 MB",),
    "options.diskMbytes": (2048.5,),
    "options.maxItems": ("1000",),
    "options.maxTotalChargeUsd": ("5", [5]),
    "buildId": (36,),
    "buildNumber": (0.36, [0, 0, 36]),
    "exitCode": ("0", 0.5, False),
    "generalAccess": (1, "restricted"),
    "defaultKeyValueStoreId": (17,),
    "defaultDatasetId": (17,),
    "defaultRequestQueueId": (17,),
    "storageIds": (["default"],),
    "storageIds.datasets": (["default"],),
    "storageIds.requestQueues.default": (17,),
    "containerUrl": (8080, "the container"),
    "isContainerServerReady": ("false", 0),
    "gitBranchName": (["master"], 0),
    "usage": ([],),
    "usage.DATASET_READS": ("4", [4]),
    "usageUsd": (0.26,),
    "usageUsd.PROXY_SERPS": ("$0.01", [0.01]),
    "usageTotalUsd": ("0.2654", [0.2654]),
    "metamorphs": ({}, [{"actorId": "nspoEjklmnsF2oosD"}]),
    "platformUsageBillingModel": (1,),
}

# What is never below 0.
FROM_ZERO = {"stats.inputBodyLen": -1, "stats.rebootCount": -1, "stats.computeUnits": -0.1}

# The fields that every run has. Without a status nothing else can be judged.
REQUIRED = [
    path for path, field in contract.fields().items() if field.required and path != "status"
]

# Those that may go but never be null.
NEVER_NULL = ("stats.restartCount", "stats.computeUnits")

# Without these nothing can be judged, so that each is wrong alone.
ESSENTIAL = ("id", "status", "startedAt", "finishedAt", "statusMessage", "stats", "options", "meta")


def _rows() -> Iterator[tuple[str, str, str, object]]:
    for pointer, values in {**WRONG, **_others()}.items():
        for number, value in enumerate(values, 1):
            yield pointer, about(pointer), f"wrong-{number}", value
    for pointer, value in FROM_ZERO.items():
        yield pointer, "OBJ-41", "below-0", value
    for pointer in REQUIRED:
        yield pointer, about(pointer), "null", None
        yield pointer, about(pointer), "gone", GONE
    for pointer in NEVER_NULL:
        yield pointer, about(pointer), "null", None


def _others() -> dict[str, tuple[object, ...]]:
    """Return two values that the contract forbids for each field whose promise has no row yet."""
    tried = {about(pointer) for pointer in (*WRONG, *REQUIRED)}
    return {
        path: tuple(value for value in (17, "odd", []) if contract.field_fault(path, value))[:2]
        for path, promise in PROMISES.items()
        if promise not in tried
    }


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
