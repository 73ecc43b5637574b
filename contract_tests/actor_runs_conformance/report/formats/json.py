"""report.json: the verdicts as data, by the published report.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TextIO

    from actor_runs_conformance.events.reader import Log
    from actor_runs_conformance.report.model import Report, Verdict

SCHEMA = 1


def summarize(report: Report) -> dict[str, Any]:
    """Return the content of report.json."""
    start, end = report.start, report.end
    return {
        "schema": SCHEMA,
        "version": start.version,
        "time": start.time,
        "target": start.target,
        "task": start.task,
        "profile": start.profile,
        "seed": start.seed,
        "strict": start.strict,
        "command": start.command,
        "exit_code": end.exit_code,
        "verdict": end.verdict,
        "message": end.message,
        "cut_off": report.cut_off,
        "still_running": [run.id for run in report.still_running],
        "numbers": {name.replace(" ", "_"): number for name, number in report.numbers.items()},
        "counts": report.counts,
        "cost": {
            "requests": end.cost.requests,
            "generated_cases": end.cost.generated_cases,
            "runs_started": end.cost.runs_started,
            "seconds": end.cost.seconds,
        },
        "promises": [_promise(report, verdict) for verdict in report.verdicts],
    }


def _promise(report: Report, verdict: Verdict) -> dict[str, Any]:
    promise = report.promises.get(verdict.id)
    return {
        "id": verdict.id,
        "operation": verdict.operation,
        "level": verdict.level,
        "text": promise.text if promise else None,
        "verdict": verdict.verdict,
        "message": verdict.message,
        "expected": verdict.expected,
        "observed": verdict.observed,
        "reproduce": verdict.reproduce,
        "alone": verdict.alone,
        "known": verdict.known,
        "evidence": verdict.evidence,
        "exchanges": list(verdict.exchanges),
    }


def as_json(report: Report) -> str:
    """Return report.json as text, in ASCII so that no reader can stumble."""
    return json.dumps(summarize(report), indent=2) + "\n"


def write(report: Report, _log: Log, stream: TextIO) -> None:
    """Write report.json."""
    stream.write(as_json(report))
