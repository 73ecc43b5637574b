"""`actor-runs check-server`: judge a server, promise by promise."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from actor_runs_conformance.cli.options import parse
from actor_runs_conformance.cli.output import deliver, refuse, write
from actor_runs_conformance.cli.signals import end_on_signals
from actor_runs_conformance.engine.listing import listing
from actor_runs_conformance.http.shortage import advice
from actor_runs_conformance.library.errors import CheckError, ReportError
from actor_runs_conformance.library.server_check import ServerCheck, quiet
from actor_runs_conformance.report.first_files import expected_file, target_file
from actor_runs_conformance.report.terminal import Live
from actor_runs_conformance.results.verdict import ExitCode

if TYPE_CHECKING:
    from actor_runs_conformance.library.result import CheckResult

NAME = "check-server"


def main(arguments: list[str]) -> int:
    """Run the subcommand and return its exit code."""
    try:
        check = ServerCheck.prepare(parse(arguments))
        if check.options.rerun is not None:
            write(f"Everything that can be judged was kept in {check.options.rerun}.\n")
            return ExitCode.CONFORMANT
        if check.options.listing:
            return _list(check)
        return asyncio.run(_check(check))
    except (CheckError, OSError) as error:
        return refuse(NAME, advice(error) or str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return ExitCode.INTERRUPTED


def _list(check: ServerCheck) -> int:
    options, engine = check.options, check.planned()
    session = engine.session
    for line in listing(engine.plan, session.ledger, session.selected, max_runs=options.run_limit):
        _say(line)
    return ExitCode.CONFORMANT


async def _check(check: ServerCheck) -> int:
    end_on_signals()
    options, problem = check.options, None
    try:
        result = await _watched(check)
    except ReportError as error:
        result, problem = error.result, str(error)
    for path, render in (
        (options.write_expected, expected_file),
        (options.write_target, target_file),
    ):
        if path is not None:
            path.write_text(render(result.report), encoding="utf-8")
    if problem is not None:
        return refuse(NAME, problem)
    return deliver(NAME, result.as_json() if options.json else "", result.exit_code)


async def _watched(check: ServerCheck) -> CheckResult:
    if check.options.json:
        return await check.run(say=quiet)
    with Live(report_dir=check.options.report) as live:
        return await check.run(live.event, say=_say)


def _say(line: str) -> None:
    write(f"{line}\n")
