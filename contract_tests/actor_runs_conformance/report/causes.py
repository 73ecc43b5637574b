"""Why promises are not kept: one cause each, with what cannot be judged because of it.

A promise that is `not_exercised` names its cause by `because`: the id of a promise, or a key of the
causes in `words.yaml`, such as `fixture`. Here each is folded below its cause, and the causes are
sorted: what counts for the verdict before what does not, the one that unlocks most first, then by
gravity.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.ledger.names import operation_title
from actor_runs_conformance.ledger.promise import ABORT, ABORTS, LEVELS
from actor_runs_conformance.ledger.words import words
from actor_runs_conformance.report.model import GRAVITY, PROBLEMS, TITLES
from actor_runs_conformance.results.finding import NOT_OFFERED, not_due

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actor_runs_conformance.report.model import Report, Verdict


@frozen
class Cause:
    """One thing to do: a promise that is not kept, or what the check itself lacks.

    `verdict` is None where no promise is to blame; `found` says what was seen. `folded` are the promises that could not be
    judged because of it. `target_file` has the lines that leave it out, empty where none do.
    """

    key: str
    title: str
    verdict: Verdict | None
    folded: tuple[Verdict, ...]
    found: str | None
    todo: str
    target_file: str = ""


@frozen
class Gap:
    """Promises that were not exercised for one reason that no promise is to blame for."""

    reason: str
    verdicts: tuple[Verdict, ...]


def causes(report: Report) -> list[Cause]:
    """Return the causes, the one that unlocks most first."""
    verdicts = {verdict.id: verdict for verdict in report.verdicts}
    folded: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in report.verdicts:
        if verdict.verdict == "not_exercised" and verdict.because:
            folded[_root(verdict, verdicts)].append(verdict)
    found = [
        _cause(report, verdict.id, verdict, folded.pop(verdict.id, ()))
        for verdict in report.verdicts
        if verdict.verdict in PROBLEMS
    ]
    found += [_cause(report, key, None, waiting) for key, waiting in folded.items()]
    return sorted(found, key=partial(_order, report))


def gaps(report: Report) -> list[Gap]:
    """Return what was not exercised and has no cause here, by reason, the most frequent first.

    What was not due, such as a field that the target may omit, is no gap. If the check was cut short, return none: that
    explains them all.
    """
    if report.cut_off or report.end.verdict == "error":
        return []
    by_reason: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in report.verdicts:
        promise = report.promises.get(verdict.id)
        if (
            verdict.verdict == "not_exercised"
            and not verdict.because
            and not (promise and promise.unchecked)
            and verdict.level != "open"
            and not not_due(verdict.message)
        ):
            by_reason[verdict.message or "no reason is known"].append(verdict)
    found = [Gap(reason, tuple(verdicts)) for reason, verdicts in by_reason.items()]
    return sorted(found, key=lambda gap: -len(gap.verdicts))


def _root(verdict: Verdict, verdicts: dict[str, Verdict]) -> str:
    """Return the first cause: what is to blame for what is to blame."""
    key, seen = verdict.because or "", {verdict.id}
    while key not in seen:
        seen.add(key)
        blamed = verdicts.get(key)
        if blamed is None or blamed.verdict != "not_exercised" or not blamed.because:
            break
        key = blamed.because
    return key


def _cause(report: Report, key: str, verdict: Verdict | None, folded: Iterable[Verdict]) -> Cause:
    promise = report.promises.get(key)
    folded = tuple(folded)
    missing = verdict is not None and NOT_OFFERED in (verdict.message or "")
    operation = _offers(key) if missing or folded else None
    lines = ""
    if operation:
        todo = f"implement {operation_title(operation)}, or leave it out in the target file:"
        names = ABORTS if operation == ABORT else (operation,)
        lines = "\n".join(
            ["[operations]", *(f'{name} = "why it is not offered"' for name in names)]
        )
    elif verdict is None:
        todo = "see to this first, and check again"
    elif verdict.verdict == "error":
        todo = "the suite failed here, not the target: please report it"
    else:
        todo = f"mend it, then: {verdict.alone}" if verdict.alone else "mend it"
    return Cause(
        key=key,
        title=promise.text if promise else _meaning(key),
        verdict=verdict,
        folded=folded,
        found=verdict.message if verdict else next((waiting.message for waiting in folded), None),
        todo=todo,
        target_file=lines,
    )


def _offers(key: str) -> str | None:
    """Return the operation that is not offered where this promise is broken; None for others."""
    offered = words().causes["offered"].promises
    return next((name for name, promise in offered.items() if promise == key), None)


def not_offered(cause: Cause) -> str | None:
    """Return the operation that is not offered where this is the cause; None for other causes."""
    return _offers(cause.key) if cause.folded else None


def _meaning(key: str) -> str:
    """Return the words for a cause that no promise is to blame for."""
    known = words().causes.get(key.partition(":")[0])
    return known.meaning if known else key


def _order(report: Report, cause: Cause) -> tuple[bool, int, bool, int, int, str]:
    verdict = cause.verdict
    return (
        verdict is not None and not report.counts_for(verdict),
        -len(cause.folded),
        verdict is not None and verdict.known is not None,
        GRAVITY.index(verdict.verdict) if verdict else 0,
        LEVELS.index(verdict.level) if verdict and verdict.level in LEVELS else 0,
        cause.key,
    )


def heading(cause: Cause) -> tuple[str, str]:
    """Return what a cause is called: its verdict; its id, operation and level."""
    if cause.verdict is None:
        return "missing", cause.key
    verdict = cause.verdict
    name = f"{verdict.id} {operation_title(verdict.operation)} ({verdict.level})"
    return TITLES[verdict.verdict], name
