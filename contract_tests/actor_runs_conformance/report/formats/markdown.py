"""report.md: for a pull request or a job summary, short enough for a comment.

What a target sent stands in code, where Markdown makes no links, no mentions and no HTML of it.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from actor_runs_conformance.ledger.names import operation_title
from actor_runs_conformance.report.causes import causes
from actor_runs_conformance.report.model import OVERALL, TITLES, VERDICTS
from actor_runs_conformance.report.standing import headline, standings
from actor_runs_conformance.report.text import cut, printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from actor_runs_conformance.events.reader import Log
    from actor_runs_conformance.report.causes import Cause
    from actor_runs_conformance.report.model import Report
    from actor_runs_conformance.report.standing import Standing

SIGNS = {
    "passed": "✅",
    "failed": "❌",
    "warned": "⚠️",
    "noted": "📝",
    "not_exercised": "⚪",
    "excluded": "🚫",
    "error": "💥",
}
OVERALL_SIGNS = {"conformant": "✅", "violated": "❌", "inconclusive": "⚪", "error": "💥"}
LISTED = ("not_exercised", "excluded", "noted")
ROOM = 60_000
"""Characters: a comment on GitHub takes 65,536."""
LONGEST = 1500
SPECIAL = re.compile(r"([\\*_\[\]<>#!~$&])")
CODE = re.compile(r"(`[^`]+`)")
QUOTED = re.compile(r"`([^`]+)`")
NOBODY = "@\u2060"


def prose(text: str) -> str:
    """Return text that Markdown shows as it is, on one line, and that mentions nobody.

    What stands between two backticks stays code.
    """
    pieces = CODE.split(flat(text))
    return "".join(
        piece
        if CODE.fullmatch(piece)
        else SPECIAL.sub(r"\\\1", piece.replace("`", "'")).replace("@", NOBODY)
        for piece in pieces
    )


def flat(text: str) -> str:
    """Return printable text on one line."""
    return " ".join(printable(text).split())


def code(text: str) -> str:
    """Return text as inline code, on one line, whatever backticks it holds."""
    line = flat(text) or " "
    fence = "`" * (longest_run(line) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"`{line}`"


def block(value: object, language: str = "") -> str:
    """Return a value as a code block."""
    text = cut(shown(value), LONGEST)
    fence = "`" * max(3, longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def longest_run(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max((len(run) for run in re.findall("`+", text)), default=0)


def write(report: Report, _log: Log, stream: TextIO) -> None:
    """Write report.md."""
    parts = [_head(report)]
    room = ROOM - len(parts[0])
    left_out = 0
    for cause in causes(report):
        part = _cause(report, cause)
        if len(part) > room:
            left_out += 1
            continue
        room -= len(part)
        parts.append(part)
    if left_out:
        parts.append(f"{left_out} more are in `report.html`.\n")
    for name in LISTED:
        part = _list(report, name)
        if part and len(part) <= room:
            room -= len(part)
            parts.append(part)
    stream.write("\n".join(parts))


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; the cells are Markdown already, but for their bars."""
    lines = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _head(report: Report) -> str:
    start, end = report.start, report.end
    title = f"{OVERALL_SIGNS[end.verdict]} {OVERALL[end.verdict]}: {code(start.target)}"
    lines = [f"## {title}\n"]
    if sentence := headline(report):
        lines.append(f"{prose(sentence)}\n")
    lines += [f"- {_standing(line)}" for line in standings(report)]
    if lines[-1].startswith("- "):
        lines.append("")
    if report.cut_off:
        going = ", ".join(code(run.id) for run in report.still_running) or "none"
        lines.append(f"**Cut off.** Runs that may still be going on at the target: {going}\n")
    numbers = report.numbers
    lines.append(table(numbers, [[f"**{number}**" for number in numbers.values()]]))
    counts = report.counts
    parts = (f"{SIGNS[name]} {counts[name]} {TITLES[name]}" for name in VERDICTS if counts[name])
    lines.append(" · ".join(parts) + "\n")
    if end.message and end.message != sentence:
        lines.append(f"{prose(end.message)}\n")
    lines.append(f"{report.spent}: {code(start.command)}\n")
    return "\n".join(lines)


def _standing(line: Standing) -> str:
    return f"{OVERALL_SIGNS[line.verdict]} **{prose(line.title)}**: {prose(line.text)}"


def _cause(report: Report, cause: Cause) -> str:
    verdict = cause.verdict
    sign = SIGNS[verdict.verdict] if verdict else OVERALL_SIGNS["inconclusive"]
    where = f"{operation_title(verdict.operation)} ({verdict.level})" if verdict else "is missing"
    unlocks = f"; unlocks {len(cause.folded)} more" if cause.folded else ""
    head = (
        f"{sign} <b>{_summary(cause.key)}</b> {_summary(where)}: {_summary(cause.title)}{unlocks}"
    )
    rows = [f"<details><summary>{head}</summary>\n"]
    promise = report.promises.get(cause.key)
    if promise and promise.source:
        text = "; ".join(
            f"{prose(verdict.document)}: “{prose(verdict.says)}”" for verdict in promise.source
        )
        rows.append(f"Source: {text}\n")
    if cause.found:
        rows.append(f"{prose(cut(cause.found, LONGEST))}\n")
    if verdict:
        rows.extend(
            f"{name}\n\n{block(value, language)}\n"
            for name, value, language in (
                ("Expected", verdict.expected, ""),
                ("Observed", verdict.observed, ""),
                ("Reproduce", verdict.reproduce, "sh"),
                ("This one alone", verdict.alone, "sh"),
            )
            if value is not None
        )
    if cause.folded:
        rows.append(f"Unlocks: {', '.join(verdict.id for verdict in cause.folded)}\n")
    if cause.target_file:
        rows.append(f"To do: {prose(cause.todo)}\n\n{block(cause.target_file, 'toml')}\n")
    return "\n".join([*rows, "</details>\n"])


def _summary(text: str) -> str:
    """Return text for inside an HTML element, where Markdown is not read."""
    return QUOTED.sub(r"<code>\1</code>", escape(flat(text)).replace("@", NOBODY))


def _list(report: Report, name: str) -> str:
    found = [verdict for verdict in report.verdicts if verdict.verdict == name]
    if not found:
        return ""
    rows = (
        [
            f"**{verdict.id}**",
            verdict.operation,
            verdict.level,
            prose(cut(verdict.message or "", 300)),
        ]
        for verdict in found
    )
    title = f"{SIGNS[name]} {len(found)} {TITLES[name]}"
    body = table(("promise", "operation", "level", "why"), rows)
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n"
