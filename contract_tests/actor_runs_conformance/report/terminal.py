"""The terminal while the suite works, and its last words.

On a terminal a matrix by operation is drawn over and over; elsewhere only the findings and
the summary are printed, a line each. Colour follows NO_COLOR and rich's own detection.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live as RichLive
from rich.table import Table
from rich.text import Text

from actor_runs_conformance.report.model import GRAVITY, OVERALL, TITLES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

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
# Verdicts a reader has to hear about; the others are only counted.
TELLING = ("failed", "error", "warned")
WAITS_SHOWN = 5
PER_SECOND = 6


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
        self._state = Progress()
        self._live: RichLive | None = None

    def __enter__(self) -> Live:
        """Begin to draw, on a terminal."""
        if not self.plain:
            self._live = RichLive(
                console=self._console,
                get_renderable=lambda: matrix(self._state),
                refresh_per_second=PER_SECOND,
                transient=True,
            )
            self._live.start()
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
        for line in last_words(self._state, self._report_dir):
            self._console.print(line)

    def event(self, event: dict[str, Any]) -> None:
        """Take one event, of any kind; safe from any thread."""
        self._state.add(event)


class Progress:
    """What is known so far, as counts by operation."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.start: dict[str, Any] = {}
        self.end: dict[str, Any] | None = None
        self.began = time.monotonic()
        self.phase = ""
        self.promises: dict[str, dict[str, Any]] = {}
        self.judged: dict[str, str] = {}
        self.waiting: dict[str, dict[str, Any]] = {}
        self.verdicts: list[dict[str, Any]] = []
        self.requests = 0
        self.cases = 0
        self.runs = 0
        self._handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "start": self._start,
            "promise": lambda event: self.promises.update({event["id"]: event}),
            "phase": self._phase,
            "waiting": lambda event: self.waiting.update({event["check"]: event}),
            "exchange": self._exchange,
            "case": self._case,
            "run_started": self._run,
            "finding": self._finding,
            "verdict": self.verdicts.append,
            "end": self._end,
        }

    def add(self, event: dict[str, Any]) -> None:
        """Take one event."""
        handler = self._handlers.get(event["event"])
        if handler is not None:
            handler(event)

    def _start(self, event: dict[str, Any]) -> None:
        self.start = event
        self.began = time.monotonic() - event["at"]

    def _phase(self, event: dict[str, Any]) -> None:
        self.phase = event["name"]

    def _exchange(self, _event: dict[str, Any]) -> None:
        self.requests += 1

    def _case(self, _event: dict[str, Any]) -> None:
        self.cases += 1

    def _run(self, event: dict[str, Any]) -> None:
        self.runs = event["budget"]["used"]

    def _finding(self, event: dict[str, Any]) -> None:
        self.waiting.pop(event["check"], None)
        known = self.judged.get(event["promise"])
        if known is None or GRAVITY.index(event["verdict"]) < GRAVITY.index(known):
            self.judged[event["promise"]] = event["verdict"]

    def _end(self, event: dict[str, Any]) -> None:
        self.end = event

    @property
    def seconds(self) -> float:
        """Seconds since the start of the suite."""
        return time.monotonic() - self.began

    def by_operation(self) -> dict[str, Counter[str]]:
        """Count the judgements so far by operation; `open` are those still to come."""
        rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for promise in list(self.promises.values()):
            if promise.get("unchecked"):
                continue
            rows[promise["operation"]][self.judged.get(promise["id"], "open")] += 1
        return rows

    def waits(self) -> list[dict[str, Any]]:
        """Return what is being waited for, the longest first."""
        now = self.seconds
        going = [one for one in list(self.waiting.values()) if one.get("until", now) >= now]
        return sorted(going, key=lambda one: -float(one.get("until", 0)))


def matrix(state: Progress) -> RenderableType:
    """Draw the progress: operations by verdict, what is waited for, budget and time."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("operation")
    for name in ("passed", "failed", "warned", "noted"):
        table.add_column(TITLES[name], justify="right", style=STYLES[name])
    table.add_column("to come", justify="right", style="dim")
    for operation, row in state.by_operation().items():
        cells = [
            str(row[name]) if row[name] else "·" for name in ("passed", "failed", "warned", "noted")
        ]
        table.add_row(operation, *cells, str(row["open"]) if row["open"] else "·")
    waits = state.waits()
    now = state.seconds
    lines = [
        Text(f"waiting for {one['for']} ({max(0, one['until'] - now):.0f} s left)", "dim")
        for one in waits[:WAITS_SHOWN]
    ]
    left = max((one["until"] - now for one in waits), default=0.0)
    budget = state.start.get("max_runs")
    status = (
        f"{state.phase or 'starting'} · {now:.0f} s · {state.requests} requests · "
        f"{state.runs}{f' of {budget}' if budget is not None else ''} runs"
        + (f" · at most {left:.0f} s of waiting left" if left else "")
    )
    return Group(table, *lines, Text(status, "bold"))


def last_words(state: Progress, report_dir: Path | None) -> list[Text]:
    """Return the findings that matter, then the summary: verdict, numbers, cost, place."""
    lines: list[Text] = []
    telling = [one for one in state.verdicts if one["verdict"] in TELLING]
    for one in sorted(telling, key=lambda one: GRAVITY.index(one["verdict"])):
        lines.extend(finding(one, state.promises.get(one["id"])))
    if state.end is None:
        return lines
    end = state.end
    cost = end["cost"]
    counts = Counter(one["verdict"] for one in state.verdicts)
    violated = counts["failed"] + (counts["warned"] if state.start.get("strict") else 0)
    lines.append(
        Text.assemble(
            (OVERALL[end["verdict"]], OVERALL_STYLES[end["verdict"]]),
            f"  {end.get('message') or ''}",
        )
    )
    lines.append(
        Text(
            f"{counts['passed']} conformant · {violated} violated · "
            f"{counts['not_exercised'] + counts['error']} not established"
        )
    )
    others = [f"{counts[name]} {TITLES[name]}" for name in VERDICTS if counts[name]]
    lines.append(Text(", ".join(others), "dim"))
    lines.append(
        Text(
            f"{cost['requests']} requests, {cost['generated_cases']} generated cases, "
            f"{cost['runs_started']} runs, {cost['seconds']:.1f} s; "
            f"seed {state.start.get('seed')}",
            "dim",
        )
    )
    if report_dir is not None:
        lines.append(Text(f"report: {report_dir / 'report.html'}"))
    return lines


def finding(verdict: dict[str, Any], promise: dict[str, Any] | None) -> list[Text]:
    """Return the lines of one verdict: what was promised, expected, observed, how to see it."""
    lines = [
        Text.assemble(
            (TITLES[verdict["verdict"]].upper(), STYLES[verdict["verdict"]]),
            f" {verdict['id']} {verdict['operation']} ({verdict['level']})",
        )
    ]
    rows = (
        ("promised", promise["text"] if promise else None),
        ("found", verdict.get("message")),
        ("expected", verdict.get("expected")),
        ("observed", verdict.get("observed")),
        ("reproduce", verdict.get("reproduce")),
    )
    lines.extend(Text(f"  {name:<10}{value}") for name, value in rows if value is not None)
    return [*lines, Text("")]
