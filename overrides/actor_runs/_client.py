"""The two clients: how each of them sleeps and gives back what comes of a call."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ._operations import Operations
from ._run import Run

if TYPE_CHECKING:
    import httpx  # noqa: F401 - named in text below

T = TypeVar("T")


class Client(Operations[Run, "httpx.BaseTransport"]):
    """Calls the API and waits for each answer. May be shared by threads, and used after a fork.

    Use it in a `with` statement, or call `close()`.

    Args:
        token: The API token. None takes `APIFY_TOKEN`; an empty one means none, also where
            `APIFY_TOKEN` is set. Without a token only `get_run` and `wait_for_finish` work.
        base_url: What stands before `/v2`. None takes `APIFY_API_BASE_URL`, or the public one.
        http_timeout_secs: How long HTTP may take, for each attempt as a whole, beyond what the
            server is asked to wait. Where `Client` sends through a proxy or by `transport`, httpx
            bounds each piece of an answer's head; the whole is held against it after the head.
        retries: How persistent to be, see `Retries`.
        headers: Further headers for every request, for instance to trace them.
        ca_file: A file of certificates in PEM, to be trusted in place of the usual ones. None takes
            `SSL_CERT_FILE` or `SSL_CERT_DIR`, or those that certifi lists.
        transport: What carries the requests, in place of the usual: any transport of httpx, with
            its own connections, certificates and proxies. It is used as it is, also after a fork.

    Raises:
        InvalidArgumentError: A setting is not acceptable.
    """

    def watch_run(
        self, run_id: str, *, every_secs: float = 2, deadline_secs: float | None = None
    ) -> Iterator[Run]:
        """Look at a run while it lasts, and give it back whenever its status or message changes.

        Args:
            run_id: Id of the run. It may have been started this moment.
            every_secs: How often to look, 1 to 60. Its end is seen at once.
            deadline_secs: How long to watch at most; None watches for as long as the run lasts.

        Yields:
            The run as it is; then again after each change that was seen; its end last.

        Raises:
            ActorRunsError: As from `wait_for_finish`.
        """
        changes = self._watch(run_id, every_secs, deadline_secs)
        try:
            with suppress(StopAsyncIteration):
                while True:
                    yield finished(changes.__anext__())
        finally:
            finished(changes.aclose())

    def _begin(self, call: Coroutine[Any, Any, Run]) -> Run:
        return finished(call)

    async def _sleep(self, secs: float) -> None:
        time.sleep(secs)  # noqa: ASYNC251 - blocking is what this client does

    def close(self) -> None:
        """Close all connections."""
        finished(self._sender.close())

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()


class AsyncClient(Operations[Coroutine[Any, Any, Run], "httpx.AsyncBaseTransport"]):
    """Calls the API for asyncio; a thousand waits at once are fine. Otherwise like `Client`.

    Use it in an `async with` statement, or await `aclose()`. It belongs to the event loop that it
    is first used in.
    """

    _blocks = False

    def watch_run(
        self, run_id: str, *, every_secs: float = 2, deadline_secs: float | None = None
    ) -> AsyncIterator[Run]:
        """Like `Client.watch_run`, for `async for`."""
        return self._watch(run_id, every_secs, deadline_secs)

    def _begin(self, call: Coroutine[Any, Any, Run]) -> Coroutine[Any, Any, Run]:
        return call

    async def _sleep(self, secs: float) -> None:
        import asyncio

        await asyncio.sleep(secs)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._sender.close()

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.aclose()


def finished(call: Coroutine[Any, Any, T]) -> T:
    """Run a call to its end, which one step is where sending and sleeping suspend nothing."""
    try:
        call.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise RuntimeError("a call of a blocking client was suspended")
