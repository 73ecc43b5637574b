"""Writes the journal and makes the faults that a test has ordered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from attrs import frozen

from actor_runs_server.admin.journal import BODY_BYTES, Entry
from actor_runs_server.clock import timestamp
from actor_runs_server.http.protocol import drop_connection

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from actor_runs_server.admin.faults import Fault, Faults
    from actor_runs_server.admin.journal import Journal
    from actor_runs_server.clock import Clock

PREFIX: Final = "/__admin"


@frozen
class AdminMiddleware:
    """ASGI middleware around the application; requests of the admin API pass untouched."""

    app: ASGIApp
    journal: Journal
    faults: Faults
    clock: Clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the request into the journal, and make its fault if one is ordered."""
        if scope["type"] != "http" or scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        entry = self._entry(scope)
        self.journal.entries.append(entry)
        fault = self.faults.take(entry.method, entry.path)
        entry.fault = fault.id if fault else None

        async def receiving() -> Message:
            message = await receive()
            room = BODY_BYTES - len(entry.body)
            entry.body += message.get("body", b"")[:room]
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        if fault is None:
            await self.app(scope, receiving, sending)
            return
        await asyncio.sleep(fault.delay_secs)
        if fault.drop == "before":
            await drop_connection(scope)
        elif fault.drop == "after":
            await self.app(scope, receiving, _discard)
            await drop_connection(scope)
        elif fault.drop == "halfway":
            await self.app(scope, receiving, _halved(sending))
            await drop_connection(scope)
        elif fault.status is not None:
            await _answer(fault, receiving, sending)
        else:
            await self.app(scope, receiving, sending)

    def _entry(self, scope: Scope) -> Entry:
        return Entry(
            time=timestamp(self.clock.millis()),
            method=scope["method"],
            path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            headers={k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]},
        )


async def _answer(fault: Fault, receive: Receive, send: Send) -> None:
    """Send the ordered answer in place of the server's own."""
    while (await receive()).get("more_body"):
        pass
    body = fault.answer()
    headers = {"content-type": "application/json; charset=utf-8"}
    headers |= {name.lower(): value for name, value in fault.headers.items()}
    headers["content-length"] = str(len(body))
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _halved(send: Send) -> Send:
    """Return what sends the half of each part of a body, and lets the other half be missing."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": True}
        await send(message)

    return sending


async def _discard(_: Message) -> None:
    """Send nothing."""
