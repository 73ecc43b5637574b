"""What can be said of a promise, and how many judgements become one verdict.

A check judges (a `Finding`, with the exchanges that it rests on); several checks may judge one
promise, each several times. The roll-up is the table in `roll_up`: a breach outweighs everything,
and nothing is `passed` without an exchange that shows it.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Verdict(StrEnum):
    """What is said of one promise."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    NOTED = "noted"
    NOT_EXERCISED = "not_exercised"
    EXCLUDED = "excluded"
    ERROR = "error"


class ExitCode(IntEnum):
    """What the command says to whoever started it."""

    CONFORMANT = 0
    VIOLATED = 1
    UNUSABLE = 2
    INCONCLUSIVE = 3
    INTERRUPTED = 130


# What a broken and what a kept promise is called, by its level.
BROKEN = {"must": Verdict.FAILED, "should": Verdict.WARNED, "open": Verdict.NOTED}
KEPT = {"must": Verdict.PASSED, "should": Verdict.PASSED, "open": Verdict.NOTED}


@frozen
class Finding:
    """One judgement of one promise.

    `exchanges` are the ids of the exchanges it rests on; `kept` is None unless the check reached
    what it judges. `reproduce` is a curl command with `$APIFY_TOKEN` in the token's place.
    """

    promise: str
    check: str
    verdict: Verdict
    message: str | None = None
    expected: Any = None
    observed: Any = None
    exchanges: tuple[int, ...] = ()
    reproduce: str | None = None
    kept: bool | None = None
    count: int = 1


@frozen
class Conclusion:
    """The final word on one promise; `evidence` counts the judgements that it rests on."""

    promise: str
    verdict: Verdict
    message: str | None = None
    expected: Any = None
    observed: Any = None
    reproduce: str | None = None
    exchanges: tuple[int, ...] = ()
    evidence: int = 0


# The first of these that any finding has is the verdict.
WEIGHT = (
    Verdict.FAILED,
    Verdict.WARNED,
    Verdict.ERROR,
    Verdict.NOTED,
    Verdict.PASSED,
    Verdict.NOT_EXERCISED,
    Verdict.EXCLUDED,
)
EVIDENCE_SHOWN = 20


def roll_up(promise: str, findings: Sequence[Finding]) -> Conclusion:
    """Return the verdict on a promise from every judgement of it.

    Without any judgement it is `not_exercised`; `passed` without an exchange is `not_exercised`
    too. For an `open` promise the message of a breach is kept rather than that of a pass.
    """
    sound = [_sound(finding) for finding in findings]
    for verdict in WEIGHT:
        chosen = [finding for finding in sound if finding.verdict is verdict]
        if not chosen:
            continue
        first = next((finding for finding in chosen if finding.kept is False), chosen[0])
        judged = [finding for finding in chosen if finding.exchanges]
        return Conclusion(
            promise=promise,
            verdict=verdict,
            message=first.message if verdict is not Verdict.PASSED else None,
            expected=first.expected,
            observed=first.observed,
            reproduce=first.reproduce,
            exchanges=_unique(first.exchanges, *(finding.exchanges for finding in judged)),
            evidence=sum(finding.count for finding in judged),
        )
    return Conclusion(promise, Verdict.NOT_EXERCISED, "no check reached it")


def _sound(finding: Finding) -> Finding:
    if finding.verdict is Verdict.PASSED and not finding.exchanges:
        return evolve(
            finding, verdict=Verdict.NOT_EXERCISED, message="a check passed it without evidence"
        )
    return finding


def _unique(*groups: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one for group in groups for one in group))[:EVIDENCE_SHOWN]
