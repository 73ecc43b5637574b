"""Runs the suite on a target: inside this process, or as the command that users start."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from functools import cache
from pathlib import Path

from attrs import frozen

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.cli.options import parse
from actor_runs_conformance.engine.engine import Engine
from actor_runs_conformance.events.writer import FILE, Event, Log
from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.results.finding import not_due
from actor_runs_conformance.results.outcome import Outcome
from tests.support.targets import Target

BROKEN = ("failed", "warned")
INTERRUPTED = 130

# The matrix spends its processor time on generated cases: each process that draws some takes two
# seconds to begin, and a check of everything draws about 1,100 by default.
ONE_WORKER = ("--workers", "1")
FEW_CASES = ("--cases", "300", *ONE_WORKER)


@frozen
class Checked:
    """What a check of a target gave: the events of its log, and its end."""

    exit_code: int
    message: str
    events: tuple[Event, ...]
    output: str = ""

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["event"] == kind]

    @property
    def findings(self) -> list[Event]:
        """The findings that say that a promise is broken, as they came."""
        return [event for event in self.of("finding") if event["verdict"] in BROKEN]

    @property
    def verdicts(self) -> dict[str, Event]:
        return {event["id"]: event for event in self.of("verdict")}

    def with_verdict(self, *verdicts: str, level: str | None = None) -> set[str]:
        return {
            name
            for name, event in self.verdicts.items()
            if event["verdict"] in verdicts and level in (None, event["level"])
        }

    @property
    def missed(self) -> set[str]:
        """The musts that were not exercised, but for those that were not due."""
        names = self.with_verdict("not_exercised", level="must")
        return {name for name in names if not not_due(self.verdicts[name]["message"])}

    @property
    def errors(self) -> list[str]:
        """What the suite says of its own failures."""
        return [event["message"] for event in self.of("finding") if event["verdict"] == "error"]


def _environment(target: Target) -> dict[str, str]:
    return {"APIFY_TOKEN": target.token, "APIFY_SECOND_TOKEN": target.other_token}


Until = Callable[[Event], bool]


def never(_finding: Event) -> bool:
    return False


def check(
    target: Target,
    *arguments: str,
    only: Iterable[str] = (),
    until: Until = never,
) -> Checked:
    """Check a target inside this process; stop once something is found as `until` describes it."""
    words = [target.url, "--task", target.task, "--actor", target.actor, *arguments]
    if chosen := ",".join(only):
        words += ["--only", chosen]
    options = parse(words, _environment(target))
    all_checks()
    log = Log(None, Redactor([target.token, target.other_token]))
    events: list[Event] = []
    log.listeners.append(events.append)
    engine = Engine(options, options.target, log, ledger.by_id(), say=lambda _line: None)
    outcome = asyncio.run(_run(engine, log, until))
    log.close()
    return Checked(int(outcome.exit_code), outcome.message, tuple(events))


async def _run(engine: Engine, log: Log, until: Until) -> Outcome:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def heard(event: Event) -> None:
        if event["event"] == "finding" and event["verdict"] in BROKEN and until(event):
            log.listeners.remove(heard)
            loop.call_soon_threadsafe(task.cancel)

    log.listeners.append(heard)
    return await engine.run()


def command(target: Target, *arguments: str, report: Path | None = None) -> Checked:
    """Check a target by `actor-runs check-server`, a process of its own."""
    words = [sys.executable, "-m", "actor_runs_conformance", "check-server", target.url]
    words += ["--task", target.task, "--actor", target.actor, *arguments]
    if report is not None:
        words += ["--report", str(report)]
    done = subprocess.run(
        words,
        env={**os.environ, **_environment(target)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    events: list[Event] = []
    if report is not None and (report / FILE).exists():
        with (report / FILE).open(encoding="utf-8") as lines:
            events = [json.loads(line) for line in lines]
    message = next((event["message"] for event in events if event["event"] == "end"), "")
    return Checked(done.returncode, message, tuple(events), done.stdout + done.stderr)


@cache
def judged_by(kind: str) -> frozenset[str]:
    """Return the promises that checks of this kind judge, each as `--only` takes it of that check."""
    return frozenset(
        f"{promise}@{one.name}"
        for one in all_checks().values()
        if one.kind == kind
        for promise in one.promises
    )


def unrelated(findings: list[Event], related: Collection[str]) -> list[str]:
    """Return the findings on promises that are not related, one line each."""
    return [
        f"{event['promise']} by {event['check']}: {event['message']}"
        for event in findings
        if event["promise"] not in related
    ]
