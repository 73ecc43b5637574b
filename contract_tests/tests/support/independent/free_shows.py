"""What lawful servers show otherwise."""

import random
from datetime import timedelta
from typing import Any

from tests.support.independent.faults.changes import GONE, put
from tests.support.independent.rules import Json
from tests.support.independent.show import date

OPTIONAL = (
    *("statusMessage", "isStatusMessageTerminal", "pricingInfo", "generalAccess"),
    *("chargedEventCounts", "storageIds", "buildNumber", "containerUrl", "gitBranchName"),
    *("isContainerServerReady", "usage", "usageUsd", "usageTotalUsd"),
)
NULLABLE = (
    *("pricingInfo", "storageIds", "chargedEventCounts", "platformUsageBillingModel"),
    "containerUrl",
    *("exitCode", "generalAccess", "gitBranchName", "isContainerServerReady", "metamorphs"),
    *("usage", "usageUsd", "usageTotalUsd", "meta.clientIp", "meta.userAgent", "meta.scheduleId"),
    *("meta.scheduledAt", "options.maxItems", "options.maxTotalChargeUsd", "stats.inputBodyLen"),
)


def sparse(shown: Json, run: Any, _operation: str) -> None:
    message = shown["statusMessage"], shown["isStatusMessageTerminal"]
    for key in OPTIONAL:
        shown.pop(key, None)
    if run.message_was_set:
        shown["statusMessage"], shown["isStatusMessageTerminal"] = message
    shown["stats"] = {}
    for key in ("finishedAt", "exitCode"):
        if shown[key] is None:
            del shown[key]


def nulls(shown: Json, _run: Any, _operation: str) -> None:
    for key in NULLABLE:
        if key != "exitCode":
            put(shown, key, None)


def null_figures(shown: Json, _run: Any, _operation: str) -> None:
    for key in ("usage", "usageUsd"):
        shown[key] = dict.fromkeys(shown.get(key, {}))


def repriced(shown: Json, run: Any, _operation: str) -> None:
    """Multiply the costs with a price of the moment."""
    if "usageTotalUsd" in shown:
        shown["usageTotalUsd"] *= 1 + random.random() / 100


def more(shown: Json, run: Any, operation: str) -> None:
    shown |= {"consoleUrl": "https://console.example.com", "tags": ["a"], "region": None}
    shown["meta"] |= {"origin": "SATELLITE", "planet": "Mars"}
    shown["stats"] |= {
        "diskAvgBytes": 3.5,
        "memAvgBytes": 9e9,
        "cpuAvgUsage": 99.0,
        "computeUnits": 7,
    }
    shown["options"] |= {"gpu": 0, "restartOnError": run.restart_on_error}
    shown["options"].setdefault("maxTotalChargeUsd", 36.62)
    shown["storageIds"]["datasets"]["errors"] = "eRrOrSijuyDnPZAPR"
    shown["platformUsageBillingModel"] = "USER"
    for key in ("usage", "usageUsd"):
        if key in shown:
            shown[key]["DATA_TRANSFER_EXTERNAL_GBYTES?"] = shown[key].pop(
                "DATA_TRANSFER_EXTERNAL_GBYTES"
            )
            shown[key]["GPU_SECONDS"] = 1
    for key in ("startedAt", "finishedAt"):
        if shown[key]:
            shown[key] = shown[key].replace("Z", "000+00:00")


def settling(shown: Json, run: Any, _operation: str) -> None:
    """Let the figures of a finished run settle 8 s after its end."""
    since = run.age_of_end
    if since is not None and since < 8:
        shown["stats"]["computeUnits"] = round(since / 1000, 6)
        shown["stats"]["netRxBytes"] = int(since * 100)
        if "usageTotalUsd" in shown:
            shown["usageTotalUsd"] = round(since / 10_000, 7)


def ended(shown: Json, run: Any, _operation: str) -> None:
    if run.is_finished:
        put(shown, "containerUrl", GONE)
        put(shown, "isContainerServerReady", GONE)


def deep(saved: Json, given: Json) -> Json:
    both = {**saved, **given}
    for key in set(saved) & set(given):
        if isinstance(saved[key], dict) and isinstance(given[key], dict):
            both[key] = deep(saved[key], given[key])
    return both


def odd_exit(shown: Json, run: Any, _operation: str) -> None:
    shown["options"]["diskMbytes"] = 4096
    if run.is_finished and run.status in ("ABORTED", "TIMED-OUT"):
        shown["exitCode"] = 0
    if run.status == "ABORTED":
        shown["finishedAt"] = None
    if run.status == "TIMED-OUT":
        shown["finishedAt"] = date(run.started - timedelta(seconds=1))
    shown["stats"]["restartCount"] = 0


def restarted_times(shown: Json, run: Any, _operation: str) -> None:
    if run.reboots:
        shown["stats"]["rebootCount"] = 0
        shown["stats"]["runTimeSecs"] = 0.5
        shown["stats"]["durationMillis"] = 400


def ending(shown: Json, run: Any, _operation: str) -> None:
    if run.status == "ABORTING":
        shown["finishedAt"] = shown["startedAt"]


def withdrawn(type_: str) -> str:
    """Return the type that an error of this type had once."""
    return {"insufficient-permissions": "permission-denied", "job-finished": "run-not-running"}.get(
        type_, type_
    )


def worked_so_far(shown: Json, run: Any, _operation: str) -> None:
    """Show a message of the platform's that changes all the time."""
    if run.message is None:
        shown["statusMessage"] = f"Working for {run.seconds:.1f} s"
