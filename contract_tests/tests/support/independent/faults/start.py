"""Faults of what a start makes of its input and options."""

import json
import re
from typing import Any

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import GONE, showing
from tests.support.independent.rules import Json, is_allowed_memory


def _caps_swapped(shown: Json, _run: Any, _operation: str) -> None:
    options = shown["options"]
    items, dollars = options.get("maxItems"), options.get("maxTotalChargeUsd")
    options["maxItems"] = None if dollars is None else int(dollars)
    options["maxTotalChargeUsd"] = items


def _counted_restarts(shown: Json, run: Any, _operation: str) -> None:
    if run.restart_on_error and shown["status"] == "FAILED":
        shown["stats"]["restartCount"] = 3


def _without_astral(saved: Json, given: Json) -> Json:
    text = re.sub("[\U00010000-\U0010ffff]", "", json.dumps(given, ensure_ascii=False))
    return {**saved, **json.loads(text)}


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
        "start-input-empty-lost",
        "Of the body empty strings, lists and objects do not count.",
        ("TSK-06",),
        {
            "merge": lambda saved, given: {
                **saved,
                **{k: v for k, v in given.items() if v not in ("", [], {})},
            }
        },
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
        ("TSK-07",),
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
        "start-memory-any",
        "Any memory is taken as it is, however small.",
        ("TSK-12b", "TSK-12c"),
        {"memory_allowed": lambda mb: True},
    ),
    Fault(
        "start-memory-not-whole",
        "A memory of 128.5 is cut to 128.",
        ("TSK-12e",),
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
        ("TSK-12e",),
        {
            "memory_allowed": lambda mb: True,
            "memory_used": lambda mb: 1 << max(7, (int(mb) - 1).bit_length()),
        },
    ),
    Fault(
        "start-memory-0",
        "A memory of 0 means the task's.",
        ("TSK-12e",),
        {
            "memory_allowed": lambda mb: not mb or is_allowed_memory(mb),
            "memory_used": lambda mb: mb or 512,
        },
    ),
    Fault(
        "start-memory-refused-late",
        "A memory that is refused starts the run all the same.",
        ("TSK-12e",),
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
        "start-charge-not-in-environment",
        "The Actor does not find maxTotalChargeUsd in its environment.",
        ("TSK-15b",),
        {"caps_in_environment": ("maxItems",)},
    ),
    Fault(
        "start-charge-with-currency",
        "The Actor finds maxTotalChargeUsd with its currency beside it.",
        ("TSK-15b",),
        {"cap_as_text": lambda cap: f"{cap} USD"},
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
        "start-restart-uncounted",
        "A run that fails is restarted without being asked to, and restarts are not counted.",
        ("TSK-17c",),
        {
            "restarts_without_being_told": True,
            "shows": (showing("stats.restartCount", GONE),),
        },
    ),
    Fault(
        "start-restart-saved-input",
        "A run that is restarted reads what the task has saved, without what the start gave.",
        ("TSK-17", "TSK-06"),
        {"restart_input_is_saved": True},
    ),
    Fault(
        "start-restart-saved-input-late",
        "A restart takes a while, and reads what the task has saved.",
        ("TSK-17",),
        {"restart_input_is_saved": True, "container_start": 2.0},
    ),
    Fault(
        "start-input-astral",
        "The input loses the characters that take four bytes in UTF-8.",
        ("TSK-06",),
        {"merge": _without_astral},
    ),
    Fault(
        "start-input-whole-numbers",
        "The input loses the decimals of numbers.",
        ("TSK-06",),
        {
            "merge": lambda saved, given: {
                **saved,
                **{k: int(v) if isinstance(v, float) else v for k, v in given.items()},
            }
        },
    ),
    Fault(
        "start-input-forgotten-by-id",
        "A start of the task by its id forgets the saved input.",
        ("TSK-06b", "GEN-14"),
        {"input_forgotten_by_id": True},
    ),
    Fault(
        "start-memory-at-most-saved",
        "A memory above the task's counts as the task's.",
        ("TSK-12", "TSK-21"),
        {"memory_used": lambda megabytes: min(megabytes, 512)},
    ),
    Fault(
        "start-restart-by-presence",
        "restartOnError counts when it is there, even if it is false.",
        ("TSK-17c",),
        {"present_is_true": ("restartOnError",)},
    ),
    Fault(
        "start-input-ascii",
        "The strings of the input lose what is not ASCII.",
        ("TSK-06",),
        {
            "merge": lambda saved, given: {
                **saved,
                **{
                    k: v.encode("ascii", "ignore").decode() if isinstance(v, str) else v
                    for k, v in given.items()
                },
            }
        },
    ),
    Fault(
        "start-input-nested-lost",
        "The input loses objects and lists.",
        ("TSK-06",),
        {
            "merge": lambda saved, given: {
                **saved,
                **{k: v for k, v in given.items() if not isinstance(v, dict | list)},
            }
        },
    ),
    Fault(
        "start-memory-decimals",
        "A memory of 256.0 is refused.",
        ("GEN-18",),
        {"decimals_refused_for": ("memory",)},
    ),
    Fault(
        "start-json-refused",
        "Run task refuses the content type application/json.",
        ("BDY-01", "TSK-06"),
        {"json_refused_on": ("runTask",)},
    ),
    Fault(
        "start-once",
        "A start is answered with a run of the task that is going on.",
        ("TSK-01", "TSK-22"),
        {"starts_once": True},
    ),
)
