"""What a report is about: the values that every format is rendered from.

Report
  ├── Start          the first event: target, seed, command ...
  ├── Promise        what was promised, one each
  ├── Verdict        what was found, one each
  ├── CheckSeen      when a check was at work
  ├── RunSeen        a run on the target and the statuses it was seen in
  ├── Traffic        how many exchanges, by operation and answer
  └── End            the last event; its exit code is None when the run was cut off
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import define, field, frozen

from actor_runs_conformance.ledger.statuses import TERMINAL

VERDICTS = ("passed", "failed", "warned", "noted", "not_exercised", "excluded", "error")
"""Every verdict, in the order of report.json."""

GRAVITY = ("failed", "error", "warned", "not_exercised", "excluded", "noted", "passed")
"""Every verdict, what needs a reader first."""

PROBLEMS = ("failed", "error", "warned")
"""Verdicts that call for something to be done; the others are only counted."""

TITLES = {
    "passed": "passed",
    "failed": "failed",
    "warned": "warned",
    "noted": "noted",
    "not_exercised": "not exercised",
    "excluded": "excluded",
    "error": "suite error",
}

OVERALL = {
    "conformant": "Conformant",
    "violated": "Violated",
    "inconclusive": "Inconclusive",
    "error": "No verdict",
}
"""The verdicts on a whole target, as a heading says them."""


@frozen
class Source:
    """Where a promise is written: the document and the few words that say it."""

    document: str
    says: str


@frozen
class Promise:
    """A promise of the ledger, as the log carries it."""

    id: str
    operation: str
    level: str
    text: str
    source: tuple[Source, ...]
    pointer: str | None
    """JSON pointer into openapi.yaml; None when it lives at no single place."""
    kind: str | None
    check: str | None
    unchecked: str | None
    """Why nothing checks it; None when something does."""
    scope: str | None = None
    """`documents` or `platform`; None in a log that was written before there were scopes."""


@frozen
class Verdict:
    """What was found about one promise."""

    id: str
    operation: str
    level: str
    verdict: str
    message: str | None
    expected: Any
    observed: Any
    reproduce: str | None
    """A shell command that shows it again; None when there is none."""
    evidence: int
    """How many judgements it rests on."""
    exchanges: tuple[int, ...]
    """The ids of exchanges that it rests on, the most relevant first."""
    seed: int | None
    alone: str | None
    """The command that checks this promise alone."""
    because: str | None = None
    """Why it was not exercised: the id of a broken promise, or a cause such as `fixture`."""
    known: str | None = None
    """Why a broken promise was expected to be, so that it does not count; None when it was not."""


@frozen
class Start:
    """How the suite was started."""

    time: str
    version: str
    target: str
    task: str | None
    seed: int | None
    profile: str
    max_runs: int | None
    workers: int | None
    command: str
    strict: bool
    scope: str | None = None
    """Which promises decide the verdict: `documents`, or `platform` for all; None for all, too."""
    ledger: str | None = None
    """Version of the ledger; None when the log does not know it."""


@frozen
class Cost:
    """What it cost the target: requests, generated cases, runs, and wall-clock seconds."""

    requests: int
    generated_cases: int
    runs_started: int
    seconds: float


@frozen
class End:
    """How it ended."""

    exit_code: int | None
    """None when the suite was cut off before it had one."""
    verdict: str
    message: str | None
    cost: Cost


@define
class CheckSeen:
    """When a check sent its first request and got its last answer, in seconds after the start."""

    began: float
    ended: float
    """Not before the last finding of the check."""

    @property
    def seconds(self) -> float:
        """How long the check was at work."""
        return self.ended - self.began


@define
class State:
    """A run was seen in a status, `at` seconds after the start."""

    at: float
    status: str
    exchange: int | None
    until: float
    """When it was last seen in it: what happened between then and the next state is not known."""


@define
class RunSeen:
    """A run that the suite started, and what it saw of it."""

    id: str
    started: float
    """Seconds after the start of the suite."""
    check: str | None
    states: list[State] = field(factory=list)
    ended: float | None = None
    ended_status: str | None = None
    by: str | None = None
    looked: float | None = None
    """When it was last looked at without a change that is known of yet."""

    def look(self, at: float | None) -> None:
        """Note that the run was looked at; the look before this one had shown no change."""
        if self.looked is not None and self.states:
            self.states[-1].until = max(self.states[-1].until, self.looked)
        self.looked = at

    @property
    def last_status(self) -> str | None:
        """The status it was last known in; None when none was ever seen."""
        return self.ended_status or (self.states[-1].status if self.states else None)

    @property
    def may_be_going_on(self) -> bool:
        """Whether nothing in the log says that it has come to an end."""
        return self.last_status not in TERMINAL


@define
class Traffic:
    """Every exchange, counted; `offsets` says where in the log each one is."""

    total: int = 0
    by_answer: Counter[tuple[str, str]] = field(factory=Counter)
    """By (operation, status code or error)."""
    seconds: float = 0.0
    """The target's answer times, added up."""
    offsets: dict[int, int] = field(factory=dict)
    sample: list[int] = field(factory=list)
    """The first few ids of each operation and answer."""
    cases: Counter[str] = field(factory=Counter)
    """Generated cases by operation."""
    logged_further: Counter[tuple[str, str]] = field(factory=Counter)
    """Of the cases that are only counted, those whose exchange is logged all the same."""


