"""From events to a report: one pass over the log, whatever its length.

Exchanges are counted and remembered by offset only. When the suite was cut off there are no final
verdicts: they are then put together from the findings that it had.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.events.writer import FURTHER
from actor_runs_conformance.report.model import (
    CheckSeen,
    Cost,
    End,
    Promise,
    Report,
    RunSeen,
    Source,
    Start,
    State,
    Traffic,
    Verdict,
)
from actor_runs_conformance.results.verdict import WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from actor_runs_conformance.events.reader import Event, Log

SAMPLES = 2
"""Exchanges kept of each operation and answer, beside those that are evidence."""

KEPT = 12
"""Exchanges kept as evidence of one promise."""


def collect(log: Log) -> Report:
    """Read a log to its end and return what it says; raises UnreadableLogError."""
    gathering = Gathering()
    for offset, event in log.events():
        gathering.add(event, offset)
    return gathering.report(log.unreadable)


class Gathering:
    """A report that grows, event by event; kinds that are not known are passed over.

    It may also be fed while the suite works, where no log is kept.
    """

    def __init__(self) -> None:
        self.start: Event = {}
        self.end: Event | None = None
        self.promises: dict[str, Promise] = {}
        self.findings: defaultdict[str, list[Event]] = defaultdict(list)
        self.verdicts: dict[str, Verdict] = {}
        self.runs: dict[str, RunSeen] = {}
        self.checks: dict[str, CheckSeen] = {}
        self.phases: list[tuple[float, str]] = []
        self.traffic = Traffic()
        self.seconds = 0.0
        self.handlers: dict[str, Callable[[Event], None]] = {
            "start": self._start,
            "promise": self._promise,
            "phase": lambda event: self.phases.append((event["at"], event["name"])),
            "run_started": self._run_started,
            "run_status": self._status,
            "run_ended": self._ended,
            "case": lambda event: self.traffic.cases.update([event["operation"]]),
            FURTHER: self._further,
            "finding": self._finding,
            "verdict": lambda event: self.verdicts.update({event["id"]: verdict(event)}),
            "end": self._end,
        }

    def add(self, event: Event, offset: int | None = None) -> None:
        """Take one event; `offset` is where its line begins in the log, None without a log."""
        at = event.get("at")
        if isinstance(at, int | float):
            self.seconds = max(self.seconds, at)
        if event["event"] == "exchange":
            self._exchange(event, offset)
        elif handler := self.handlers.get(event["event"]):
            handler(event)

    def _further(self, event: Event) -> None:
        """Count cases that have no event of their own; their exchanges are not counted twice."""
        logged = self.traffic.logged_further
        for status, number in event["answers"].items():
            key = (event["operation"], status)
            self.traffic.by_answer[key] += number - logged[key]
            self.traffic.total += number - logged[key]
        self.traffic.cases[event["operation"]] += event["sent"]

    def _at_work(self, check: str | None, began: float, ended: float) -> None:
        if check is None:
            return
        seen = self.checks.setdefault(check, CheckSeen(began, ended))
        seen.ended = max(seen.ended, ended)

    def _finding(self, event: Event) -> None:
        self.findings[event["promise"]].append(event)
        if event["check"] in self.checks:
            self._at_work(event["check"], event["at"], event["at"])

    def _start(self, event: Event) -> None:
        self.start = event

    def _end(self, event: Event) -> None:
        self.end = event

    def _promise(self, event: Event) -> None:
        self.promises[event["id"]] = Promise(
            id=event["id"],
            operation=event["operation"],
            level=event["level"],
            text=event["text"],
            source=tuple(
                Source(source["document"], source["says"]) for source in event.get("source") or ()
            ),
            pointer=event.get("pointer"),
            kind=event.get("kind"),
            check=event.get("check"),
            unchecked=event.get("unchecked"),
            scope=event.get("scope"),
        )

    def _exchange(self, event: Event, offset: int | None) -> None:
        traffic = self.traffic
        traffic.total += 1
        if offset is not None:
            traffic.offsets[event["id"]] = offset
        response = event.get("response")
        self._at_work(
            event.get("check"), event["at"], event["at"] + ((response or {}).get("seconds") or 0.0)
        )
        key = (event.get("operation") or "other", answer(event))
        if event.get("check") == FURTHER:
            traffic.logged_further[key] += 1
        if traffic.by_answer[key] < SAMPLES:
            traffic.sample.append(event["id"])
        traffic.by_answer[key] += 1
        if response:
            seconds = response.get("seconds") or 0.0
            traffic.seconds += seconds
            if (run := self.runs.get(event.get("run") or "")) is not None:
                run.look(event["at"] + seconds)

    def _run_started(self, event: Event) -> None:
        self._run(event)

    def _run(self, event: Event) -> RunSeen:
        known = self.runs.get(event["run"])
        if known is None:
            known = RunSeen(id=event["run"], started=event["at"], check=event.get("check"))
            self.runs[event["run"]] = known
        return known

    def _status(self, event: Event) -> None:
        # Runs that others started are seen as well; a report has only those of the check.
        if (run := self.runs.get(event["run"])) is not None:
            # The answer that showed the new status did not show the old one.
            run.looked = None
            at = event["at"]
            run.states.append(State(at, event["status"], event.get("exchange"), until=at))

    def _ended(self, event: Event) -> None:
        run = self._run(event)
        run.ended, run.ended_status = event["at"], event.get("status")
        run.by = event.get("by")

    def report(self, unreadable: int = 0) -> Report:
        """Return the report on what was gathered; without an `end` event it is cut off."""
        for run in self.runs.values():
            run.look(None)
        verdicts = list(self.verdicts.values())
        cut_off = self.end is None
        if cut_off:
            verdicts += [
                self._folded(promise)
                for promise in self.promises.values()
                if promise.id not in self.verdicts
            ]
        return Report(
            start=start(self.start),
            promises=self.promises,
            verdicts=verdicts,
            runs=list(self.runs.values()),
            checks=self.checks,
            phases=self.phases,
            traffic=self.traffic,
            end=self._ending(verdicts),
            cut_off=cut_off,
            seconds=self.seconds,
            unreadable=unreadable,
        )

    def _folded(self, promise: Promise) -> Verdict:
        """Return what the findings so far say: the worst that reached what it judges."""
        findings = self.findings[promise.id]
        reached = [
            finding for finding in findings if finding["verdict"] != "not_exercised"
        ] or findings
        worst = min(reached, key=lambda finding: WEIGHT.index(finding["verdict"]), default={})
        exchanges = {number for finding in reached for number in finding.get("exchanges") or ()}
        return verdict(
            {
                "verdict": "not_exercised",
                "message": promise.unchecked or "the suite was cut off before it came to this",
                **worst,
                "id": promise.id,
                "operation": promise.operation,
                "level": promise.level,
                "seed": self.start.get("seed"),
                "evidence": len(exchanges),
                "exchanges": worst.get("exchanges") or sorted(exchanges),
            }
        )

    def _ending(self, verdicts: Iterable[Verdict]) -> End:
        event = self.end
        if event is not None:
            return End(event.get("exit_code"), event["verdict"], event.get("message"), self._cost())
        found = {verdict.verdict for verdict in verdicts}
        broken = "failed" in found or ("warned" in found and bool(self.start.get("strict")))
        message = "The suite was cut off before its end: what follows is what was known by then."
        return End(None, "violated" if broken else "inconclusive", message, self._cost())

    def _cost(self) -> Cost:
        cost = (self.end or {}).get("cost") or {}
        return Cost(
            requests=cost.get("requests", self.traffic.total),
            generated_cases=cost.get("generated_cases", self.traffic.cases.total()),
            runs_started=cost.get("runs_started", len(self.runs)),
            seconds=cost.get("seconds", self.seconds),
        )


def answer(exchange: Event) -> str:
    """Return what came back, in a word: the status code or why there was none."""
    response = exchange.get("response")
    return str(response["status"]) if response else str(exchange.get("error") or "no answer")


def start(event: Event) -> Start:
    """Return the start event as a value."""
    return Start(
        time=event.get("time") or "",
        version=event.get("version") or "unknown",
        target=event.get("target") or "unknown",
        task=event.get("task"),
        seed=event.get("seed"),
        profile=event.get("profile") or "full",
        max_runs=event.get("max_runs"),
        workers=event.get("workers"),
        command=event.get("command") or "",
        strict=bool(event.get("strict")),
        scope=event.get("scope"),
        ledger=event.get("ledger"),
    )


def verdict(event: dict[str, Any]) -> Verdict:
    """Return a verdict event as a value."""
    exchanges = tuple(event.get("exchanges") or ())
    return Verdict(
        id=event["id"],
        operation=event["operation"],
        level=event["level"],
        verdict=event["verdict"],
        message=event.get("message"),
        expected=event.get("expected"),
        observed=event.get("observed"),
        reproduce=event.get("reproduce"),
        evidence=event.get("evidence", len(exchanges)),
        exchanges=exchanges[:KEPT],
        seed=event.get("seed"),
        alone=event.get("alone"),
        because=event.get("because"),
        known=event.get("known"),
    )
