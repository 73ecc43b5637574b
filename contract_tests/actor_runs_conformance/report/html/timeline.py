"""The runs' states over time, as the suite saw them: a lane a run, drawn as SVG.

Geometry only: the template draws it, and the colours are in the style sheet by status.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.ledger.statuses import TERMINAL, all_statuses
from actor_runs_conformance.report.text import cut, printable

if TYPE_CHECKING:
    from actor_runs_conformance.report.model import Report, RunSeen

LEFT, WIDTH, LANE, BAR, TOP = 178, 1000, 22, 14, 44
"""Pixels of the drawing: the names' width, the whole width, a lane, a bar, the head."""
TICKS = 8
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
LEAST = 3.0
"""Pixels that even the shortest state is drawn with."""
MOST_LANES = 200


@frozen
class Bar:
    """A run in one status, from x on: seen in it for a width, not looked at for the rest."""

    x: float
    width: float
    rest: float
    status: str
    style: str
    label: str


@frozen
class Lane:
    """A run."""

    run: str
    y: float
    bars: list[Bar]
    end: str
    """How it ended, in words."""
    going_on: bool
    check: str | None
    started: float


@frozen
class Mark:
    """A tick of the time axis or the beginning of a phase."""

    x: float
    text: str


@frozen
class Timeline:
    """The whole drawing."""

    lanes: list[Lane]
    ticks: list[Mark]
    phases: list[Mark]
    height: float
    statuses: list[str]
    """Those that occur, for the legend."""
    left_out: int


def draw(report: Report) -> Timeline:
    """Return the geometry of the timeline; runs beyond MOST_LANES are counted only."""
    seconds = max(report.seconds, 0.001)
    scale = (WIDTH - LEFT - 10) / seconds
    runs = sorted(report.runs, key=lambda run: run.started)
    lanes = [
        _lane(run, TOP + LANE * place, scale, seconds)
        for place, run in enumerate(runs[:MOST_LANES])
    ]
    step = next((size for size in STEPS if seconds / size <= TICKS), STEPS[-1])
    count = int(seconds / step)
    ticks = [
        Mark(round(LEFT + tick * step * scale, 1), f"{tick * step:g} s")
        for tick in range(count + 1)
    ]
    phases = [Mark(round(LEFT + at * scale, 1), printable(name)) for at, name in report.phases]
    occurring = {bar.style: bar.status for lane in lanes for bar in lane.bars}
    return Timeline(
        lanes=lanes,
        ticks=ticks,
        phases=_apart(phases),
        height=TOP + LANE * len(lanes) + 8,
        statuses=[occurring[style] for style in sorted(occurring)],
        left_out=len(runs) - len(lanes),
    )


def _apart(marks: list[Mark]) -> list[Mark]:
    """Leave out the names that would be written over one another, the earlier ones first."""
    kept: list[Mark] = []
    for mark in marks:
        while kept and mark.x - kept[-1].x < 9 * len(kept[-1].text):
            kept.pop()
        kept.append(mark)
    return kept


def _lane(run: RunSeen, y: float, scale: float, seconds: float) -> Lane:
    seen = [(state.at, state.until, state.status) for state in run.states]
    if (
        run.ended is not None
        and run.ended_status
        and run.ended_status not in {state.status for state in run.states[-1:]}
    ):
        seen.append((run.ended, run.ended, run.ended_status))
    if not seen:
        seen.append((run.started, run.started, "STARTED"))
    following = [at for at, _, _ in seen[1:]]
    bars = [
        _bar(status, at, min(until, after), after, scale)
        for (at, until, status), after in zip(seen, [*following, seconds], strict=True)
    ]
    return Lane(
        run=printable(run.id),
        y=y,
        bars=bars,
        end=_end(run),
        going_on=run.may_be_going_on,
        check=run.check,
        started=run.started,
    )


def _bar(status: str, at: float, until: float, after: float, scale: float) -> Bar:
    x = LEFT + at * scale
    label = f"{status} from {at:.1f} s"
    if status in TERMINAL:
        return Bar(round(x, 1), BAR / 2, 0.0, printable(status), style(status), label)
    width = max(LEAST, (until - at) * scale)
    rest = max(0.0, (after - at) * scale - width)
    label += f", last seen at {until:.1f} s, until {after:.1f} s at most"
    return Bar(
        round(x, 1), round(width, 1), round(rest, 1), printable(status), style(status), label
    )


def _end(run: RunSeen) -> str:
    if run.may_be_going_on:
        return f"may still be going on, last seen {printable(run.last_status or 'being started')}"
    stopped = "ended by the suite" if run.last_status == "ABORTED" else "seen at the clean-up"
    by = {"cleanup": stopped, "itself": "by itself"}.get(run.by or "", "")
    return cut(" ".join(filter(None, (printable(run.last_status or ""), by))), 60)


def style(status: str) -> str:
    """Return the class that a status is drawn with."""
    if status == "STARTED":
        return "s-started"
    return f"s-{re.sub('[^a-z]', '', status.lower())}" if status in all_statuses() else "s-other"
