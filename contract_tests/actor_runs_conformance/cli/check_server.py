"""`actor-runs check-server`: judge a server, promise by promise."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.cli.options import parse
from actor_runs_conformance.cli.output import write
from actor_runs_conformance.cli.reporting import Reporting
from actor_runs_conformance.engine.engine import Engine
from actor_runs_conformance.engine.listing import listing
from actor_runs_conformance.events.writer import Log
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.report.build import Gathering
from actor_runs_conformance.report.first_files import expected_file
from actor_runs_conformance.report.first_files import target_file as first_target_file
from actor_runs_conformance.report.render import ForeignFilesError
from actor_runs_conformance.report.terminal import Live
from actor_runs_conformance.results.verdict import ExitCode
from actor_runs_conformance.target.expected_failures import read_expected
from actor_runs_conformance.target.reference_server import ReferenceServerError, reference_server
from actor_runs_conformance.target.target_file import TargetFile, read_target
from actor_runs_conformance.target.toml_file import BadFileError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from actor_runs_conformance.engine.options import Options
    from actor_runs_conformance.results.outcome import Outcome
    from actor_runs_conformance.target.expected_failures import ExpectedFailure
    from actor_runs_conformance.target.target import Target

PROG = "actor-runs check-server"
PATIENT = 2
"""Signals that leave the runs that were started the time to be aborted."""


def main(arguments: list[str]) -> int:
    """Run the subcommand and return its exit code."""
    options = parse(arguments)
    reporting = Reporting(PROG, options.report, options.json)
    try:
        target_file, expected = _read_files(options)
        reporting.claim()
        if options.rerun is not None:
            write(f"Everything that can be judged was kept in {options.rerun}.\n")
            return ExitCode.CONFORMANT
        if options.listing:
            return _list(options, target_file)
        return asyncio.run(_check(options, reporting, target_file, expected))
    except (BadFileError, ForeignFilesError, ReferenceServerError) as error:
        return reporting.refuse(str(error))
    except OSError as error:
        return reporting.failed(error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return ExitCode.INTERRUPTED


def _list(options: Options, target_file: TargetFile) -> int:
    target = options.target
    engine = Engine(options, target, Log(), options.promises, target_file, say=_quiet)
    session = engine.session
    for line in listing(engine.plan, session.ledger, session.selected, max_runs=options.run_limit):
        _say(line)
    return ExitCode.CONFORMANT


def _read_files(options: Options) -> tuple[TargetFile, Mapping[str, ExpectedFailure]]:
    promises = ledger.by_id()
    target_file = TargetFile()
    if options.target_file is not None:
        target_file = read_target(
            options.target_file, promises=promises, operations=contract.operations()
        )
    if options.expected_file is None:
        return target_file, {}
    return target_file, read_expected(options.expected_file, promises=promises)


@asynccontextmanager
async def _target(options: Options) -> AsyncIterator[Target]:
    if not options.reference:
        yield options.target
        return
    async with reference_server(options.target) as target:
        yield target


def _end_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal end the check after its clean-up.

    The third signal ends the process.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    signals = itertools.count(1)

    def end(number: signal.Signals) -> None:
        if next(signals) <= PATIENT:
            task.cancel()
        else:
            loop.remove_signal_handler(number)
            signal.raise_signal(number)

    with contextlib.suppress(NotImplementedError, AttributeError):  # Windows lacks them.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end, number)


async def _check(
    options: Options,
    reporting: Reporting,
    target_file: TargetFile,
    expected: Mapping[str, ExpectedFailure],
) -> int:
    _end_on_signals()
    all_checks()
    async with _target(options) as target:
        log = Log(options.report, Redactor([target.token, target.other_token]))
        say = _quiet if options.json else _say
        engine = Engine(options, target, log, options.promises, target_file, expected, say)
        gathering = Gathering()
        log.listeners.append(gathering.add)
        try:
            outcome = await _watched(engine, options)
        finally:
            log.close()
    for path, render in (
        (options.write_expected, expected_file),
        (options.write_target, first_target_file),
    ):
        if path is not None:
            path.write_text(render(gathering.report()), encoding="utf-8")
    return reporting.deliver(log, gathering, outcome)


async def _watched(engine: Engine, options: Options) -> Outcome:
    if options.json:
        return await engine.run()
    live = Live(report_dir=options.report)
    engine.log.listeners.append(live.event)
    with live:
        return await engine.run()


def _say(line: str) -> None:
    write(f"{line}\n")


def _quiet(_line: str) -> None:
    return
