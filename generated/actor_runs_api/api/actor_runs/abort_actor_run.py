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
    actor_id: str,
    run_id: str,
    *,
    gracefully: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["gracefully"] = gracefully

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v2/acts/{actor_id}/runs/{run_id}/abort".format(
            actor_id=quote(str(actor_id), safe=""),
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
    actor_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient,
    gracefully: bool | Unset = False,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Abort run of an Actor

     The documented address of the abort. It is deprecated and may be replaced or removed; `abortRun`
    does the
    same without naming the Actor. `acts` in the path is the former spelling of `actors`, and either
    works.

    Args:
        actor_id (str): Id of the Actor, `username~actor-name`, or `~actor-name`.
        run_id (str): Id of the run, hard to guess.
        gracefully (bool | Unset): True, or 1, for an abort with notice; false, or 0, for an
            immediate one. Absent means false. Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | RunEnvelope]
    """

    kwargs = _get_kwargs(
        actor_id=actor_id,
        run_id=run_id,
        gracefully=gracefully,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    actor_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient,
    gracefully: bool | Unset = False,
) -> ErrorEnvelope | RunEnvelope | None:
    """Abort run of an Actor

     The documented address of the abort. It is deprecated and may be replaced or removed; `abortRun`
    does the
    same without naming the Actor. `acts` in the path is the former spelling of `actors`, and either
    works.

    Args:
        actor_id (str): Id of the Actor, `username~actor-name`, or `~actor-name`.
        run_id (str): Id of the run, hard to guess.
        gracefully (bool | Unset): True, or 1, for an abort with notice; false, or 0, for an
            immediate one. Absent means false. Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | RunEnvelope
    """

    return sync_detailed(
        actor_id=actor_id,
        run_id=run_id,
        client=client,
        gracefully=gracefully,
    ).parsed


async def asyncio_detailed(
    actor_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient,
    gracefully: bool | Unset = False,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Abort run of an Actor

     The documented address of the abort. It is deprecated and may be replaced or removed; `abortRun`
    does the
    same without naming the Actor. `acts` in the path is the former spelling of `actors`, and either
    works.

    Args:
        actor_id (str): Id of the Actor, `username~actor-name`, or `~actor-name`.
        run_id (str): Id of the run, hard to guess.
        gracefully (bool | Unset): True, or 1, for an abort with notice; false, or 0, for an
            immediate one. Absent means false. Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | RunEnvelope]
    """

    kwargs = _get_kwargs(
        actor_id=actor_id,
        run_id=run_id,
        gracefully=gracefully,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    actor_id: str,
    run_id: str,
    *,
    client: AuthenticatedClient,
    gracefully: bool | Unset = False,
) -> ErrorEnvelope | RunEnvelope | None:
    """Abort run of an Actor

     The documented address of the abort. It is deprecated and may be replaced or removed; `abortRun`
    does the
    same without naming the Actor. `acts` in the path is the former spelling of `actors`, and either
    works.

    Args:
        actor_id (str): Id of the Actor, `username~actor-name`, or `~actor-name`.
        run_id (str): Id of the run, hard to guess.
        gracefully (bool | Unset): True, or 1, for an abort with notice; false, or 0, for an
            immediate one. Absent means false. Default: False.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | RunEnvelope
    """

    return (
        await asyncio_detailed(
            actor_id=actor_id,
            run_id=run_id,
            client=client,
            gracefully=gracefully,
        )
    ).parsed
