"""Faults of the life of a run."""

from typing import Any

from tests.support.independent.fault import Fault
from tests.support.independent.rules import Json


def _statuses(**spelled: str) -> Any:
    words = {key.replace("_", "-"): value for key, value in spelled.items()}

    def change(shown: Json, _run: Any, _operation: str) -> None:
        shown["status"] = words.get(shown["status"], shown["status"])

    return change


LIFE = (
    Fault(
        "life-queued",
        "A new run has the status QUEUED.",
        ("OBJ-07", "LIF-01"),
        {"shows": (_statuses(READY="QUEUED"),), "container_start": 1.0},
    ),
    Fault(
        "life-finished",
        "A run that SUCCEEDED has the status FINISHED.",
        ("LIF-08", "OBJ-07"),
        {"shows": (_statuses(SUCCEEDED="FINISHED"),)},
    ),
    Fault(
        "life-timed-out-underscore",
        "The status is spelled TIMED_OUT.",
        ("OBJ-07", "TSK-11"),
        {"shows": (_statuses(TIMED_OUT="TIMED_OUT"),)},
    ),
    Fault(
        "life-back-to-ready",
        "A run that has been RUNNING for 3.5 s goes back to READY for as long.",
        ("LIF-02",),
        {"running_flaps": 3.5},
    ),
    Fault(
        "life-back-to-running",
        "A finished run is RUNNING again for a moment.",
        ("LIF-02", "LIF-03"),
        {"terminal_flaps": True},
    ),
    Fault(
        "life-only-1-is-failure",
        "Only the exit code 1 makes a run FAILED.",
        ("LIF-04",),
        {"outcome": lambda code: "FAILED" if code == 1 else "SUCCEEDED"},
    ),
    Fault(
        "life-always-succeeded",
        "Every run ends as SUCCEEDED.",
        ("LIF-04",),
        {"outcome": lambda code: "SUCCEEDED"},
    ),
    Fault(
        "life-low-byte",
        "Exit codes from 128 on make a run ABORTED.",
        ("LIF-04",),
        {"outcome": lambda code: "ABORTED" if code >= 128 else "FAILED" if code else "SUCCEEDED"},
    ),
    Fault(
        "life-aborted-turns-failed",
        "A run that is ABORTED is FAILED a moment later.",
        ("LIF-02", "LIF-03b"),
        {"terminal_turns": {"ABORTED": "FAILED"}},
    ),
    Fault(
        "life-succeeded-turns-failed",
        "A run that has SUCCEEDED is FAILED a moment later.",
        ("LIF-02", "LIF-03"),
        {"terminal_turns": {"SUCCEEDED": "FAILED"}},
    ),
    Fault(
        "life-failed-turns-succeeded",
        "A run that FAILED has SUCCEEDED a moment later.",
        ("LIF-02", "LIF-03b", "LIF-04"),
        {"terminal_turns": {"FAILED": "SUCCEEDED"}},
    ),
)
