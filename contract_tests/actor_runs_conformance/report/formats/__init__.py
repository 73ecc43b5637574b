"""The formats of a report: one table, a row a file.

A new format is a row here and a module whose `write(report, log, stream)` writes the file; its
test, and its line in `docs/reports.md`.
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
    """A file that is rendered from the log, and the module that renders it."""

    file: str
    module: str

    @property
    def write(self) -> Write:
        """The function that writes the file; its module is loaded only now."""
        write: Write = import_module(f"actor_runs_conformance.report.{self.module}").write
        return write


FORMATS = (
    Format("report.html", "html"),
    Format("report.json", "formats.json"),
    Format("report.md", "formats.markdown"),
    Format("junit.xml", "formats.junit"),
    Format("badge.svg", "formats.badge"),
    Format("exchanges.har", "formats.har"),
)
