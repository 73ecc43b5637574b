"""Faults of the abort, at either address."""

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import newest, previous, showing

ABORTS = ("abortRun", "abortActorRun")


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
        ("ABT-08", "ABT-08c"),
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
        ("ABT-06", "LIF-02"),
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
    Fault(
        "abort-lost-before-start",
        "An abort of a run that is READY is lost when its container starts.",
        ("ABT-05b", "LIF-02"),
        {"abort_lost_before_start": True, "container_start": 3.0},
    ),
    Fault(
        "abort-by-name-does-nothing",
        "At the deprecated address nothing is aborted when the Actor is given by name.",
        ("ABT-03b",),
        {"abort_by_name_does_nothing": True},
    ),
    Fault(
        "abort-previous-run",
        "An abort stops the run that was started before the one that the path names.",
        ("ABT-25", "ABT-01", "ABT-03"),
        {"finds": previous(*ABORTS)},
    ),
    Fault(
        "abort-finished-gracefully-changed",
        "A graceful abort makes a run that has finished ABORTED.",
        ("ABT-06", "ABT-06b", "ABT-06c", "LIF-02"),
        {
            "abort_changes": {"SUCCEEDED": "ABORTED", "FAILED": "ABORTED"},
            "abort_changes_if_graceful": True,
        },
    ),
    Fault(
        "abort-restarts",
        "A run with restartOnError starts again when it is aborted.",
        ("ABT-05",),
        {"abort_restarts": True},
    ),
)
