"""The two clients. What their methods take is described in `actor_runs.operations`."""

from __future__ import annotations

import asyncio
import functools
import inspect
import math
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Concatenate, Self

import attrs
import httpx

from . import operations
from .run import Run
from .session import Session
from .transports import NO_ANSWER, TimedStream, async_transport, sync_transport, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from .exchange import Outcome, Steps
    from .operations import Operation, P


def _described(method: Callable[..., Any], request: Callable[..., Any]) -> None:
    """Give a method the name, text and signature of the function that builds its request."""
    functools.update_wrapper(method, request)
    signature = inspect.signature(request)
    me = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    parameters = [me, *signature.parameters.values()]
    vars(method)["__signature__"] = signature.replace(parameters=parameters, return_annotation=Run)


def _sync(operation: Operation[P]) -> Callable[Concatenate[Client, P], Run]:
    def method(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> Run:
        return self._drive(self._call(math.inf, operation, *args, **kwargs))

    _described(method, operation.request)
    return method


def _async(
    operation: Operation[P],
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, Run]]:
    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> Run:
        return await self._drive(self._call(math.inf, operation, *args, **kwargs))

    _described(method, operation.request)
    return method


@attrs.define(eq=False)
class Client(Session):
    """Calls the API and waits for each answer. May be shared by threads.

    Use it in a `with` statement, or call `close()`.

    Args:
        token: The API token. None takes `APIFY_TOKEN`; an empty one means none, also where
            `APIFY_TOKEN` is set. Without a token only `get_run` and `wait_for_finish` work.
        base_url: What stands before `/v2`. None takes `APIFY_API_BASE_URL`, or the public one.
        http_timeout_secs: How long HTTP may take, for each attempt, beyond what the server is
            asked to wait. `AsyncClient` bounds the whole attempt by it. `Client` bounds the body
            of the answer as a whole, but connecting, sending and each piece of the answer's head
            one by one: a head that drips in byte by byte can take longer.
        retries: How persistent to be, see `Retries`.
        transport: What carries the requests, in place of the usual.

    Raises:
        InvalidArgumentError: A setting is not acceptable.
    """

    get_run = _sync(operations.GET_RUN)
    run_task = _sync(operations.RUN_TASK)
    update_status_message = _sync(operations.UPDATE_STATUS_MESSAGE)
    reboot_run = _sync(operations.REBOOT_RUN)
    abort_run = _sync(operations.ABORT_RUN)
    abort_actor_run = _sync(operations.ABORT_ACTOR_RUN)

    transport: httpx.BaseTransport | None = attrs.field(default=None, kw_only=True, repr=False)
    _http: httpx.BaseTransport = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Connect to nothing yet."""
        self._http = self.transport or sync_transport(self.base_url)

    def wait_for_finish(self, run_id: str, *, deadline_secs: float | None = None) -> Run:
        """Wait until a run ends or time runs out.

        Args:
            run_id: Id of the run. It may have been started this moment.
            deadline_secs: How long to wait at most; None waits for as long as the run lasts.

        Returns:
            The run as last seen. `run.ended` is true if it ended, false if time ran out, or
            would before a server that fails or refuses for now can be asked again.

        Raises:
            NotFoundError: There is no such run, also 3 seconds after the first question.
            ActorRunsError: See `actor_runs.errors`. Lost connections, 429 and 5xx are survived
                as far as `Retries` goes.
        """
        return self._drive(self._wait(run_id, deadline_secs))

    def _drive(self, steps: Steps) -> Run:
        came: Outcome | None = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            came = None
            if isinstance(step, httpx.Request):
                came = self._send(step)
            else:
                time.sleep(step)

    def _send(self, request: httpx.Request) -> Outcome:
        until = time.monotonic() + request.extensions["timeout"]["read"]
        try:
            with closing(self._http.handle_request(request)) as response:
                assert isinstance(response.stream, httpx.SyncByteStream)
                response.stream = TimedStream(response.stream, until)
                try:
                    response.read()
                except httpx.DecodingError as error:
                    return unreadable(response, error)
        except NO_ANSWER as error:
            return error
        return response

    def close(self) -> None:
        """Close all connections."""
        self._closed = True
        self._http.close()

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()


@attrs.define(eq=False)
class AsyncClient(Session):
    """Calls the API for asyncio; a thousand waits at once are fine. Otherwise like `Client`.

    Use it in an `async with` statement, or await `aclose()`.
    """

    get_run = _async(operations.GET_RUN)
    run_task = _async(operations.RUN_TASK)
    update_status_message = _async(operations.UPDATE_STATUS_MESSAGE)
    reboot_run = _async(operations.REBOOT_RUN)
    abort_run = _async(operations.ABORT_RUN)
    abort_actor_run = _async(operations.ABORT_ACTOR_RUN)

    transport: httpx.AsyncBaseTransport | None = attrs.field(default=None, kw_only=True, repr=False)
    _http: httpx.AsyncBaseTransport = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Connect to nothing yet."""
        self._http = self.transport or async_transport(self.base_url)

    async def wait_for_finish(self, run_id: str, *, deadline_secs: float | None = None) -> Run:
        """Wait until a run ends or time runs out. See `Client.wait_for_finish`."""
        return await self._drive(self._wait(run_id, deadline_secs))

    async def _drive(self, steps: Steps) -> Run:
        came: Outcome | None = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            came = None
            if isinstance(step, httpx.Request):
                came = await self._send(step)
            else:
                await asyncio.sleep(step)

    async def _send(self, request: httpx.Request) -> Outcome:
        try:
            async with asyncio.timeout(request.extensions["timeout"]["read"]):
                response = await self._http.handle_async_request(request)
                try:
                    await response.aread()
                except httpx.DecodingError as error:
                    return unreadable(response, error)
        except NO_ANSWER as error:
            return error
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.aclose()
