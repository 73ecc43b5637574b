"""Webhooks of the cases of Run task: a receiver on this machine, and which of them were called."""

from __future__ import annotations

import base64
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOWHERE = "https://receiver.invalid"
"""Where the webhooks of a server lead that cannot reach this machine."""

ENDS = tuple(f"ACTOR.RUN.{end}" for end in ("SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"))

DELIVERY = 15.0
"""Seconds within which a webhook must have been called, once the last case has been sent."""

WORKS = 1
"""Seconds that a run with a webhook works: one that ends within milliseconds may miss it."""


@define
class WebhookCalls:
    """A receiver that listens where the server is on this machine too, and the webhooks that lead to it."""

    called: set[str] = field(factory=set)
    """The paths that were called."""

    runs: dict[str, str] = field(factory=dict)
    """The run of each path whose webhook a start has registered."""

    _paths: dict[str, str] = field(factory=dict)
    _numbers: Iterator[int] = field(factory=lambda: count(1))
    _address: str | None = None

    def parameter(self, server: str) -> str:
        """Return a `webhooks` for the query of a start, with a path of its own.

        Args:
            server: The URL of the server.
        """
        if self._address is None:
            self._address = self._listen() if on_this_machine(server) else NOWHERE
        path = f"/{next(self._numbers)}"
        hook = {"eventTypes": list(ENDS), "requestUrl": self._address + path}
        encoded = base64.b64encode(json.dumps([hook]).encode()).decode()
        self._paths[encoded] = path
        return encoded

    def started(self, url: str, run: str) -> None:
        """Remember the run that came of a request to Run task."""
        given = parse_qs(urlsplit(url).query).get("webhooks", [])
        # Of several values a server may take any.
        if len(given) == 1 and given[0] in self._paths and self._address != NOWHERE:
            self.runs[self._paths[given[0]]] = run

    def missing(self) -> Sequence[str]:
        """Return the runs whose webhook was not called, at once when there are none, else in time."""
        deadline = time.monotonic() + DELIVERY
        while self.runs.keys() - self.called and time.monotonic() < deadline:
            time.sleep(0.1)
        return [self.runs[path] for path in self.runs.keys() - self.called]

    def _listen(self) -> str:
        called = self.called

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                called.add(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                """Print nothing among the lines of Schemathesis."""

        receiver = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=receiver.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{receiver.server_port}"


def on_this_machine(url: str) -> bool:
    """Whether a server is on this machine, as far as its address tells."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
