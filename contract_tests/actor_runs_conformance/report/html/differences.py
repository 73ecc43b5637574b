"""Where two texts differ, so that the eye finds it."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

WORDS = re.compile(r"\w+|\s+|[^\w\s]")
MOST_TOKENS = 1500
LEAST_ALIKE = 0.3
"""Below this ratio two texts have nothing to do with each other, and marks would be noise."""


class Piece(NamedTuple):
    """A part of a text, and whether the other text lacks it."""

    text: str
    differs: bool


def marked(expected: str, observed: str) -> tuple[list[Piece], list[Piece]]:
    """Return both texts in pieces, marked where they differ."""
    left, right = WORDS.findall(expected), WORDS.findall(observed)
    if max(len(left), len(right)) > MOST_TOKENS or not _alike(left, right):
        return [Piece(expected, differs=False)], [Piece(observed, differs=False)]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    before, after = [], []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        differs = kind != "equal"
        before.append(Piece("".join(left[start:end]), differs))
        after.append(Piece("".join(right[other_start:other_end]), differs))
    return [line for line in before if line.text], [line for line in after if line.text]


def _alike(left: list[str], right: list[str]) -> bool:
    words, others = ([token for token in side if not token.isspace()] for side in (left, right))
    return SequenceMatcher(None, words, others, autojunk=False).quick_ratio() >= LEAST_ALIKE


def changed_lines(before: str, after: str) -> list[int]:
    """Return the numbers, from 0, of the lines of `after` that are not in `before` in order."""
    left, right = before.split("\n"), after.split("\n")
    if max(len(left), len(right)) > MOST_TOKENS:
        return []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return [
        number
        for kind, _, _, start, end in matcher.get_opcodes()
        if kind != "equal"
        for number in range(start, end)
    ]
