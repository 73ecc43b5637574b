"""The log and the reports of a check, and what is said when they cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.events.writer import FILE, Log
from actor_runs_conformance.library.errors import ConfigurationError
from actor_runs_conformance.report.render import ForeignFilesError, claim, render_all

if TYPE_CHECKING:
    from pathlib import Path

    from actor_runs_conformance.http.redaction import Redactor


class UnwrittenReportError(Exception):
    """A check was made and its report could not be written; the message says why."""


def claim_directory(directory: Path | None) -> None:
    """Make sure that a report may be written into a directory, if there is one.

    Raises:
        ConfigurationError: it holds files of the user's.
    """
    try:
        if directory is not None:
            claim(directory)
    except ForeignFilesError as error:
        raise ConfigurationError(str(error)) from None


def open_log(directory: Path | None, redactor: Redactor) -> Log:
    """Begin the log of a check, in a directory if there is one.

    Raises:
        ConfigurationError: the directory cannot be made or written to.
    """
    try:
        return Log(directory, redactor)
    except OSError as error:
        raise ConfigurationError(
            f"--report {directory}: {error.filename}: {error.strerror}; "
            "give a directory that can be made and written to"
        ) from None


def write_reports(directory: Path | None, log: Log, message: str) -> None:
    """Write every report of a log into its directory, if there is one.

    Args:
        directory: Where the log is; None without reports.
        log: The log, which may have failed.
        message: What the check came to, for those who get no report.

    Raises:
        UnwrittenReportError: they could not be written.
    """
    if directory is None:
        return
    if log.failure is not None:
        raise UnwrittenReportError(
            f"--report {directory}: the log could not be written to its end: "
            f"{log.failure.strerror}; the check went on without it, and came to: {message}"
        )
    try:
        render_all(directory)
    except Exception as error:  # The verdict stands, only its rendering failed.
        raise UnwrittenReportError(
            f"the reports could not be written from {directory / FILE}: {error}"
        ) from error
