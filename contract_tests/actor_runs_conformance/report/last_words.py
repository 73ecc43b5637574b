"""The terminal's last words: the verdict, three numbers, what to do, and the details below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from actor_runs_conformance.report.causes import Cause, Gap, causes, gaps, heading
from actor_runs_conformance.report.model import OVERALL, TITLES, VERDICTS
from actor_runs_conformance.report.standing import headline, standings
from actor_runs_conformance.report.text import cut, printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

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
LONGEST = 2000
INDENT = 12
IDS_LISTED = 12
GAPS_LISTED = 10


def last_words(report: Report, report_dir: Path | None) -> Iterator[Text]:
    """Yield the summary, line by line: verdict, numbers, causes, what was missed, details."""
    yield Text()
    yield from verdict_lines(report)
    yield _numbers(report)
    found = causes(report)
    if found:
        yield Text()
        yield Text("What to do, the cause that unlocks most first:", "bold")
    for number, cause in enumerate(found, 1):
        yield Text()
        yield from _cause(report, number, cause)
    missed = gaps(report)
    if missed:
        yield Text()
        yield Text("Not judged, though it should be:", "bold")
    for gap in missed[:GAPS_LISTED]:
        yield _gap(gap)
    if missed[GAPS_LISTED:]:
        yield Text(f"      and for {len(missed) - GAPS_LISTED} more reasons", "dim")
    yield Text()
    yield from _details(report, report_dir)


def verdict_lines(report: Report) -> Iterator[Text]:
    """Yield the verdict with its headline, and a line for each scope of promises."""
    end = report.end
    style = OVERALL_STYLES[end.verdict]
    yield Text.assemble((OVERALL[end.verdict], style), f"  {printable(headline(report))}".rstrip())
    lines = standings(report)
    width = max((len(line.title) for line in lines), default=0)
    for line in lines:
        yield Text.assemble(
            (f"  {line.title:<{width}}", OVERALL_STYLES[line.verdict]), f"   {line.text}"
        )


def _numbers(report: Report) -> Text:
    numbers = Text(" · ").join(
        Text(f"{number} {name}", NUMBER_STYLES[name]) for name, number in report.numbers.items()
    )
    counts = report.counts
    counted = ", ".join(f"{counts[name]} {TITLES[name]}" for name in VERDICTS if counts[name])
    return Text.assemble(numbers, (f"   ({counted})", "dim") if counted else "")


def _cause(report: Report, number: int, cause: Cause) -> Iterator[Text]:
    verdict = cause.verdict
    style = STYLES[verdict.verdict] if verdict else "bold yellow"
    kind, name = heading(cause)
    yield Text.assemble(f"{number}. ", (kind.upper(), style), f" {printable(name)}")
    yield from finding_lines(report, cause)


def finding_lines(report: Report, cause: Cause) -> Iterator[Text]:
    """Yield what is below the heading of a cause: promised, found, what to do."""
    verdict = cause.verdict
    yield from _rows([("promised" if verdict else "needed", cause.title)])
    yield from _rows([("found", cause.found)])
    if verdict:
        yield from _rows(evidence(report, verdict))
    if cause.folded:
        ids = listed(cause.folded)
        yield from _rows([("unlocks", f"{len(cause.folded)} more: {ids}")])
    todo = f"{cause.todo}\n{cause.target_file}" if cause.target_file else cause.todo
    yield from _rows([("to do", todo)])


def evidence(report: Report, verdict: Verdict) -> Sequence[tuple[str, object]]:
    """Return what was found about a promise, as rows of a name and a value."""
    known = f"yes: {verdict.known}" if verdict.known else None
    outside = None if report.counts_for(verdict) else "no: the promise is outside of --scope"
    return (
        ("expected", verdict.expected),
        ("observed", verdict.observed),
        ("reproduce", verdict.reproduce),
        ("known", known),
        ("counted", outside),
    )


def listed(verdicts: Sequence[Verdict], limit: int = IDS_LISTED) -> str:
    """Return the ids of verdicts; those beyond the limit are counted."""
    ids = ", ".join(verdict.id for verdict in verdicts[:limit])
    return f"{ids} and {len(verdicts) - limit} more" if len(verdicts) > limit else ids


def _rows(rows: Sequence[tuple[str, object]]) -> Iterator[Text]:
    for name, value in rows:
        if value is not None:
            text = cut(shown(value), LONGEST).replace("\n", "\n" + " " * (INDENT + 3))
            yield Text.assemble((f"     {name:<{INDENT - 2}}", "dim"), text)


def _gap(gap: Gap) -> Text:
    return Text.assemble(
        (f"  {len(gap.verdicts):>3} ", "bold"),
        printable(gap.reason),
        (f"  {listed(gap.verdicts)}", "dim"),
    )


def _details(report: Report, report_dir: Path | None) -> Iterator[Text]:
    end = report.end
    if end.message and end.message != headline(report):
        yield Text(printable(end.message), "dim")
    yield Text(report.spent, "dim")
    # A check that came to its end says so itself, by its message.
    for run in report.still_running if report.cut_off else ():
        yield Text(f"may still be going on at the target: run {printable(run.id)}", "bold yellow")
    if report_dir is not None:
        yield Text(f"report: {report_dir / 'report.html'}")
