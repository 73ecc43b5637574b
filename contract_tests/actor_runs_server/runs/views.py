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
STORAGE_KEYS: Final = {
    "datasets": "dataset",
    "keyValueStores": "key-value-store",
    "requestQueues": "request-queue",
}

if set(COUNTER_ORDER) != set(COUNTERS):
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
        "actorTaskId": stable_id("task", run.task) if run.task else None,
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
    if not owner:
        for key in OWNER_ONLY:
            del answer[key]
    return answer


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
        "metamorph": 0,
        "computeUnits": units,
    }
