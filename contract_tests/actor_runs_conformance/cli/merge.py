"""`actor-runs merge DIR… OUT`: the reports of several machines become one."""

from __future__ import annotations

from pathlib import Path

from actor_runs_conformance.cli.output import deliver, refuse
from actor_runs_conformance.cli.parser import Parser
from actor_runs_conformance.engine.merge import MergeError, merge
from actor_runs_conformance.events.reader import UnreadableLogError
from actor_runs_conformance.report.render import ForeignFilesError, claim, render_all


def main(arguments: list[str]) -> int:
    """Write the merged report and return its exit code; 2 when the reports do not make one."""
    parser = Parser(
        prog="actor-runs merge",
        description="Put reports together: the shares of one check (--shard I/N), or repeated checks. "
        "The worst verdict on each promise wins. The exit code is that of a check.",
    )
    parser.add_argument("reports", metavar="DIR", nargs="+", type=Path, help="what --report wrote")
    parser.add_argument("out", metavar="OUT", type=Path, help="where the merged report goes")
    options = parser.parse_args(arguments)
    try:
        claim(options.out)
        outcome = merge(options.reports, options.out)
        render_all(options.out)
    except (MergeError, ForeignFilesError, UnreadableLogError) as error:
        return refuse("merge", str(error).removeprefix("--report "))
    except OSError as error:
        where = error.filename or options.out
        return refuse("merge", f"{where}: {error.strerror or error}")
    text = f"{outcome.verdict.capitalize()}. {outcome.message}\nreport: {options.out}\n"
    return deliver("merge", text, outcome.exit_code)
