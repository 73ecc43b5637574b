"""Logs of runs: each line begins with its time, and no log grows beyond its limit."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Final

from attrs import frozen

from actor_runs_server.clock import Clock, timestamp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

CHUNK: Final = 65_536
# How often a log that is followed is looked at.
FOLLOW_SECS: Final = 0.2
ESCAPE: Final = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]")


@frozen
class RunLog:
    """The log of one run; `most` is its limit in bytes."""

    path: Path
    clock: Clock
    most: int

    async def collect(self, output: asyncio.StreamReader) -> None:
        """Append what a process writes; what cannot be written is discarded."""
        at_line_start = True
        while chunk := await output.read(CHUNK):
            stamp = self._stamp()
            start = stamp if at_line_start else b""
            at_line_start = chunk.endswith(b"\n")
            self._append(start + chunk[:-1].replace(b"\n", b"\n" + stamp) + chunk[-1:])
        if not at_line_start:
            self._append(b"\n")

    def note(self, text: str) -> None:
        """Append a line of the server's own."""
        self._append(self._stamp() + text.encode("utf-8", "replace") + b"\n")

    async def read(self, follow: Callable[[], bool], *, raw: bool) -> AsyncIterator[bytes]:
        """Yield the log in pieces, and what is added to it as long as `follow` returns True.

        Without `raw` the escape sequences of terminals are left out.
        """
        position = 0
        while True:
            goes_on = follow()
            while piece := await asyncio.to_thread(self._piece, position):
                position += len(piece)
                yield piece if raw else ESCAPE.sub(b"", piece)
            if not goes_on:
                return
            await asyncio.sleep(FOLLOW_SECS)

    def _piece(self, position: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(position)
                piece = file.read(CHUNK)
                # Whole lines, so that no escape sequence is cut.
                return piece[: piece.rfind(b"\n") + 1] or piece
        except FileNotFoundError:
            return b""

    def _append(self, data: bytes) -> None:
        with contextlib.suppress(OSError), self.path.open("ab") as file:
            room = self.most - file.tell()
            if room > 0:
                file.write(data[:room])
            if 0 < room < len(data):
                file.write(b"\n" + self._stamp() + b"The log is full; the rest is discarded.\n")

    def _stamp(self) -> bytes:
        return timestamp(self.clock.millis()).encode() + b" "
