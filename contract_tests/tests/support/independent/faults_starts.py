"""Faults of Run task, the life of a run, and the webhooks."""

from typing import Any

from tests.support.independent.fault import Fault
from tests.support.independent.faults_fields import GONE, put, showing
from tests.support.independent.rules import Json, is_allowed_memory

TERMINAL_EVENTS = ("ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.FAILED", "ACTOR.RUN.ABORTED")


def _statuses(**spelled: str) -> Any:
    words = {key.replace("_", "-"): value for key, value in spelled.items()}

    def change(shown: Json, _run: Any, _operation: str) -> None:
        shown["status"] = words.get(shown["status"], shown["status"])

    return change


def _caps_swapped(shown: Json, _run: Any, _operation: str) -> None:
    options = shown["options"]
    items, dollars = options.get("maxItems"), options.get("maxTotalChargeUsd")
    options["maxItems"] = None if dollars is None else int(dollars)
    options["maxTotalChargeUsd"] = items


def _counted_restarts(shown: Json, run: Any, _operation: str) -> None:
    if run.restart_on_error and shown["status"] == "FAILED":
        shown["stats"]["restartCount"] = 3


def _shared_storages(shown: Json, _run: Any, _operation: str) -> None:
    for name in ("KeyValueStore", "Dataset", "RequestQueue"):
        key = name[0].lower() + name[1:] + "s"
        shown[f"default{name}Id"] = "sHaReDyPnDZAPRMkx"
        put(shown, f"storageIds.{key}.default", "sHaReDyPnDZAPRMkx")


def _started_later(shown: Json, _run: Any, operation: str) -> None:
    if operation == "runTask":
        shown["startedAt"] = shown["startedAt"].replace("20", "19", 1)


def _as_text(saved: Json, given: Json) -> Json:
    return {**saved, **{key: v if v is True else str(v) for key, v in given.items()}}


