"""Keeps tokens out of everything that is written: each spelling that a token may travel in."""

from __future__ import annotations

import base64
import html.entities
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from actor_runs_conformance.ledger.json_value import JsonValue

PLACEHOLDER = "<token>"
JSON_SCALARS = (bool, int, float, type(None))
EDGE = 4096
"""More characters than any spelling of a token has."""
ESCAPE = r"\\{1,7}"
"""Bounded, as a body may consist of backslashes alone."""
WRAP = r"(?:=?(?:\r?\n|(?:\\{1,7}r)?\\{1,7}n)[ \t]*)?"
"""Where a line is wrapped: as it is, or escaped as JSON does."""
UNMISTAKABLE = 8
"""The length from which on a token is not taken for a part of the suite's own words."""


def spellings(character: str) -> str:
    """Return a pattern for one character: as it is, percent-encoded, escaped, or as an entity.

    JSON in JSON has several backslashes in an escape, and so has a `repr`; what is percent-encoded
    several times has several `25`, or each character of the encoding is encoded again.
    """
    code = ord(character)
    percent = "".join(f"%(?:25){{0,4}}(?i:{byte:02x})" for byte in character.encode())
    twice = "".join(f"%25{_hex_digits(byte)}" for byte in character.encode())
    bytes_escaped = "".join(rf"{ESCAPE}x(?i:{byte:02x})" for byte in character.encode())
    names = [name.rstrip(";") for name, value in html.entities.html5.items() if value == character]
    entity = "|".join([f"#0{{0,6}}{code}", f"#[xX]0{{0,6}}(?i:{code:x})", *map(re.escape, names)])
    forms = dict.fromkeys(
        [
            re.escape(character),
            percent,
            twice,
            rf"{ESCAPE}(?:u(?i:{code:04x})|0{{0,2}}{code:03o})",
            bytes_escaped,
            f"&(?:amp;){{0,3}}(?:{entity});?",
        ]
    )
    if character in '"\\/':
        forms[ESCAPE + re.escape(character)] = None
    if character == " ":
        forms[r"\+"] = None  # As forms and queries write it.
    if character in "=?_":
        forms[f"=(?i:{code:02x})"] = None  # As mail writes it.
    return f"(?:{'|'.join(forms)})"


def _hex_digits(byte: int) -> str:
    """Return a pattern for the two digits of a byte, each of them percent-encoded."""
    digits = (f"(?:{ord(digit):02x}|{ord(digit.upper()):02x})" for digit in f"{byte:02x}")
    return "".join(f"%{digit}" for digit in digits)


def wrapped(parts: Iterable[str]) -> str:
    """Return a pattern for these parts, between any two of which a line may be wrapped."""
    return WRAP.join(parts)


def base64_cores(token: str) -> list[str]:
    """Return what base64 text shows of the token at each of its three alignments.

    The characters at either edge also depend on the neighbours, so they are left out.
    """
    raw = token.encode()
    cores = []
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * offset + raw).decode()
            first = (offset * 8 + 5) // 6
            last = (offset + len(raw)) * 8 // 6
            if last - first >= 4:  # Shorter text is no secret and would match by chance.
                cores.append(text[first:last])
    return list(dict.fromkeys(cores))


def packed(token: str) -> Iterator[str]:
    """Yield patterns for the token in base64, once and twice, and in hexadecimal digits."""
    cores = base64_cores(token)
    for core in cores:
        twice = base64_cores(core) if len(core) >= UNMISTAKABLE else []
        for text in (core, *twice):
            parts = (one if one.isalnum() else spellings(one) for one in text)
            yield wrapped(parts) + "(?:=|%(?:25){0,4}3[dD]){0,2}"
    if len(token) >= UNMISTAKABLE:
        yield f"(?i:{token.encode().hex()})"


class Redactor:
    """Replaces every spelling of the given tokens by `<token>`."""

    def __init__(self, tokens: Iterable[str | None]) -> None:
        """Take the tokens to hide; None and the empty string are ignored."""
        patterns: list[str] = []
        # Longer ones first: one token may be the beginning of another.
        self._tokens = sorted({t for t in tokens if t}, key=len, reverse=True)
        for token in self._tokens:
            patterns += [wrapped(map(spellings, token)), *packed(token)]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def for_own_words(self) -> Redactor:
        """Return a redactor for the suite's own words, which may contain a short token by chance."""
        return Redactor(token for token in self._tokens if len(token) >= UNMISTAKABLE)

    def text(self, text: str) -> str:
        """Return the text without the tokens."""
        return self._pattern.sub(PLACEHOLDER, text) if self._pattern else text

    def beginning(self, body: bytes, characters: int) -> str:
        """Return the beginning of a body without the tokens.

        Tokens are replaced before the text is cut: half a token would not be found.
        """
        return self.text(body[: characters + EDGE].decode("utf-8", "replace"))[:characters]

    def value(self, value: JsonValue) -> JsonValue:
        """Return a JSON value whose every string, keys included, is without the tokens.

        A value that is not JSON, such as the marker of an absent one, becomes text.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value if isinstance(value, JSON_SCALARS) else self.text(repr(value))
