"""Text from a target, made safe to show: nothing it sends moves a cursor or hides itself."""

from __future__ import annotations

import json
import re

# Control characters but newline and tab; DEL and C1; zero-width and bidirectional controls;
# lone surrogates and the two code points that XML forbids.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
OPENING = {"{": "}", "[": "]"}


def printable(text: str) -> str:
    """Return the text with every character that cannot be seen written as its escape.

    A carriage return before a newline is the newline's and goes silently.
    """
    return UNPRINTABLE.sub(_escape, text.replace("\r\n", "\n"))


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"


def shown(value: object) -> str:
    """Return a value as a reader sees it: a string as it is, anything else as JSON."""
    if isinstance(value, str):
        return printable(value)
    return printable(json.dumps(value, indent=2, ensure_ascii=False))


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, saying how many more there were."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit} more characters)"


def pretty(text: str) -> str:
    """Return JSON text laid out a value a line, every number and string exactly as it was sent.

    Text that is not JSON comes back as it is.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    lines = [""]
    depth = 0
    tokens: list[str] = TOKENS.findall(text)
    for before, here in zip(["", *tokens], tokens, strict=False):
        if here in OPENING.values():
            depth -= 1
            if before not in OPENING:
                lines.append("  " * depth)
        elif before in OPENING or before == ",":
            lines.append("  " * depth)
        lines[-1] += ": " if here == ":" else here
        depth += here in OPENING
    return "\n".join(lines)
