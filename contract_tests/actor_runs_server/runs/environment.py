"""The documented environment variables of an Actor's process."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from actor_runs_server.clock import timestamp
from actor_runs_server.config.config import stable_id
from actor_runs_server.processes.processes import MARK

if TYPE_CHECKING:
    from actor_runs_server.records.run import Run


def variables(
    run: Run, *, token: str, base_url: str, mark: str, deadline: int | None
) -> dict[str, str]:
    """Return the variables of a run's process.

    Args:
        run: The run.
        token: A token of the run's owner that is valid until the run has finished.
        base_url: The URL of this server on this machine, without a slash at the end.
        mark: The mark by which the server finds its processes again.
        deadline: When the run will time out, in milliseconds since 1970; None is never.
    """
    events = f"{urlsplit(base_url)._replace(scheme='ws').geturl()}/v2/actor-runs/{run.id}/events"
    user, _, name = run.actor.partition("~")
    maximum_items = run.options.get("maxItems")
    maximum_charge = run.options.get("maxTotalChargeUsd")
    values: dict[str, object | None] = {
        "ACTOR_ID": stable_id("actor", run.actor),
        "ACTOR_FULL_NAME": f"{user}/{name}",
        "ACTOR_RUN_ID": run.id,
        "ACTOR_TASK_ID": run.task,
        "ACTOR_BUILD_ID": run.build_id,
        "ACTOR_BUILD_NUMBER": run.build_number,
        "ACTOR_DEFAULT_DATASET_ID": run.storages["dataset"],
        "ACTOR_DEFAULT_KEY_VALUE_STORE_ID": run.storages["key-value-store"],
        "ACTOR_DEFAULT_REQUEST_QUEUE_ID": run.storages["request-queue"],
        "ACTOR_INPUT_KEY": run.input_key,
        "ACTOR_EVENTS_WEBSOCKET_URL": f"{events}?token={token}",
        "ACTOR_WEB_SERVER_PORT": 4321,
        "ACTOR_MEMORY_MBYTES": run.options["memoryMbytes"],
        "ACTOR_STARTED_AT": timestamp(run.started_at),
        "ACTOR_TIMEOUT_AT": timestamp(deadline) if deadline is not None else None,
        "ACTOR_MAX_PAID_DATASET_ITEMS": maximum_items or None,
        "ACTOR_MAX_TOTAL_CHARGE_USD": maximum_charge or None,
        "ACTOR_RESTART_ON_ERROR": "true" if run.restart_on_error else None,
        "APIFY_API_BASE_URL": base_url,
        "APIFY_DEDICATED_CPUS": max(1, int(run.options["memoryMbytes"]) // 4096),
        "APIFY_IS_AT_HOME": "1",
        "APIFY_META_ORIGIN": run.meta["origin"],
        "APIFY_TOKEN": token,
        "APIFY_USER_IS_PAYING": "1",
        "APIFY_PROXY_PASSWORD": "no-proxy",
        "APIFY_USER_ID": stable_id("user", run.user),
        MARK: mark,
    }
    return {key: f"{value}" for key, value in values.items() if value is not None}
