"""The Run object as the documents show it."""

from datetime import datetime, timedelta

from tests.support.independent.rules import Json, Rules
from tests.support.independent.state import Run

KINDS = (
    "DATASET_READS",
    "DATASET_WRITES",
    "KEY_VALUE_STORE_READS",
    "KEY_VALUE_STORE_WRITES",
    "KEY_VALUE_STORE_LISTS",
    "REQUEST_QUEUE_READS",
    "REQUEST_QUEUE_WRITES",
    "DATA_TRANSFER_INTERNAL_GBYTES",
    "DATA_TRANSFER_EXTERNAL_GBYTES",
    "PROXY_RESIDENTIAL_TRANSFER_GBYTES",
    "PROXY_SERPS",
)
DOLLARS_PER_UNIT = 0.4


def date(moment: datetime | None) -> str | None:
    """Return a date as the documents spell it."""
    return moment and moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _stats(run: Run, units: float) -> Json:
    busy = 0 if run.is_finished else 1
    return {
        "inputBodyLen": len(run.input),
        "migrationCount": 0,
        "rebootCount": run.reboots,
        "restartCount": run.restarts,
        "resurrectCount": 0,
        "memAvgBytes": 20_000_000.5,
        "memMaxBytes": 30_000_000,
        "memCurrentBytes": 20_000_000 * busy,
        "cpuAvgUsage": 1.25,
        "cpuMaxUsage": 40.5,
        "cpuCurrentUsage": 1.0 * busy,
        "netRxBytes": 2652,
        "netTxBytes": 1338,
        "durationMillis": round(run.seconds * 1000),
        "runTimeSecs": round(run.seconds, 3),
        "metamorph": 0,
        "computeUnits": units,
    }


def run_object(run: Run, rules: Rules) -> Json:
    """Return the whole Run object."""
    gigabytes = run.options["memoryMbytes"] / 1024
    units = round(gigabytes * run.seconds / 3600, 9)
    message = run.message
    if message is None and rules.default_message:
        message = "Actor is running" if run.status == "RUNNING" else "Actor is starting"
    usage = {"ACTOR_COMPUTE_UNITS": units, **dict.fromkeys(KINDS, 0)}
    dollars = {"ACTOR_COMPUTE_UNITS": units * DOLLARS_PER_UNIT, **dict.fromkeys(KINDS, 0)}
    shown: Json = {
        "id": run.id,
        "actId": run.actor.id,
        "userId": run.user.id,
        "actorTaskId": run.task.id if run.task else None,
        "startedAt": date(run.started),
        "finishedAt": date(run.finished),
        "status": run.status,
        "statusMessage": message,
        "isStatusMessageTerminal": run.message_is_last,
        "meta": {
            "origin": run.origin,
            "clientIp": run.client_ip,
            "userAgent": run.user_agent,
        },
        "pricingInfo": {
            "apifyMarginPercentage": 0,
            "createdAt": "2024-07-29T15:51:28.071Z",
            "startedAt": "2024-07-29T15:51:28.071Z",
            "notifiedAboutFutureChangeAt": "2024-07-29T15:51:28.071Z",
            "notifiedAboutChangeAt": "2024-07-29T15:51:28.071Z",
            "reasonForChange": "string",
            "pricingModel": "PAY_PER_EVENT",
            "pricingPerEvent": {"actorChargeEvents": {}},
            "minimalMaxTotalChargeUsd": 0,
        },
        "stats": _stats(run, units),
        "chargedEventCounts": {"actor-start": 1},
        "options": {
            key: value
            for key, value in run.options.items()
            if rules.caps_shown or key not in ("maxItems", "maxTotalChargeUsd")
        },
        "buildId": run.build_id,
        "exitCode": run.exit_code,
        "generalAccess": run.general_access,
        "defaultKeyValueStoreId": run.store,
        "defaultDatasetId": run.dataset,
        "defaultRequestQueueId": run.queue,
        "storageIds": {
            "datasets": {"default": run.dataset},
            "keyValueStores": {"default": run.store},
            "requestQueues": {"default": run.queue},
        },
        "buildNumber": run.build_number,
        "containerUrl": f"https://{run.id.lower()}.runs.example.com",
        "isContainerServerReady": False,
        "gitBranchName": "master",
        "usage": usage,
        "usageTotalUsd": dollars["ACTOR_COMPUTE_UNITS"],
        "usageUsd": dollars,
    }
    if rules.clock_ahead:
        for key, moment in (("startedAt", run.started), ("finishedAt", run.finished)):
            ahead = moment and (moment + timedelta(seconds=rules.clock_ahead)).replace(
                microsecond=0
            )
            shown[key] = ahead and ahead.isoformat().replace("+00:00", "Z")
    return shown
