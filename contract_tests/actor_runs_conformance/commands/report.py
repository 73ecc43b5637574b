"""`actor-runs report DIR`: every report again, from the log alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from actor_runs_conformance.report import UnreadableLogError, render_all

USAGE = 2


def main(arguments: list[str]) -> int:
    """Render the reports of a directory; 2 when there is no log that can be read."""
    parser = argparse.ArgumentParser(prog="actor-runs report", description=__doc__)
    parser.add_argument("directory", metavar="DIR", type=Path, help="what --report wrote")
    options = parser.parse_args(arguments)
    try:
        render_all(options.directory)
    except UnreadableLogError as error:
        print(f"actor-runs report: {error}", file=sys.stderr)
        return USAGE
    return 0