START = (
    Fault(
        "start-blocks",
        "A start answers when the run has ended.",
        ("TSK-02",),
        {"wait_default": {"runTask": 60.0}},
    ),
    Fault(
        "start-200",
        "A start is answered 200.",
        ("TSK-01", "TSK-29"),
        {"statuses": {("runTask", 201): 200}},
    ),
    Fault(
        "start-no-location",
        "The answer to a start has no Location.",
        ("TSK-03",),
        {"location": lambda base, run: None},
    ),
    Fault(
        "start-input-replaced",
        "The body replaces the saved input.",
        ("TSK-06b",),
        {"merge": lambda saved, given: given or saved},
    ),
    Fault(
        "start-input-emptied",
        "An empty JSON object empties the input.",
        ("TSK-05b",),
        {"merge": lambda saved, given: {**saved, **given} if given else {}},
    ),
    Fault(
        "start-input-ignored",
        "The body is not read.",
        ("TSK-06",),
        {"merge": lambda saved, given: saved},
    ),
    Fault(
        "start-saved-input-first",
        "What the task has saved goes before the body.",
        ("TSK-06",),
        {"merge": lambda saved, given: {**given, **saved}},
    ),
    Fault(
        "start-input-known-keys",
        "Of the body only the properties count that the task has saved.",
        ("TSK-06",),
        {"merge": lambda saved, given: {**saved, **{k: v for k, v in given.items() if k in saved}}},
    ),
    Fault(
        "start-input-falsy-lost",
        "Of the body 0, false and empty values do not count.",
        ("TSK-06",),
        {"merge": lambda saved, given: {**saved, **{k: v for k, v in given.items() if v}}},
    ),
    Fault(
        "start-input-as-text",
        "The values of the body come to the Actor as strings.",
        ("TSK-06",),
        {"merge": _as_text},
    ),
    Fault(
        "start-input-saved",
        "The body of a start is saved as the task's input.",
        ("TSK-06b", "TSK-05b"),
        {"merge_is_saved": True},
    ),
    Fault("start-timeout-ignored", "timeout is not read.", ("TSK-10",), {"ignored": ("timeout",)}),
    Fault(
        "start-timeout-in-minutes",
        "timeout is taken for minutes.",
        ("TSK-10", "TSK-11"),
        {"timeout_used": lambda seconds: seconds * 60},
    ),
    Fault(
        "start-timeout-at-most-saved",
        "A timeout above the task's counts as the task's.",
        ("TSK-10", "TSK-21"),
        {"timeout_used": lambda seconds: min(seconds, 300)},
    ),
    Fault(
        "start-timeout-not-kept",
        "A run may exceed its timeout.",
        ("TSK-11",),
        {"timeout_is_kept": False},
    ),
    Fault(
        "start-timeout-fails",
        "A run that exceeds its timeout FAILED.",
        ("TSK-11",),
        {"timeout_outcome": "FAILED"},
    ),
    Fault(
        "start-timeout-aborts",
        "A run that exceeds its timeout is ABORTED.",
        ("TSK-11",),
        {"timeout_outcome": "ABORTED"},
    ),
    Fault(
        "start-memory-ignored",
        "memory is not read.",
        ("TSK-12",),
        {"ignored": ("memory",), "memory_allowed": lambda mb: True},
    ),
    Fault(
        "start-memory-128-refused",
        "A memory of 128 is refused.",
        ("TSK-12",),
        {"memory_allowed": lambda mb: mb > 128 and is_allowed_memory(mb)},
    ),
    Fault(
        "start-memory-at-least-saved",
        "A memory below the task's counts as the task's.",
        ("TSK-12", "TSK-21"),
        {"memory_used": lambda mb: max(mb, 512)},
    ),
    Fault(
        "start-memory-of-128",
        "Any multiple of 128 is taken for memory.",
        ("TSK-12b",),
        {"memory_allowed": lambda mb: mb >= 128 and mb % 128 == 0},
    ),
    Fault(
        "start-memory-not-whole",
        "A memory of 128.5 is cut to 128.",
        ("TSK-12b",),
        {"memory_allowed": lambda mb: is_allowed_memory(int(mb)), "memory_used": int},
    ),
    Fault(
        "start-memory-64",
        "A memory of 64 is taken.",
        ("TSK-12c",),
        {"memory_allowed": lambda mb: mb == 64 or is_allowed_memory(mb)},
    ),
    Fault(
        "start-memory-rounded-up",
        "A memory that is no power of 2 is rounded up.",
        ("TSK-12b", "TSK-12c"),
        {
            "memory_allowed": lambda mb: True,
            "memory_used": lambda mb: 1 << max(7, (int(mb) - 1).bit_length()),
        },
    ),
    Fault(
        "start-memory-0",
        "A memory of 0 means the task's.",
        ("TSK-12c",),
        {
            "memory_allowed": lambda mb: not mb or is_allowed_memory(mb),
            "memory_used": lambda mb: mb or 512,
        },
    ),
    Fault(
        "start-memory-refused-late",
        "A memory that is refused starts the run all the same.",
        ("TSK-12b", "TSK-12c"),
        {"refused_memory_starts": True},
    ),
    Fault(
        "start-build-by-tag-alone",
        "A build is known by its tag alone.",
        ("TSK-13b",),
        {"build_by": ("tag",)},
    ),
    Fault(
        "start-build-ignored", "build is not read.", ("TSK-13b", "TSK-13"), {"build_ignored": True}
    ),
    Fault(
        "start-build-shown-by-number",
        "options.build shows the number when a tag was asked for.",
        ("TSK-13",),
        {"build_shown": lambda asked, number: number},
    ),
    Fault(
        "start-build-shown-by-tag",
        "options.build shows latest, whatever was asked for.",
        ("TSK-13b",),
        {"build_shown": lambda asked, number: "latest"},
    ),
    Fault(
        "start-max-items-refused", "maxItems is refused.", ("TSK-14",), {"refused": ("maxItems",)}
    ),
    Fault(
        "start-max-items-wrong",
        "options.maxItems is 1000, whatever was asked for.",
        ("TSK-14",),
        {"shows": (showing("options.maxItems", 1000),)},
    ),
    Fault(
        "start-caps-swapped",
        "options.maxItems shows maxTotalChargeUsd, and the other way round.",
        ("TSK-14", "TSK-15"),
        {"shows": (_caps_swapped,)},
    ),
    Fault(
        "start-charge-refused",
        "maxTotalChargeUsd is refused.",
        ("TSK-15",),
        {"refused": ("maxTotalChargeUsd",)},
    ),
    Fault(
        "start-charge-whole",
        "maxTotalChargeUsd is cut to whole dollars.",
        ("TSK-15",),
        {"charge_used": int},
    ),
    Fault(
        "start-charge-in-cents",
        "options.maxTotalChargeUsd shows cents.",
        ("TSK-15",),
        {"charge_used": lambda dollars: dollars * 100},
    ),
    Fault(
        "start-restart-ignored",
        "restartOnError is not read.",
        ("TSK-17",),
        {"ignored": ("restartOnError",)},
    ),
    Fault(
        "start-restart-counted-only",
        "A restart is counted, and does not happen.",
        ("TSK-17",),
        {"restarts": 0, "shows": (_counted_restarts,)},
    ),
    Fault(
        "start-restart-unasked",
        "A run that fails is restarted without being asked to.",
        ("TSK-17c",),
        {"restarts_without_being_told": True},
    ),
    Fault(
        "start-restart-by-presence",
        "restartOnError counts when it is there, even if it is false.",
        ("TSK-17c",),
        {"present_is_true": ("restartOnError",)},
    ),
    Fault(
        "start-wait-ignored",
        "Run task does not read waitForFinish.",
        ("TSK-19", "TSK-19b"),
        {"wait_ignored": ("runTask",)},
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
        "start-task-no-short-name",
        "A task of one's own is not known by ~name.",
        ("GEN-14",),
        {"task_known_by": ("id", "name")},
    ),
)

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
        "A run goes back from RUNNING to READY for a moment.",
        ("LIF-02",),
        {"running_flaps": True},
    ),
    Fault(
        "life-back-to-running",
        "A finished run is RUNNING again for a moment.",
        ("LIF-02",),
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
)

