"""Faults of Get run, the waits, Update run, Reboot run and the abort."""

import time
from typing import Any

from tests.support.independent.fault import Fault
from tests.support.independent.faults_fields import GONE, showing
from tests.support.independent.rules import TERMINAL, Json

ABORTS = ("abortRun", "abortActorRun")


def newest(*operations: str) -> Any:
    """Return what finds the newest run, whatever the path says."""

    def find(runs: Json, _name: str, operation: str) -> Any:
        return next(reversed(runs.values()), None) if operation in operations else None

    return find


def _growing_costs(shown: Json, _run: Any, _operation: str) -> None:
    if "usageTotalUsd" in shown:
        shown["usageTotalUsd"] = round(time.time() % 100_000, 4)


GET = (
    Fault(
        "get-newest-run",
        "Get run shows the newest run, whatever the path says.",
        ("GET-01", "GET-02"),
        {"finds": newest("getRun")},
    ),
    Fault(
        "get-from-cache",
        "Get run answers with a copy that may be 12 s old.",
        ("GET-04", "PUT-05"),
        {"cached": 12.0},
    ),
    Fault(
        "get-finished-gone",
        "A finished run is answered with 404.",
        ("GET-03",),
        {"finished_is_unknown": True},
    ),
    Fault(
        "get-ready-gone",
        "A run is answered with 404 as long as it is READY, which takes 7 s.",
        ("GET-03",),
        {"ready_is_unknown": True, "container_start": 7.0},
    ),
    Fault(
        "get-waits-unasked",
        "Get run waits for the end of the run without being asked to.",
        ("GET-04",),
        {"wait_default": {"getRun": 60.0}},
    ),
    Fault(
        "get-wait-ignored",
        "Get run does not read waitForFinish.",
        ("GET-05", "GET-05b"),
        {"wait_ignored": ("getRun",)},
    ),
    Fault(
        "get-wait-in-milliseconds",
        "waitForFinish is taken for milliseconds.",
        ("GET-05b", "TSK-19b"),
        {"wait_unit": 0.001},
    ),
    Fault(
        "get-wait-never-early",
        "Get run waits the whole time, even when the run ends before.",
        ("GET-05",),
        {"wait_to_the_end_of_time": ("getRun",)},
    ),
    Fault("get-wait-late", "Who waits hears of the end 5 s late.", ("GET-05",), {"wait_lag": 5.0}),
    Fault(
        "get-wait-old-picture",
        "A wait answers with the run as it was before.",
        ("GET-06",),
        {"wait_shows_before": ("getRun",)},
    ),
    Fault(
        "get-wait-lies",
        "A wait that is over shows SUCCEEDED, though the run works on.",
        ("GET-06b",),
        {"wait_over_shows": "SUCCEEDED"},
    ),
    Fault(
        "get-wait-408",
        "A wait that is over is answered with 408.",
        ("GET-05b", "GET-06b"),
        {"wait_over_status": {"getRun": 408}},
    ),
    Fault("get-wait-10-s", "No wait takes longer than 10 s.", ("GET-05b",), {"wait_limit": 10.0}),
    Fault("get-wait-3-s", "No wait takes longer than 3 s.", ("GET-05b",), {"wait_limit": 3.0}),
    Fault(
        "get-wait-ends-when-aborting",
        "A wait takes ABORTING for an end.",
        ("GET-05b", "GET-06", "GET-06b"),
        {"wait_ends_at": (*TERMINAL, "ABORTING")},
    ),
    Fault(
        "get-wait-ends-when-running",
        "A wait ends when the run is RUNNING.",
        ("GET-05b", "GET-05"),
        {"wait_ends_at": (*TERMINAL, "RUNNING")},
    ),
    Fault(
        "get-wait-success-only",
        "A wait hears of the end of runs that SUCCEEDED alone.",
        ("GET-05",),
        {"wait_ends_at": ("SUCCEEDED",)},
    ),
    Fault(
        "get-wait-misses-time-outs",
        "A wait does not hear of the end of a run that is TIMED-OUT.",
        ("GET-05",),
        {"wait_ends_at": ("SUCCEEDED", "FAILED", "ABORTED")},
    ),
    Fault(
        "get-wait-one-caller",
        "Only one caller at a time can wait for a run.",
        ("GET-05", "GET-05b"),
        {"wait_per_run": True},
    ),
    Fault(
        "get-costs-total-public",
        "A caller without a token sees usageTotalUsd.",
        ("AUT-05",),
        {"hidden": ("usageUsd",)},
    ),
    Fault(
        "get-costs-by-kind-public",
        "A caller without a token sees usageUsd.",
        ("AUT-05",),
        {"hidden": ("usageTotalUsd",)},
    ),
    Fault(
        "get-costs-public-after-wait",
        "A caller without a token sees the costs when it waits.",
        ("AUT-05",),
        {"hidden_when": lambda status, waited: not waited},
    ),
    Fault(
        "get-costs-public-at-the-end",
        "A caller without a token sees the costs of a finished run.",
        ("AUT-05",),
        {"hidden_when": lambda status, waited: status not in TERMINAL},
    ),
    Fault(
        "get-costs-public-while-running",
        "A caller without a token sees the costs of a run that works.",
        ("AUT-05",),
        {"hidden_when": lambda status, waited: status in TERMINAL},
    ),
    Fault(
        "get-token-needed",
        "Get run refuses a caller without a token.",
        ("AUT-04",),
        {"open_operations": ()},
    ),
    Fault(
        "get-token-needed-at-the-end",
        "Get run refuses a caller without a token once the run has finished.",
        ("AUT-04",),
        {"anonymous_refused": lambda status: status in TERMINAL},
    ),
    Fault(
        "get-token-needed-while-running",
        "Get run refuses a caller without a token until the run has finished.",
        ("AUT-04",),
        {"anonymous_refused": lambda status: status not in TERMINAL},
    ),
    Fault(
        "get-figures-never-settle",
        "The costs of a finished run grow for ever.",
        ("RTL-10",),
        {"shows": (_growing_costs,)},
    ),
)

