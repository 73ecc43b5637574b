"""The parser of a subcommand's arguments."""

from __future__ import annotations

import argparse
import difflib
from typing import NoReturn

UNKNOWN = "unrecognized arguments: "
"""How argparse begins what it says of words that it does not know."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in a line, where argparse would show the whole usage before it."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and exit with 2."""
        if message.startswith(UNKNOWN):
            word = message.removeprefix(UNKNOWN).split()[0]
            near = difflib.get_close_matches(word.partition("=")[0], self._option_string_actions)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            message = (
                f"no option {word!r}{hint}" if word[0] == "-" else f"{word!r} is one word too many"
            )
        self.exit(2, f"{self.prog}: error: {message}\n{self.prog} --help lists the options.\n")
