"""The client under test, as its driver: one process a situation, one JSON object a line.

Whatever a driver does has a name: it answers, hangs, crashes, or writes something that is no
reply. None of these is a fault of the suite.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from attrs import define, field, frozen

from actor_runs_conformance.target.last_words import last_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_LINE = 8 * 1024 * 1024
STDERR_KEPT = 64 * 1024
STOP_SECS = 3.0


class Kind(StrEnum):
    """What came of a command that the driver was given."""

    RUN = "run"
    NONE = "none"
    ERROR = "error"
    UNSUPPORTED = "unsupported"
    DONE = "done"
    HUNG = "hung"
    CRASHED = "crashed"
    INVALID = "invalid"


BROKEN_DRIVER = frozenset({Kind.HUNG, Kind.CRASHED, Kind.INVALID})
"""The driver said nothing that can be judged; what the requests show still counts."""

ENDED = frozenset({Kind.HUNG, Kind.CRASHED})
"""The client under test did not come back, as far as anyone can tell."""


@frozen
class Reply:
    """The driver's reply to one command.

    Attributes:
        kind: what it came to.
        run: the run as the client shows it, under the API's names.
        status, type, message: of an error, each None where the client does not tell.
        text: why it is unsupported or invalid, or how the process ended.
        seconds: from the command to the reply.
    """

    kind: Kind
    run: Mapping[str, Any] | None = None
    status: int | None = None
    type: str | None = None
    message: str | None = None
    text: str = ""
    seconds: float = 0.0

    def describe(self) -> str:
        """Return the reply in a few words, for messages."""
        match self.kind:
            case Kind.RUN:
                status = (self.run or {}).get("status")
                return f"a run with status {status!r}" if status is not None else "a run"
            case Kind.NONE:
                return "that there is no such run"
            case Kind.ERROR:
                known = (self.status, self.type, self.message)
                return "an error" + "".join(f" {part}" for part in known if part is not None)
            case Kind.DONE:
                return "done"
        return f"{self.kind}: {self.text}" if self.text else str(self.kind)


@define
class Driver:
    """A running driver; an asynchronous context manager that ends the process and its children."""

    command: Sequence[str]
    stderr: bytes = b""
    _process: asyncio.subprocess.Process = field(init=False, repr=False)
    _transport: asyncio.SubprocessTransport = field(init=False, repr=False)
    _reading: asyncio.Task[None] = field(init=False, repr=False)
    _last_id: int = 0
    _over: Reply | None = None

    async def __aenter__(self) -> Self:
        loop, pipe = asyncio.get_running_loop(), asyncio.subprocess.PIPE
        # As `asyncio.create_subprocess_exec` does it, but with the transport at hand, to close it.
        self._transport, protocol = await loop.subprocess_exec(
            lambda: asyncio.subprocess.SubprocessStreamProtocol(LONGEST_LINE, loop),
            *self.command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )
        self._process = asyncio.subprocess.Process(self._transport, protocol, loop)
        self._reading = asyncio.create_task(self._keep_stderr())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), STOP_SECS if self._over is None else 0.1)
        # Its children too: a client may leave processes of its own behind.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        # A process counts as ended only once its output is read to the end, however much it is.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._drain(), STOP_SECS)
        await self._process.wait()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._reading, 1.0)
        self._reading.cancel()
        # A child that has left the group may hold the pipes open for as long as it lives.
        self._transport.close()

    async def ask(self, command: Mapping[str, Any], *, within: float) -> Reply:
        """Give the driver a command and return its reply; `within` is in seconds.

        After a reply that makes the driver unusable, every further command gets the same one.
        """
        if self._over is not None:
            return self._over
        self._last_id += 1
        began = asyncio.get_running_loop().time()
        reply = await self._ask({"id": self._last_id, **command}, within)
        if reply.kind in BROKEN_DRIVER:
            self._over = reply
        return _timed(reply, asyncio.get_running_loop().time() - began)

    async def _ask(self, command: Mapping[str, Any], within: float) -> Reply:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(within):
                self._process.stdin.write(json.dumps(command).encode() + b"\n")
                await self._process.stdin.drain()
                line = await self._process.stdout.readline()
        except TimeoutError:
            return Reply(Kind.HUNG, text=f"no reply within {within:g} s")
        except ConnectionError:
            return await self._crashed()
        except ValueError:
            return Reply(Kind.INVALID, text=f"a line of more than {LONGEST_LINE} bytes")
        if not line.endswith(b"\n"):
            return await self._crashed()
        return read_reply(line, self._last_id)

    async def _crashed(self) -> Reply:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), STOP_SECS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._reading), 0.5)
        code = self._process.returncode
        how = "closed its output" if code is None else f"ended with exit code {code}"
        why = last_words(self.stderr.decode("utf-8", "replace"))
        return Reply(Kind.CRASHED, text=f"the driver {how}" + (f": {why}" if why else ""))

    async def _drain(self) -> None:
        assert self._process.stdout is not None
        while await self._process.stdout.read(1 << 20):
            pass

    async def _keep_stderr(self) -> None:
        assert self._process.stderr is not None
        while chunk := await self._process.stderr.read(8192):
            self.stderr = (self.stderr + chunk)[-STDERR_KEPT:]


def _timed(reply: Reply, seconds: float) -> Reply:
    return Reply(
        reply.kind, reply.run, reply.status, reply.type, reply.message, reply.text, seconds
    )


def read_reply(line: bytes, expected_id: int) -> Reply:
    """Return what a line of the driver says; kind INVALID, with the reason, if it is no reply."""
    shown = line[:120].decode("utf-8", "backslashreplace").rstrip("\n")
    try:
        said = json.loads(line)
    except ValueError:
        return Reply(Kind.INVALID, text=f"not JSON: {shown}")
    if not isinstance(said, dict):
        return Reply(Kind.INVALID, text=f"not a JSON object: {shown}")
    if said.get("id") != expected_id:
        return Reply(Kind.INVALID, text=f"a reply to {said.get('id')!r}, not to {expected_id}")
    keys = said.keys() & {"run", "none", "error", "unsupported"}
    if len(keys) > 1:
        return Reply(Kind.INVALID, text=f"more than one of {', '.join(sorted(keys))}: {shown}")
    return _KINDS[next(iter(keys), "done")](said, shown)


def _run(said: Mapping[str, Any], shown: str) -> Reply:
    if not isinstance(said["run"], dict):
        return Reply(Kind.INVALID, text=f"`run` is not an object: {shown}")
    return Reply(Kind.RUN, run=said["run"])


def _none(said: Mapping[str, Any], shown: str) -> Reply:
    if said["none"] is not True:
        return Reply(Kind.INVALID, text=f"`none` is not true: {shown}")
    return Reply(Kind.NONE)


def _error(said: Mapping[str, Any], shown: str) -> Reply:
    error = said["error"]
    if not isinstance(error, dict):
        return Reply(Kind.INVALID, text=f"`error` is not an object: {shown}")
    status, kind, message = (error.get(key) for key in ("status", "type", "message"))
    if not isinstance(status, int | None) or isinstance(status, bool):
        return Reply(Kind.INVALID, text=f"`error.status` is {status!r}, not a number or null")
    if not isinstance(kind, str | None) or not isinstance(message, str | None):
        return Reply(Kind.INVALID, text=f"`error.type` or `error.message` is no text: {shown}")
    return Reply(Kind.ERROR, status=status, type=kind, message=message)


def _unsupported(said: Mapping[str, Any], _: str) -> Reply:
    return Reply(Kind.UNSUPPORTED, text=str(said["unsupported"]))


_KINDS = {
    "run": _run,
    "none": _none,
    "error": _error,
    "unsupported": _unsupported,
    "done": lambda *_: Reply(Kind.DONE),
}
