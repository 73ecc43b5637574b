"""Hooks of Schemathesis, by its public API alone: cases reach real runs, and blame nobody wrongly.

Each case is addressed to a run and a task that are there, gets a webhook that is one, and starts
nothing that lasts. A failure counts only where the documents say that the request has to be taken,
or refused.
"""

from __future__ import annotations

import atexit
import json
import math
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import schemathesis

from actor_runs_conformance.checks.properties.case import ACTOR, RUN, Case
from actor_runs_conformance.checks.properties.safe_targets import (
    INPUT,
    MEMORY_LIMIT,
    UNKNOWN,
    moderate,
)
from actor_runs_conformance.checks.properties.violations import MEMORY, number, violations
from actor_runs_conformance.ledger.contract import operations
from actor_runs_conformance.ledger.promise import ABORTS
from actor_runs_conformance.plain_schemathesis.lent_runs import URL, LentRuns, data_of
from actor_runs_conformance.plain_schemathesis.webhook_calls import DELIVERY, WORKS, WebhookCalls

if TYPE_CHECKING:
    from collections.abc import Callable

ACCEPTED_ALTHOUGH_INVALID, REFUSED_ALTHOUGH_VALID, METHOD = "ST201", "ST202", "ST204"
"""What Schemathesis calls three failures; its codes never change."""

NEED_A_RUN_THAT_RUNS = frozenset({"rebootRun", "updateRun"})
"""Operations that a server may refuse for any run that is not RUNNING."""

WAIT = 0.1
"""Seconds that a case waits at most for a run to finish."""

TASK_PARAMETER = "{actorTaskId}"

runs = LentRuns()
webhooks = WebhookCalls()
atexit.register(runs.abort_all)


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Give the task's parameter a name that does not look like an id that answers must provide.

    Schemathesis begins no sequence with an operation whose ids no other operation creates. The
    task is there already, so Run task is where most sequences have to begin.
    """
    del context
    raw_schema["paths"] = {
        path.replace(TASK_PARAMETER, "{task}"): item for path, item in raw_schema["paths"].items()
    }
    components = raw_schema["components"]
    components["parameters"]["actorTaskId"]["name"] = "task"
    link = components["links"]["RunTask"]["parameters"]
    link["task"] = link.pop("actorTaskId")


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]
) -> None:
    """Address the case to what is there, and let it do no harm."""
    del context, kwargs
    operation = operation_of(case)
    path = dict(case.path_parameters or {})
    if path.get("runId") == RUN:
        path["runId"] = runs.to_abort() if operation in ABORTS else runs.live()
    if path.get("actorId") == ACTOR:
        path["actorId"] = runs.started.get(str(path.get("runId")), ACTOR)
    if operation == "runTask" and not runs.may_start():
        path = dict.fromkeys(path, UNKNOWN)
    case.path_parameters = path
    if case.query:
        case.query = {
            name: _moderate(name, value)
            for name, value in case.query.items()
            # Which builds the task has is not known: one is asked for by itself only.
            if name != "build" or len(case.query) == 1
        }
    if isinstance(case.body, dict) and operation in BODIES:
        case.body = BODIES[operation](case.body, path)
        if operation == "runTask" and "webhooks" in (case.query or {}):
            case.body["durationSecs"] = WORKS


@schemathesis.hook
def after_call(
    context: schemathesis.HookContext, case: schemathesis.Case[Any], response: schemathesis.Response
) -> None:
    """Remember the runs that cases start, and their webhooks."""
    del context
    if operation_of(case) == "runTask" and response.status_code < 300:
        run = data_of(response)
        runs.seen(run)
        if isinstance(case.body, dict):
            webhooks.started(str(response.request.url), str(run.get("id")))


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Any,  # noqa: ANN401 - the class of a failure is not public, its code is
    case: schemathesis.Case[Any],
    response: schemathesis.Response,
) -> bool:
    """Keep a failure unless the documents leave open what becomes of the request."""
    del context
    operation = operation_of(case)
    if failure.code == METHOD:
        # No document says that a 405 has a header `Allow`.
        return response.status_code != 405
    found = violations(sent(operation, response.request))
    if failure.code == ACCEPTED_ALTHOUGH_INVALID:
        return any(violation.promise for violation in found)
    if failure.code == REFUSED_ALTHOUGH_VALID:
        run = (case.path_parameters or {}).get("runId")
        status = (
            runs.look(str(run)).get("status") if operation in NEED_A_RUN_THAT_RUNS else "RUNNING"
        )
        return not found and status == "RUNNING"
    return True


@schemathesis.check
class WebhooksAreCalled:
    """Judges, once all cases have been sent, that the webhooks of their runs were called.

    Only where the server is on this machine: another one may have no way to its receiver.
    """

    def after_run(self, ctx: schemathesis.CheckContext) -> None:
        """Fail where a webhook was not called although its run has finished or failed."""
        del ctx
        ends = {run: runs.look(run).get("status") for run in webhooks.missing()}
        # The documents name these two.
        missing = sorted(run for run, end in ends.items() if end in {"SUCCEEDED", "FAILED"})
        assert not missing, (
            f"{len(missing)} of {len(webhooks.runs)} webhooks were not called within {DELIVERY:g} s, "
            f"although their runs have finished or failed: {', '.join(missing[:3])}"
        )


def operation_of(case: schemathesis.Case[Any]) -> str:
    """Return the operationId of a case, also where it uses another method."""
    return next(
        name
        for name, operation in operations().items()
        if case.path in {operation.path, operation.path.replace(TASK_PARAMETER, "{task}")}
        and operation.method == case.operation.method.upper()
    )


def sent(operation: str, request: Any) -> Case:  # noqa: ANN401 - a request of requests
    """Return a request that was sent as the suite sees generated cases."""
    url = urlsplit(str(request.url))
    body = request.body
    return Case(
        operation=operation,
        phase="sent",
        mode="sent",
        method=str(request.method),
        path=url.path,
        query=url.query,
        headers=tuple((name, str(value)) for name, value in request.headers.items()),
        body=body.encode() if isinstance(body, str) else body,
    )


def _moderate(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever was generated
    if isinstance(value, list):
        return [_moderate(name, one) for one in value]
    if name == "webhooks":
        return webhooks.parameter(os.environ[URL])
    text = value if isinstance(value, str) else json.dumps(value)
    given = number(text)
    if name == "memory" and given is not None and given >= MEMORY[0] and given % MEMORY[0] == 0:
        # The schema cannot say that it is a power of two.
        return MEMORY[int(math.log2(min(given, MEMORY_LIMIT) / MEMORY[0]))]
    if name == "waitForFinish" and given is not None and given > WAIT:
        return f"{WAIT:g}"
    moderated = moderate(name, text)
    return value if moderated == text else moderated


def _update(body: dict[str, Any], path: dict[str, Any]) -> dict[str, Any]:
    # The schema cannot say that the body's run is the path's.
    return {**body, "runId": path["runId"]}


def _start(body: dict[str, Any], path: dict[str, Any]) -> dict[str, Any]:
    del path
    kept = {name: value for name, value in body.items() if name not in {"onAbort", "report"}}
    return {**kept, **INPUT}


BODIES: dict[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]] = {
    "updateRun": _update,
    "runTask": _start,
}
