"""The events WebSocket: what the platform announces to the process of a run.

Messages are JSON texts `{"name": ..., "data": ...}`. A message that is sent before the process has
connected waits for it, as an abort may come while the process is starting.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

# A process that listens leaves far fewer unread.
UNREAD: Final = 100


class Announcements:
    """Sends events to everybody who listens to one run."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self._missed: list[str] = []

    def announce(self, name: str, data: dict[str, Any] | None = None, *, keep: bool = True) -> None:
        """Send an event to every listener; with `keep` and no listener, to the first to connect."""
        text = json.dumps({"name": name} if data is None else {"name": name, "data": data})
        if keep and not self._listeners:
            self._missed.append(text)
        for queue in self._listeners:
            if queue.qsize() < UNREAD:
                queue.put_nowait(text)

    def forget(self) -> None:
        """Drop unsent events: the process they were meant for has ended."""
        self._missed.clear()

    def close(self) -> None:
        """Close every connection: the run has finished."""
        for queue in self._listeners:
            queue.put_nowait(None)

    async def serve(self, socket: WebSocket) -> None:
        """Send events until the listener disconnects or the run has finished."""
        await socket.accept()
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        for text in self._missed:
            queue.put_nowait(text)
        self._missed.clear()
        self._listeners.add(queue)
        sending = asyncio.create_task(self._send(socket, queue))
        try:
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, KeyError, RuntimeError):
            pass
        finally:
            self._listeners.discard(queue)
            sending.cancel()

    async def _send(self, socket: WebSocket, queue: asyncio.Queue[str | None]) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while (text := await queue.get()) is not None:
                await socket.send_text(text)
            await socket.close()
