"""What a check leaves behind: the directory of `--report`, what `--json` prints, and the exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.cli.output import write
from actor_runs_conformance.events.writer import FILE
from actor_runs_conformance.report.formats.json import as_json
from actor_runs_conformance.report.render import claim, render_all
from actor_runs_conformance.results.verdict import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from actor_runs_conformance.events.writer import Log
    from actor_runs_conformance.report.build import Gathering
    from actor_runs_conformance.results.outcome import Outcome


@frozen
class Reporting:
    """Where the subcommand `prog` reports; `directory` is None without `--report`."""

    prog: str
    directory: Path | None
    json: bool

    def claim(self) -> None:
        """Raise ForeignFilesError if the directory holds files of the user's."""
        if self.directory is not None:
            claim(self.directory)

    def refuse(self, sentence: str) -> int:
        """Print why nothing came of the check, or not all, and return the exit code 2."""
        print(f"{self.prog}: {sentence}", file=sys.stderr)
        return ExitCode.UNUSABLE

    def failed(self, error: OSError) -> int:
        """Say that the system refused something, which is the directory where it names a file."""
        if self.directory is None or error.filename is None:
            return self.refuse(str(error))
        return self.refuse(
            f"--report {self.directory}: {error.filename}: {error.strerror}; "
            "give a directory that can be made and written to"
        )

    def deliver(self, log: Log, gathering: Gathering, outcome: Outcome) -> int:
        """Print the JSON and write the reports, as asked for; return the exit code."""
        if log.failure is not None:
            return self.refuse(
                f"--report {self.directory}: the log could not be written to its end: "
                f"{log.failure.strerror}; the check went on without it, and came to: "
                f"{outcome.message}"
            )
        problem = write(as_json(gathering.report())) if self.json else None
        if problem is not None:
            return self.refuse(problem)
        if self.directory is not None:
            try:
                render_all(self.directory)
            except Exception as error:  # noqa: BLE001 - the verdict stands, only its rendering failed
                return self.refuse(
                    f"the reports could not be written from {self.directory / FILE}: {error}"
                )
        return outcome.exit_code
