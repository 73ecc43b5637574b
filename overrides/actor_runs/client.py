"""The two clients. What their methods take is described in `actor_runs.operations`."""

from __future__ import annotations

import asyncio
import functools
import inspect
import math
import time
from typing import TYPE_CHECKING, Any, Concatenate, Self

import attrs
import httpx

from . import operations
from .errors import ExchangeError
from .run import Run
from .session import Session, headers
from .transports import NO_ANSWER, TimedStream, async_transport, ssl_context
from .waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from .exchange import Exchange
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
        return self._call(math.inf, operation, *args, **kwargs)

    _described(method, operation.request)
    return method


def _async(
    operation: Operation[P],
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, Run]]:
    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> Run:
        return await self._call(math.inf, operation, *args, **kwargs)

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
    _http: httpx.Client = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Connect to nothing yet."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._http = httpx.Client(
            headers=headers(), limits=limits, transport=self.transport, verify=ssl_context()
        )

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
        waiting = Waiting(deadline_secs, self.retries.deadline_secs)
        while True:
            wait_secs = waiting.next_slice_secs()
            try:
                outcome: Run | ExchangeError = self._call(
                    waiting.until, operations.GET_RUN, run_id, server_wait_secs=wait_secs
                )
            except ExchangeError as error:
                outcome = error
            result = waiting.after(outcome)
            if isinstance(result, Run):
                return result
            time.sleep(result)

    def _call(
        self, until: float, operation: Operation[P], *args: P.args, **kwargs: P.kwargs
    ) -> Run:
        exchange = self._exchange(self._http, until, operation, *args, **kwargs)
        while True:
            try:
                outcome: httpx.Response | Exception = self._send(exchange)
            except NO_ANSWER as error:
                outcome = error
            result = exchange.judge(outcome)
            if isinstance(result, Run):
                return result
            time.sleep(result)

    def _send(self, exchange: Exchange) -> httpx.Response:
        until = time.monotonic() + exchange.timeout_secs
        response = self._http.send(exchange.next_request(), stream=True)
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = TimedStream(response.stream, until)
        try:
            response.read()
        finally:
            response.close()
        return response

    def close(self) -> None:
        """Close all connections."""
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
    _http: httpx.AsyncClient = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Connect to nothing yet."""
        transport = self.transport or async_transport(self.base_url)
        self._http = httpx.AsyncClient(headers=headers(), transport=transport)

    async def wait_for_finish(self, run_id: str, *, deadline_secs: float | None = None) -> Run:
        """Wait until a run ends or time runs out. See `Client.wait_for_finish`."""
        waiting = Waiting(deadline_secs, self.retries.deadline_secs)
        while True:
            wait_secs = waiting.next_slice_secs()
            try:
                outcome: Run | ExchangeError = await self._call(
                    waiting.until, operations.GET_RUN, run_id, server_wait_secs=wait_secs
                )
            except ExchangeError as error:
                outcome = error
            result = waiting.after(outcome)
            if isinstance(result, Run):
                return result
            await asyncio.sleep(result)

    async def _call(
        self, until: float, operation: Operation[P], *args: P.args, **kwargs: P.kwargs
    ) -> Run:
        exchange = self._exchange(self._http, until, operation, *args, **kwargs)
        while True:
            request = exchange.next_request()
            try:
                async with asyncio.timeout(exchange.timeout_secs):
                    outcome: httpx.Response | Exception = await self._http.send(request)
            except NO_ANSWER as error:
                outcome = error
            result = exchange.judge(outcome)
            if isinstance(result, Run):
                return result
            await asyncio.sleep(result)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.aclose()
