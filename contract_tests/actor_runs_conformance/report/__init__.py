"""Reports: everything that people open, keep and compare, rendered from the one log.

    events.jsonl ──► log.py ──► collect.py ──► model.Report ──► summary.py   report.json
                                    │                      ├──► page/        report.html
                                    │                      ├──► junit.py     junit.xml
                                    │                      ├──► markdown.py  report.md
                                    │                      └──► badge.py     badge.svg
                                    └── each exchange ────────► har.py       exchanges.har
    live events ──► terminal.py
    two or more report.json ──► compare.py, side_by_side.py

What a target sent is hostile text everywhere here: each format escapes it in one place.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from actor_runs_conformance.events.reader import Log, UnreadableLogError
from actor_runs_conformance.report.build import collect
from actor_runs_conformance.report.formats.badge import as_svg
from actor_runs_conformance.report.formats.har import Archive
from actor_runs_conformance.report.formats.json import as_json
from actor_runs_conformance.report.formats.junit import as_xml
from actor_runs_conformance.report.formats.markdown import as_markdown
from actor_runs_conformance.report.html import as_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from actor_runs_conformance.report.model import Report

__all__ = ["UnreadableLogError", "render_all"]

FORMATS = {
    "report.json": as_json,
    "junit.xml": as_xml,
    "report.md": as_markdown,
    "badge.svg": as_svg,
}


def render_all(directory: Path) -> Report:
    """Render every format from DIR/events.jsonl into DIR; raises UnreadableLogError or OSError.

    Each file is replaced in one step: a reader sees the old one or the new one, never a half.
    """
    log = Log.open(directory)
    try:
        with replacing(directory / "exchanges.har") as stream:
            archive = Archive(stream, log.start)
            report = collect(log, archive.add)
            archive.close()
        with replacing(directory / "report.html") as stream:
            stream.write(as_html(report, log))
        for name, render in FORMATS.items():
            with replacing(directory / name) as stream:
                stream.write(render(report))
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
