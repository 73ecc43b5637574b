"""Request bodies: read, decoded and parsed within the limit.

The limit applies both to the bytes that arrive and to what they unpack to; no more is ever held
in memory.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import brotli  # type: ignore[import-untyped]
import msgspec

from actor_runs_server.api_error import ApiError

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BYTES: Final = 9_437_184
# Each member costs a copy of all that follows it.
MAX_MEMBERS: Final = 1000
MEDIA_TYPE: Final = re.compile(r"\s*([\w!#$&^.+-]+/[\w!#$&^.+-]+)\s*(;.*)?", re.ASCII | re.DOTALL)

Decoder = Callable[[bytes], bytes]


class UndecodableError(ValueError):
    """The body does not have the encoding that its header names."""


def _too_large(length: int) -> ApiError:
    return ApiError(
        "request-too-large",
        f"The POST payload is too large (limit: {MAX_BYTES} bytes, actual length: {length} bytes).",
    )


def _unzip(data: bytes, window: int, room: int = MAX_BYTES) -> tuple[bytes, bytes]:
    """Return the text, at most `room` bytes long, and what follows its end."""
    unpacked = zlib.decompressobj(window)
    text = unpacked.decompress(data, room + 1)
    if len(text) > room:
        raise _too_large(MAX_BYTES - room + len(text))
    if not unpacked.eof:
        raise UndecodableError("it ends too early")
    return text, unpacked.unused_data


def _gunzip(data: bytes) -> bytes:
    # RFC 1952 allows several members; zeros may follow the last.
    text = bytearray()
    for _ in range(MAX_MEMBERS):
        member, data = _unzip(data, 16 + zlib.MAX_WBITS, MAX_BYTES - len(text))
        text += member
        if not data.strip(b"\0"):
            return bytes(text)
    raise UndecodableError(f"it has more than {MAX_MEMBERS} members")


def _inflate(data: bytes) -> bytes:
    # "deflate" means the zlib format, but some clients send the bare stream.
    try:
        return _unzip(data, zlib.MAX_WBITS)[0]
    except zlib.error:
        return _unzip(data, -zlib.MAX_WBITS)[0]


def _unbrotli(data: bytes) -> bytes:
    decoder = brotli.Decompressor()
    text = decoder.process(data, output_buffer_limit=MAX_BYTES + 1)
    while len(text) <= MAX_BYTES and not decoder.is_finished():
        more = decoder.process(b"", output_buffer_limit=MAX_BYTES + 1)
        if not more:
            raise UndecodableError("it ends too early")
        text += more
    if len(text) > MAX_BYTES:
        raise _too_large(len(text))
    return bytes(text)


DECODERS: Final[dict[str, Decoder]] = {
    "identity": bytes,
    "gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
}


async def read(request: Request) -> bytes:
    """Return the decoded body.

    Raises:
        ApiError: 413 above the limit, 415 for an unknown encoding, 400 for a broken one.
    """
    names = request.headers.get("content-encoding", "identity").lower()
    encodings = [name.strip() for name in names.split(",") if name.strip()]
    for name in encodings:
        if name not in DECODERS:
            raise ApiError(
                "unsupported-content-encoding",
                f'Content-Encoding "{name}" is not supported; use: {", ".join(DECODERS)}.',
            )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > MAX_BYTES:
        raise _too_large(int(declared[:20]))
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > MAX_BYTES:
            raise _too_large(length)
        parts.append(part)
    data = b"".join(parts)
    for name in reversed(encodings if data else []):
        try:
            data = DECODERS[name](data)
        except (zlib.error, brotli.error, UndecodableError) as error:
            raise ApiError(
                "invalid-request", f'The body is not of Content-Encoding "{name}": {error}.'
            ) from error
    return data


def media_type(request: Request) -> str | None:
    """Return the media type of the body in lower case; None without a header.

    Raises:
        ApiError: 400 when the header is not a media type.
    """
    header = request.headers.get("content-type")
    if not header:
        return None
    match = MEDIA_TYPE.fullmatch(header)
    if not match:
        raise ApiError("invalid-request", f"Content-Type {header[:100]!r} is not a media type.")
    return match[1].lower()


def parse(data: bytes, refusal: str, what: str) -> object:
    """Return the JSON value.

    Raises:
        ApiError: Of the type `refusal`, if the data is not JSON.
    """
    try:
        value: object = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError) as error:
        raise ApiError(refusal, f"{what} is not valid JSON: {error}.") from error
    return value
