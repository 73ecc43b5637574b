"""Findings: what checks say of promises, and how many findings become one verdict.

A check says whether a promise is kept and which exchanges show it. Several checks may judge one
promise, each several times. A breach outweighs everything, and nothing is `passed` without an
exchange that shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from actor_runs_conformance.http.curl import reproduce
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.results.verdict import BROKEN, KEPT, WEIGHT, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.ledger.promise import Promise

SHOWN = 3
"""How many breaches of one promise a check has written out; the rest are counted."""

NEVER_SENT = "the target never sent it"
"""The reason for a field that a target may leave out."""
NOT_OFFERED = "is not offered: "
"""In the message about an operation that a target does not have."""
ONLY_THOROUGH = "only --profile thorough has the time for it"
"""The reason for what takes more than a minute, in the other profiles."""
NO_STORAGES = "the target does not serve the storages of runs"
NO_RESULTS = "the target serves no dataset with a result of the fixture Actor"
NO_DEFAULTS = "the target shows no input schema with a default that the task leaves as it is"
"""Reasons for what only those targets can show that serve more than the operations."""
LEFT_OUT_BY_QUICK = "left out by --profile quick"
"""The reason for what takes long, where a client is judged quickly."""
UNSUPPORTED = "the client does not do this"
"""How the reason begins for what a client does not offer; what its driver says of it follows."""
NOT_DUE = {
    NEVER_SENT: "never sent",
    ONLY_THOROUGH: "only by --profile thorough",
    NO_STORAGES: "about storages that are not served",
    NO_RESULTS: "about results that are not served",
    NO_DEFAULTS: "about an input schema that is not shown",
    LEFT_OUT_BY_QUICK: "only by --profile full",
    UNSUPPORTED: "not done by the client",
}
"""How reasons begin by which nothing that had to be exercised is missing, with words for a count."""

EVIDENCE_SHOWN = 20
"""How many exchanges a finding or a result names at most."""


def not_due(reason: str | None) -> str | None:
    """Return the words for a reason by which nothing that had to be exercised is missing, or None."""
    found = (words for start, words in NOT_DUE.items() if (reason or "").startswith(start))
    return next(found, None)


@frozen
class Finding:
    """One judgement of one promise.

    `kept` is None when the check did not reach what it judges; `message` then says why, and
    `because` what is to blame: the id of a promise, or a cause of the ledger. `exchanges` are the ids of the exchanges that show it. The rest is filled in by `Findings`: the check's name,
    the verdict, a curl command with `$APIFY_TOKEN` in the token's place, how often it was found, and
    by `seen_by` which check made the last of the exchanges.
    """

    promise: str
    kept: bool | None
    message: str | None = None
    expected: Any = None
    observed: Any = None
    exchanges: tuple[int, ...] = ()
    verdict: Verdict = Verdict.NOT_EXERCISED
    check: str = ""
    reproduce: str | None = None
    count: int = 1
    because: str | None = None
    seen_by: str | None = None


def kept(promise: str) -> Finding:
    """Return the finding that a promise is kept."""
    return Finding(promise, kept=True)


def broken(promise: str, message: str, expected: JsonValue, observed: JsonValue) -> Finding:
    """Return the finding that a promise is broken."""
    return Finding(promise, False, message, expected, observed)  # noqa: FBT003


def noted(promise: str, message: str, observed: JsonValue = None) -> Finding:
    """Return what a target does where the documents leave it free."""
    return Finding(promise, kept=True, message=message, observed=observed)


def not_exercised(promise: str, reason: str, *, because: str | None = None) -> Finding:
    """Return the finding that a check could not reach what it judges, and what is to blame."""
    return Finding(promise, kept=None, message=reason, because=because)


def suite_error(promise: str, reason: str) -> Finding:
    """Return the finding that the suite itself failed."""
    return Finding(promise, kept=None, message=reason, verdict=Verdict.ERROR)


@frozen
class PromiseResult:
    """The final word on one promise; `evidence` counts the findings that it rests on.

    `check` found it, by an exchange that `seen_by` made.
    """

    promise: str
    verdict: Verdict
    message: str | None = None
    expected: Any = None
    observed: Any = None
    reproduce: str | None = None
    exchanges: tuple[int, ...] = ()
    evidence: int = 0
    because: str | None = None
    check: str = ""
    seen_by: str | None = None


@define
class Findings:
    """The findings so far, by promise.

    A kept promise is recorded once for each check and its further evidence counted; of a broken one
    the first `SHOWN` breaches are recorded. `record` takes each finding that is recorded, `keep`
    each exchange that a finding names. `reproducible` says whether an exchange can be sent again
    by hand.
    """

    ledger: Mapping[str, Promise]
    redactor: Redactor = field(factory=lambda: Redactor([]))
    record: Callable[[Finding], None] = lambda _: None
    reproducible: bool = True
    keep: Callable[[Exchange], None] = lambda _: None
    by_promise: dict[str, dict[tuple[str, str, bool | None], Finding]] = field(factory=dict)

    def add(self, check: str, finding: Finding, *exchanges: Exchange) -> None:
        """Add a finding that rests on these exchanges; the last is the one to reproduce.

        Raises:
            KeyError: the ledger has no such promise.
        """
        findings = self.by_promise.setdefault(finding.promise, {})
        key = (check, "" if finding.kept else str(finding.message), finding.kept)
        if key in findings:
            earlier = findings[key]
            shown = earlier.exchanges
            if len(shown) < EVIDENCE_SHOWN:
                self._keep(exchanges)
                shown = (*shown, *finding.exchanges, *(exchange.id for exchange in exchanges))
            more = earlier.count + 1
            findings[key] = evolve(earlier, count=more, exchanges=shown[:EVIDENCE_SHOWN])
            return
        finding = self._completed(finding, check, exchanges)
        breaches = [key for key in findings if key[0] == check and key[2] is False]
        if finding.kept is False and len(breaches) >= SHOWN:
            last = breaches[-1]
            findings[last] = evolve(findings[last], count=findings[last].count + 1)
            return
        findings[key] = finding
        self._keep(exchanges)
        self.record(finding)

    def _keep(self, exchanges: tuple[Exchange, ...]) -> None:
        for exchange in exchanges:
            self.keep(exchange)

    def _completed(self, finding: Finding, check: str, exchanges: tuple[Exchange, ...]) -> Finding:
        ids = (*finding.exchanges, *(exchange.id for exchange in exchanges))
        seen_by = exchanges[-1].check if exchanges else None
        finding = evolve(finding, check=check, exchanges=ids, seen_by=seen_by)
        level = self.ledger[finding.promise].level
        if finding.kept is None:
            return finding
        verdict = (KEPT if finding.kept else BROKEN)[level]
        if finding.kept and level != "open":
            # Only what is broken or left open has something to say.
            return evolve(finding, verdict=verdict, message=None, expected=None, observed=None)
        by_curl = self.reproducible and exchanges
        command = reproduce(exchanges[-1], self.redactor) if by_curl else None
        return evolve(finding, verdict=verdict, reproduce=command)

    def has(self, promise: str, check: str) -> bool:
        """Whether this check has said anything of this promise."""
        return any(key[0] == check for key in self.by_promise.get(promise, {}))

    def result(self, promise: str) -> PromiseResult:
        """Return the verdict on a promise as it stands."""
        return roll_up(promise, list(self.by_promise.get(promise, {}).values()))


def roll_up(promise: str, findings: Sequence[Finding]) -> PromiseResult:
    """Return the verdict on a promise from every finding about it.

    Without any finding it is `not_exercised`; `passed` without an exchange is `not_exercised` too.
    For an `open` promise the message of a breach goes before that of a kept promise. Of several
    reasons why it was not exercised one is told, whichever check came to its end first.
    """
    sound = [_sound(finding) for finding in findings]
    for verdict in WEIGHT:
        chosen = [finding for finding in sound if finding.verdict is verdict]
        if not chosen:
            continue
        if verdict is Verdict.NOT_EXERCISED:
            chosen.sort(key=_most_telling)
        first = next((finding for finding in chosen if finding.kept is False), chosen[0])
        shown = [finding for finding in chosen if finding.exchanges]
        ids = (*first.exchanges, *(id_ for finding in shown for id_ in finding.exchanges))
        return PromiseResult(
            promise=promise,
            verdict=verdict,
            message=first.message,
            expected=first.expected,
            observed=first.observed,
            reproduce=first.reproduce,
            exchanges=tuple(dict.fromkeys(ids))[:EVIDENCE_SHOWN],
            evidence=sum(finding.count for finding in shown),
            because=first.because,
            check=first.check,
            seen_by=first.seen_by,
        )
    return PromiseResult(promise, Verdict.NOT_EXERCISED, "no check reached it")


def _most_telling(finding: Finding) -> tuple[bool, bool, str]:
    """Sort what was seen not to be due first, then what names a cause, then by the check."""
    return not_due(finding.message) is None, finding.because is None, finding.check


def _sound(finding: Finding) -> Finding:
    if finding.verdict is Verdict.PASSED and not finding.exchanges:
        return evolve(
            finding, verdict=Verdict.NOT_EXERCISED, message="a check passed it without evidence"
        )
    return finding
