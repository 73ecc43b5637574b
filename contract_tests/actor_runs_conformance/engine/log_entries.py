"""The events that a check writes, of a target or of a client: start, promises, findings, verdicts, end."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from actor_runs_conformance.events.reader import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from actor_runs_conformance.events.writer import Log
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.ledger.promise import Promise, Side
    from actor_runs_conformance.results.finding import Finding, PromiseResult
    from actor_runs_conformance.results.outcome import Outcome


def write_start(log: Log, **asked: JsonValue) -> None:
    """Write when the check began, and what is asked of whom."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    log.write("start", at=0.0, schema=SCHEMA, time=now, version=version("actor-runs"), **asked)


def write_finding(log: Log, finding: Finding) -> None:
    """Write a finding as an event of the log."""
    log.write(
        "finding",
        promise=finding.promise,
        check=finding.check,
        verdict=finding.verdict,
        message=finding.message,
        expected=finding.expected,
        observed=finding.observed,
        exchanges=finding.exchanges,
        reproduce=finding.reproduce,
        because=finding.because,
    )


def write_promises(
    log: Log, promises: Iterable[Promise], side: Literal["server", "client"]
) -> None:
    """Write each promise that is to be judged on this side."""
    for promise in promises:
        checked: Side = getattr(promise, side)
        log.write(
            "promise",
            id=promise.id,
            operation=promise.operation,
            level=promise.level,
            scope=promise.scope,
            text=promise.text,
            source=[
                {"document": source.document, "says": source.says} for source in promise.source
            ],
            pointer=promise.pointer,
            kind=checked.kind if side == "server" else "situation",
            check=checked.check if side == "server" else checked.situation,
            unchecked=checked.unchecked,
        )


def write_results(
    log: Log,
    results: Mapping[str, PromiseResult],
    ledger: Mapping[str, Promise],
    *,
    known: Mapping[str, str | None],
    seed: int,
    repeat: Callable[[str], str],
) -> None:
    """Write the final word on each promise; `repeat` gives the command that judges it alone."""
    for name, result in results.items():
        promise = ledger[name]
        log.write(
            "verdict",
            id=name,
            operation=promise.operation,
            level=promise.level,
            verdict=result.verdict,
            message=result.message,
            expected=result.expected,
            observed=result.observed,
            reproduce=result.reproduce,
            evidence=result.evidence,
            exchanges=result.exchanges,
            seed=seed,
            alone=repeat(name),
            known=known.get(name),
            because=result.because,
        )


def write_end(
    log: Log,
    outcome: Outcome,
    *,
    requests: int,
    generated_cases: int = 0,
    runs_started: int = 0,
    seconds: float | None = None,
) -> None:
    """Write what came of the check, and what it cost; `seconds` are those of the log when not given."""
    log.write(
        "end",
        exit_code=int(outcome.exit_code),
        verdict=outcome.verdict,
        counts=outcome.counts,
        cost={
            "requests": requests,
            "generated_cases": generated_cases,
            "runs_started": runs_started,
            "seconds": round(log.now() if seconds is None else seconds, 1),
        },
        message=outcome.message,
    )
