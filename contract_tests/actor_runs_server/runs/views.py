"""The Run object of the answers, made from a stored run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import Factory, frozen

from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import Answers, stable_id
from actor_runs_server.processes.metrics import compute_units, priced, usage
from actor_runs_server.records.lifecycle import COUNTERS, DEFAULT_MESSAGES, Status

if TYPE_CHECKING:
    from actor_runs_server.records.run import Run

# Shown to the owner only.
OWNER_ONLY: Final = ("usageTotalUsd", "usageUsd")
COUNTER_ORDER: Final = ("migrationCount", "rebootCount", "restartCount", "resurrectCount")
LAST_COUNTERS: Final = ("metamorph",)
LIST_MEMBERS: Final = (
    "id",
    "actId",
    "userId",
    "actorTaskId",
    "status",
    "startedAt",
    "finishedAt",
    "buildId",
    "buildNumber",
    "meta",
    "usageTotalUsd",
    "defaultKeyValueStoreId",
    "defaultDatasetId",
    "defaultRequestQueueId",
)
STORAGE_KEYS: Final = {
    "datasets": "dataset",
    "keyValueStores": "key-value-store",
    "requestQueues": "request-queue",
}

if {*COUNTER_ORDER, *LAST_COUNTERS} != set(COUNTERS):
    raise AssertionError(f"the lifecycle counts {COUNTERS}, the answer shows {COUNTER_ORDER}")


@frozen(eq=False)
class RunViews:
    """Shows runs; the bytes of an answer are made once for each state of a run."""

    spelling: Answers
    _encoded: dict[tuple[str, bool], bytes] = Factory(dict)

    def answer(self, run: Run, *, owner: bool) -> dict[str, Any]:
        """Return the Run object that the owner, or anybody else, sees."""
        return run_object(run, self.spelling, owner=owner)

    def encoded(self, run: Run, *, owner: bool) -> bytes:
        """Return the bytes of the answer that shows a run."""
        known = self._encoded.get((run.id, owner))
        if known is None:
            known = msgspec.json.encode({"data": self.answer(run, owner=owner)})
            # An overridden `answer` may change from call to call.
            if type(self).answer is RunViews.answer:
                self._encoded[run.id, owner] = known
        return known

    def forget(self, run_id: str) -> None:
        """Make the answers of a run anew: it has changed."""
        self._encoded.pop((run_id, True), None)
        self._encoded.pop((run_id, False), None)


def run_object(run: Run, spelling: Answers, *, owner: bool) -> dict[str, Any]:
    """Return the Run object; without `owner` it lacks what others must not see."""
    units = compute_units(run.options["memoryMbytes"], run.metrics.run_millis)
    amounts = usage(units, run.usage, spelling.external_transfer_key)
    prices = priced(amounts)
    answer: dict[str, Any] = {
        "id": run.id,
        "actId": stable_id("actor", run.actor),
        "userId": stable_id("user", run.user),
        "actorTaskId": run.task,
        "startedAt": timestamp(run.started_at),
        "finishedAt": timestamp(run.finished_at) if run.finished_at is not None else None,
        "status": run.status.value,
        **_message(run),
        "meta": run.meta,
        "stats": _stats(run, units),
        "options": run.options,
        "buildId": run.build_id,
        "exitCode": run.exit_code,
        "generalAccess": run.general_access,
        "defaultKeyValueStoreId": run.storages["key-value-store"],
        "defaultDatasetId": run.storages["dataset"],
        "defaultRequestQueueId": run.storages["request-queue"],
        "storageIds": {key: {"default": run.storages[kind]} for key, kind in STORAGE_KEYS.items()},
        "buildNumber": run.build_number,
        "isContainerServerReady": False,
        "usage": amounts,
        "usageTotalUsd": sum(prices.values()),
        "usageUsd": prices,
    }
    if run.event_prices is not None:
        answer |= _charging(run)
    if run.metamorphs:
        answer["metamorphs"] = [
            {
                "createdAt": timestamp(change.created_at),
                "actorId": stable_id("actor", change.actor),
                "buildId": change.build_id,
                "inputKey": change.input_key,
            }
            for change in run.metamorphs
        ]
    _override(answer, run.shown)
    if not owner:
        for key in OWNER_ONLY:
            answer.pop(key, None)
    return answer


def _override(answer: dict[str, Any], members: dict[str, Any]) -> None:
    """Replace members of an object, and those of the objects inside it."""
    for name, value in members.items():
        if isinstance(value, dict) and isinstance(answer.get(name), dict):
            answer[name] = dict(answer[name])
            _override(answer[name], value)
        else:
            answer[name] = value


def list_item(run: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a Run object that lists of runs show."""
    return {name: run[name] for name in LIST_MEMBERS if name in run}


def _charging(run: Run) -> dict[str, Any]:
    prices = run.event_prices or {}
    began = timestamp(run.started_at)
    return {
        "pricingInfo": {
            "pricingModel": "PAY_PER_EVENT",
            "reasonForChange": "",
            "createdAt": began,
            "startedAt": began,
            "apifyMarginPercentage": 0,
            "notifiedAboutChangeAt": began,
            "notifiedAboutFutureChangeAt": began,
            "minimalMaxTotalChargeUsd": 0,
            "pricingPerEvent": {
                "actorChargeEvents": {
                    name: {"eventTitle": name, "eventDescription": "", "eventPriceUsd": price}
                    for name, price in prices.items()
                }
            },
        },
        "chargedEventCounts": {name: run.charged_events.get(name, 0) for name in prices},
    }


def _message(run: Run) -> dict[str, Any]:
    """Return the status message that was set, or the default of the status."""
    if run.status_message is not None:
        message: str = run.status_message
        return {
            "statusMessage": message,
            "isStatusMessageTerminal": bool(run.is_status_message_terminal),
        }
    message = DEFAULT_MESSAGES[run.status].format(code=run.exit_code)
    if run.status is Status.FAILED and run.exit_code is None:
        message = "Actor could not be started"
    return {"statusMessage": message, "isStatusMessageTerminal": run.finished}


def _stats(run: Run, units: float) -> dict[str, Any]:
    measured = run.metrics.stats() if run.status is not Status.READY else {}
    return {
        "inputBodyLen": run.input_body_len,
        **{name: run.counters[name] for name in COUNTER_ORDER},
        **measured,
        **{name: run.counters[name] for name in LAST_COUNTERS},
        "computeUnits": units,
    }
