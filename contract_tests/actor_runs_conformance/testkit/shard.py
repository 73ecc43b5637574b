"""A share of a check: several machines draw generated cases, and each sends its own."""

from __future__ import annotations

import re

from attrs import frozen


@frozen
class Shard:
    """Share `number`, from 1, of `of` shares. The first one also has everything that is not drawn."""

    number: int = 1
    of: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def first(self) -> bool:
        """Whether this share has the scenarios, the state machine and coverage."""
        return self.number == 1

    def has(self, index: int) -> bool:
        """Whether what is drawn at this place, counted from 0, belongs to this share."""
        return index % self.of == self.number - 1


WHOLE = Shard()
"""The check as a whole, on one machine."""


def read_shard(text: str) -> Shard:
    """Read a share such as `2/8`.

    Raises:
        ValueError: it is none; the message says what is expected.
    """
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise ValueError(
            f"{text!r} is no share; expected I/N with I from 1 to N, and N up to 999999, such as 2/8"
        )
    return Shard(int(match[1]), int(match[2]))
