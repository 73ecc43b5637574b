"""Keeps tokens out of everything that is written: each spelling that a token may travel in."""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actor_runs_conformance.ledger.json_value import JsonValue

PLACEHOLDER = "<token>"
JSON_SCALARS = (bool, int, float, type(None))
EDGE = 4096
"""More characters than any spelling of a token has."""
ESCAPE = r"\\{1,7}"
"""Bounded, as a body may consist of backslashes alone."""
UNMISTAKABLE = 8
"""The length from which on a token is not taken for a part of the suite's own words."""


def spellings(character: str) -> str:
    """Return a pattern for one character: as it is, percent-encoded (once or twice), or escaped.

    JSON in JSON has several backslashes in an escape, and so has a `repr`.
    """
    percent = "".join(f"%(?:25)?(?i:{byte:02x})" for byte in character.encode())
    escaped = rf"{ESCAPE}u(?i:{ord(character):04x})"
    entity = re.escape(html.escape(character))
    forms = dict.fromkeys([re.escape(character), percent, escaped, entity])
    if character in '"\\/':
        forms[ESCAPE + re.escape(character)] = None
    if character == " ":
        forms[r"\+"] = None  # As forms and queries write it.
    return f"(?:{'|'.join(forms)})"


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


class Redactor:
    """Replaces every spelling of the given tokens by `<token>`."""

    def __init__(self, tokens: Iterable[str | None]) -> None:
        """Take the tokens to hide; None and the empty string are ignored."""
        patterns: list[str] = []
        # Longer ones first: one token may be the beginning of another.
        self._tokens = sorted({t for t in tokens if t}, key=len, reverse=True)
        for token in self._tokens:
            patterns.append("".join(map(spellings, token)))
            patterns += [re.escape(core) + "={0,2}" for core in base64_cores(token)]
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
