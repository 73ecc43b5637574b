"""The fixture Actor: works as long, ends as and obeys as its input says.

Input, every key optional: `durationSecs` (number of seconds it works, default 0), `exitCode`
(0 to 255, default 0), `onAbort` (`"exit"`, the default, ends it when a graceful abort is
announced; `"ignore"` works on), `report` (`true` puts what it saw into its status message, and
into its default dataset where the platform takes it).

It needs nothing but Python's standard library and the environment that a platform gives to an
Actor, and runs unchanged on the platform and on the reference server.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

API = os.environ.get("APIFY_API_BASE_URL", "https://api.apify.com").rstrip("/")
TOKEN = os.environ.get("APIFY_TOKEN", "")
RUN = os.environ.get("ACTOR_RUN_ID", "")
STORE = os.environ.get("ACTOR_DEFAULT_KEY_VALUE_STORE_ID", "")
DATASET = os.environ.get("ACTOR_DEFAULT_DATASET_ID", "")
INPUT_KEY = os.environ.get("ACTOR_INPUT_KEY", "INPUT")
EVENTS = os.environ.get("ACTOR_EVENTS_WEBSOCKET_URL", "")

CAPS = ("ACTOR_MAX_PAID_DATASET_ITEMS", "ACTOR_MAX_TOTAL_CHARGE_USD")
ATTEMPTS = 4
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


def call(method: str, path: str, body: object = None, *, attempts: int = ATTEMPTS) -> bytes | None:
    """Call the API and return the answer's body; None for a 404. Retries what may pass by."""
    url = urlsplit(API)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    headers = {"Authorization": f"Bearer {TOKEN}"}
    payload = None
    if body is not None:
        payload = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    for attempt in range(attempts):
        connection = kind(url.netloc, timeout=30)
        try:
            connection.request(method, url.path + path, payload, headers)
            answer = connection.getresponse()
            data = answer.read()
        except OSError:
            if attempt + 1 == attempts:
                raise
        else:
            if answer.status == http.HTTPStatus.NOT_FOUND:
                return None
            if answer.status < http.HTTPStatus.MULTIPLE_CHOICES:
                return data
            if attempt + 1 == attempts:
                raise SystemExit(f"{method} {path} answered {answer.status}")
        finally:
            connection.close()
        time.sleep(0.5 * 2**attempt)
    return None


def exactly(stream: socket.socket, size: int) -> bytes:
    """Read this many bytes; EOFError when the stream ends before."""
    data = b""
    while len(data) < size:
        part = stream.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def frame(stream: socket.socket) -> tuple[int, bytes]:
    """Read one WebSocket frame (RFC 6455, section 5.2) as a server sends it, unmasked."""
    first, length = exactly(stream, 2)
    if length >= 126:
        length = int.from_bytes(exactly(stream, 2 if length == 126 else 8), "big")
    return first & 0x0F, exactly(stream, length)


def connect(address: str) -> socket.socket:
    """Open the events WebSocket (RFC 6455, section 4.1)."""
    url = urlsplit(address)
    secure = url.scheme == "wss"
    port = url.port or (443 if secure else 80)
    stream = socket.create_connection((url.hostname or "127.0.0.1", port), timeout=30)
    if secure:
        import ssl

        context = ssl.create_default_context()
        stream = context.wrap_socket(stream, server_hostname=url.hostname)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    key = base64.b64encode(os.urandom(16)).decode()
    stream.sendall(
        f"GET {target} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += exactly(stream, 1)
    if b" 101 " not in head.split(b"\r\n", 1)[0]:
        raise ConnectionError("the events WebSocket was refused")
    stream.settimeout(None)
    return stream


def listen(told_to_abort: threading.Event) -> None:
    """Set the event when the platform announces a graceful abort."""
    while True:
        try:
            with connect(EVENTS) as stream:
                while True:
                    kind, data = frame(stream)
                    if kind == TEXT and json.loads(data).get("name") == "aborting":
                        told_to_abort.set()
                    elif kind == PING and len(data) < 126:
                        # A client masks what it sends; a mask of zeros leaves it as it is.
                        stream.sendall(bytes([0x80 | PONG, 0x80 | len(data)]) + bytes(4) + data)
                    elif kind == CLOSE:
                        break
        except (OSError, EOFError, ValueError):
            pass
        time.sleep(1)


def main() -> int:
    """Do what the input says and return the exit code."""
    told_to_abort = threading.Event()
    if EVENTS:
        threading.Thread(target=listen, args=(told_to_abort,), daemon=True).start()
    record = call("GET", f"/v2/key-value-stores/{STORE}/records/{INPUT_KEY}")
    given = json.loads(record) if record else {}
    print(f"The input is {json.dumps(given)}", flush=True)
    if not isinstance(given, dict):  # Some clients send `null` where there is no input.
        given = {}
    if given.get("report") is True:
        seen = {"input": given, **{name: os.environ.get(name) for name in CAPS}}
        said = {"runId": RUN, "statusMessage": json.dumps(seen), "isStatusMessageTerminal": True}
        # A platform that takes no report is no reason to fail.
        with contextlib.suppress(SystemExit, OSError):
            call("PUT", f"/v2/actor-runs/{RUN}", said)
        if DATASET:
            with contextlib.suppress(SystemExit, OSError):
                result = {"actorRunId": RUN, **seen}
                call("POST", f"/v2/datasets/{DATASET}/items", result, attempts=1)
    seconds = float(given.get("durationSecs", 0))
    if given.get("onAbort") == "ignore":
        time.sleep(seconds)
    elif told_to_abort.wait(seconds):
        print("Told to abort: ending.", flush=True)
    return int(given.get("exitCode", 0))


if __name__ == "__main__":
    sys.exit(main())
