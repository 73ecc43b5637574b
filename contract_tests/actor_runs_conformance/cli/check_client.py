"""`actor-runs check-client -- COMMAND`: judge a client by its driver, promise by promise."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import shutil
from typing import TYPE_CHECKING, Any

from attrs import evolve

from actor_runs_conformance.cli.options import (
    add_options,
    not_kept,
    read_values,
    stored_report,
)
from actor_runs_conformance.cli.output import deliver, refuse
from actor_runs_conformance.cli.parser import Parser
from actor_runs_conformance.cli.signals import end_on_signals
from actor_runs_conformance.clients.example_drivers import write_driver
from actor_runs_conformance.clients.runner import TOKEN
from actor_runs_conformance.engine.client_check import ClientCheck
from actor_runs_conformance.engine.client_options import (
    ClientOptions,
    about_clients,
    refused,
    selected,
)
from actor_runs_conformance.engine.option_table import table
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.library.errors import CheckError
from actor_runs_conformance.library.reports import (
    UnwrittenReportError,
    claim_directory,
    open_log,
    write_reports,
)
from actor_runs_conformance.report.build import Gathering
from actor_runs_conformance.report.first_files import expected_file
from actor_runs_conformance.report.formats.json import as_json
from actor_runs_conformance.report.terminal import Live
from actor_runs_conformance.results.finding import LEFT_OUT_BY_QUICK, UNSUPPORTED
from actor_runs_conformance.results.verdict import ExitCode
from actor_runs_conformance.target.expected_failures import read_expected
from actor_runs_conformance.target.toml_file import BadFileError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from actor_runs_conformance.results.outcome import Outcome

NAME = "check-client"
PROG = f"actor-runs {NAME}"
EPILOG = """\
COMMAND starts the client's driver: a program that reads one JSON command a line on stdin, does it
with the client, and writes one JSON reply a line on stdout. docs/check-your-client.md has the
protocol, and --write-driver writes a driver to begin with.

exit codes:
  0    no must promise about clients is broken, and each one was exercised
  1    a must promise is broken (with --strict: or a should promise); those of --scope count
  2    nothing was checked: usage, configuration, or the suite failed
  3    nothing is broken, but a must promise was not exercised, or none was judged
  130  interrupted

examples:
  actor-runs check-client --write-driver my_driver.py
  actor-runs check-client -- python my_driver.py
  actor-runs check-client --profile quick --report out -- node driver.mjs
  actor-runs check-client --only CLI-02,CLI-03 -- ./driver
  actor-runs check-client --rerun out
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the subcommand, made from the table of options."""
    made = Parser(
        prog=PROG,
        usage=f"{PROG} [OPTIONS] -- COMMAND [ARG ...]",
        description="Judge a client of the Actor-run API, in any language, promise by promise.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(made, table(ClientOptions))
    return made


def parse(arguments: list[str]) -> ClientOptions:
    """Read the command line; argparse exits with 2 and a sentence when it makes no sense."""
    made = parser()
    place = arguments.index("--") if "--" in arguments else len(arguments)
    before, command = arguments[:place], arguments[place + 1 :]
    for word in before:
        if why := refused(word.partition("=")[0]):
            made.error(why)
    options = ClientOptions(command=tuple(command), **read_values(made, before))
    if options.rerun is not None:
        options = rerun(made, options)
    if options.write_driver is not None:
        return options
    if not options.command:
        made.error("give the driver's command after `--`, as in: -- python my_driver.py")
    if shutil.which(options.command[0]) is None:
        made.error(f"there is no program {options.command[0]!r} to start the driver with")
    return options


def rerun(made: argparse.ArgumentParser, options: ClientOptions) -> ClientOptions:
    """Return the options that judge again what was not kept in a report.

    Without a command everything else is as in the report, but for what is given here. `rerun`
    stays only where everything was kept.
    """
    assert options.rerun is not None
    report = stored_report(made, options.rerun)
    if not options.command:
        _, command, *words = shlex.split(report["command"]) or ("", "")
        if command != NAME:
            made.error(f"--rerun: {options.rerun} is not a report of {NAME}; give the command")
        given = {
            name: value
            for name, _, default in table(ClientOptions)
            if (value := getattr(options, name)) != default
        }
        options = evolve(parse(words), **given)
    names = tuple(name for name in unkept(options, report) if name in selected(options))
    return evolve(options, rerun=options.rerun if not names else None, only=names)


def unkept(options: ClientOptions, report: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of a report.json that were not kept, and that would be judged now."""
    lawful = [UNSUPPORTED, *([LEFT_OUT_BY_QUICK] if options.profile == "quick" else [])]
    found = [
        promise
        for promise in report["promises"]
        if about_clients(promise["id"]) and not (promise["message"] or "").startswith(tuple(lawful))
    ]
    return not_kept(found)


def main(arguments: list[str]) -> int:
    """Run the subcommand and return its exit code."""
    options = parse(arguments)
    if options.write_driver is not None:
        return _write_driver(options.write_driver)
    if options.rerun is not None:
        return deliver(NAME, f"Everything that can be judged was kept in {options.rerun}.\n")
    try:
        claim_directory(options.report)
        return asyncio.run(_check(options))
    except (BadFileError, CheckError, OSError) as error:
        return refuse(NAME, str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return ExitCode.INTERRUPTED


def _write_driver(path: Path) -> int:
    try:
        return deliver(NAME, write_driver(path))
    except OSError as error:
        return refuse(NAME, f"--write-driver {path}: {error.strerror}")


async def _check(options: ClientOptions) -> int:
    end_on_signals()
    known = options.expected_file
    expected = read_expected(known, promises=ledger.by_id()) if known else {}
    log = open_log(options.report, Redactor([TOKEN]))
    check = ClientCheck(options, log, options.promises, expected)
    gathering = Gathering()
    log.listeners.append(gathering.add)
    try:
        outcome = await _watched(check)
    finally:
        log.close()
    if options.write_expected is not None:
        options.write_expected.write_text(expected_file(gathering.report()), encoding="utf-8")
    try:
        write_reports(options.report, log, outcome.message)
    except UnwrittenReportError as error:
        return refuse(NAME, str(error))
    text = as_json(gathering.report()) if options.json else ""
    return deliver(NAME, text, outcome.exit_code)


async def _watched(check: ClientCheck) -> Outcome:
    if check.options.json:
        return await check.run()
    live = Live(report_dir=check.options.report)
    check.log.listeners.append(live.event)
    with live:
        return await check.run()
