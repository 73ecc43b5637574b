"""The words for what is said of a promise, and the exit codes."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    """What is said of one promise."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    NOTED = "noted"
    NOT_EXERCISED = "not_exercised"
    EXCLUDED = "excluded"
    ERROR = "error"


REACHED = frozenset({Verdict.PASSED, Verdict.FAILED, Verdict.WARNED, Verdict.NOTED})
"""The verdicts that say something about the target."""


class ExitCode(IntEnum):
    """How the command ends."""

    CONFORMANT = 0
    VIOLATED = 1
    UNUSABLE = 2
    INCONCLUSIVE = 3
    INTERRUPTED = 130


# The verdict on a broken and on a kept promise, by its level.
BROKEN = {"must": Verdict.FAILED, "should": Verdict.WARNED, "open": Verdict.NOTED}
KEPT = {"must": Verdict.PASSED, "should": Verdict.PASSED, "open": Verdict.NOTED}

# The first of these that any finding has is the verdict.
WEIGHT = (
    Verdict.FAILED,
    Verdict.WARNED,
    Verdict.ERROR,
    Verdict.NOTED,
    Verdict.PASSED,
    Verdict.NOT_EXERCISED,
    Verdict.EXCLUDED,
)
