"""What a patched client is: the good client's text with a few words exchanged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

GOOD: Final = Path(__file__).with_name("good_client.py")


@dataclass(frozen=True, slots=True)
class Patch:
    """One client that differs from the good one.

    `breaks` names the promises that it breaks; a lawful freedom breaks none. `touches` names the promises by which
    a freedom is tried.
    """

    name: str
    old: str
    new: str
    breaks: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()

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
