"""The terminal while the suite works, and its last words.

On a terminal a matrix by operation is drawn over and over; elsewhere only what was found and
the summary are printed, a line each. Colour follows NO_COLOR and what the stream can do.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live as RichLive
from rich.table import Table
from rich.text import Text

from actor_runs_conformance.ledger.names import operation_title
from actor_runs_conformance.report.model import GRAVITY, OVERALL, TITLES, VERDICTS
from actor_runs_conformance.report.progress import OPEN, Progress
from actor_runs_conformance.report.text import cut, printable, shown

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

from actor_runs_conformance.report.model import Report, Verdict

STYLES = {
    "passed": "green",
    "failed": "bold red",
    "warned": "yellow",
    "noted": "cyan",
    "not_exercised": "dim",
    "excluded": "dim",
    "error": "bold magenta",
}
OVERALL_STYLES = {
    "conformant": "bold green",
    "violated": "bold red",
    "inconclusive": "bold yellow",
    "error": "bold magenta",
}
NUMBER_STYLES = {"conformant": "green", "violated": "red", "not established": "dim"}
TELLING = ("failed", "error", "warned")
"""Verdicts a reader has to hear about; the others are only counted."""
COLUMNS = ("passed", "failed", "warned", "noted", "not_exercised")
WAITS_SHOWN = 4
PER_SECOND = 6
LONGEST = 2000
INDENT = 12


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
        """Stop drawing and print the findings and the summary."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._progress.began:
            # `| head` has read enough: rich would exit with 1, which means a broken promise.
            with contextlib.suppress(SystemExit):
                for line in last_words(self._progress.report(), self._report_dir):
                    self._console.print(line)

    def event(self, event: dict[str, Any]) -> None:
        """Take one event, of any kind; safe from any thread."""
        self._progress.add(event)


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
        parts.append(f"{len(waits)} waits, {waits[0][1]:.0f} s left at most")
    return Group(table, Text(), *lines, Text(" · ".join(parts), "bold"))


def last_words(report: Report, report_dir: Path | None) -> list[Text]:
    """Return the findings that matter, then the summary: verdict, numbers, cost, place."""
    telling = sorted(
        (one for one in report.verdicts if one.verdict in TELLING),
        key=lambda one: (GRAVITY.index(one.verdict), one.id),
    )
    lines = [Text()]
    for verdict in telling:
        lines += finding(report, verdict)
    end, cost = report.end, report.end.cost
    lines.append(
        Text.assemble(
            (OVERALL[end.verdict], OVERALL_STYLES[end.verdict]),
            f"  {printable(end.message or '')}",
        )
    )
    numbers = Text(" · ").join(
        Text(f"{number} {name}", NUMBER_STYLES[name]) for name, number in report.numbers.items()
    )
    counts = report.counts
    said = ", ".join(f"{counts[name]} {TITLES[name]}" for name in VERDICTS if counts[name])
    lines.append(Text.assemble(numbers, (f"   ({said})", "dim") if said else ""))
    lines.append(
        Text(
            f"{cost.requests} requests, {cost.generated_cases} generated cases, "
            f"{cost.runs_started} runs, {cost.seconds:.1f} s, seed {report.start.seed}",
            "dim",
        )
    )
    lines += [
        Text(f"may still be going on at the target: run {printable(run.id)}", "bold yellow")
        for run in report.still_running
    ]
    if report_dir is not None:
        lines.append(Text(f"report: {report_dir / 'report.html'}"))
    return lines


def finding(report: Report, verdict: Verdict) -> list[Text]:
    """Return the lines of one verdict: what was promised, expected, observed, how to see it."""
    promise = report.promises.get(verdict.id)
    head = f" {verdict.id} {verdict.operation} ({verdict.level})"
    lines = [
        Text.assemble((TITLES[verdict.verdict].upper(), STYLES[verdict.verdict]), printable(head))
    ]
    rows = (
        ("promised", promise.text if promise else None),
        ("found", verdict.message),
        ("expected", verdict.expected),
        ("observed", verdict.observed),
        ("reproduce", verdict.reproduce),
    )
    for name, value in rows:
        if value is not None:
            text = cut(shown(value), LONGEST).replace("\n", "\n" + " " * INDENT)
            lines.append(Text.assemble((f"  {name:<{INDENT - 2}}", "dim"), text))
    return [*lines, Text()]