WEBHOOKS = (
    Fault("webhooks-never", "Webhooks are never called.", ("WHK-01b",), {"webhooks": False}),
    Fault(
        "webhooks-success-only",
        "Webhooks are called for runs that SUCCEEDED alone.",
        ("WHK-01b", "WHK-03"),
        {"webhook_events": ("ACTOR.RUN.SUCCEEDED",)},
    ),
    Fault(
        "webhooks-no-created",
        "Webhooks are not called when a run is created.",
        ("WHK-01b", "WHK-03"),
        {"webhook_events": (*TERMINAL_EVENTS, "ACTOR.RUN.TIMED_OUT")},
    ),
    Fault(
        "webhooks-no-time-out",
        "Webhooks are not called when a run is TIMED-OUT.",
        ("WHK-01b", "WHK-03"),
        {"webhook_events": ("ACTOR.RUN.CREATED", *TERMINAL_EVENTS)},
    ),
    Fault(
        "webhooks-every-event",
        "A webhook is called for every event, whatever it names.",
        ("WHK-01b", "WHK-03"),
        {"webhook_all_events": True},
    ),
    Fault(
        "webhooks-first-only",
        "Only the first webhook of the array is called.",
        ("WHK-01b", "WHK-01"),
        {"webhook_first_only": True},
    ),
    Fault(
        "webhooks-at-start",
        "Webhooks are called when the run starts, whatever they wait for.",
        ("WHK-01b",),
        {"webhook_at_start": True},
    ),
    Fault(
        "webhooks-plain-json",
        "webhooks must be JSON, not Base64.",
        ("WHK-01",),
        {"webhook_plain_json": True},
    ),
    Fault(
        "webhooks-demand-all",
        "A webhook must have all its optional properties.",
        ("WHK-02", "WHK-01"),
        {
            "webhook_requires": (
                "eventTypes",
                "requestUrl",
                "payloadTemplate",
                "headersTemplate",
                "idempotencyKey",
            )
        },
    ),
    Fault(
        "webhooks-hyphen",
        "The event is spelled ACTOR.RUN.TIMED-OUT.",
        ("WHK-03",),
        {
            "webhook_known_events": (
                "ACTOR.RUN.CREATED",
                *TERMINAL_EVENTS,
                "ACTOR.RUN.TIMED-OUT",
                "ACTOR.RUN.RESURRECTED",
            )
        },
    ),
    Fault(
        "webhooks-no-resurrected",
        "The event ACTOR.RUN.RESURRECTED is refused.",
        ("WHK-03",),
        {"webhook_known_events": ("ACTOR.RUN.CREATED", *TERMINAL_EVENTS, "ACTOR.RUN.TIMED_OUT")},
    ),
)

START_FAULTS = (*START, *LIFE, *WEBHOOKS)
