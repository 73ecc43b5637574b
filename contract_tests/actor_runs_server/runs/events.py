"""The events WebSocket: what the platform tells a run's process while it works.

Messages are JSON texts `{"name": ..., "data": ...}`. What is said before the process has
connected is kept for it, as an abort may come while it is starting.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

# Far more than a process that listens leaves unread.
UNREAD: Final = 100


class Announcements:
    """What is announced to the processes of one run, and who listens."""

    def __init__(self) -> None:
        """Begin with nobody listening."""
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self._missed: list[str] = []

    def announce(self, name: str, data: dict[str, Any] | None = None, *, keep: bool = True) -> None:
        """Tell every listener; `keep` tells the first one to come when there is none."""
        text = json.dumps({"name": name} if data is None else {"name": name, "data": data})
        if keep and not self._listeners:
            self._missed.append(text)
        for queue in self._listeners:
            if queue.qsize() < UNREAD:
                queue.put_nowait(text)

    def forget(self) -> None:
        """Drop what nobody has heard: the process it was meant for is gone."""
        self._missed.clear()

    def close(self) -> None:
        """Hang up: the run has finished."""
        for queue in self._listeners:
            queue.put_nowait(None)

    async def serve(self, socket: WebSocket) -> None:
        """Pass the announcements on until the process hangs up or the run has finished."""
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
