"""Reports: everything that people open, keep and compare, rendered from the one log.

    events.jsonl ──► log.py ──► collect.py ──► model.Report ──► summary.py   report.json
                                                           ├──► html/        report.html
                                                           ├──► junit.py     junit.xml
                                                           ├──► markdown.py  report.md
                                                           ├──► badge.py     badge.svg
                                                           └──► har.py       exchanges.har
    live events ──► terminal.py

What a target sent is hostile text everywhere here: each format escapes it in one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.report.collect import collect
from actor_runs_conformance.report.log import Log, UnreadableLogError
from actor_runs_conformance.report.summary import as_json

if TYPE_CHECKING:
    from pathlib import Path

    from actor_runs_conformance.report.model import Report

__all__ = ["UnreadableLogError", "render_all"]


def render_all(directory: Path) -> Report:
    """Render every format from DIR/events.jsonl into DIR; raises UnreadableLogError or OSError."""
    log = Log.open(directory)
    try:
        report = collect(log)
    finally:
        log.close()
    (directory / "report.json").write_text(as_json(report), encoding="utf-8")
    return report
