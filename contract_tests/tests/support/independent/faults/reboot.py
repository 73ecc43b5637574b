"""Faults of Reboot run."""

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import GONE, newest, showing
from tests.support.independent.rules import TERMINAL

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
        ("RBT-02b", "LIF-02"),
        {"reboot_refused": TERMINAL, "reboot_revives_aborting": True},
    ),
    Fault(
        "reboot-queues-aborting",
        "A reboot makes a run that is ABORTING wait for its start again.",
        ("RBT-02b", "LIF-02"),
        {"reboot_refused": TERMINAL, "reboot_revives_aborting": True, "reboot_shows_ready": 3.0},
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
    Fault(
        "reboot-elsewhere",
        "Reboot run lies at /v2/actor-runs/{runId}/restart.",
        ("RBT-01", "GEN-01"),
        {"paths": {"rebootRun": "/v2/actor-runs/{run}/restart"}},
    ),
    Fault(
        "reboot-refused-clears-message",
        "A reboot that is refused takes the status message away.",
        ("RBT-02",),
        {"reboot_refusal_clears_message": True},
    ),
    Fault(
        "reboot-saved-input",
        "After a reboot the Actor reads what the task has saved, without what the start gave.",
        ("RBT-03", "RBT-04"),
        {"reboot_input_is_saved": True},
    ),
)
