"""From the verdicts on promises to one word and an exit code, expected failures included."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Literal

from attrs import evolve, field, frozen

from actor_runs_conformance.results.verdict import REACHED, ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from actor_runs_conformance.results.finding import PromiseResult
    from actor_runs_conformance.target.expected_failures import ExpectedFailure

Overall = Literal["conformant", "violated", "inconclusive", "error"]
OVERALL: Mapping[ExitCode, Overall] = {
    ExitCode.CONFORMANT: "conformant",
    ExitCode.VIOLATED: "violated",
    ExitCode.UNUSABLE: "error",
    ExitCode.INCONCLUSIVE: "inconclusive",
    ExitCode.INTERRUPTED: "error",
}
BROKEN = frozenset({Verdict.FAILED, Verdict.WARNED})


@frozen
class Outcome:
    """The outcome of one session: the verdict on each promise, and what they come to.

    `outdated` says, by promise, what is out of date in its expected deviation. `missed` are the
    promises that had to be exercised and were not; empty where the check was cut short.
    """

    exit_code: ExitCode
    message: str
    results: Mapping[str, PromiseResult]
    outdated: Mapping[str, str] = field(factory=dict)
    missed: frozenset[str] = frozenset()

    @property
    def verdict(self) -> Overall:
        """The exit code as one word."""
        return OVERALL[self.exit_code]

    @property
    def counts(self) -> dict[str, int]:
        """How many promises have each verdict."""
        found = Counter(result.verdict for result in self.results.values())
        return {str(verdict): found[verdict] for verdict in Verdict}


def sum_up(
    results: Mapping[str, PromiseResult],
    expected: Mapping[str, ExpectedFailure],
    *,
    counted: Collection[str],
    due: Collection[str],
    strict: bool = False,
    exit_code: ExitCode | None = None,
    message: str | None = None,
    notes: Sequence[str] = (),
    today: dt.date | None = None,
) -> Outcome:
    """Weigh the verdicts.

    `counted` are the promises of the scope that decides, `due` those that had to be exercised.

    `exit_code` is given when the session could not be completed; a breach that was found before
    still counts, unless the user interrupted. An expected failure does not count as broken; one
    that no longer happens, or has expired, does.
    """
    today = today or dt.datetime.now(tz=dt.UTC).date()
    results = {name: _known(result, expected.get(name)) for name, result in results.items()}
    breaking = (Verdict.FAILED, Verdict.WARNED) if strict else (Verdict.FAILED,)
    broken = [name for name in counted if results[name].verdict in breaking]
    known = [name for name in broken if name in expected]
    broken = [name for name in broken if name not in expected]
    outdated = _outdated({name: results[name] for name in counted}, expected, today)
    errors = [name for name, result in results.items() if result.verdict is Verdict.ERROR]
    missed = [
        name
        for name, result in results.items()
        if result.verdict is Verdict.NOT_EXERCISED and name in due and exit_code is None
    ]
    sentences = []
    if broken:
        sentences.append(f"{_some(broken)} broken.")
    sentences += outdated.values()
    if errors:
        sentences.append(f"The suite itself failed on {_names(errors)}.")
    if missed:
        reasons = _reasons(results, missed)
        sentences.append(f"{_some(missed)} of level must not exercised: {reasons}.")
    if exit_code is None:
        if broken or outdated:
            exit_code = ExitCode.VIOLATED
        elif errors:
            exit_code = ExitCode.UNUSABLE
        elif missed:
            exit_code = ExitCode.INCONCLUSIVE
        elif not any(result.verdict in REACHED for result in results.values()):
            exit_code = ExitCode.INCONCLUSIVE
            sentences.insert(0, "No promise was judged.")
        else:
            exit_code = ExitCode.CONFORMANT
    elif exit_code is ExitCode.UNUSABLE and broken:
        exit_code = ExitCode.VIOLATED
    if exit_code is ExitCode.CONFORMANT:
        passed = sum(result.verdict is Verdict.PASSED for result in results.values())
        broken_too = any(result.verdict in BROKEN for result in results.values())
        kept = f"Every promise that {'counts' if broken_too else 'was checked'} is kept: {passed} passed."
        sentences.insert(0, kept if passed else "Nothing is broken, and nothing was to be kept.")
    left_out = sum(result.verdict is Verdict.EXCLUDED for result in results.values())
    if left_out:
        sentences.append(f"{left_out} left out.")
    if known:
        sentences.append(f"Known and expected: {_names(known)}.")
    sentences += [f"Not true: {note}." for note in notes]
    if message:
        sentences.insert(0, message)
    return Outcome(exit_code, " ".join(sentences), results, outdated, frozenset(missed))


def known_reason(expected: ExpectedFailure | None, verdict: Verdict) -> str | None:
    """Return why a broken promise was expected to be broken; None when nobody said so in time."""
    if expected is None or verdict not in {Verdict.FAILED, Verdict.WARNED}:
        return None
    if expected.expired(dt.datetime.now(tz=dt.UTC).date()):
        return None
    return f"{expected.reason}, {expected.link}"


def _known(result: PromiseResult, expected: ExpectedFailure | None) -> PromiseResult:
    if expected is None or result.verdict not in BROKEN:
        return result
    return evolve(result, message=f"{result.message} (Known: {expected.reason}, {expected.link})")


def _outdated(
    results: Mapping[str, PromiseResult], expected: Mapping[str, ExpectedFailure], today: dt.date
) -> dict[str, str]:
    sentences = {}
    for name, failure in expected.items():
        if name not in results:
            continue
        if failure.expired(today):
            sentences[name] = f"The expected failure of {name} expired on {failure.expires}."
        elif results[name].verdict in {Verdict.PASSED, Verdict.NOTED}:
            sentences[name] = (
                f"The expected failure of {name} is stale: the target keeps the promise; "
                "take it out of the file."
            )
    return sentences


def _names(names: Sequence[str], limit: int = 6) -> str:
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if names[limit:] else "")


def _reasons(results: Mapping[str, PromiseResult], names: Sequence[str], limit: int = 3) -> str:
    reasons = list(dict.fromkeys(results[name].message or "no reason is known" for name in names))
    return "; ".join(reasons[:limit]) + ("; and more" if reasons[limit:] else "")


def _some(names: Sequence[str]) -> str:
    noun = "promise" if len(names) == 1 else "promises"
    return f"{len(names)} {noun} ({_names(names)})"
