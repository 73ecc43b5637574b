"""What a process that ended says last on its stderr."""

from __future__ import annotations

import re

SIGNS = (re.compile(r"\[Errno "), re.compile(r"(Error|Exception|error|panic)\b"), re.compile(""))
LONGEST = 200


def last_words(stderr: str) -> str:
    """Return the line that tells best why a process ended, cut to 200 characters; "" if there is none.

    That is the last line with an error of the system, else with any error, else the last one.
    """
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    telling = (line for sign in SIGNS for line in reversed(lines) if sign.search(line))
    return next(telling, "")[:LONGEST]
