"""Requests and answers as plain values. httpx's objects are made of them for whoever asks.

Making an `httpx.Request` and an `httpx.Response` takes longer than sending the one and reading the
other, and importing httpx takes as long as importing everything else.
"""

from __future__ import annotations

import functools
import re
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    import httpx

    from .errors import ExchangeError

    Headers = list[tuple[bytes, bytes]]
    # Status and headers of an answer, then the pieces of its body.
    Steps = AsyncGenerator[tuple[int, Headers] | bytes]

# Of a body, as it comes and unpacked. A run takes some kilobytes.
LARGEST_BODY = 32 * 1024 * 1024
CONNECT_TIMEOUT_SECS = 10
# What `Accept-Encoding` asks for, each with what zlib calls it.
CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
ZLIB_BEGINS, ZLIB_RAW = b"\x78", -15
MOST_CODINGS = 3


class NoAnswerError(Exception):
    """No answer that can be read, and what that means. Never leaves this package.

    Attributes:
        kind: The class of the error that a caller gets.
    """

    def __init__(self, reason: str, kind: type[ExchangeError] | None = None) -> None:
        """Say why; without a kind it is the body that cannot be read."""
        super().__init__(reason)
        self.kind = kind


@attrs.define  # Frozen, it would take twice as long to make.
class Request:
    """What is sent.

    Attributes:
        headers: Without the token.
        timeout_secs: How long everything may take, connecting included.
    """

    method: str
    url: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    timeout_secs: float

    @property
    def connect_secs(self) -> float:
        """How long connecting may take: less, so that it is told from an answer that is slow."""
        return min(CONNECT_TIMEOUT_SECS, self.timeout_secs * 0.9)

    def to_httpx(self, headers: Mapping[str, str]) -> httpx.Request:
        """Return the request as httpx has it, with these headers."""
        import httpx

        times = httpx.Timeout(self.timeout_secs, connect=self.connect_secs).as_dict()
        more: dict[str, Any] = {"content": self.body or None, "extensions": {"timeout": times}}
        return httpx.Request(self.method, self.url, headers=headers, **more)


@attrs.define
class Answer:
    """What came back.

    Attributes:
        status: 0 where no whole head arrived.
        body: Unpacked, as far as it can be.
        cut: Why the body is not whole or cannot be read.
        secs: How long it took.
    """

    request: Request
    status: int = 0
    headers: Headers = attrs.field(factory=list, repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    cut: NoAnswerError | None = attrs.field(default=None, repr=False)
    secs: float = 0.0

    def header(self, name: bytes) -> str:
        """Return the values of a header, named in lower case; empty for none."""
        return b", ".join(v for k, v in self.headers if k.lower() == name).decode("latin-1")

    @functools.cached_property
    def response(self) -> httpx.Response:
        """The answer as httpx has it, made when it is first asked for."""
        import httpx

        response = httpx.Response(self.status, content=self.body)
        response.headers = httpx.Headers(self.headers)
        response.request = self.request.to_httpx(self.request.headers)
        response.elapsed = timedelta(seconds=self.secs)
        return response


def unpacked(body: bytes, codings: str) -> bytes:
    """Return a body without these codings, the last of which was put on last.

    Raises:
        NoAnswerError: It is not packed like that, or unpacks to more than `LARGEST_BODY`.
    """
    for name in reversed(re.findall(r"[^\s,]+", codings.lower())[-MOST_CODINGS:]):
        # Some servers send what zlib calls raw where the standard has a head before it.
        raw = name == "deflate" and not body.startswith(ZLIB_BEGINS)
        try:
            decoder = zlib.decompressobj(ZLIB_RAW if raw else CODINGS[name])
            body = decoder.decompress(body, LARGEST_BODY)
        except (zlib.error, KeyError) as error:
            raise NoAnswerError(f"is not packed in {name}: {error}") from None
        if not decoder.eof:
            raise NoAnswerError(f"has no end, or unpacks to more than {LARGEST_BODY} bytes")
    return body
