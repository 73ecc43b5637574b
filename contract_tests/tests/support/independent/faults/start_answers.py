"""Faults of the waits and the answers of Run task, and of how it names its task."""

from typing import Any

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import GONE, put, showing
from tests.support.independent.rules import Json


def _shared_storages(shown: Json, _run: Any, _operation: str) -> None:
    for name in ("KeyValueStore", "Dataset", "RequestQueue"):
        key = name[0].lower() + name[1:] + "s"
        shown[f"default{name}Id"] = "sHaReDyPnDZAPRMkx"
        put(shown, f"storageIds.{key}.default", "sHaReDyPnDZAPRMkx")


def _started_later(shown: Json, _run: Any, operation: str) -> None:
    if operation == "runTask":
        shown["startedAt"] = shown["startedAt"].replace("20", "19", 1)


START_ANSWERS = (
    Fault(
        "start-wait-ignored",
        "Run task does not read waitForFinish.",
        ("TSK-19", "TSK-19b"),
        {"wait_ignored": ("runTask",)},
    ),
    Fault(
        "start-wait-5-s",
        "No wait of a start takes longer than 5 s.",
        ("TSK-19b",),
        {"wait_limits": {"runTask": 5.0}},
    ),
    Fault(
        "start-wait-never-early",
        "Run task waits the whole time, even when the run ends before.",
        ("TSK-19",),
        {"wait_to_the_end_of_time": ("runTask",)},
    ),
    Fault(
        "start-wait-old-picture",
        "A start that waits shows the run as it was before.",
        ("TSK-19",),
        {"wait_shows_before": ("runTask",)},
    ),
    Fault(
        "start-wait-200-at-the-end",
        "A start that sees the end is answered 200.",
        ("TSK-19c", "TSK-29"),
        {"wait_seen_end_status": 200},
    ),
    Fault(
        "start-wait-202",
        "A start whose wait is over is answered 202.",
        ("TSK-19c", "TSK-19b"),
        {"wait_over_status": {"runTask": 202}},
    ),
    Fault(
        "start-wait-408",
        "A start whose wait is over is answered 408.",
        ("TSK-19c", "TSK-19b"),
        {"wait_over_status": {"runTask": 408}},
    ),
    Fault(
        "start-query-forgets-task",
        "One option in the query makes the task's other options forgotten.",
        ("TSK-21",),
        {"query_forgets_task": True},
    ),
    Fault(
        "start-answers-output",
        "A start that sees the end answers with the output.",
        ("TSK-33", "TSK-19"),
        {"answers_output_when_finished": True},
    ),
    Fault(
        "start-shared-storages",
        "All runs have the same default storages.",
        ("TSK-22",),
        {"shows": (_shared_storages,)},
    ),
    Fault(
        "start-names-no-task",
        "A run does not name its task.",
        ("TSK-22", "OBJ-04"),
        {"shows": (showing("actorTaskId", None),)},
    ),
    Fault(
        "start-answer-of-its-own",
        "The answer to a start lacks stats and options.",
        ("TSK-24", "INV-12"),
        {"shows": (showing("stats", GONE, "runTask"), showing("options", GONE, "runTask"))},
    ),
    Fault(
        "start-answer-other-start",
        "The answer to a start has another startedAt than Get run.",
        ("TSK-24",),
        {"shows": (_started_later,)},
    ),
    Fault(
        "start-answer-other-build",
        "The answer to a start has another buildId than Get run.",
        ("TSK-24",),
        {"shows": (showing("buildId", "oThErDsijuyDnPZAP", "runTask"),)},
    ),
    Fault(
        "start-task-by-name-alone",
        "A task is known by its name alone.",
        ("GEN-14",),
        {"task_known_by": ("name", "~name")},
    ),
    Fault(
        "start-task-by-full-name-alone",
        "A task is known by its owner and name alone.",
        ("GEN-14",),
        {"task_known_by": ("name",)},
    ),
    Fault(
        "start-task-no-short-name",
        "A task of one's own is not known by ~name.",
        ("GEN-14c",),
        {"task_known_by": ("id", "name")},
    ),
    Fault(
        "start-waits-for-container",
        "A start answers when its container runs, which takes 8 s.",
        ("TSK-02",),
        {"start_waits_for_container": True, "container_start": 8.0},
    ),
    Fault(
        "start-wait-no-location",
        "A start that waits has no Location.",
        ("TSK-03",),
        {"location_without_wait_only": True},
    ),
    Fault(
        "start-answers-input",
        "The answer to a start is the input.",
        ("TSK-33", "TSK-01"),
        {
            "shows": (
                lambda shown, run, operation: (
                    {"input": run.input.decode()} if operation == "runTask" else None
                ),
            )
        },
    ),
)
