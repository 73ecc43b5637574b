"""One check of a server: files read, target reached, judged, reported.

The command and the functions of the library make the same check; they differ in what they show.
"""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from attrs import define, field

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.engine.engine import Engine
from actor_runs_conformance.events.writer import Log
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.http.shortage import advice
from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.library.errors import (
    ConfigurationError,
    ReferenceServerFailedError,
    ReportError,
)
from actor_runs_conformance.library.reports import (
    UnwrittenReportError,
    claim_directory,
    open_log,
    write_reports,
)
from actor_runs_conformance.library.result import CheckResult, made
from actor_runs_conformance.report.build import Gathering
from actor_runs_conformance.target.expected_failures import read_expected
from actor_runs_conformance.target.reference_server import (
    ReferenceServerError,
    before_start,
    reference_server,
)
from actor_runs_conformance.target.target_file import TargetFile, read_target
from actor_runs_conformance.target.toml_file import BadFileError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from actor_runs_conformance.engine.options import Options
    from actor_runs_conformance.engine.plan import Plan
    from actor_runs_conformance.events.writer import Event
    from actor_runs_conformance.target.expected_failures import ExpectedFailure
    from actor_runs_conformance.target.target import Target


def quiet(_line: str) -> None:
    """Print nothing."""


@define
class ServerCheck:
    """A check that can be made: `prepare` has read the files that its options name.

    `cancelled` says whether whoever awaited the check wanted it to end early.
    """

    options: Options
    target_file: TargetFile
    expected: Mapping[str, ExpectedFailure]
    cancelled: bool = field(default=False, init=False)

    @classmethod
    def prepare(cls, options: Options) -> ServerCheck:
        """Read the files that the options name, and look whether a report may be written.

        Raises:
            ConfigurationError: a file cannot be used, or the report's directory is not for reports.
        """
        promises = ledger.by_id()
        target_file, expected = TargetFile(), {}
        try:
            if options.target_file is not None:
                target_file = read_target(
                    options.target_file, promises=promises, operations=contract.operations()
                )
            if options.expected_file is not None:
                expected = dict(read_expected(options.expected_file, promises=promises))
        except BadFileError as error:
            raise ConfigurationError(str(error)) from None
        claim_directory(options.report)
        return cls(options, target_file, expected)

    @property
    def plan(self) -> Plan:
        """What the check would do, and cost; nothing is sent."""
        return self.planned().plan

    def planned(self) -> Engine:
        """Return what has the plan of the check, and makes none."""
        target = self.options.target
        return self.engine(before_start(target) if self.options.reference else target, Log())

    def engine(self, target: Target, log: Log, say: Callable[[str], None] = quiet) -> Engine:
        """Return what makes this check of a target."""
        options = self.options
        return Engine(options, target, log, options.promises, self.target_file, self.expected, say)

    async def run(
        self, *listeners: Callable[[Event], None], say: Callable[[str], None] = quiet
    ) -> CheckResult:
        """Make the check, and write its reports.

        A cancellation ends the check early: the runs that it started are aborted, and the result
        says that it was interrupted. Later ones do not cut that short.

        Args:
            *listeners: Each takes every event of the log as it happens, from any thread.
            say: Takes the lines that tell what will be done.

        Raises:
            ConfigurationError: the report cannot be written where it is to be.
            ReferenceServerFailedError: `reference` is asked for, and its server does not start.
            ReportError: the report could not be written to its end.
        """
        check = asyncio.create_task(self._run(listeners, say))
        while True:
            try:
                return await asyncio.shield(check)
            except asyncio.CancelledError:
                if check.cancelled():
                    raise
                if not self.cancelled:
                    check.cancel()
                self.cancelled = True

    async def _run(
        self, listeners: tuple[Callable[[Event], None], ...], say: Callable[[str], None]
    ) -> CheckResult:
        all_checks()
        async with self._target() as target:
            log = open_log(self.options.report, Redactor([target.token, target.other_token]))
            gathering = Gathering()
            log.listeners += [gathering.add, *listeners]
            engine = self.engine(target, log, say)
            try:
                outcome = await engine.run()
            finally:
                log.close()
        findings = engine.session.findings.by_promise
        result = made(
            outcome,
            gathering.report(),
            engine.session.ledger,
            {name: list(found.values()) for name, found in findings.items()},
            log.redactor,
            self.options.report,
        )
        try:
            await asyncio.to_thread(write_reports, self.options.report, log, result.message)
        except UnwrittenReportError as error:
            raise ReportError(str(error), result) from error
        return result

    @asynccontextmanager
    async def _target(self) -> AsyncIterator[Target]:
        if not self.options.reference:
            yield self.options.target
            return
        async with contextlib.AsyncExitStack() as stack:
            try:
                target = await stack.enter_async_context(reference_server(self.options.target))
            except ReferenceServerError as error:
                lacking = advice(error.__cause__) if error.__cause__ else None
                raise ReferenceServerFailedError(lacking or str(error)) from None
            yield target
