"""Every report of a log, written into its directory."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from actor_runs_conformance.events.reader import Log
from actor_runs_conformance.report.build import collect
from actor_runs_conformance.report.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from actor_runs_conformance.report.model import Report


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
