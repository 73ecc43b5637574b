"""Unpacks the body of an answer, within a bound: a few kilobytes may unpack to gigabytes."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_CODINGS = 8
"""Codings that are unpacked one after the other; nobody needs more than one."""
WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
RAW = -15
"""The window for what some servers call deflate: zlib's format without its head."""


class BadBodyError(ValueError):
    """A body cannot be read; the message says why, in words about the answer."""


class TooLargeError(BadBodyError):
    """A body is larger, or unpacks to more, than anything that this API answers."""


def unpacked(body: bytes, codings: str, *, limit: int) -> bytes:
    """Return a body without these codings; one that is not known, and what is before it, stays.

    Args:
        body: the body as received.
        codings: the `Content-Encoding`, the coding that was put on last at its end; "" for none.
        limit: how many bytes there may be, after each step.

    Raises:
        TooLargeError: there are more.
        BadBodyError: it is not packed like that.
    """
    names = [name.strip() for name in codings.lower().split(",") if name.strip()]
    if len(names) > MOST_CODINGS:
        raise BadBodyError(f"the answer is packed {len(names)} times")
    for name in reversed(names if body else []):
        if name == "identity":
            continue
        unpack = UNPACKERS.get(name)
        if unpack is None:
            break
        try:
            body = unpack(body, name, limit + 1)
        except (zlib.error, brotli.error) as error:
            raise BadBodyError(f"the answer is not packed in {name}: {error}") from None
        if len(body) > limit:
            raise TooLargeError(f"the answer unpacks to more than {limit} bytes")
    return body


def _inflated(body: bytes, name: str, most: int) -> bytes:
    try:
        return zlib.decompressobj(WINDOWS[name]).decompress(body, most)
    except zlib.error:
        if name != "deflate":
            raise
        return zlib.decompressobj(RAW).decompress(body, most)


def _from_brotli(body: bytes, _name: str, most: int) -> bytes:
    decoder = brotli.Decompressor()
    found: bytes = decoder.process(body, output_buffer_limit=most)
    while len(found) < most and not decoder.is_finished():
        more = decoder.process(b"", output_buffer_limit=most - len(found))
        if not more:
            break
        found += more
    return found


UNPACKERS: dict[str, Callable[[bytes, str, int], bytes]] = {
    **dict.fromkeys(WINDOWS, _inflated),
    "br": _from_brotli,
}
