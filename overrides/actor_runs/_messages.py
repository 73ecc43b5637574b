"""Requests and answers as plain values. httpx's objects are made of them for whoever asks.

Making an `httpx.Request` and an `httpx.Response` takes longer than sending the one and reading the
other, and importing httpx takes as long as importing everything else.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Self

import attrs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    import httpx

    from .errors import ExchangeError

    Raw = Iterable[tuple[bytes, bytes]]

# Of a body, as it comes and unpacked. A run takes some kilobytes.
LARGEST_BODY = 32 * 1024 * 1024
# What `Accept-Encoding` asks for, each with what zlib calls it.
CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
ZLIB_BEGINS, ZLIB_RAW = b"\x78", -15
MOST_CODINGS = 3
LATIN = "latin-1"


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
        connect_secs: How long connecting may take.
    """

    method: str
    url: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    timeout_secs: float
    connect_secs: float

    def to_httpx(self, headers: Mapping[str, str]) -> httpx.Request:
        """Return the request as httpx has it, with these headers."""
        import httpx

        times = httpx.Timeout(self.timeout_secs, connect=self.connect_secs).as_dict()
        more = {"content": self.body or None, "extensions": {"timeout": times}}
        return httpx.Request(self.method, self.url, headers=headers, **more)  # type: ignore[arg-type]


@attrs.define
class Answer:
    """What came back.

    Attributes:
        headers: Names and values, in their order.
        body: Unpacked, as far as it can be.
        cut: Why the body is not whole or cannot be read.
        secs: How long it took.
    """

    request: Request
    status: int
    headers: list[tuple[str, str]] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    cut: NoAnswerError | None
    secs: float = attrs.field(default=0.0, init=False)
    _response: httpx.Response | None = attrs.field(default=None, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Unpack the body."""
        packed = self.header("content-encoding")
        if packed and not self.cut:
            try:
                self.body = unpacked(self.body, packed)
            except NoAnswerError as error:
                self.body, self.cut = b"", error

    @classmethod
    def of(
        cls, request: Request, status: int, raw: Raw, body: bytes, cut: NoAnswerError | None
    ) -> Self:
        """Return an answer whose headers are bytes."""
        headers = [(name.decode(LATIN), value.decode(LATIN)) for name, value in raw]
        return cls(request, status, headers, body, cut)

    def header(self, name: str) -> str:
        """Return the values of a header, named in lower case; empty for none."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def response(self) -> httpx.Response:
        """The answer as httpx has it, made when it is first asked for."""
        if self._response is None:
            import httpx

            raw = [(k.encode(LATIN), v.encode(LATIN)) for k, v in self.headers]
            response = httpx.Response(self.status, content=self.body)
            response.headers = httpx.Headers(raw)
            response.request = self.request.to_httpx(self.request.headers)
            response.elapsed = timedelta(seconds=self.secs)
            self._response = response
        return self._response


async def collect(pieces: AsyncIterator[bytes], found: list[bytes]) -> None:
    """Add the pieces of a body to those found.

    Raises:
        NoAnswerError: They have no end.
    """
    left = LARGEST_BODY
    async for piece in pieces:
        found.append(piece)
        left -= len(piece)
        if left < 0:
            raise NoAnswerError(f"is larger than {LARGEST_BODY} bytes")


def unpacked(body: bytes, codings: str) -> bytes:
    """Return a body without these codings, the last of which was put on last.

    Raises:
        NoAnswerError: It is not packed like that, or unpacks to more than `LARGEST_BODY`.
    """
    names = [name.strip() for name in codings.lower().split(",")]
    for name in names[: -MOST_CODINGS - 1 : -1]:
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
