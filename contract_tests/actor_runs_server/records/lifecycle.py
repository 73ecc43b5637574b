"""The whole lifecycle of a run, defined here alone: statuses and transitions.

A run is READY until its process is up, RUNNING while it works, and ends in one of four terminal
statuses. An abort and a timeout pass through a transitional status until the process is gone.
A reboot, a metamorph, a restart after an error and a migration replace the process and leave the
run RUNNING; each has its counter. Every change of a status is looked up with `after`, and `diagram` draws the
same table for the documentation.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Status(StrEnum):
    """The eight statuses of a run."""

    READY = "READY"
    RUNNING = "RUNNING"
    TIMING_OUT = "TIMING-OUT"
    ABORTING = "ABORTING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED-OUT"
    ABORTED = "ABORTED"


class Event(StrEnum):
    """What can happen to a run."""

    STARTED = "process started"
    EXITED_WELL = "exit code 0"
    EXITED_BADLY = "other exit code"
    TIMED_OUT = "timeout"
    ABORT = "abort"
    GONE = "process gone"
    REBOOT = "reboot"
    METAMORPH = "metamorph"
    RESTART = "restartOnError"
    MIGRATE = "server restarted"
    RESURRECT = "resurrect"


class Transition(NamedTuple):
    """The statuses that an event leaves, the status it leads to, the counter it increments."""

    sources: tuple[Status, ...]
    event: Event
    target: Status
    counter: str | None = None


TERMINAL: Final = (Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT, Status.ABORTED)

TRANSITIONS: Final = (
    Transition((Status.READY,), Event.STARTED, Status.RUNNING),
    Transition((Status.RUNNING,), Event.EXITED_WELL, Status.SUCCEEDED),
    Transition((Status.RUNNING, Status.READY), Event.EXITED_BADLY, Status.FAILED),
    Transition((Status.RUNNING,), Event.TIMED_OUT, Status.TIMING_OUT),
    Transition((Status.TIMING_OUT,), Event.GONE, Status.TIMED_OUT),
    Transition((Status.READY, Status.RUNNING, Status.TIMING_OUT), Event.ABORT, Status.ABORTING),
    Transition((Status.ABORTING,), Event.GONE, Status.ABORTED),
    Transition((Status.RUNNING,), Event.REBOOT, Status.RUNNING, "rebootCount"),
    Transition((Status.RUNNING,), Event.METAMORPH, Status.RUNNING, "metamorph"),
    Transition((Status.RUNNING,), Event.RESTART, Status.RUNNING, "restartCount"),
    Transition((Status.RUNNING,), Event.MIGRATE, Status.RUNNING, "migrationCount"),
    Transition(TERMINAL, Event.RESURRECT, Status.READY, "resurrectCount"),
)

COUNTERS: Final = tuple(edge.counter for edge in TRANSITIONS if edge.counter)

_EDGES: Final = {(source, edge.event): edge for edge in TRANSITIONS for source in edge.sources}

# The status message of a run when nobody has set one.
DEFAULT_MESSAGES: Final = {
    Status.READY: "Actor is starting",
    Status.RUNNING: "Actor is running",
    Status.TIMING_OUT: "Actor is timing out",
    Status.ABORTING: "Actor is being aborted",
    Status.SUCCEEDED: "Actor finished with exit code {code}",
    Status.FAILED: "Actor finished with exit code {code}",
    Status.TIMED_OUT: "Actor timed out",
    Status.ABORTED: "Actor was aborted",
}


def after(status: Status, event: Event) -> Transition | None:
    """Return the transition of an event from this status; None when there is none."""
    return _EDGES.get((status, event))


def diagram() -> str:
    """Draw the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> READY: run task"]
    for edge in TRANSITIONS:
        label = f"{edge.event.value} ({edge.counter} + 1)" if edge.counter else edge.event.value
        lines += [f"    {s.name} --> {edge.target.name}: {label}" for s in edge.sources]
    lines += [f"    {status.name} --> [*]" for status in TERMINAL]
    lines += [f'    state "{s.value}" as {s.name}' for s in Status if s.value != s.name]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(diagram(), end="")
