from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ... import errors
from ...models.error_envelope import ErrorEnvelope
from ...models.run_envelope import RunEnvelope
from ...models.update_run_request import UpdateRunRequest
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client


def _get_kwargs(
    run_id: str,
    *,
    body: UpdateRunRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/v2/actor-runs/{run_id}".format(
            run_id=quote(str(run_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
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
    run_id: str,
    *,
    client: AuthenticatedClient,
    body: UpdateRunRequest,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Update status message

     Sets the run's single status message, which the platform's console shows, and may mark it as the
    very last
    one. A new message replaces the former. Whether a finished run takes a message is left to the
    server.

    The call may also change who can read the run. Nothing else of the run changes.

    The body may be compressed; `Content-Encoding` then says how (`gzip`, `deflate` or `br`).

    Args:
        run_id (str): Id of the run, hard to guess.
        body (UpdateRunRequest): A status message for a run. The documents want both the id and
            the message; servers are known to do without the id, since the path has it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | RunEnvelope]
    """

    kwargs = _get_kwargs(
        run_id=run_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    run_id: str,
    *,
    client: AuthenticatedClient,
    body: UpdateRunRequest,
) -> ErrorEnvelope | RunEnvelope | None:
    """Update status message

     Sets the run's single status message, which the platform's console shows, and may mark it as the
    very last
    one. A new message replaces the former. Whether a finished run takes a message is left to the
    server.

    The call may also change who can read the run. Nothing else of the run changes.

    The body may be compressed; `Content-Encoding` then says how (`gzip`, `deflate` or `br`).

    Args:
        run_id (str): Id of the run, hard to guess.
        body (UpdateRunRequest): A status message for a run. The documents want both the id and
            the message; servers are known to do without the id, since the path has it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ErrorEnvelope | RunEnvelope
    """

    return sync_detailed(
        run_id=run_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    run_id: str,
    *,
    client: AuthenticatedClient,
    body: UpdateRunRequest,
) -> Response[ErrorEnvelope | RunEnvelope]:
    """Update status message

     Sets the run's single status message, which the platform's console shows, and may mark it as the
    very last
    one. A new message replaces the former. Whether a finished run takes a message is left to the
    server.

    The call may also change who can read the run. Nothing else of the run changes.

    The body may be compressed; `Content-Encoding` then says how (`gzip`, `deflate` or `br`).

    Args:
        run_id (str): Id of the run, hard to guess.
        body (UpdateRunRequest): A status message for a run. The documents want both the id and
            the message; servers are known to do without the id, since the path has it.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ErrorEnvelope | RunEnvelope]
    """

    kwargs = _get_kwargs(
        run_id=run_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    run_id: str,
    *,
    client: AuthenticatedClient,
    body: UpdateRunRequest,
) -> ErrorEnvelope | RunEnvelope | None:
    """Update status message

     Sets the run's single status message, which the platform's console shows, and may mark it as the
    very last
    one. A new message replaces the former. Whether a finished run takes a message is left to the
    server.

    The call may also change who can read the run. Nothing else of the run changes.

    The body may be compressed; `Content-Encoding` then says how (`gzip`, `deflate` or `br`).

    Args:
        run_id (str): Id of the run, hard to guess.
        body (UpdateRunRequest): A status message for a run. The documents want both the id and
            the message; servers are known to do without the id, since the path has it.

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
            body=body,
        )
    ).parsed
