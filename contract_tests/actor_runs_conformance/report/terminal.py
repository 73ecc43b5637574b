"""The terminal while the suite works: each finding when it is found, and a live view.

On a terminal a table by operation is drawn again and again below the findings; elsewhere there are
only the findings and, at the end, the summary. Colour follows NO_COLOR and what the stream can do.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live as RichLive
from rich.table import Table
from rich.text import Text

from actor_runs_conformance.ledger.names import operation_title
from actor_runs_conformance.report.last_words import STYLES, last_words
from actor_runs_conformance.report.model import TITLES
from actor_runs_conformance.report.progress import OPEN, Progress
from actor_runs_conformance.report.standing import counted
from actor_runs_conformance.report.text import cut, printable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from actor_runs_conformance.report.model import Promise


COLUMNS = ("passed", "failed", "warned", "noted", "not_exercised")
WAITS_SHOWN = 4
PER_SECOND = 6
NEWS_LENGTH = 300
"""Characters of the message of a finding, where it is printed as it is found."""


class Live:
    """Shows the suite at work: a context manager that is fed every event as it happens.

    Args:
        plain: Print plain lines only; None decides by whether the stream is a terminal.
        stream: Where to print; None is standard output.
        report_dir: Where the reports will be, for the last line; None when none are written.
    """

    def __init__(
        self,
        plain: bool | None = None,  # noqa: FBT001 - the agreed signature
        stream: TextIO | None = None,
        report_dir: Path | None = None,
    ) -> None:
        """Prepare; nothing is printed before the block is entered."""
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self.plain = not self._console.is_terminal if plain is None else plain
        self._report_dir = report_dir
        self._progress = Progress()
        self._live: RichLive | None = None

    def __enter__(self) -> Live:
        """Begin to draw, on a terminal."""
        if not self.plain:
            live = RichLive(
                console=self._console,
                get_renderable=lambda: matrix(self._progress),
                refresh_per_second=PER_SECOND,
                transient=True,
            )
            live.start()
            self._live = live
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop drawing and print the summary."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._progress.began:
            self._print(*last_words(self._progress.report(), self._report_dir))

    def event(self, event: dict[str, Any]) -> None:
        """Take one event, of any kind; safe from any thread."""
        self._progress.add(event)
        if event["event"] == "finding" and self._progress.is_news(event):
            self._print(news(event, self._progress.gathering.promises.get(event["promise"])))

    def _print(self, *lines: Text) -> None:
        # Nobody may read on, or the disk be full: rich exits with 1 then, and 1 means a broken promise.
        with contextlib.suppress(SystemExit, OSError):
            for line in lines:
                self._console.print(line)


def news(finding: dict[str, Any], promise: Promise | None) -> Text:
    """Return the line of a finding that is printed when it is found."""
    verdict = finding["verdict"]
    level = f" ({promise.level})" if promise else ""
    operation = f" {operation_title(promise.operation)}" if promise else ""
    message = cut(" ".join(printable(finding.get("message") or "").split()), NEWS_LENGTH)
    return Text.assemble(
        (f"{finding['at']:6.1f} s  ", "dim"),
        (TITLES[verdict].upper(), STYLES[verdict]),
        f" {finding['promise']}{printable(operation)}{level}: {message}",
    )


def matrix(progress: Progress) -> RenderableType:
    """Draw the progress: operations by verdict, what is waited for, budget and time."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("operation")
    for name in COLUMNS:
        table.add_column(TITLES[name], justify="right", style=STYLES[name])
    table.add_column("to come", justify="right", style="dim")
    for operation, row in progress.by_operation().items():
        counts = (row[name] for name in (*COLUMNS, OPEN))
        table.add_row(
            operation_title(operation), *(str(count) if count else "·" for count in counts)
        )
    waits = progress.waits()
    lines = [
        Text(f"waiting for {printable(what)}, {left:.0f} s at most", "dim", overflow="ellipsis")
        for what, left in waits[:WAITS_SHOWN]
    ]
    requests, cases, runs = progress.spent()
    budget = f" of {progress.budget}" if progress.budget is not None else ""
    parts = [
        progress.phase or "starting",
        f"{progress.seconds:.0f} s",
        f"{requests} requests",
        f"{cases} generated",
        f"{runs}{budget} runs",
    ]
    if waits:
        parts.append(f"{counted(len(waits), 'wait', 'waits')}, {waits[0][1]:.0f} s left at most")
    return Group(table, Text(), *lines, Text(" · ".join(parts), "bold"))