UPDATE = (
    Fault(
        "update-echo-only",
        "A status message is in the answer, and nowhere else.",
        ("PUT-05",),
        {"update_forgets_after": 0.0},
    ),
    Fault(
        "update-forgotten",
        "A status message is forgotten after 6 s.",
        ("PUT-05",),
        {"update_forgets_after": 6.0},
    ),
    Fault(
        "update-first-message-stays",
        "The first status message is never replaced.",
        ("PUT-06", "PUT-05"),
        {"update_stores": lambda old, new: old or new},
    ),
    Fault(
        "update-message-appended",
        "A new status message is appended to the old one.",
        ("PUT-06",),
        {"update_stores": lambda old, new: f"{old}\n{new}" if old else new},
    ),
    Fault(
        "update-message-cut",
        "A status message is cut after 12 characters.",
        ("PUT-05",),
        {"update_stores": lambda old, new: new[:12]},
    ),
    Fault(
        "update-message-lower-case",
        "A status message is kept in lower case.",
        ("PUT-05",),
        {"update_stores": lambda old, new: new.lower()},
    ),
    Fault(
        "update-message-ascii",
        "A status message loses what is not ASCII.",
        ("GEN-03b",),
        {"update_stores": lambda old, new: new.encode("ascii", "replace").decode()},
    ),
    Fault(
        "update-message-decomposed",
        "A status message loses what is beyond the first 65,536 characters of Unicode.",
        ("GEN-03b",),
        {"update_stores": lambda old, new: "".join(c for c in new if c < "\U00010000")},
    ),
    Fault(
        "update-answers-before",
        "An update answers with the run as it was before.",
        ("PUT-05",),
        {"update_answers_before": True},
    ),
    Fault(
        "update-flag-ignored",
        "isStatusMessageTerminal is not read.",
        ("PUT-07",),
        {"update_flag": lambda given, old: False},
    ),
    Fault(
        "update-flag-always",
        "Every message is marked as the last.",
        ("PUT-07",),
        {"update_flag": lambda given, old: True},
    ),
    Fault(
        "update-flag-by-presence",
        "isStatusMessageTerminal counts when it is there, even if it is false.",
        ("PUT-07",),
        {"update_flag": lambda given, old: given is not None},
    ),
    Fault(
        "update-flag-demanded",
        "isStatusMessageTerminal is demanded.",
        ("PUT-02b",),
        {"update_requires": ("isStatusMessageTerminal",)},
    ),
    Fault(
        "update-run-id-refused",
        "A body with runId is refused.",
        ("PUT-02",),
        {"update_refuses": ("runId",)},
    ),
    Fault(
        "update-any-json",
        "A body that is no JSON object is answered 200.",
        ("PUT-17",),
        {"update_accepts_any_json": True},
    ),
    Fault(
        "update-newest-run",
        "Update run changes the newest run, whatever the path says.",
        ("PUT-24", "PUT-01"),
        {"finds": newest("updateRun")},
    ),
    Fault(
        "update-204",
        "Update run answers 204.",
        ("PUT-01", "PUT-20"),
        {"statuses": {("updateRun", 200): 204}},
    ),
    Fault(
        "update-201",
        "Update run answers 201.",
        ("PUT-01", "PUT-20"),
        {"statuses": {("updateRun", 200): 201}},
    ),
    Fault(
        "update-answer-without-stats",
        "The answer to an update has no stats.",
        ("OBJ-16", "INV-12", "PUT-01"),
        {"shows": (showing("stats", GONE, "updateRun"),)},
    ),
)

