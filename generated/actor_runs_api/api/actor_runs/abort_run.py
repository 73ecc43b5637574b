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
    gracefully: bool | Unset = False,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["gracefully"] = gracefully

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v2/actor-runs/{run_id}/abort".format(
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
    run_id: str,
    *,
    client: AuthenticatedClient,
    gracefully: bool | Unset = False,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Abort run

     Aborts a run that is starting or running. For a run that has finished, or is being aborted already,
    the call
    does nothing and returns the run as it is, so it is safe to repeat. An aborted run may be
    resurrected later.

    The answer may show the run before it has stopped: read it again to see `ABORTED`.

    Args:
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
        run_id=run_id,
        gracefully=gracefully,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    run_id: str,
    *,
    client: AuthenticatedClient,
    gracefully: bool | Unset = False,
) -> ErrorEnvelope | RunEnvelope | None:
    """Abort run

     Aborts a run that is starting or running. For a run that has finished, or is being aborted already,
    the call
    does nothing and returns the run as it is, so it is safe to repeat. An aborted run may be
    resurrected later.

    The answer may show the run before it has stopped: read it again to see `ABORTED`.

    Args:
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
        run_id=run_id,
        client=client,
        gracefully=gracefully,
    ).parsed


async def asyncio_detailed(
    run_id: str,
    *,
    client: AuthenticatedClient,
    gracefully: bool | Unset = False,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Abort run

     Aborts a run that is starting or running. For a run that has finished, or is being aborted already,
    the call
    does nothing and returns the run as it is, so it is safe to repeat. An aborted run may be
    resurrected later.

    The answer may show the run before it has stopped: read it again to see `ABORTED`.

    Args:
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
        run_id=run_id,
        gracefully=gracefully,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    run_id: str,
    *,
    client: AuthenticatedClient,
    gracefully: bool | Unset = False,
) -> ErrorEnvelope | RunEnvelope | None:
    """Abort run

     Aborts a run that is starting or running. For a run that has finished, or is being aborted already,
    the call
    does nothing and returns the run as it is, so it is safe to repeat. An aborted run may be
    resurrected later.

    The answer may show the run before it has stopped: read it again to see `ABORTED`.

    Args:
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
            run_id=run_id,
            client=client,
            gracefully=gracefully,
        )
    ).parsed
