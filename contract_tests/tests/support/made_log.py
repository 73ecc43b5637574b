"""Logs made for tests: events.jsonl as the suite writes it, with every verdict in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "http://127.0.0.1:8080"
TASK = "demo~fixture"

# id, operation, level, text, pointer, verdict, message, expected, observed
ROWS: tuple[tuple[str, str, str, str, str | None, str, str | None, Any, Any], ...] = (
    (
        "GET-01",
        "getRun",
        "must",
        "A run that exists is answered with 200 and its Run object.",
        "/paths/~1v2~1actor-runs~1{runId}/get",
        "passed",
        None,
        None,
        None,
    ),
    (
        "GET-07",
        "getRun",
        "should",
        "`waitForFinish` above 60 is clamped to 60 seconds.",
        "/paths/~1v2~1actor-runs~1{runId}/get/parameters/1",
        "warned",
        "waitForFinish=180 was refused; public clients rely on it being clamped.",
        "status 200",
        "status 400",
    ),
    (
        "RUN-03",
        "any",
        "must",
        "A run that has ended has a `finishedAt`.",
        "/components/schemas/Run/properties/finishedAt",
        "failed",
        "The run is SUCCEEDED and `finishedAt` is null.",
        {"status": "SUCCEEDED", "finishedAt": "a date and time"},
        {"status": "SUCCEEDED", "finishedAt": None},
    ),
    (
        "ABT-02",
        "abortRun",
        "must",
        "An aborted run passes through ABORTING and ends ABORTED.",
        "/paths/~1v2~1actor-runs~1{runId}~1abort/post",
        "failed",
        "Within 12 s after the abort (10 s and 20 times the latency) the run was still RUNNING.",
        "ABORTING, then ABORTED",
        "RUNNING",
    ),
    (
        "ABT-05",
        "abortActorRun",
        "must",
        "The deprecated abort path does what the current one does.",
        "/paths/~1v2~1acts~1{actorId}~1runs~1{runId}~1abort/post",
        "not_exercised",
        "No run that the suite started was running any more.",
        None,
        None,
    ),
    (
        "RBT-02",
        "rebootRun",
        "must",
        "A run that has ended cannot be rebooted.",
        "/paths/~1v2~1actor-runs~1{runId}~1reboot/post",
        "passed",
        None,
        None,
        None,
    ),
    (
        "TSK-04",
        "runTask",
        "open",
        "Whether an unknown key in the task's input is kept is left to the target.",
        None,
        "noted",
        "The target keeps unknown keys.",
        None,
        "kept",
    ),
    (
        "TSK-09",
        "runTask",
        "must",
        "A webhook given with the start is called when the run ends.",
        "/paths/~1v2~1actor-tasks~1{actorTaskId}~1runs/post/parameters/8",
        "excluded",
        "The target cannot reach the suite's receiver (target file).",
        None,
        None,
    ),
    (
        "UPD-03",
        "updateRun",
        "must",
        "The status message is read back as it was written.",
        "/paths/~1v2~1actor-runs~1{runId}/put",
        "error",
        "ZeroDivisionError: division by zero in check update_message",
        None,
        None,
    ),
)


@define
class MadeLog:
    """A log that grows event by event; `write` puts it into a directory."""

    events: list[dict[str, Any]] = field(factory=list)
    clock: float = 0.0
    exchanges: int = 0

    def add(self, kind: str, /, **values: Any) -> dict[str, Any]:
        self.clock += 0.01
        event = {"event": kind, "at": round(self.clock, 3), **values}
        self.events.append(event)
        return event

    def start(self, **values: Any) -> None:
        defaults = {
            "schema": 1,
            "time": "2026-01-02T03:04:05.678Z",
            "version": "0.1.0",
            "target": TARGET,
            "task": TASK,
            "seed": 1,
            "profile": "full",
            "max_runs": 40,
            "workers": 2,
            "command": f"actor-runs check-server {TARGET} --task {TASK} --seed 1",
            "strict": False,
        }
        self.add("start", **(defaults | values))

    def promise(
        self, key: str, operation: str = "getRun", level: str = "must", **values: Any
    ) -> None:
        defaults = {
            "text": f"The promise {key}.",
            "source": [{"document": "Get run", "says": "few words"}],
            "pointer": None,
            "kind": "scenario",
            "check": f"check_{key.lower().replace('-', '_')}",
            "unchecked": None,
        }
        self.add("promise", id=key, operation=operation, level=level, **(defaults | values))

    def exchange(
        self,
        operation: str | None = "getRun",
        status: int | None = 200,
        *,
        method: str = "GET",
        path: str = "/v2/actor-runs/Icz6E0IHX0c40yEi7",
        run: str | None = "Icz6E0IHX0c40yEi7",
        body: Any = None,
        text: str | None = None,
        sent: str | None = None,
        headers: dict[str, str] | None = None,
        error: str | None = None,
        check: str | None = None,
    ) -> int:
        self.exchanges += 1
        answer = text if text is not None else json.dumps(body if body is not None else {})
        response = {
            "status": status,
            "headers": {"content-type": "application/json; charset=utf-8", **(headers or {})},
            "body": answer,
            "seconds": 0.012,
        }
        self.add(
            "exchange",
            id=self.exchanges,
            check=check,
            operation=operation,
            run=run,
            request={
                "method": method,
                "url": TARGET + path,
                "headers": {"authorization": "Bearer <token>", "accept": "application/json"},
                "body": sent,
            },
            response=response if status is not None else None,
            error=error,
        )
        return self.exchanges

    def verdict(
        self,
        key: str,
        verdict: str = "passed",
        *,
        operation: str = "getRun",
        level: str = "must",
        exchanges: tuple[int, ...] = (),
        **values: Any,
    ) -> None:
        defaults = {
            "message": None,
            "expected": None,
            "observed": None,
            "reproduce": None,
            "evidence": len(exchanges),
            "seed": 1,
            "alone": f"actor-runs check-server {TARGET} --task {TASK} --only {key}",
        }
        self.add(
            "verdict",
            id=key,
            operation=operation,
            level=level,
            verdict=verdict,
            exchanges=list(exchanges),
            **(defaults | values),
        )

    def end(self, verdict: str = "violated", exit_code: int = 1, **values: Any) -> None:
        names = ("passed", "failed", "warned", "noted", "not_exercised", "excluded", "error")
        found = [event["verdict"] for event in self.events if event["event"] == "verdict"]
        defaults = {
            "counts": {name: found.count(name) for name in names},
            "cost": {
                "requests": self.exchanges,
                "generated_cases": sum(e["event"] == "case" for e in self.events),
                "runs_started": sum(e["event"] == "run_started" for e in self.events),
                "seconds": round(self.clock, 3),
            },
            "message": "2 promises are broken.",
        }
        self.add("end", exit_code=exit_code, verdict=verdict, **(defaults | values))

    def write(self, directory: Path) -> Path:
        directory.mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps(event) + "\n" for event in self.events)
        (directory / "events.jsonl").write_text(lines, encoding="utf-8")
        return directory


def run_object(run: str, status: str, **values: Any) -> dict[str, Any]:
    ended = status in {"SUCCEEDED", "FAILED", "ABORTED", "TIMED-OUT"}
    return {
        "data": {
            "id": run,
            "actId": "nFJndFXA5zjCTuudP",
            "actorTaskId": "KJHSKHausidyaJKHs",
            "userId": "A9zwKYff2yyRmaqc9",
            "startedAt": "2026-01-02T03:04:06.502Z",
            "finishedAt": "2026-01-02T03:04:09.202Z" if ended else None,
            "status": status,
            "statusMessage": None,
            "meta": {"origin": "API", "userAgent": "actor-runs"},
            "stats": {"inputBodyLen": 22, "rebootCount": 0, "restartCount": 0, "computeUnits": 0},
            "options": {"build": "latest", "timeoutSecs": 300, "memoryMbytes": 128},
            "buildId": "DgGC7ZxWmZ0cnuNIy",
            "defaultKeyValueStoreId": "dgt7oov3cthGsD4yq",
            "defaultDatasetId": "63kMAihbWVgBvEAZ2",
            "defaultRequestQueueId": "cGohS4eFRrm2mItLx",
            **values,
        }
    }


def every_verdict(**start: Any) -> MadeLog:
    """A whole log with each of the seven verdicts, runs with their states, generated cases."""
    log = MadeLog()
    log.start(**start)
    for key, operation, level, text, pointer, *_ in ROWS:
        log.promise(key, operation, level, text=text, pointer=pointer)
    log.promise("GEN-09", "any", "open", unchecked="a browser would be needed", check=None)
    log.add("phase", name="preflight")
    log.exchange()
    log.add("phase", name="scenarios")
    evidence: list[int] = []
    for number, (run, path) in enumerate(
        {
            "Icz6E0IHX0c40yEi7": ("READY", "RUNNING", "SUCCEEDED"),
            "Yk2mPq81LzVw0aBcD": ("READY", "RUNNING", "ABORTING", "ABORTED"),
            "Hj3kLm56NoPq7rStU": ("RUNNING", "FAILED"),
            "Qw8eRt90YuIo1pAsD": ("READY", "RUNNING"),
        }.items()
    ):
        log.add("run_started", run=run, budget={"used": number + 1, "max": 40}, check="lifecycle")
        log.add(
            "waiting",
            check="lifecycle",
            operation="runTask",
            until=log.clock + 9,
            **{"for": path[-1]},
        )
        for status in path:
            log.clock += 0.8
            finished = {"finishedAt": None} if status == "SUCCEEDED" else {}
            one = log.exchange(
                "runTask" if status == path[0] else "getRun",
                201 if status == path[0] else 200,
                method="POST" if status == path[0] else "GET",
                path=f"/v2/actor-tasks/{TASK}/runs"
                if status == path[0]
                else f"/v2/actor-runs/{run}",
                run=run,
                body=run_object(run, status, **finished),
                sent='{"durationSecs": 1}' if status == path[0] else None,
                check="lifecycle",
            )
            log.add("run_status", run=run, status=status, exchange=one)
            evidence.append(one)
    log.add("phase", name="generated")
    for _ in range(6):
        one = log.exchange(
            "getRun",
            404,
            path="/v2/actor-runs/unknown",
            run=None,
            body={"error": {"type": "record-not-found", "message": "Actor run was not found"}},
        )
        log.add("case", operation="getRun", phase="fuzzing", mode="negative", exchange=one)
    log.exchange("updateRun", None, method="PUT", error="connection reset")
    log.add("phase", name="cleanup")
    for run, status in (("Icz6E0IHX0c40yEi7", "SUCCEEDED"), ("Yk2mPq81LzVw0aBcD", "ABORTED")):
        log.add("run_ended", run=run, status=status, by="itself")
    log.add("run_ended", run="Hj3kLm56NoPq7rStU", status="FAILED", by="itself")
    log.add("run_ended", run="Qw8eRt90YuIo1pAsD", status="ABORTED", by="cleanup")
    judged = []
    for key, operation, level, _, _, verdict, message, expected, observed in ROWS:
        shown = f"curl -H 'Authorization: Bearer $TOKEN' {TARGET}/v2/actor-runs/{evidence[0]}"
        values = {
            "message": message,
            "expected": expected,
            "observed": observed,
            "reproduce": shown if verdict in {"failed", "warned"} else None,
        }
        reached = verdict not in {"not_exercised", "excluded", "error"}
        exchanges = tuple(evidence[:3]) if reached else ()
        judged.append((key, verdict, operation, level, exchanges, values))
        log.add(
            "finding",
            promise=key,
            check=f"check_{key}",
            verdict=verdict,
            exchanges=list(exchanges),
            **values,
        )
    for key, verdict, operation, level, exchanges, values in judged:
        log.verdict(key, verdict, operation=operation, level=level, exchanges=exchanges, **values)
    log.verdict(
        "GEN-09",
        "not_exercised",
        operation="any",
        level="open",
        message="a browser would be needed",
    )
    log.end()
    return log