REBOOT = (
    Fault(
        "reboot-nothing", "A reboot is counted, and does nothing.", ("RBT-03",), {"reboots": False}
    ),
    Fault(
        "reboot-second-container",
        "A reboot starts a second container beside the first, whose end ends the run.",
        ("RBT-03",),
        {"reboot_keeps_old": True},
    ),
    Fault(
        "reboot-aborts",
        "A reboot aborts the run.",
        ("RBT-03", "RBT-01"),
        {"reboot_outcome": "ABORTED"},
    ),
    Fault(
        "reboot-fails-run",
        "A reboot kills the container, and the run FAILED.",
        ("RBT-03",),
        {"reboot_outcome": "FAILED"},
    ),
    Fault(
        "reboot-finished-restarts",
        "A reboot starts a finished run again.",
        ("RBT-02", "LIF-02"),
        {"reboot_refused": (), "reboot_restarts_finished": True},
    ),
    Fault(
        "reboot-finished-200",
        "A reboot of a finished run is answered 200.",
        ("RBT-02",),
        {"reboot_refused": ()},
    ),
    Fault(
        "reboot-failed-restarts",
        "A reboot starts a run again that has not SUCCEEDED.",
        ("RBT-02", "LIF-02"),
        {"reboot_refused": ("SUCCEEDED",), "reboot_restarts_finished": True},
    ),
    Fault(
        "reboot-timed-out-restarts",
        "A reboot starts a run again that is TIMED-OUT.",
        ("RBT-02", "LIF-02"),
        {"reboot_refused": ("SUCCEEDED", "FAILED", "ABORTED"), "reboot_restarts_finished": True},
    ),
    Fault(
        "reboot-revives-aborting",
        "A reboot makes a run that is ABORTING run on.",
        ("RBT-02", "LIF-02"),
        {"reboot_refused": TERMINAL, "reboot_revives_aborting": True},
    ),
    Fault(
        "reboot-refusal-409",
        "A reboot of a finished run is refused with 409.",
        ("RBT-12",),
        {"reboot_refusal_status": 409},
    ),
    Fault(
        "reboot-new-dataset",
        "A reboot gives the run a new dataset.",
        ("RBT-04",),
        {"reboot_new_storage": "dataset"},
    ),
    Fault(
        "reboot-new-store",
        "A reboot gives the run a new key-value store.",
        ("RBT-04",),
        {"reboot_new_storage": "store"},
    ),
    Fault(
        "reboot-new-queue",
        "A reboot gives the run a new request queue.",
        ("RBT-04",),
        {"reboot_new_storage": "queue"},
    ),
    Fault(
        "reboot-empties-store",
        "A reboot empties the key-value store, the input with it.",
        ("RBT-03", "RBT-04"),
        {"reboot_clears_store": True},
    ),
    Fault(
        "reboot-needs-body",
        "A reboot without a JSON body is refused.",
        ("RBT-09", "RBT-01"),
        {"reboot_needs_body": True},
    ),
    Fault(
        "reboot-202",
        "Reboot run answers 202.",
        ("RBT-01", "RBT-12"),
        {"statuses": {("rebootRun", 200): 202}},
    ),
    Fault(
        "reboot-newest-run",
        "Reboot run reboots the newest run, whatever the path says.",
        ("RBT-01", "RBT-09"),
        {"finds": newest("rebootRun")},
    ),
    Fault(
        "reboot-answer-without-options",
        "The answer to a reboot has no options.",
        ("OBJ-25", "INV-12", "RBT-01"),
        {"shows": (showing("options", GONE, "rebootRun"),)},
    ),
)

