"""What the tests of the client share: a scripted server, and a way to call both clients alike."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import struct
import threading
import time
from pathlib import Path
from urllib.parse import unquote

from actor_runs import AsyncClient, Client
from tests.support.contract_judge import operations

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "spec" / "actor_runs_spec" / "examples"
TOKEN = "apify_api_S3cretS3cretS3cret"
RUN_ID = "HG7ML7M8z78YcAPEB"

# The method of the client for each operation.
METHODS = {
    operation: re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", operation)
    for operation in operations()
} | {"updateRun": "update_status_message"}
# How each method is called in tests that do not care for more: ids, and what it cannot do without.
PLACES = {"runId": RUN_ID, "actorId": "janedoe~my-actor", "actorTaskId": "janedoe~my-task"}
FURTHER = {"updateRun": ("Halfway",), "runTask": ({"key": "value"},)}
CALLS = {
    METHODS[operation]: (
        *(PLACES[name] for name in re.findall(r"{(\w+)}", path)),
        *FURTHER.get(operation, ()),
    )
    for operation, (path, _, _) in operations().items()
}
# What is not sent again where it may have been done: the contract tells generators so.
STARTS = {
    METHODS[operation]
    for operation, (_, _, definition) in operations().items()
    if definition.get("x-fern-retries", {}).get("disabled")
}


def example(name: str = "get-run") -> dict:
    return json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def answer(status: int, body: bytes | dict, *headers: str, length: int | None = None) -> bytes:
    """Return an HTTP answer; `length` is what it claims its body's length to be."""
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    size = len(content) if length is None else length
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {size}", *headers]
    if not any(line.lower().startswith("content-type") for line in headers):
        lines.append("Content-Type: application/json; charset=utf-8")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def a_run(status: str, **more) -> bytes:
    return answer(200, {"data": {**example()["data"], "status": status, **more}})


def asked(server) -> list[float]:
    """Return how long the server was asked to wait, request by request."""
    found = [re.search(rb"waitForFinish=([0-9.]+)", request) for request in server.requests]
    return [float(match[1]) if match else 0.0 for match in found]


def asked_for(request: bytes) -> str:
    """Return the id of the run that a request is about; that of a new one for a start."""
    found = re.search(rb"/v2/(?:acts/[^/ ]+/runs|actor-runs)/([^/? ]+)", request)
    return unquote(found[1].decode()) if found else RUN_ID


def success(request: bytes) -> bytes:
    """Return the documented success for a request."""
    started = b"/v2/actor-tasks/" in request
    body = example()
    body["data"]["id"] = asked_for(request)
    return answer(201 if started else 200, body, f"Location: /v2/actor-runs/{RUN_ID}")


def reset(connection: socket.socket, request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket, request: bytes) -> None:
    connection.shutdown(socket.SHUT_RDWR)


class Scripted:
    """A server on a real socket that does what a script says, request after request.

    Each step of the script is the bytes to send, or a function that is given the connection and
    the request; `None` is a success. The last step is repeated.
    """

    def __init__(self, *script) -> None:
        self.script = script or (None,)
        self.requests: list[bytes] = []
        self.times: list[float] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if getattr(self.script[0], "before_request", False):
                step, self.script = self.script[0], self.script[1:]
                step(connection, b"")
                return
            while request := self._receive(connection):
                self.requests.append(request)
                self.times.append(time.monotonic())
                step = self.script[min(len(self.requests), len(self.script)) - 1]
                if callable(step):
                    step(connection, request)
                else:
                    connection.sendall(step or success(request))

    @staticmethod
    def _receive(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ]
        while lengths and len(body) < lengths[0]:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


class Caller:
    """Either client, called without `await`."""

    def __init__(self, kind: type[Client | AsyncClient], *arguments, **settings) -> None:
        self._runner = asyncio.Runner() if kind is AsyncClient else None
        self.client = kind(*arguments, **settings)

    def __getattr__(self, name: str):
        method = getattr(self.client, name)
        if self._runner is None:
            return method
        return lambda *args, **kwargs: self._runner.run(method(*args, **kwargs))

    def close(self) -> None:
        if self._runner is None:
            self.client.close()
        else:
            self._runner.run(self.client.aclose())
            self._runner.close()
