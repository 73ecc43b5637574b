"""The formats of a report: one table, a row a file.

A new format is a row here, a module whose `write(report, log, stream)` writes the file, and its
test. `nox -s docs` renders the table of `docs/reports.md` from the rows.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from typing import TextIO

    from actor_runs_conformance.events.reader import Log
    from actor_runs_conformance.report.model import Report


class Write(Protocol):
    """Writes a format; the log gives it the exchanges, which a report only counts."""

    def __call__(self, report: Report, log: Log, stream: TextIO) -> None:
        """Write the whole file; the stream stays open."""


@frozen
class Format:
    """A file that is rendered from the log, the module that renders it, and whom it is for."""

    file: str
    module: str
    purpose: str

    @property
    def write(self) -> Write:
        """The function that writes the file; its module is loaded only now."""
        write: Write = import_module(f"actor_runs_conformance.report.{self.module}").write
        return write


FORMATS = (
    Format(
        "report.html",
        "html",
        "people: one self-contained file, no network, readable without scripts and on paper",
    ),
    Format("report.json", "formats.json", "programs: the verdict on every promise"),
    Format(
        "report.md",
        "formats.markdown",
        "pull requests and job summaries; never longer than a comment may be",
    ),
    Format("junit.xml", "formats.junit", "GitHub, GitLab, Jenkins: a test case a promise"),
    Format("badge.svg", "formats.badge", "a README"),
    Format("exchanges.har", "formats.har", "the network tools of a browser: every exchange"),
)
