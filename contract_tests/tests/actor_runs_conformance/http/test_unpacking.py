"""Bodies are unpacked within a bound, whatever they are packed in."""

import gzip
import zlib

import brotli
import pytest

from actor_runs_conformance.http.unpacking import BadBodyError, TooLargeError, unpacked

LIMIT = 100_000
TEXT = b"some text " * 100


def raw(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw,
    "br": brotli.compress,
    "identity": bytes,
}


@pytest.mark.parametrize("name", PACKERS)
def test_a_packed_body_is_read(name):
    """Each coding is taken off; deflate may lack its head, as some servers send it."""
    assert unpacked(PACKERS[name](TEXT), name, limit=LIMIT) == TEXT


def test_codings_are_taken_off_from_the_last():
    """A body that was packed twice is unpacked twice, and none without a coding."""
    assert unpacked(brotli.compress(gzip.compress(TEXT)), "gzip, br", limit=LIMIT) == TEXT
    assert unpacked(TEXT, "", limit=LIMIT) == TEXT
    assert unpacked(TEXT, "unheard-of", limit=LIMIT) == TEXT
    assert unpacked(b"", "gzip", limit=LIMIT) == b""


@pytest.mark.parametrize("name", ["gzip", "deflate", "br"])
def test_too_much_is_refused(name):
    """A body that unpacks to more than the limit is not unpacked to its end."""
    bomb = PACKERS[name](b"0" * 10 * LIMIT)
    with pytest.raises(TooLargeError, match="unpacks to more than 100000 bytes"):
        unpacked(bomb, name, limit=LIMIT)
    twice = f"{name}, {name}"
    with pytest.raises(TooLargeError):
        unpacked(PACKERS[name](bomb), twice, limit=LIMIT)


def test_what_cannot_be_unpacked_is_named():
    """A body of another coding, and one packed a hundred times, are refused in words."""
    for name in ("gzip", "deflate", "br"):
        with pytest.raises(BadBodyError, match=f"not packed in {name}"):
            unpacked(TEXT, name, limit=LIMIT)
    with pytest.raises(BadBodyError, match="packed 100 times"):
        unpacked(TEXT, ", ".join(["gzip"] * 100), limit=LIMIT)
