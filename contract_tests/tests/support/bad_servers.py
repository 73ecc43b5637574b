"""Servers that are no implementation at all, and proxies that make a good one hard to judge.

Each listens on a real socket of 127.0.0.1, in threads. The table at the end says what the suite
has to make of it: the exit code, and words that its last message has to contain.
"""

import contextlib
import http.client
import http.server
import itertools
import json
import random
import socket
import struct
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator

from attrs import field, frozen

Speak = Callable[[socket.socket, bytes], None]


def http_answer(status: str, content_type: str, body: bytes, *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "Connection: close", *more, "", ""]).encode() + body


def always(answer: bytes) -> Speak:
    """Give the same answer to every request."""
    return lambda connection, _request: connection.sendall(answer)


def error(kind: str, message: str) -> bytes:
    return json.dumps({"error": {"type": kind, "message": message}}).encode()


NOT_FOUND = http_answer("404 Not Found", "application/json", error("record-not-found", "Not here."))
EMPTY_OBJECT = http_answer("200 OK", "application/json", b"{}")
HTML = http_answer("200 OK", "text/html", b"<!doctype html><title>Welcome</title><p>It works!")
RANDOM = random.Random(6)


def random_body(connection: socket.socket, _request: bytes) -> None:
    """Answer 200 with a body of random bytes that is called JSON."""
    connection.sendall(http_answer("200 OK", "application/json", RANDOM.randbytes(600)))


def random_bytes(connection: socket.socket, _request: bytes) -> None:
    """Answer with bytes that are not HTTP."""
    connection.sendall(RANDOM.randbytes(600))


def hang(connection: socket.socket, _request: bytes) -> None:
    """Read the request and never answer, until the client gives up."""
    with contextlib.suppress(OSError):
        while connection.recv(65_536):
            pass


def reset(connection: socket.socket, _request: bytes) -> None:
    """Read the request and reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def die_in_the_middle(connection: socket.socket, _request: bytes) -> None:
    """Promise a thousand bytes, send a few, and close."""
    whole = http_answer("200 OK", "application/json", b'{"data": {"id": "' + b"x" * 1000)
    connection.sendall(whole[:160])


def redirect(connection: socket.socket, request: bytes) -> None:
    """Send the client back to where it just was."""
    path = request.split(b" ")[1].decode("latin-1")
    connection.sendall(http_answer("302 Found", "text/plain", b"", f"Location: {path}"))


def read_request(connection: socket.socket) -> bytes:
    """Read a request with its body; b"" when the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65_536)):
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = (int(lengths[0].split(b":")[1]) if lengths else 0) - len(body)
    while missing > 0 and (more := connection.recv(65_536)):
        missing -= len(more)
    return data


@contextlib.contextmanager
def listening(speak: Speak) -> Iterator[str]:
    """Serve every connection of a fresh port with `speak`; one request a connection."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def converse(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(120)
            if request := read_request(connection):
                speak(connection, request)

    def accept() -> None:
        with contextlib.suppress(OSError):  # The listener was closed.
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextlib.contextmanager
def nobody() -> Iterator[str]:
    """Give a URL where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@frozen
class Answer:
    """What a proxy has in hand."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Proxy:
    """Passes every request on; subclasses do something to it on the way."""

    def __init__(self, upstream: str) -> None:
        self.host = urllib.parse.urlsplit(upstream).netloc
        self.lock = threading.Lock()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=100)
        try:
            connection.request(method, path, body=body or None, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()


class Slow(Proxy):
    """Every answer takes 500 ms longer."""

    def answer(self, *request) -> Answer:
        time.sleep(0.5)
        return super().answer(*request)


class Throttling(Proxy):
    """Every fifth request is answered 429."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.count = itertools.count(1)

    def answer(self, *request) -> Answer:
        with self.lock:
            refused = next(self.count) % 5 == 0
        if not refused:
            return super().answer(*request)
        headers = [("Content-Type", "application/json"), ("X-RateLimit-Limit", "60")]
        body = error(
            "rate-limit-exceeded", "You have exceeded the rate limit of 60 requests per second."
        )
        return Answer(429, headers, body)


class Stale(Proxy):
    """What a GET of a run has given is given again for 2 s to whoever asks the same."""

    SECONDS = 2.0

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.kept: dict[tuple[str, str | None], tuple[float, Answer]] = {}

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if method != "GET" or not path.startswith("/v2/actor-runs/"):
            return super().answer(method, path, headers, body)
        key = (path, headers.get("authorization"))
        with self.lock:
            at, kept = self.kept.get(key, (0.0, None))
        if kept and time.monotonic() - at < self.SECONDS:
            return kept
        fresh = super().answer(method, path, headers, body)
        with self.lock:
            self.kept[key] = (time.monotonic(), fresh)
        return fresh


HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@contextlib.contextmanager
def proxying(proxy: Proxy) -> Iterator[str]:
    """Serve a fresh port with `proxy`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def __getattr__(self, name: str):
            if name.startswith("do_"):
                return self.serve
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            pass

        def serve(self) -> None:
            headers = {k.lower(): v for k, v in self.headers.items()}
            if "chunked" in headers.get("transfer-encoding", ""):
                body = self.read_chunks()
            else:
                body = self.rfile.read(int(headers.get("content-length", 0)))
            sent = {k: v for k, v in headers.items() if k not in HOP_BY_HOP}
            answer = proxy.answer(self.command, self.path, sent, body)
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def read_chunks(self) -> bytes:
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A client that left is no event."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@frozen
class BadServer:
    """A server and what the suite has to make of it."""

    name: str
    start: Callable[..., contextlib.AbstractContextManager[str]]  # Proxies take the upstream URL.
    exit_code: int
    says: tuple[str, ...]  # Each is in the last message, whatever the case of its letters.
    proxy: bool = field(default=False, kw_only=True)


def _speaking(name: str, speak: Speak, exit_code: int, *says: str) -> BadServer:
    return BadServer(name, lambda: listening(speak), exit_code, says)


def _proxy(name: str, kind: type[Proxy], exit_code: int, *says: str) -> BadServer:
    return BadServer(name, lambda url: proxying(kind(url)), exit_code, says, proxy=True)


BAD_SERVERS = (
    BadServer("nobody", nobody, 2, ("connect",)),
    _speaking("404-for-everything", always(NOT_FOUND), 2, "task", "404"),
    _speaking("empty-object-for-everything", always(EMPTY_OBJECT), 1, "{}"),
    _speaking("html", always(HTML), 2, "JSON"),
    _speaking("random-body", random_body, 2, "JSON"),
    _speaking("random-bytes", random_bytes, 2, "HTTP"),
    _speaking("hangs", hang, 2, "no answer"),
    _speaking("resets", reset, 2, "connection"),
    _speaking("dies-in-the-middle", die_in_the_middle, 2, "connection"),
    _speaking("redirects-to-itself", redirect, 2, "redirect"),
    _proxy("slow", Slow, 0, "is kept"),
    _proxy("throttling", Throttling, 0, "is kept"),
    _proxy("stale", Stale, 0, "is kept"),
)
