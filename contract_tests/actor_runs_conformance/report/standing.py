"""The verdict in words: a headline, and a line for each scope of promises."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.results.finding import not_due
from actor_runs_conformance.results.verdict import REACHED

if TYPE_CHECKING:
    from actor_runs_conformance.report.model import Report

PHRASES = {
    "documents": "the five documents",
    "platform": "the platform contract beyond them",
}
WORDS = {
    "conformant": "Conformant to",
    "violated": "Violates",
    "inconclusive": "Inconclusive about",
    "error": "No verdict on",
}
LISTED = 8


@frozen
class Standing:
    """How a target stands in one scope: of its binding promises, how many are kept.

    `verdict` is that of this scope alone. `decides` says whether it counts for the whole.
    """

    scope: str
    verdict: str
    kept: int
    of: int
    broken: tuple[str, ...]
    parts: tuple[str, ...]
    decides: bool

    @property
    def title(self) -> str:
        """The verdict on this scope, in words."""
        return f"{WORDS[self.verdict]} {PHRASES[self.scope]}"

    @property
    def text(self) -> str:
        """The numbers of the line, after its title."""
        note = "" if self.decides else "   (not counted; --scope platform counts them)"
        return " · ".join(self.parts) + note


def headline(report: Report) -> str:
    """Return what stands beside the verdict, in a few words: no ids, no details."""
    end, numbers = report.end, report.numbers
    if end.verdict == "violated" and numbers["violated"]:
        return f"{counted(numbers['violated'], 'promise is', 'promises are')} broken."
    missed = numbers["not established"]
    if end.verdict == "inconclusive" and not report.cut_off and missed:
        return (
            f"Nothing is broken, but {counted(missed, 'promise', 'promises')} could not be judged."
        )
    if end.verdict == "conformant" and numbers["conformant"]:
        broken = report.counts["failed"] or report.counts["warned"]
        return f"Every promise that {'counts' if broken else 'was judged'} is kept."
    return end.message or ""


def counted(number: int, singular: str, plural: str) -> str:
    """Return a number with its noun."""
    return f"{number} {singular if number == 1 else plural}"


def standings(report: Report) -> list[Standing]:
    """Return the line of each scope that the log knows.

    There are none for a log without scopes, and none where nothing was judged because of an error.
    """
    if report.end.verdict == "error" and not any(
        verdict.verdict in REACHED for verdict in report.verdicts
    ):
        return []
    lines = [_standing(report, scope) for scope in PHRASES]
    return [line for line in lines if line is not None]


def _standing(report: Report, scope: str) -> Standing | None:
    binding = {"must", "should"} if report.start.strict else {"must"}
    mine = [
        verdict
        for verdict in report.verdicts
        if verdict.level in binding
        and verdict.verdict != "excluded"
        and (promise := report.promises.get(verdict.id))
        and promise.scope == scope
    ]
    if not mine:
        return None
    unchecked = [verdict for verdict in mine if report.promises[verdict.id].unchecked]
    kept = [verdict for verdict in mine if verdict.verdict == "passed"]
    known = [verdict for verdict in mine if verdict.known is not None]
    broken = [
        verdict.id
        for verdict in mine
        if verdict.verdict in {"failed", "warned"} and verdict.known is None
    ]
    lawful = {
        verdict.id: words
        for verdict in mine
        if verdict.verdict == "not_exercised" and (words := not_due(verdict.message))
    }
    missed = [
        verdict
        for verdict in mine
        if verdict.verdict in {"not_exercised", "error"}
        and verdict not in unchecked
        and verdict.id not in lawful
    ]
    parts = [f"{len(kept)} of {len(mine)} kept"]
    if broken:
        more = f" and {len(broken) - LISTED} more" if len(broken) > LISTED else ""
        parts.append(f"broken: {', '.join(broken[:LISTED])}{more}")
    if known:
        parts.append(f"{len(known)} known to be broken")
    if missed:
        parts.append(f"{len(missed)} not exercised")
    parts += [f"{number} {words}" for words, number in Counter(lawful.values()).items()]
    if unchecked:
        parts.append(f"{len(unchecked)} cannot be checked from outside")
    verdict = "violated" if broken else "inconclusive" if missed else "conformant"
    if report.end.verdict == "error":
        verdict = "error"
    elif not kept and not broken:
        verdict = "inconclusive"
    return Standing(
        scope=scope,
        verdict=verdict,
        kept=len(kept),
        of=len(mine),
        broken=tuple(broken),
        parts=tuple(parts),
        decides=scope == "documents" or report.start.scope != "documents",
    )
