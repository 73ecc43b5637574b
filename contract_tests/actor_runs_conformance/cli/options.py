"""The command line of `actor-runs check-server`, read by the table of its options."""

from __future__ import annotations

import argparse
import os
import shlex
from typing import TYPE_CHECKING, Any

from attrs import evolve

from actor_runs_conformance.cli.parser import Parser
from actor_runs_conformance.engine.option_rules import contradiction, from_environment
from actor_runs_conformance.engine.option_table import Row, Value, table
from actor_runs_conformance.engine.options import Options, about_servers
from actor_runs_conformance.engine.plan import RUNS
from actor_runs_conformance.events.reader import UnreadableLogError
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.testkit.registry import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

NOT_KEPT = ("failed", "error", "warned", "not_exercised")
"""The verdicts that `--rerun` judges again, in this order."""

EPILOG = """\
profiles:
  read-only  only GET, on the run that --run names; starts nothing
  safe       starts at most {safe} runs; every must and should promise that they can show
  full       at most {full} runs, generated cases and a state machine (the default)
  thorough   at most {thorough} runs: full, and what takes more than a minute

exit codes:
  0    conformant: no must promise is broken, and each one that has a check was exercised
  1    violated: a must promise is broken (with --strict: or a should promise)
  2    nothing was checked: usage, configuration, the target is not there, or the suite failed
  3    inconclusive: nothing is broken, but a must promise was not exercised, or none was judged
  130  interrupted; the runs that were started have been aborted

examples:
  actor-runs check-server --reference
  APIFY_TOKEN=... actor-runs check-server http://127.0.0.1:8000 --task me~fixture --report out
  actor-runs check-server http://127.0.0.1:8000 --task me~fixture --only RBT-02,GET-05
  actor-runs check-server http://127.0.0.1:8000 --profile read-only --run 3KH8gEpp4d8uQSe8T

environment:
{variables}

The fixture Actor, the target file and the file of expected deviations are described in
docs/check-your-server.md in the project's source. The token appears in no output.
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the subcommand, made from the table of options."""
    variables = {
        row.variable: f"instead of {row.flag}" if row.flag else row.help
        for _, row, _ in table(Options)
        if row.variable
    }
    width = max(map(len, variables))
    made = Parser(
        prog="actor-runs check-server",
        description="Judge a server: a verdict for every documented promise of the Actor-run API.",
        epilog=EPILOG.format(
            safe=RUNS[Profile.SAFE],
            full=RUNS[Profile.FULL],
            thorough=RUNS[Profile.THOROUGH],
            variables="\n".join(
                f"  {variable:<{width}}  {text}" for variable, text in variables.items()
            ),
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(made, table(Options))
    return made


def add_options(made: argparse.ArgumentParser, rows: Iterable[tuple[str, Row, Value]]) -> None:
    """Add the options of a table to a parser, in their groups."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for name, row, default in rows:
        if row.flag is None and row.metavar is None:
            continue  # Only the environment gives it.
        if row.group not in groups:
            groups[row.group] = made.add_argument_group(row.group)
        group = groups[row.group]
        if row.flag is None:
            group.add_argument(
                name, nargs="?", metavar=row.metavar, type=_typed(row), help=row.help
            )
        elif default is False:
            group.add_argument(row.flag, dest=name, action="store_true", help=row.help)
        else:
            group.add_argument(
                row.flag,
                dest=name,
                metavar=row.metavar,
                type=_typed(row),
                action="extend" if isinstance(default, tuple) else "store",
                default=[] if isinstance(default, tuple) else default,
                help=row.help,
            )


def _typed(row: Row) -> Callable[[str], Value]:
    """Return the reader of a row with its sentence where argparse shows it."""

    def read(text: str) -> Value:
        try:
            return row.read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def parse(arguments: list[str], environment: Mapping[str, str] = os.environ) -> Options:
    """Read the command line; argparse exits with 2 and a sentence when it makes no sense."""
    made = parser()
    values = read_values(made, arguments)
    try:
        values |= from_environment(values, environment)
    except ValueError as error:
        made.error(str(error))
    options = Options(**values)
    if options.rerun is not None:
        options = rerun(made, options, environment)
    if problem := contradiction(options):
        made.error(problem)
    return options


def rerun(
    made: argparse.ArgumentParser, options: Options, environment: Mapping[str, str]
) -> Options:
    """Return the options that judge again what was not kept in a report.

    Without a URL everything else is as the report's command has it, but for what is given here.
    `rerun` stays only where everything was kept.
    """
    assert options.rerun is not None
    report = stored_report(made, options.rerun)
    if options.url is None and not options.reference:
        _, command, *words = shlex.split(report["command"]) or ("", "")
        if command != "check-server":
            made.error(f"--rerun: {options.rerun} is not a report of check-server; give the URL")
        before = parse(words, environment)
        given = {
            name: value
            for name, _, default in table(Options)
            if (value := getattr(options, name)) != default
        }
        options = evolve(before, **given)
    names = tuple(name for name in unkept(report) if name in (options.selected or {name}))
    return evolve(options, rerun=options.rerun if not names else None, only=names)


def unkept(report: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of a report.json that a server can be judged by and that were not kept."""
    found = [
        promise
        for promise in report["promises"]
        if about_servers(promise["id"])
        and not ledger.by_id()[ledger.present_id(promise["id"])].server.unchecked
    ]
    return not_kept(found)


def not_kept(promises: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the ids of those promises of a report.json that were not kept, failed ones first."""
    ranks = {verdict: rank for rank, verdict in enumerate(NOT_KEPT)}
    found = [promise for promise in promises if promise["verdict"] in ranks]
    return tuple(one["id"] for one in sorted(found, key=lambda one: ranks[one["verdict"]]))


def stored_report(made: argparse.ArgumentParser, directory: Path) -> Mapping[str, Any]:
    """Return the report.json that `--rerun` names; argparse exits with 2 when there is none."""
    from actor_runs_conformance.report.load import stored

    try:
        return stored(directory)
    except UnreadableLogError as error:
        made.error(f"--rerun: {error}")


def read_values(made: argparse.ArgumentParser, arguments: list[str]) -> dict[str, Value]:
    """Return what a command line gives, by the names of the options."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in vars(made.parse_args(arguments)).items()
    }
