"""report.json: the verdicts as data, by the published report.schema.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.report.causes import causes
from actor_runs_conformance.report.standing import standings

if TYPE_CHECKING:
    from typing import TextIO

    from actor_runs_conformance.events.reader import Log
    from actor_runs_conformance.report.causes import Cause
    from actor_runs_conformance.report.model import Report, Verdict
    from actor_runs_conformance.report.standing import Standing

SCHEMA = 1


def summarize(report: Report) -> dict[str, Any]:
    """Return the content of report.json."""
    start, end = report.start, report.end
    return {
        "schema": SCHEMA,
        "version": start.version,
        "ledger": start.ledger,
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
        "scope": start.scope,
        "scopes": [_scope(standing) for standing in standings(report)],
        "causes": [_cause(cause) for cause in causes(report)],
        "promises": [_promise(report, verdict) for verdict in report.verdicts],
    }


def _scope(standing: Standing) -> dict[str, Any]:
    return {
        "scope": standing.scope,
        "verdict": standing.verdict,
        "kept": standing.kept,
        "of": standing.of,
        "broken": list(standing.broken),
        "decides": standing.decides,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "key": cause.key,
        "title": cause.title,
        "verdict": cause.verdict.verdict if cause.verdict else None,
        "found": cause.found,
        "todo": cause.todo,
        "target_file": cause.target_file or None,
        "unlocks": [verdict.id for verdict in cause.folded],
    }


def _promise(report: Report, verdict: Verdict) -> dict[str, Any]:
    promise = report.promises.get(verdict.id)
    return {
        "id": verdict.id,
        "operation": verdict.operation,
        "level": verdict.level,
        "scope": promise.scope if promise else None,
        "text": promise.text if promise else None,
        "verdict": verdict.verdict,
        "message": verdict.message,
        "expected": verdict.expected,
        "observed": verdict.observed,
        "reproduce": verdict.reproduce,
        "alone": verdict.alone,
        "because": verdict.because,
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
