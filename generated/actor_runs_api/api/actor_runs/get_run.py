from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ... import errors
from ...models.error_envelope import ErrorEnvelope
from ...models.run_envelope import RunEnvelope
from ...types import UNSET, Response, Unset

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client


def _get_kwargs(
    run_id: str,
    *,
    wait_for_finish: float | Unset = 0.0,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["waitForFinish"] = wait_for_finish

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v2/actor-runs/{run_id}".format(
            run_id=quote(str(run_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ErrorEnvelope | RunEnvelope | None:
    if response.status_code == 200:
        response_200 = RunEnvelope.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = ErrorEnvelope.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = ErrorEnvelope.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = ErrorEnvelope.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = ErrorEnvelope.from_dict(response.json())

        return response_404

    if response.status_code == 405:
        response_405 = ErrorEnvelope.from_dict(response.json())

        return response_405

    if response.status_code == 408:
        response_408 = ErrorEnvelope.from_dict(response.json())

        return response_408

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
    run_id: str,
    *,
    client: AuthenticatedClient,
    wait_for_finish: float | Unset = 0.0,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Get run

     Returns everything known of one run, whatever its status.

    With `waitForFinish` the server waits for the run to finish before it answers, for that many seconds
    at
    most. The run is returned either way, and its status tells whether it has finished.

    No token is needed: knowing the run's id is enough, unless `generalAccess` restricts the run.
    Without a
    token certain properties are hidden, among them `usageUsd` and `usageTotalUsd`. A token that is sent
    must
    be valid all the same.

    A run that has just been started may for a moment not be found. Figures of a run that has just ended
    settle within some 10 seconds.

    Args:
        run_id (str): Id of the run, hard to guess.
        wait_for_finish (float | Unset): Seconds to wait at most, from 0 to 60. Absent means 0, no
            waiting. Default: 0.0.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | RunEnvelope]
    """

    kwargs = _get_kwargs(
        run_id=run_id,
        wait_for_finish=wait_for_finish,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    run_id: str,
    *,
    client: AuthenticatedClient,
    wait_for_finish: float | Unset = 0.0,
) -> ErrorEnvelope | RunEnvelope | None:
    """Get run

     Returns everything known of one run, whatever its status.

    With `waitForFinish` the server waits for the run to finish before it answers, for that many seconds
    at
    most. The run is returned either way, and its status tells whether it has finished.

    No token is needed: knowing the run's id is enough, unless `generalAccess` restricts the run.
    Without a
    token certain properties are hidden, among them `usageUsd` and `usageTotalUsd`. A token that is sent
    must
    be valid all the same.

    A run that has just been started may for a moment not be found. Figures of a run that has just ended
    settle within some 10 seconds.

    Args:
        run_id (str): Id of the run, hard to guess.
        wait_for_finish (float | Unset): Seconds to wait at most, from 0 to 60. Absent means 0, no
            waiting. Default: 0.0.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | RunEnvelope
    """

    return sync_detailed(
        run_id=run_id,
        client=client,
        wait_for_finish=wait_for_finish,
    ).parsed


async def asyncio_detailed(
    run_id: str,
    *,
    client: AuthenticatedClient,
    wait_for_finish: float | Unset = 0.0,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Get run

     Returns everything known of one run, whatever its status.

    With `waitForFinish` the server waits for the run to finish before it answers, for that many seconds
    at
    most. The run is returned either way, and its status tells whether it has finished.

    No token is needed: knowing the run's id is enough, unless `generalAccess` restricts the run.
    Without a
    token certain properties are hidden, among them `usageUsd` and `usageTotalUsd`. A token that is sent
    must
    be valid all the same.

    A run that has just been started may for a moment not be found. Figures of a run that has just ended
    settle within some 10 seconds.

    Args:
        run_id (str): Id of the run, hard to guess.
        wait_for_finish (float | Unset): Seconds to wait at most, from 0 to 60. Absent means 0, no
            waiting. Default: 0.0.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | RunEnvelope]
    """

    kwargs = _get_kwargs(
        run_id=run_id,
        wait_for_finish=wait_for_finish,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    run_id: str,
    *,
    client: AuthenticatedClient,
    wait_for_finish: float | Unset = 0.0,
) -> ErrorEnvelope | RunEnvelope | None:
    """Get run

     Returns everything known of one run, whatever its status.

    With `waitForFinish` the server waits for the run to finish before it answers, for that many seconds
    at
    most. The run is returned either way, and its status tells whether it has finished.

    No token is needed: knowing the run's id is enough, unless `generalAccess` restricts the run.
    Without a
    token certain properties are hidden, among them `usageUsd` and `usageTotalUsd`. A token that is sent
    must
    be valid all the same.

    A run that has just been started may for a moment not be found. Figures of a run that has just ended
    settle within some 10 seconds.

    Args:
        run_id (str): Id of the run, hard to guess.
        wait_for_finish (float | Unset): Seconds to wait at most, from 0 to 60. Absent means 0, no
            waiting. Default: 0.0.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | RunEnvelope
    """

    return (
        await asyncio_detailed(
            run_id=run_id,
            client=client,
            wait_for_finish=wait_for_finish,
        )
    ).parsed
