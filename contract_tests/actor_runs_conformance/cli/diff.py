"""`actor-runs diff A B`: what got better, worse, newly exercised or lost between two runs."""

from __future__ import annotations

from pathlib import Path

from actor_runs_conformance.cli.output import deliver, refuse
from actor_runs_conformance.cli.parser import Parser
from actor_runs_conformance.events.reader import UnreadableLogError
from actor_runs_conformance.report.diff import as_json, as_markdown, as_text, compare
from actor_runs_conformance.report.load import stored

WORSE = 1


def main(arguments: list[str]) -> int:
    """Print the changes; 1 when something got worse, 2 when a report cannot be read."""
    parser = Parser(
        prog="actor-runs diff",
        description="What changed between two runs of the suite, by promise. The exit code is 1 "
        "when something got worse: a promise is broken that was not, or is no longer exercised.",
    )
    parser.add_argument("before", metavar="A", type=Path, help="the earlier report's directory")
    parser.add_argument("after", metavar="B", type=Path, help="the later report's directory")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="for a pull request")
    form.add_argument("--json", action="store_true", help="for a program, by diff.schema.json")
    options = parser.parse_args(arguments)
    try:
        comparison = compare(stored(options.before), stored(options.after))
    except UnreadableLogError as error:
        return refuse("diff", str(error))
    render = as_markdown if options.markdown else as_json if options.json else as_text
    return deliver("diff", render(comparison), WORSE if comparison.got_worse else 0)
