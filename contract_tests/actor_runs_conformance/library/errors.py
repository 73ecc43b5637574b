"""What the library raises: every error is a `CheckError`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actor_runs_conformance.library.result import CheckResult


class CheckError(Exception):
    """A check could not be made, or its report not be written; the message says why."""


class ConfigurationError(CheckError, ValueError):
    """What was asked makes no sense, or a file of the user's cannot be used.

    Nothing was sent. The message shows the value, and says what to give instead.
    """


class ReferenceServerFailedError(CheckError, RuntimeError):
    """The reference server did not start, so that nothing was checked."""


class ReportError(CheckError, RuntimeError):
    """The check came to its end, and its report could not be written.

    Attributes:
        result: What was found all the same.
    """

    def __init__(self, message: str, result: CheckResult) -> None:
        super().__init__(message)
        self.result = result
