"""The six operations as requests: path and method are the contract's, which spells them once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from actor_runs_conformance.http.transport import RUN_ACTOR, ApiRequest
from actor_runs_conformance.ledger import contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Headers
    from actor_runs_conformance.http.transport import Query

JSON: Headers = (("content-type", "application/json"),)
NOBODY = "aBcDeFgHiJkLmNoPq"
"""A well-formed id that no run, task or Actor has."""


def path(
    operation: str, *, run: str | None = None, actor: str | None = None, task: str | None = None
) -> str:
    """Return the path of an operation, with what it names.

    Raises:
        KeyError: the contract has no such operation, or its path names more than is given.
    """
    named = {"runId": run, "actorId": actor, "actorTaskId": task}
    return contract.operations()[operation].at(
        **{name: value for name, value in named.items() if value is not None}
    )


def call(
    operation: str,
    *,
    run: str | None = None,
    actor: str | None = None,
    task: str | None = None,
    query: Query = (),
    headers: Headers = (),
    body: Mapping[str, Any] | bytes | None = None,
    token: str | None = None,
    timeout: float = 10.0,
) -> ApiRequest:
    """Return the request of an operation; an object is sent as JSON, bytes as they are.

    Raises:
        KeyError: the contract has no such operation, or its path names more than is given.
    """
    return ApiRequest(
        contract.operations()[operation].method,
        path(operation, run=run, actor=actor, task=task),
        query,
        headers,
        encode(body),
        token,
        operation,
        run,
        timeout,
    )


def run_actor(
    actor: str,
    *,
    query: Query = (),
    headers: Headers = (),
    body: Mapping[str, Any] | bytes | None = None,
    token: str | None = None,
    timeout: float = 10.0,
) -> ApiRequest:
    """Return the request that runs an Actor, which is no operation of the contract."""
    return ApiRequest(
        "POST",
        f"/v2/acts/{quote(actor, safe='~')}/runs",
        query,
        headers,
        encode(body),
        token,
        RUN_ACTOR,
        None,
        timeout,
    )


def encode(body: Mapping[str, Any] | bytes | None) -> bytes | None:
    """Return the bytes of a body: JSON for an object, itself for bytes."""
    if body is None or isinstance(body, bytes):
        return body
    return json.dumps(body, separators=(",", ":")).encode()
