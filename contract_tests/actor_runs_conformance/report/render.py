"""Every report of a log, written into its directory."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from actor_runs_conformance.events.reader import EVENTS, Log, UnreadableLogError
from actor_runs_conformance.report.build import collect
from actor_runs_conformance.report.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from actor_runs_conformance.report.model import Report


class ForeignFilesError(ValueError):
    """A directory holds files of the user's, which a report would overwrite."""


def claim(directory: Path) -> None:
    """Make sure that a report may be written into a directory.

    Raises:
        ForeignFilesError: it holds files and is not a report. Hidden files do not count.
    """
    if not directory.is_dir():
        return
    names = sorted(path.name for path in directory.iterdir() if not path.name.startswith("."))
    kept = directory / EVENTS
    if not names or (kept.is_file() and kept.stat().st_size == 0):
        return
    try:
        Log.open(directory).close()
    except UnreadableLogError:
        raise ForeignFilesError(
            f"--report {directory}: it holds {names[0]!r} and is not the report of a check; "
            "give a new or an empty directory"
        ) from None


def render_all(directory: Path) -> Report:
    """Render every format from DIR/events.jsonl into DIR; raises UnreadableLogError or OSError.

    Each file is replaced in one step: a reader sees the old one or the new one, never a half.
    """
    log = Log.open(directory)
    try:
        report = collect(log)
        for form in FORMATS:
            with replacing(directory / form.file) as stream:
                form.write(report, log, stream)
    finally:
        log.close()
    return report


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Open a file beside `path` for writing and put it in its place when the block is done."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            yield stream
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
