"""Faults of Get run and of waits for the end of a run."""

import time
from typing import Any

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import begins_with, newest, previous
from tests.support.independent.rules import TERMINAL, Json


def _growing_figures(shown: Json, _run: Any, _operation: str) -> None:
    shown["stats"]["computeUnits"] = round(time.time() % 100_000, 4)


GET = (
    Fault(
        "get-newest-run",
        "Get run shows the newest run, whatever the path says.",
        ("GET-02",),
        {"finds": newest("getRun")},
    ),
    Fault(
        "get-by-half-an-id",
        "Get run finds a run by the beginning of its id.",
        ("GET-02",),
        {"finds": begins_with("getRun")},
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
        "wait-ignored",
        "Neither Get run nor Run task reads waitForFinish.",
        ("GET-05b", "TSK-19b", "GET-05", "TSK-19"),
        {"wait_ignored": ("getRun", "runTask")},
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
        "The compute units of a run that has finished grow for ever.",
        ("RTL-10",),
        {"shows": (_growing_figures,)},
    ),
    Fault(
        "get-previous-run",
        "Get run shows the run that was started before the one that the path names.",
        ("GET-02",),
        {"finds": previous("getRun")},
    ),
    Fault("get-203", "Get run answers 203.", ("GET-01",), {"statuses": {("getRun", 200): 203}}),
    Fault(
        "get-list",
        "Get run answers with a list of one run.",
        ("GET-01", "GEN-02"),
        {"shows": (lambda shown, run, operation: [shown] if operation == "getRun" else None,)},
    ),
    Fault(
        "get-elsewhere",
        "Get run lies at /v2/runs/{runId}.",
        ("GET-01", "GEN-01"),
        {"paths": {"getRun": "/v2/runs/{run}"}},
    ),
    Fault(
        "get-wait-cut",
        "waitForFinish is cut to whole seconds.",
        ("GEN-18", "GET-05b"),
        {"wait_cut_to_seconds": True},
    ),
    Fault(
        "get-wait-of-60-ignored",
        "A wait of 60 s, the most that is documented, is answered at once.",
        ("GET-05b",),
        {"wait_ignored_from": 60.0},
    ),
    Fault(
        "get-wait-needs-token",
        "A wait without a token is not heeded.",
        ("GET-05", "GET-05b"),
        {"wait_needs_token": True},
    ),
    Fault(
        "get-wait-ends-at-update",
        "A wait ends when the status message of the run is set.",
        ("GET-05b",),
        {"wait_ends_on": ("update",)},
    ),
    Fault(
        "get-wait-ends-at-reboot",
        "A wait ends when the run is rebooted.",
        ("GET-05b",),
        {"wait_ends_on": ("reboot",)},
    ),
    Fault(
        "get-old-for-anonymous",
        "A caller without a token gets a copy of the run that may be 12 s old.",
        ("GET-04",),
        {"cached_for_anonymous": 12.0},
    ),
    Fault(
        "get-wait-lost-when-ready",
        "Who begins to wait while the run is READY does not hear of its end.",
        ("GET-05", "TSK-19"),
        {"wait_missed_when_ready": True, "container_start": 1.0},
    ),
)
