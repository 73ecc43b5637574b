from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ... import errors
from ...models.error_envelope import ErrorEnvelope
from ...models.run_envelope import RunEnvelope
from ...models.task_input import TaskInput
from ...types import UNSET, Response, Unset

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client


def _get_kwargs(
    actor_task_id: str,
    *,
    body: TaskInput,
    timeout: float | Unset = UNSET,
    memory: float | Unset = UNSET,
    max_items: float | Unset = UNSET,
    max_total_charge_usd: float | Unset = UNSET,
    restart_on_error: bool | Unset = UNSET,
    build: str | Unset = UNSET,
    wait_for_finish: float | Unset = 0.0,
    webhooks: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["timeout"] = timeout

    params["memory"] = memory

    params["maxItems"] = max_items

    params["maxTotalChargeUsd"] = max_total_charge_usd

    params["restartOnError"] = restart_on_error

    params["build"] = build

    params["waitForFinish"] = wait_for_finish

    params["webhooks"] = webhooks

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v2/actor-tasks/{actor_task_id}/runs".format(
            actor_task_id=quote(str(actor_task_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorEnvelope | RunEnvelope | None:
    if response.status_code == 201:
        response_201 = RunEnvelope.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = ErrorEnvelope.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorEnvelope.from_dict(response.json())

        return response_401

    if response.status_code == 402:
        response_402 = ErrorEnvelope.from_dict(response.json())

        return response_402

    if response.status_code == 403:
        response_403 = ErrorEnvelope.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ErrorEnvelope.from_dict(response.json())

        return response_404

    if response.status_code == 405:
        response_405 = ErrorEnvelope.from_dict(response.json())

        return response_405

    if response.status_code == 413:
        response_413 = ErrorEnvelope.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = ErrorEnvelope.from_dict(response.json())

        return response_415

    if response.status_code == 429:
        response_429 = ErrorEnvelope.from_dict(response.json())

        return response_429

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ErrorEnvelope | RunEnvelope]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    actor_task_id: str,
    *,
    client: AuthenticatedClient,
    body: TaskInput,
    timeout: float | Unset = UNSET,
    memory: float | Unset = UNSET,
    max_items: float | Unset = UNSET,
    max_total_charge_usd: float | Unset = UNSET,
    restart_on_error: bool | Unset = UNSET,
    build: str | Unset = UNSET,
    wait_for_finish: float | Unset = 0.0,
    webhooks: str | Unset = UNSET,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Run task

     Starts a new run of a task and returns at once, without waiting for the run to finish, unless
    `waitForFinish` asks for that. The status code is 201 whether or not the run has finished by then.

    A JSON object in the body overrides the task's saved input, property by property: a property that
    the
    body leaves out keeps the task's value or, failing that, the default of the Actor's input schema.
    The
    saved input itself is not changed.

    `timeout`, `memory` and `build` are those of the task's settings where they are left out.

    Every call starts another run, and no key marks a repeated call as such. A client therefore does not
    repeat
    it by itself when it cannot know what came of it: the task might run, and be charged for, twice.
    Results are
    usually in the dataset named by `defaultDatasetId`.

    The body may be compressed; `Content-Encoding` then says how (`gzip`, `deflate` or `br`).

    Args:
        actor_task_id (str): Id of the task, `username~task-name`, or `~task-name`.
        timeout (float | Unset): Seconds, 0 or more. Absent means what the task says.
        memory (float | Unset): Megabytes, a power of two, 128 or more. Absent means what the task
            says.
        max_items (float | Unset): Items, 0 or more. Absent means without a limit of the caller.
        max_total_charge_usd (float | Unset): US dollars, 0 or more. Absent means without a limit
            of the caller.
        restart_on_error (bool | Unset): True, or 1, to restart a run that fails; false, or 0, not
            to.
        build (str | Unset): Build tag or build number. Absent means what the task says, typically
            `latest`.
        wait_for_finish (float | Unset): Seconds to wait at most, from 0 to 60. Absent means 0, no
            waiting. Default: 0.0.
        webhooks (str | Unset): Base64 (standard alphabet, padded) of the UTF-8 form of a JSON
            array of webhook definitions.
        body (TaskInput): Input of an Actor. Which properties there are, and what they mean, is
            for each Actor to say.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | RunEnvelope]
    """

    kwargs = _get_kwargs(
        actor_task_id=actor_task_id,
        body=body,
        timeout=timeout,
        memory=memory,
        max_items=max_items,
        max_total_charge_usd=max_total_charge_usd,
        restart_on_error=restart_on_error,
        build=build,
        wait_for_finish=wait_for_finish,
        webhooks=webhooks,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    actor_task_id: str,
    *,
    client: AuthenticatedClient,
    body: TaskInput,
    timeout: float | Unset = UNSET,
    memory: float | Unset = UNSET,
    max_items: float | Unset = UNSET,
    max_total_charge_usd: float | Unset = UNSET,
    restart_on_error: bool | Unset = UNSET,
    build: str | Unset = UNSET,
    wait_for_finish: float | Unset = 0.0,
    webhooks: str | Unset = UNSET,
) -> ErrorEnvelope | RunEnvelope | None:
    """Run task

     Starts a new run of a task and returns at once, without waiting for the run to finish, unless
    `waitForFinish` asks for that. The status code is 201 whether or not the run has finished by then.

    A JSON object in the body overrides the task's saved input, property by property: a property that
    the
    body leaves out keeps the task's value or, failing that, the default of the Actor's input schema.
    The
    saved input itself is not changed.

    `timeout`, `memory` and `build` are those of the task's settings where they are left out.

    Every call starts another run, and no key marks a repeated call as such. A client therefore does not
    repeat
    it by itself when it cannot know what came of it: the task might run, and be charged for, twice.
    Results are
    usually in the dataset named by `defaultDatasetId`.

    The body may be compressed; `Content-Encoding` then says how (`gzip`, `deflate` or `br`).

    Args:
        actor_task_id (str): Id of the task, `username~task-name`, or `~task-name`.
        timeout (float | Unset): Seconds, 0 or more. Absent means what the task says.
        memory (float | Unset): Megabytes, a power of two, 128 or more. Absent means what the task
            says.
        max_items (float | Unset): Items, 0 or more. Absent means without a limit of the caller.
        max_total_charge_usd (float | Unset): US dollars, 0 or more. Absent means without a limit
            of the caller.
        restart_on_error (bool | Unset): True, or 1, to restart a run that fails; false, or 0, not
            to.
        build (str | Unset): Build tag or build number. Absent means what the task says, typically
            `latest`.
        wait_for_finish (float | Unset): Seconds to wait at most, from 0 to 60. Absent means 0, no
            waiting. Default: 0.0.
        webhooks (str | Unset): Base64 (standard alphabet, padded) of the UTF-8 form of a JSON
            array of webhook definitions.
        body (TaskInput): Input of an Actor. Which properties there are, and what they mean, is
            for each Actor to say.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | RunEnvelope
    """

    return sync_detailed(
        actor_task_id=actor_task_id,
        client=client,
        body=body,
        timeout=timeout,
        memory=memory,
        max_items=max_items,
        max_total_charge_usd=max_total_charge_usd,
        restart_on_error=restart_on_error,
        build=build,
        wait_for_finish=wait_for_finish,
        webhooks=webhooks,
    ).parsed


async def asyncio_detailed(
    actor_task_id: str,
    *,
    client: AuthenticatedClient,
    body: TaskInput,
    timeout: float | Unset = UNSET,
    memory: float | Unset = UNSET,
    max_items: float | Unset = UNSET,
    max_total_charge_usd: float | Unset = UNSET,
    restart_on_error: bool | Unset = UNSET,
    build: str | Unset = UNSET,
    wait_for_finish: float | Unset = 0.0,
    webhooks: str | Unset = UNSET,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Run task

     Starts a new run of a task and returns at once, without waiting for the run to finish, unless
    `waitForFinish` asks for that. The status code is 201 whether or not the run has finished by then.

    A JSON object in the body overrides the task's saved input, property by property: a property that
    the
    body leaves out keeps the task's value or, failing that, the default of the Actor's input schema.
    The
    saved input itself is not changed.

    `timeout`, `memory` and `build` are those of the task's settings where they are left out.

    Every call starts another run, and no key marks a repeated call as such. A client therefore does not
    repeat
    it by itself when it cannot know what came of it: the task might run, and be charged for, twice.
    Results are
    usually in the dataset named by `defaultDatasetId`.

    The body may be compressed; `Content-Encoding` then says how (`gzip`, `deflate` or `br`).

    Args:
        actor_task_id (str): Id of the task, `username~task-name`, or `~task-name`.
        timeout (float | Unset): Seconds, 0 or more. Absent means what the task says.
        memory (float | Unset): Megabytes, a power of two, 128 or more. Absent means what the task
            says.
        max_items (float | Unset): Items, 0 or more. Absent means without a limit of the caller.
        max_total_charge_usd (float | Unset): US dollars, 0 or more. Absent means without a limit
            of the caller.
        restart_on_error (bool | Unset): True, or 1, to restart a run that fails; false, or 0, not
            to.
        build (str | Unset): Build tag or build number. Absent means what the task says, typically
            `latest`.
        wait_for_finish (float | Unset): Seconds to wait at most, from 0 to 60. Absent means 0, no
            waiting. Default: 0.0.
        webhooks (str | Unset): Base64 (standard alphabet, padded) of the UTF-8 form of a JSON
            array of webhook definitions.
        body (TaskInput): Input of an Actor. Which properties there are, and what they mean, is
            for each Actor to say.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | RunEnvelope]
    """

    kwargs = _get_kwargs(
        actor_task_id=actor_task_id,
        body=body,
        timeout=timeout,
        memory=memory,
        max_items=max_items,
        max_total_charge_usd=max_total_charge_usd,
        restart_on_error=restart_on_error,
        build=build,
        wait_for_finish=wait_for_finish,
        webhooks=webhooks,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    actor_task_id: str,
    *,
    client: AuthenticatedClient,
    body: TaskInput,
    timeout: float | Unset = UNSET,
    memory: float | Unset = UNSET,
    max_items: float | Unset = UNSET,
    max_total_charge_usd: float | Unset = UNSET,
    restart_on_error: bool | Unset = UNSET,
    build: str | Unset = UNSET,
    wait_for_finish: float | Unset = 0.0,
    webhooks: str | Unset = UNSET,
) -> ErrorEnvelope | RunEnvelope | None:
    """Run task

     Starts a new run of a task and returns at once, without waiting for the run to finish, unless
    `waitForFinish` asks for that. The status code is 201 whether or not the run has finished by then.

    A JSON object in the body overrides the task's saved input, property by property: a property that
    the
    body leaves out keeps the task's value or, failing that, the default of the Actor's input schema.
    The
    saved input itself is not changed.

    `timeout`, `memory` and `build` are those of the task's settings where they are left out.

    Every call starts another run, and no key marks a repeated call as such. A client therefore does not
    repeat
    it by itself when it cannot know what came of it: the task might run, and be charged for, twice.
    Results are
    usually in the dataset named by `defaultDatasetId`.

    The body may be compressed; `Content-Encoding` then says how (`gzip`, `deflate` or `br`).

    Args:
        actor_task_id (str): Id of the task, `username~task-name`, or `~task-name`.
        timeout (float | Unset): Seconds, 0 or more. Absent means what the task says.
        memory (float | Unset): Megabytes, a power of two, 128 or more. Absent means what the task
            says.
        max_items (float | Unset): Items, 0 or more. Absent means without a limit of the caller.
        max_total_charge_usd (float | Unset): US dollars, 0 or more. Absent means without a limit
            of the caller.
        restart_on_error (bool | Unset): True, or 1, to restart a run that fails; false, or 0, not
            to.
        build (str | Unset): Build tag or build number. Absent means what the task says, typically
            `latest`.
        wait_for_finish (float | Unset): Seconds to wait at most, from 0 to 60. Absent means 0, no
            waiting. Default: 0.0.
        webhooks (str | Unset): Base64 (standard alphabet, padded) of the UTF-8 form of a JSON
            array of webhook definitions.
        body (TaskInput): Input of an Actor. Which properties there are, and what they mean, is
            for each Actor to say.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | RunEnvelope
    """

    return (
        await asyncio_detailed(
            actor_task_id=actor_task_id,
            client=client,
            body=body,
            timeout=timeout,
            memory=memory,
            max_items=max_items,
            max_total_charge_usd=max_total_charge_usd,
            restart_on_error=restart_on_error,
            build=build,
            wait_for_finish=wait_for_finish,
            webhooks=webhooks,
        )
    ).parsed
