"""Signed URLs: whoever has one may read without a token, until it expires.

The forms are those that the platform's clients make: of a whole storage, and of one record.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import string
from typing import Final

DIGITS: Final = string.digits + string.ascii_letters
VERSION: Final = 0
# How much of an HMAC is kept, in hexadecimal digits.
KEPT: Final = 30


def secret_of(token: str, storage_id: str) -> str:
    """Return the secret of a storage, which stays the same as long as its owner's token does."""
    return hmac.digest(token.encode(), storage_id.encode(), hashlib.sha256).hex()


def sign(secret: str, text: str) -> str:
    """Return the signature of a text: the key of a record, or what `of_storage` makes."""
    kept = hmac.digest(secret.encode(), text.encode(), hashlib.sha256).hex()[:KEPT]
    number, digits = int(kept, 16), ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits or DIGITS[0]


def of_storage(secret: str, storage_id: str, expires_at: int = 0) -> str:
    """Return a signature of a storage; it expires at milliseconds since 1970, 0 is never."""
    signed = sign(secret, f"{VERSION}.{expires_at}.{storage_id}")
    encoded = base64.urlsafe_b64encode(f"{VERSION}.{expires_at}.{signed}".encode())
    return encoded.decode().rstrip("=")


def is_of_storage(given: str, secret: str, storage_id: str, now: int) -> bool:
    """Return whether a given text is a signature of a storage that has not expired."""
    try:
        # Some clients leave the padding out, some do not; more than needed does no harm.
        content = base64.urlsafe_b64decode(f"{given}==").decode("ascii")
        version, expires_at, signed = content.split(".")
        expires = int(expires_at)
    except ValueError:
        return False
    expected = sign(secret, f"{version}.{expires_at}.{storage_id}")
    return hmac.compare_digest(signed, expected) and not 0 < expires <= now


def is_of_record(given: str, secret: str, key: str) -> bool:
    """Return whether a given text is the signature of a record."""
    return hmac.compare_digest(given.encode(), sign(secret, key).encode())
