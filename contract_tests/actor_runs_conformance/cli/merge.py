"""`actor-runs merge DIR… OUT`: the reports of several machines become one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from actor_runs_conformance.cli.output import write
from actor_runs_conformance.engine.merge import MergeError, merge
from actor_runs_conformance.events.reader import UnreadableLogError
from actor_runs_conformance.report.render import ForeignFilesError, claim, render_all

USAGE = 2


def main(arguments: list[str]) -> int:
    """Write the merged report and return its exit code; 2 when the reports do not make one."""
    parser = argparse.ArgumentParser(
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
        print(f"actor-runs merge: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        where = error.filename or options.out
        print(f"actor-runs merge: {where}: {error.strerror or error}", file=sys.stderr)
        return USAGE
    write(f"{outcome.verdict.capitalize()}. {outcome.message}\nreport: {options.out}\n")
    return outcome.exit_code
