"""badge.svg: the verdict in two fields, for a README."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from typing import TextIO

    from actor_runs_conformance.events.reader import Log
    from actor_runs_conformance.report.model import Report

LABEL = "Actor runs"
# Dark enough for white text at a contrast of 4.5 to 1.
COLOURS = {
    "conformant": "#1a7f37",
    "violated": "#cf222e",
    "inconclusive": "#8a6100",
    "error": "#57606a",
}
CHARACTER, PADDING, HEIGHT = 6.6, 8, 20
"""Pixels, for the sans serif at 11 px that every badge is set in."""


def words(report: Report) -> str:
    """Return what the badge says: the verdict and the number that belongs to it."""
    numbers = report.numbers
    judged = numbers["conformant"] + numbers["violated"]
    return {
        "conformant": f"conformant {numbers['conformant']}/{judged}",
        "violated": f"{numbers['violated']} violated",
        "inconclusive": f"{numbers['not established']} not established",
        "error": "no verdict",
    }[report.end.verdict]


def write(report: Report, _log: Log, stream: TextIO) -> None:
    """Write badge.svg."""
    status = "cut off" if report.cut_off and report.end.verdict != "violated" else words(report)
    left, right = (round(len(text) * CHARACTER + 2 * PADDING) for text in (LABEL, status))
    title = escape(f"{LABEL}: {status}")
    texts = "".join(
        f'<text x="{x + width / 2:g}" y="14" textLength="{width - 2 * PADDING}">{escape(text)}'
        "</text>"
        for x, width, text in ((0, left, LABEL), (left, right, status))
    )
    stream.write(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" '
        f'role="img" aria-label="{title}"><title>{title}</title>'
        f'<clipPath id="r"><rect width="{left + right}" height="{HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{HEIGHT}" fill="#424a53"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT}" '
        f'fill="{COLOURS[report.end.verdict]}"/></g>'
        '<g fill="#fff" text-anchor="middle" font-size="11" '
        f'font-family="Verdana,DejaVu Sans,Geneva,sans-serif">{texts}</g></svg>\n'
    )
