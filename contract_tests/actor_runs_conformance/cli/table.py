"""`actor-runs table DIR…`: several targets side by side, promises by targets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from actor_runs_conformance.cli.output import deliver, refuse
from actor_runs_conformance.cli.parser import Parser
from actor_runs_conformance.events.reader import UnreadableLogError
from actor_runs_conformance.report.load import stored
from actor_runs_conformance.report.render import replacing
from actor_runs_conformance.report.site import INDEX, ForeignSiteError, write_site
from actor_runs_conformance.report.table import Column, arrange, as_html, as_markdown


def main(arguments: list[str]) -> int:
    """Print or write the table; 2 when a report cannot be read or the file not be written."""
    parser = Parser(
        prog="actor-runs table",
        description="Several targets side by side, promises by targets. A column is named after "
        "its directory; NAME=DIR names it otherwise.",
    )
    parser.add_argument("reports", metavar="DIR", nargs="+", help="what --report wrote")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="Markdown (the default)")
    form.add_argument("--html", action="store_true", help="one self-contained page")
    form.add_argument(
        "--site",
        metavar="OUT",
        type=Path,
        help="a static site in this directory: an index, a page for each promise and each target",
    )
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="instead of printing it")
    options = parser.parse_args(arguments)
    if options.site is not None and options.output is not None:
        return refuse("table", "--site names where the pages go; leave out --output")
    twice = [path for path, number in Counter(map(_place, options.reports)).items() if number > 1]
    if twice:
        return refuse("table", f"{twice[0]} is there twice; name each report once")
    try:
        columns = [Column(name, stored(path)) for name, path in named(options.reports)]
        if options.site is not None:
            number = write_site(arrange(columns), options.site)
            return deliver("table", f"wrote {number} pages; open {options.site / INDEX}\n")
        text = (as_html if options.html else as_markdown)(arrange(columns))
        if options.output is None:
            return deliver("table", text)
        with replacing(options.output) as stream:
            stream.write(text)
    except OSError as error:
        where = options.output or options.site or error.filename or "standard output"
        return refuse("table", f"{where}: {error.strerror or error}")
    except (UnreadableLogError, ForeignSiteError) as error:
        return refuse("table", str(error))
    return 0


def _place(given: str) -> Path:
    [(_, path)] = named([given])
    return path.resolve()


def named(reports: list[str]) -> list[tuple[str, Path]]:
    """Return each report's name and path; names that occur twice get their whole path."""
    pairs = []
    for given in reports:
        name, equals, path = given.partition("=")
        if name and equals and not Path(given).exists():
            pairs.append((name, Path(path)))
        else:
            pairs.append((Path(given).resolve().name, Path(given)))
    often = Counter(name for name, _ in pairs)
    return [(name if often[name] == 1 else str(path), path) for name, path in pairs]
