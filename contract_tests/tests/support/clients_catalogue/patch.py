"""What a patched client is: the good client's text with a few words exchanged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

GOOD: Final = Path(__file__).with_name("good_client.py")

LATE: Final = frozenset({"cuts-a-held-start-off-and-repeats-it", "takes-half-an-answer-for-a-run"})
"""Clients whose fault shows in the situations of the full profile alone."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One client that differs from the good one.

    `breaks` names the promises that it may be found to break, at least one of them; a lawful
    freedom breaks none. `touches` names further promises by which it is judged and which it keeps.
    """

    name: str
    old: str
    new: str
    breaks: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()

    @property
    def judged_by(self) -> tuple[str, ...]:
        """The promises by which the client is judged."""
        return self.breaks + self.touches

    def source(self) -> str:
        """Return the text of the patched client.

        Raises:
            ValueError: The words to exchange do not stand exactly once in the good client.
        """
        good = GOOD.read_text(encoding="utf-8")
        if good.count(self.old) != 1:
            message = f"{self.name}: {self.old!r} stands {good.count(self.old)} times in {GOOD.name}, expected once"
            raise ValueError(message)
        return good.replace(self.old, self.new)
