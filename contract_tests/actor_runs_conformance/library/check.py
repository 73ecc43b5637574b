"""`check_server` and `acheck_server`: judge a server from a program."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Unpack

from attrs import define, field

from actor_runs_conformance.library.errors import ConfigurationError
from actor_runs_conformance.library.options import CheckOptions, as_keywords, read_options
from actor_runs_conformance.library.server_check import ServerCheck

if TYPE_CHECKING:
    from collections.abc import Callable

    from actor_runs_conformance.events.writer import Event
    from actor_runs_conformance.library.result import CheckResult


def check_server(
    url: str | None = None,
    *,
    on_event: Callable[[Event], None] | None = None,
    **options: Unpack[CheckOptions],
) -> CheckResult:
    """Judge a server by every promise, and return what came of it.

    It blocks for as long as the check takes: with the defaults about a minute. Nothing is printed.
    Runs that are started are aborted before it returns, also when Ctrl-C ends it early.

    Args:
        url: What stands before `/v2` in the server's addresses; None with `reference=True`.
        on_event: Takes each event of the log as it happens, without tokens, from any thread.
            What it raises ends the check, and is raised here after the clean-up.
        **options: As of the command, see `CheckOptions`.

    Raises:
        ConfigurationError: What is asked makes no sense, or a file cannot be used. Nothing was sent.
        ReferenceServerFailedError: `reference=True`, and the reference server does not start.
        ReportError: The check was made, and its report could not be written.
        RuntimeError: It is called inside of a running event loop; await `acheck_server` there.
        KeyboardInterrupt: Ctrl-C, after the clean-up.
    """
    check = _prepared(url, options)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(_made(check, on_event))
    raise RuntimeError(
        "check_server() would block the event loop that is running here; "
        "await acheck_server() in its place"
    )


async def acheck_server(
    url: str | None = None,
    *,
    on_event: Callable[[Event], None] | None = None,
    **options: Unpack[CheckOptions],
) -> CheckResult:
    """Judge a server inside of a running event loop; otherwise as `check_server`.

    Raises:
        asyncio.CancelledError: The task is cancelled. The runs that were started have been aborted
            by then, which may take some seconds.
    """
    return await _made(_prepared(url, options), on_event)


def _prepared(url: str | None, options: CheckOptions) -> ServerCheck:
    try:
        return ServerCheck.prepare(read_options({"url": url, **options}))
    except ConfigurationError as error:
        raise ConfigurationError(as_keywords(str(error))) from None


async def _made(check: ServerCheck, on_event: Callable[[Event], None] | None) -> CheckResult:
    listener = Listener(on_event) if on_event else None
    try:
        result = await check.run(*([listener] if listener else []))
    except ConfigurationError as error:
        raise ConfigurationError(as_keywords(str(error))) from None
    finally:
        if listener:
            listener.end()
    if check.cancelled:
        raise asyncio.CancelledError(result.message)
    return result


@define
class Listener:
    """Calls a user's function with each event; the first that it raises ends the check."""

    on_event: Callable[[Event], None]
    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop)
    _task: asyncio.Task[object] | None = field(factory=asyncio.current_task)
    _raised: Exception | None = None
    _ended: bool = False
    _cancelled: bool = False

    def __call__(self, event: Event) -> None:
        """Call the function, unless it has raised before."""
        if self._raised is not None:
            return
        try:
            self.on_event(event)
        except Exception as error:  # noqa: BLE001 - of the user's
            self._raised = error
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None and not self._ended:
            self._cancelled = self._task.cancel()

    def end(self) -> None:
        """Raise what the function raised, unless the check was cancelled by others as well."""
        self._ended = True
        others = self._task.uncancel() if self._cancelled and self._task is not None else 0
        if self._raised is not None and not others:
            raise self._raised
