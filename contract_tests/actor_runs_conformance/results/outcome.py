"""From the verdicts to the one word and the exit code, known deviations included."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Literal

from attrs import evolve, frozen

from actor_runs_conformance.results.verdict import Conclusion, ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from actor_runs_conformance.ledger.ledger import Promise
    from actor_runs_conformance.target.target_file import ExpectedFailure

Overall = Literal["conformant", "violated", "inconclusive", "error"]
OVERALL: Mapping[ExitCode, Overall] = {
    ExitCode.CONFORMANT: "conformant",
    ExitCode.VIOLATED: "violated",
    ExitCode.UNUSABLE: "error",
    ExitCode.INCONCLUSIVE: "inconclusive",
    ExitCode.INTERRUPTED: "error",
}


@frozen
class Outcome:
    """What came of a check of a target."""

    exit_code: ExitCode
    message: str
    conclusions: Mapping[str, Conclusion]

    @property
    def verdict(self) -> Overall:
        """The exit code as one word."""
        return OVERALL[self.exit_code]

    @property
    def counts(self) -> dict[str, int]:
        """How many promises have each verdict."""
        found = Counter(conclusion.verdict for conclusion in self.conclusions.values())
        return {str(verdict): found[verdict] for verdict in Verdict}


def sum_up(
    conclusions: Mapping[str, Conclusion],
    ledger: Mapping[str, Promise],
    expected: Mapping[str, ExpectedFailure],
    *,
    strict: bool = False,
    exit_code: ExitCode | None = None,
    message: str | None = None,
    notes: Sequence[str] = (),
    today: dt.date | None = None,
) -> Outcome:
    """Weigh the verdicts.

    `exit_code` is given when the check could not go its way; a breach that was found before
    still counts, unless the user interrupted. A known deviation does not break the run; one that
    is kept by now, or has expired, does.
    """
    today = today or dt.datetime.now(tz=dt.UTC).date()
    told = {name: _known(one, expected.get(name)) for name, one in conclusions.items()}
    breaking = (Verdict.FAILED, Verdict.WARNED) if strict else (Verdict.FAILED,)
    broken = [n for n, one in told.items() if one.verdict in breaking and n not in expected]
    outdated = _outdated(told, expected, today)
    errors = [name for name, one in told.items() if one.verdict is Verdict.ERROR]
    missed = [
        name
        for name, one in told.items()
        if one.verdict is Verdict.NOT_EXERCISED
        and ledger[name].level == "must"
        and ledger[name].server.check
    ]
    known = [n for n, one in told.items() if one.verdict in breaking and n in expected]
    sentences = []
    if broken:
        sentences.append(f"{_some(broken)} broken.")
    sentences += outdated
    if errors:
        sentences.append(f"The suite itself failed on {_names(errors)}.")
    if missed and exit_code is None:
        sentences.append(f"{_some(missed)} of level must not exercised: {_reasons(told, missed)}.")
    if exit_code is None:
        if broken or outdated:
            exit_code = ExitCode.VIOLATED
        elif errors:
            exit_code = ExitCode.UNUSABLE
        elif missed:
            exit_code = ExitCode.INCONCLUSIVE
        else:
            exit_code = ExitCode.CONFORMANT
    elif exit_code is ExitCode.UNUSABLE and broken:
        exit_code = ExitCode.VIOLATED
    if exit_code is ExitCode.CONFORMANT:
        passed = sum(one.verdict is Verdict.PASSED for one in told.values())
        sentences.insert(0, f"Every promise that was checked is kept: {passed} passed.")
    left_out = sum(one.verdict is Verdict.EXCLUDED for one in told.values())
    if left_out:
        sentences.append(f"{left_out} left out.")
    if known:
        sentences.append(f"Known and expected: {_names(known)}.")
    sentences += [f"Not true: {note}." for note in notes]
    if message:
        sentences.insert(0, message)
    return Outcome(exit_code, " ".join(sentences), told)


def _known(conclusion: Conclusion, deviation: ExpectedFailure | None) -> Conclusion:
    if deviation is None or conclusion.verdict not in {Verdict.FAILED, Verdict.WARNED}:
        return conclusion
    return evolve(
        conclusion,
        message=f"{conclusion.message} (Known: {deviation.reason}, {deviation.link})",
    )


def _outdated(
    told: Mapping[str, Conclusion], expected: Mapping[str, ExpectedFailure], today: dt.date
) -> list[str]:
    sentences = []
    for name, deviation in expected.items():
        if name not in told:
            continue
        if deviation.expired(today):
            sentences.append(f"The expected deviation {name} expired on {deviation.expires}.")
        elif told[name].verdict in {Verdict.PASSED, Verdict.NOTED}:
            sentences.append(
                f"The expected deviation {name} is stale: the target keeps the promise; "
                "take it out of the file."
            )
    return sentences


def _names(names: Sequence[str], limit: int = 6) -> str:
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if names[limit:] else "")


def _reasons(told: Mapping[str, Conclusion], names: Sequence[str], limit: int = 3) -> str:
    reasons = list(dict.fromkeys(told[name].message or "no reason is known" for name in names))
    return "; ".join(reasons[:limit]) + ("; and more" if reasons[limit:] else "")


def _some(names: Sequence[str]) -> str:
    return f"{len(names)} promise{'s' * (len(names) > 1)} ({_names(names)})"
