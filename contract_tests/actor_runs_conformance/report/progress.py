"""What is known while the suite works, as counts; the terminal draws it."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from threading import Lock
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.report.build import Gathering
from actor_runs_conformance.report.model import PROBLEMS
from actor_runs_conformance.results.verdict import WEIGHT

if TYPE_CHECKING:
    from actor_runs_conformance.report.model import Report

OPEN = "open"
"""In place of a verdict: nothing was judged yet."""


class Progress:
    """Grows event by event; may be fed from one thread and read from another."""

    def __init__(self) -> None:
        self.gathering = Gathering()
        self.phase = ""
        self.budget: int | None = None
        self._lock = Lock()
        self._judged: dict[str, str] = {}
        self._told: set[tuple[str, str]] = set()
        self._waiting: dict[str, dict[str, Any]] = {}
        self._began = time.monotonic()

    def add(self, event: dict[str, Any]) -> None:
        """Take one event."""
        with self._lock:
            self.gathering.add(event)
            match event["event"]:
                case "start":
                    self._began = time.monotonic() - event["at"]
                    self.budget = event.get("max_runs")
                case "phase":
                    self.phase = event["name"]
                case "waiting":
                    self._waiting[event["check"]] = event
                case "finding":
                    self._waiting.pop(event["check"], None)
                    self._judge(event["promise"], event["verdict"])
                case "verdict":
                    self._judged[event["id"]] = event["verdict"]

    def is_news(self, finding: dict[str, Any]) -> bool:
        """Return whether a reader has to hear of a finding, and has not heard of its like yet."""
        like = (finding["promise"], finding["verdict"])
        with self._lock:
            if finding["verdict"] not in PROBLEMS or like in self._told:
                return False
            self._told.add(like)
            return True

    def _judge(self, promise: str, verdict: str) -> None:
        known = self._judged.get(promise)
        if known is None or WEIGHT.index(verdict) < WEIGHT.index(known):
            self._judged[promise] = verdict

    @property
    def began(self) -> bool:
        """Whether the suite has started at all."""
        return bool(self.gathering.start)

    @property
    def seconds(self) -> float:
        """Seconds since the start of the suite."""
        return time.monotonic() - self._began

    def report(self) -> Report:
        """Return the report on what is known by now."""
        with self._lock:
            return self.gathering.report()

    def spent(self) -> tuple[int, int, int]:
        """Return requests, generated cases and runs so far."""
        traffic = self.gathering.traffic
        return traffic.total, traffic.cases.total(), len(self.gathering.runs)

    def by_operation(self) -> dict[str, Counter[str]]:
        """Count the promises that have a check by operation and judgement so far, or `OPEN`."""
        rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
        with self._lock:
            for promise in self.gathering.promises.values():
                if promise.check is not None:
                    rows[promise.operation][self._judged.get(promise.id, OPEN)] += 1
        return rows

    def waits(self) -> list[tuple[str, float]]:
        """Return what is being waited for and the seconds left at most, the longest first."""
        now = self.seconds
        with self._lock:
            left = [(wait["for"], wait["until"] - now) for wait in self._waiting.values()]
        return sorted(
            ((what, wait) for what, wait in left if wait > 0), key=lambda entry: -entry[1]
        )
