"""A Python client for the Actor-run API: small, typed, and without surprises.

Client, AsyncClient     one method for each operation, and `wait_for_finish`, `call_task`, `watch_run`
Run                     what they return
RunStatus, RunUsage, …   the types of its parts; all of them are in `actor_runs_api.models`
WebhookDefinition       what `run_task` takes for its webhooks
Retries                 how persistent a client is
errors                  what can go wrong
UNSET, Unset            what an attribute is that the answer left out, which is false, and its type
"""

from actor_runs_api.models import (
    RunGeneralAccess,
    RunOptions,
    RunOrigin,
    RunStats,
    RunStatus,
    RunUsage,
    RunUsageUsd,
    WebhookDefinition,
    WebhookEventType,
)
from actor_runs_api.types import UNSET, Unset

from . import errors
from ._client import AsyncClient, Client
from ._operations import StartOptions
from ._retries import Retries
from ._run import Run
from .errors import ActorRunsError

__all__ = ["UNSET", "ActorRunsError", "AsyncClient", "Client", "Retries", "Run", "RunGeneralAccess"]
__all__ += ["RunOptions", "RunOrigin", "RunStats", "RunStatus", "RunUsage", "RunUsageUsd"]
__all__ += ["StartOptions", "Unset", "WebhookDefinition", "WebhookEventType", "errors"]
