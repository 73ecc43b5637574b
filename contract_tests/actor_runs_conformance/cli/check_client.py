"""`actor-runs check-client -- COMMAND`: judge a client by its driver, promise by promise."""

from __future__ import annotations

import argparse
import asyncio
import shutil
from typing import TYPE_CHECKING

from actor_runs_conformance.cli.options import add_options, read_values
from actor_runs_conformance.cli.output import deliver, refuse
from actor_runs_conformance.clients.runner import TOKEN
from actor_runs_conformance.engine.client_check import ClientCheck
from actor_runs_conformance.engine.client_options import ClientOptions
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
from actor_runs_conformance.report.formats.json import as_json
from actor_runs_conformance.report.terminal import Live
from actor_runs_conformance.results.verdict import ExitCode
from actor_runs_conformance.target.expected_failures import read_expected
from actor_runs_conformance.target.toml_file import BadFileError

if TYPE_CHECKING:
    from actor_runs_conformance.results.outcome import Outcome

NAME = "check-client"
PROG = f"actor-runs {NAME}"
EPILOG = """\
COMMAND starts the client's driver: a program that reads one JSON command a line on stdin, does it
with the client, and writes one JSON reply a line on stdout. docs/check-your-client.md has the
protocol; contract_tests/client_drivers in the project's source has drivers to copy.

exit codes:
  0    no must promise about clients is broken, and each one was exercised
  1    a must promise is broken (with --strict: or a should promise)
  2    nothing was checked: usage, the driver cannot be started, or the suite failed
  3    nothing is broken, but a must promise was not exercised
  130  interrupted

examples:
  actor-runs check-client -- python my_driver.py
  actor-runs check-client --profile quick --report out -- node driver.mjs
  actor-runs check-client --only CLI-02,CLI-03 -- ./driver
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the subcommand, made from the table of options."""
    made = argparse.ArgumentParser(
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
    before, dashes, command = arguments, "", []
    if "--" in arguments:
        place = arguments.index("--")
        before, dashes, command = arguments[:place], "--", arguments[place + 1 :]
    values = read_values(made, before)
    if not dashes or not command:
        made.error("give the driver's command after `--`, as in: -- python my_driver.py")
    if shutil.which(command[0]) is None:
        made.error(f"there is no program {command[0]!r} to start the driver with")
    return ClientOptions(command=tuple(command), **values)


def main(arguments: list[str]) -> int:
    """Run the subcommand and return its exit code."""
    options = parse(arguments)
    try:
        claim_directory(options.report)
        return asyncio.run(_check(options))
    except (BadFileError, CheckError, OSError) as error:
        return refuse(NAME, str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return ExitCode.INTERRUPTED


async def _check(options: ClientOptions) -> int:
    promises = ledger.by_id()
    expected = (
        read_expected(options.expected_file, promises=promises) if options.expected_file else {}
    )
    log = open_log(options.report, Redactor([TOKEN]))
    check = ClientCheck(options, log, promises, expected)
    gathering = Gathering()
    try:
        outcome = await _watched(check, gathering)
    finally:
        log.close()
    try:
        write_reports(options.report, log, outcome.message)
    except UnwrittenReportError as error:
        return refuse(NAME, str(error))
    text = as_json(gathering.report()) if options.json else ""
    return deliver(NAME, text, outcome.exit_code)


async def _watched(check: ClientCheck, gathering: Gathering) -> Outcome:
    if check.options.json:
        check.log.listeners.append(gathering.add)
        return await check.run()
    live = Live(report_dir=check.options.report)
    check.log.listeners.append(live.event)
    with live:
        return await check.run()
