"""`actor-runs report DIR`: every report again, from the log alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actor_runs_conformance.cli.output import deliver, refuse
from actor_runs_conformance.cli.parser import Parser
from actor_runs_conformance.events.reader import UnreadableLogError
from actor_runs_conformance.report.annotations import workflow_commands
from actor_runs_conformance.report.formats import FORMATS
from actor_runs_conformance.report.load import stored
from actor_runs_conformance.report.model import OVERALL
from actor_runs_conformance.report.render import render_all
from actor_runs_conformance.report.text import printable

if TYPE_CHECKING:
    from actor_runs_conformance.report.model import Report


def main(arguments: list[str]) -> int:
    """Render the reports of a directory; 2 when the log cannot be read or a report not be written."""
    parser = Parser(
        prog="actor-runs report",
        description="Render every report again from DIR/events.jsonl: "
        f"{', '.join(form.file for form in FORMATS)}. Works on the log of a check that was "
        "killed, too, and says which runs that check may have left behind.",
    )
    parser.add_argument("directory", metavar="DIR", type=Path, help="what --report wrote")
    parser.add_argument(
        "--github",
        action="store_true",
        help="render nothing; print what is broken as annotations of GitHub Actions",
    )
    options = parser.parse_args(arguments)
    try:
        if options.github:
            found = workflow_commands(stored(options.directory))
            return deliver("report", "".join(f"{printable(line)}\n" for line in found))
        report = render_all(options.directory)
    except (UnreadableLogError, OSError) as error:
        return refuse("report", str(error))
    lines = (f"{printable(line)}\n" for line in summary_lines(report, options.directory))
    return deliver("report", "".join(lines))


def summary_lines(report: Report, directory: Path) -> list[str]:
    """Return what there is to say about a rendered report, a line each."""
    numbers = " · ".join(f"{number} {name}" for name, number in report.numbers.items())
    lines = [f"{OVERALL[report.end.verdict]}: {numbers}"]
    if report.cut_off:
        lines.append("The check was cut off: its log has no end.")
        lines += [
            f"May still be going on: {run.id} (last seen {run.last_status or 'when it was started'})"
            for run in report.still_running
        ]
    if report.unreadable:
        lines.append(f"{report.unreadable} unreadable lines of the log were left out.")
    return [*lines, f"report: {directory / 'report.html'}"]
