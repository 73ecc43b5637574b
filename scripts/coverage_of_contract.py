"""Measure which of the contract's keywords and statuses a full check reaches on the reference server.

Every keyword of every parameter and body has to be kept by one request and broken by another, and
every documented status to be answered, but for those named here. Exits with 1 otherwise, also where
a status is named here and answered all the same.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from actor_runs_conformance.ledger.contract import document

# Installed by `nox -s coverage-of-contract` alone, so that nothing else can come to need it.
tracecov: Any = importlib.import_module("tracecov")

NOT_PROVOKED = {
    "402": "the accounts of the reference server have no limits that could be exceeded",
    "403": "the reference server answers a stranger with 404, as the documents leave free",
    "405": "it is the answer to a method that the contract does not have at this path",
    "408": "the documents leave free whether a wait ends with it; the reference server answers 200",
    "429": "it would take a flood of requests",
}
"""Why a documented status is not answered by the reference server, whatever a good caller sends."""
ANSWERED = {
    ("POST", "/v2/actor-runs/{runId}/reboot", "403"),
    ("GET", "/v2/actor-runs/{runId}", "403"),
}
ANSWERED |= {("POST", "/v2/actor-tasks/{actorTaskId}/runs", "403")}
"""Operations that answer one of these statuses all the same: none of the reasons holds for them."""


def exchanges(report: Path) -> list[dict[str, Any]]:
    """Check the reference server, and return what was sent and answered."""
    command = (sys.executable, "-m", "actor_runs_conformance", "check-server", "--reference")
    subprocess.run([*command, "--report", str(report)], check=True, stdout=subprocess.DEVNULL)
    with (report / "events.jsonl").open(encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    return [event for event in events if event["event"] == "exchange"]


def measured(report: Path) -> Any:  # noqa: ANN401 - a class of the tool
    """Return the coverage of the contract by a full check of the reference server."""
    coverage = tracecov.CoverageMap.from_dict(dict(document()))
    for exchange in exchanges(report):
        sent, answer = exchange["request"], exchange["response"]
        body = (sent["body"] or "").encode() or None
        request = tracecov.HttpRequest(sent["method"], sent["url"], body, sent["headers"])
        response = None
        if answer is not None:
            content = (answer["body"] or "").encode()
            response = tracecov.HttpResponse(answer["status"], 0.0, content, answer["headers"])
        coverage.record(request, response)
    return coverage


def main() -> int:
    """Measure, say what is missing, and return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        coverage = measured(Path(folder) / "report")
    print(coverage.generate_text_summary())
    gaps = coverage.coverage_gaps()
    silent = {
        (gap["method"], gap["path"], gap["status_code"])
        for gap in gaps
        if gap["kind"] == "response_uncovered"
    }
    documented = {
        (method.upper(), path, status)
        for path, item in document()["paths"].items()
        for method, operation in item.items()
        if method in ("get", "put", "post")
        for status in map(str, operation["responses"])
        if status in NOT_PROVOKED
    }
    problems = [
        f"not reached: {json.dumps(gap)}"
        for gap in gaps
        if gap["kind"] not in ("response_uncovered", "example_unseen")
    ]
    expected = documented - ANSWERED
    problems += [f"never answered: {' '.join(one)}" for one in sorted(silent - expected)]
    problems += [f"answered after all: {' '.join(one)}" for one in sorted(expected - silent)]
    for status, reason in NOT_PROVOKED.items():
        count = [one[2] for one in silent].count(status)
        print(f"{status} is never answered by {count} of the operations: {reason}")
    print("\n".join(problems) or "Every keyword and every other status is reached.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
