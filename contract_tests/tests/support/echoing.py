"""A server that gives back whatever it is sent, in every spelling, in headers and bodies."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
import urllib.parse
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.support.made_log import run_object

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = "Icz6E0IHX0c40yEi7"


def spelled(text: str) -> list[str]:
    """The text in the spellings that a target might give it back in."""
    raw = text.encode()
    return [
        text,
        urllib.parse.quote(text, safe=""),
        urllib.parse.quote_plus(text),
        re.sub("%..", lambda match: match[0].lower(), urllib.parse.quote(text, safe="")),
        urllib.parse.quote(urllib.parse.quote(text, safe=""), safe=""),
        html.escape(text),
        json.dumps(text)[1:-1],
        "".join(f"\\u{ord(character):04x}" for character in text),
        base64.b64encode(raw).decode(),
        base64.b64encode(b"a:" + raw).decode(),
        base64.urlsafe_b64encode(b"user:" + raw + b"!").decode(),
    ]


class Echo(BaseHTTPRequestHandler):
    """Answers every request as if all were well, and repeats it."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        sent = self.rfile.read(length).decode("utf-8", "replace")
        tokens = [self.headers.get("authorization", "").removeprefix("Bearer ").strip()]
        query = urllib.parse.urlsplit(self.path).query
        tokens += urllib.parse.parse_qs(query).get("token", [])
        told = [form for token in tokens if token for form in spelled(token)]
        starts = self.command == "POST" and self.path.split("?")[0].endswith("/runs")
        run = run_object(RUN, "RUNNING", statusMessage=" ".join(told), echo=[self.path, sent, told])
        run[told[0] if told else "key"] = told
        body = json.dumps(run, ensure_ascii=False).encode()
        self.send_response(201 if starts else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", f"{self.path}/{RUN}")
        for number, form in enumerate(told):
            self.send_header(f"X-Echo-{number}", form)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        return


@contextmanager
def echo_server() -> Iterator[str]:
    """Serve on a free port of this machine and yield the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