@define
class Report:
    """Everything a log says, ready to be rendered."""

    start: Start
    promises: dict[str, Promise]
    verdicts: list[Verdict]
    runs: list[RunSeen]
    checks: dict[str, CheckSeen]
    phases: list[tuple[float, str]]
    traffic: Traffic
    end: End
    cut_off: bool
    """The log has no end event: the suite was killed, or still works."""
    seconds: float
    """When the last event happened, in seconds after the start."""
    unreadable: int
    """Lines of the log that were left out."""

    @property
    def of_client(self) -> bool:
        """Whether a client was judged, and not a server."""
        return self.start.command.startswith("actor-runs check-client ")

    @property
    def spent(self) -> str:
        """What the check cost, in words; a client costs requests and time alone."""
        cost = self.end.cost
        took = f"{cost.seconds:.1f} s"
        if self.of_client:
            return f"{cost.requests} requests, {took}"
        return (
            f"{cost.requests} requests, {cost.generated_cases} generated cases, "
            f"{cost.runs_started} runs, {took}, seed {self.start.seed}"
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many promises have each verdict; every verdict is a key."""
        found = Counter(verdict.verdict for verdict in self.verdicts)
        return {name: found[name] for name in VERDICTS}

    @property
    def numbers(self) -> dict[str, int]:
        """The three numbers, of the promises that bind: conformant, violated, not established.

        With --strict a broken `should` counts as violated. In none of the three: what is outside
        of --scope, left open by the documents, excluded, warned of, or known to be broken.
        """
        breaking = {"failed", "warned"} if self.start.strict else {"failed"}
        binding = [
            verdict
            for verdict in self.verdicts
            if verdict.level != "open" and self.counts_for(verdict)
        ]
        return {
            "conformant": sum(verdict.verdict == "passed" for verdict in binding),
            "violated": sum(
                verdict.verdict in breaking and verdict.known is None for verdict in binding
            ),
            "not established": sum(
                verdict.verdict in {"not_exercised", "error"} for verdict in binding
            ),
        }

    def counts_for(self, verdict: Verdict) -> bool:
        """Return whether a promise is of a scope that decides the verdict on the target."""
        promise = self.promises.get(verdict.id)
        return self.start.scope != "documents" or not promise or promise.scope != "platform"

    @property
    def still_running(self) -> list[RunSeen]:
        """The runs that may be going on at the target."""
        return [run for run in self.runs if run.may_be_going_on]