ABORT = (
    Fault(
        "abort-after-8-s",
        "An abort answers, and stops the run, 8 s after it was asked.",
        ("ABT-07",),
        {"abort_delay": 8.0},
    ),
    Fault(
        "abort-graceful-unasked",
        "An abort is graceful without being asked to.",
        ("ABT-07",),
        {"graceful_default": True},
    ),
    Fault(
        "abort-gracefully-by-presence",
        "gracefully counts when it is there, even if it is false.",
        ("ABT-07",),
        {"present_is_true": ("gracefully",)},
    ),
    Fault(
        "abort-never-graceful",
        "gracefully is not read.",
        ("ABT-08", "ABT-08c"),
        {"graceful_never": ABORTS},
    ),
    Fault(
        "abort-deprecated-never-graceful",
        "gracefully is not read at the deprecated address.",
        ("ABT-08", "ABT-08c", "ABT-23"),
        {"graceful_never": ("abortActorRun",)},
    ),
    Fault(
        "abort-actor-not-told",
        "A graceful abort does not send the aborting event.",
        ("ABT-08",),
        {"announces": ("persistState",)},
    ),
    Fault(
        "abort-grace-10-s",
        "A graceful abort stops the run after 10 s.",
        ("ABT-08c",),
        {"grace": 10.0},
    ),
    Fault(
        "abort-grace-25-s",
        "A graceful abort stops the run after 25 s.",
        ("ABT-08c",),
        {"grace": 25.0},
    ),
    Fault(
        "abort-grace-45-s",
        "A graceful abort stops the run after 45 s.",
        ("ABT-08b",),
        {"grace": 45.0},
    ),
    Fault(
        "abort-grace-without-end",
        "A graceful abort never stops the run by force.",
        ("ABT-08b",),
        {"grace": None},
    ),
    Fault(
        "abort-grace-to-the-end",
        "A run that ends by itself after a graceful abort stays ABORTING until the 30 s are over.",
        ("ABT-08",),
        {"abort_waits_for_grace": True},
    ),
    Fault(
        "abort-again-restarts-grace",
        "An abort of a run that is ABORTING gives it 30 s more.",
        ("ABT-06e", "ABT-08b"),
        {"abort_again_restarts_grace": True},
    ),
    Fault(
        "abort-starting-ignored",
        "An abort of a run that is READY does nothing.",
        ("ABT-05b",),
        {"abort_ready": False, "container_start": 5.0},
    ),
    Fault(
        "abort-container-lives",
        "An abort makes the run ABORTED for a second, and its Actor works on.",
        ("ABT-05", "LIF-02"),
        {"abort_kills": False},
    ),
    Fault(
        "abort-never-ends",
        "An aborted run stays ABORTING for ever.",
        ("ABT-05",),
        {"abort_ends": False},
    ),
    Fault(
        "abort-ends-failed",
        "An aborted run ends as FAILED.",
        ("ABT-05",),
        {"abort_outcome": "FAILED"},
    ),
    Fault(
        "abort-succeeded-changed",
        "An abort makes a run that SUCCEEDED ABORTED.",
        ("ABT-06", "ABT-22", "LIF-02"),
        {"abort_changes": {"SUCCEEDED": "ABORTED"}},
    ),
    Fault(
        "abort-failed-changed",
        "An abort makes a run that FAILED ABORTED.",
        ("ABT-06b", "LIF-02"),
        {"abort_changes": {"FAILED": "ABORTED"}},
    ),
    Fault(
        "abort-timed-out-changed",
        "An abort makes a run that is TIMED-OUT ABORTED.",
        ("ABT-06c", "LIF-02"),
        {"abort_changes": {"TIMED-OUT": "ABORTED"}},
    ),
    Fault(
        "abort-finished-message",
        "An abort of a finished run replaces its status message.",
        ("ABT-06", "ABT-06b", "ABT-06c"),
        {"abort_touches_finished": True},
    ),
    Fault(
        "abort-finished-refused",
        "An abort of a finished run is refused with 400.",
        ("ABT-06", "ABT-06b", "ABT-06c"),
        {"abort_finished_status": 400},
    ),
    Fault(
        "abort-aborting-refused",
        "An abort of a run that is ABORTING is refused with 400.",
        ("ABT-06e",),
        {"abort_aborting_status": 400},
    ),
    Fault(
        "abort-newest-run",
        "An abort stops the newest run, whatever the path says.",
        ("ABT-25", "ABT-01", "ABT-03", "ABT-02"),
        {"finds": newest(*ABORTS)},
    ),
    Fault(
        "abort-deprecated-newest-run",
        "The deprecated address aborts the newest run of the Actor.",
        ("ABT-03", "ABT-02"),
        {"finds": newest("abortActorRun")},
    ),
    Fault(
        "abort-actor-by-id-alone",
        "The deprecated address knows the Actor by its id alone.",
        ("ABT-03b",),
        {"actor_known_by": ("id",)},
    ),
    Fault(
        "abort-actor-by-name-alone",
        "The deprecated address knows the Actor by its name alone.",
        ("ABT-03",),
        {"actor_known_by": ("name",)},
    ),
    Fault(
        "abort-204",
        "An abort answers 204.",
        ("ABT-01", "ABT-02"),
        {"statuses": {("abortRun", 200): 204, ("abortActorRun", 200): 204}},
    ),
    Fault(
        "abort-deprecated-202",
        "The deprecated address answers 202.",
        ("ABT-02", "ABT-24"),
        {"statuses": {("abortActorRun", 200): 202}},
    ),
    Fault(
        "abort-answer-id-of-actor",
        "The answer to an abort has the Actor's id as id.",
        ("ABT-01", "ABT-02", "OBJ-01"),
        {
            "shows": (
                lambda shown, run, operation: (
                    shown.update(id=run.actor.id) if operation in ABORTS else None
                ),
            )
        },
    ),
    Fault(
        "abort-answer-epoch",
        "The answer to an abort has startedAt in milliseconds.",
        ("OBJ-05", "GEN-19"),
        {"shows": (showing("startedAt", 1575099264202, *ABORTS),)},
    ),
)

RUN_FAULTS = (*GET, *UPDATE, *REBOOT, *ABORT)
