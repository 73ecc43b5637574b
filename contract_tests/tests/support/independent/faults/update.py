"""Faults of Update run."""

import html
import unicodedata
from urllib.parse import unquote

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import GONE, newest, previous, showing

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
        {"update_stores": lambda old, new: new[:10]},
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
        "update-message-composed",
        "A status message gets one character for a letter and its accent.",
        ("GEN-03b",),
        {"update_stores": lambda old, new: unicodedata.normalize("NFC", new)},
    ),
    Fault(
        "update-message-unquoted",
        "Percent-encoded characters of a status message are decoded.",
        ("PUT-05",),
        {"update_stores": lambda old, new: unquote(new)},
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
        "update-flag-sticks",
        "A message marked as the last leaves every later one marked.",
        ("PUT-07",),
        {"update_flag": lambda given, old: bool(given) or old},
    ),
    Fault(
        "update-lost-at-start",
        "A message that is set while the run is READY is lost when its container starts.",
        ("PUT-05",),
        {"update_survives_start": False, "container_start": 2.0},
    ),
    Fault(
        "update-previous-run-too",
        "Update run sets the message of the run that was started before, too.",
        ("PUT-24", "PUT-05"),
        {"update_previous_too": True},
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
        ("PUT-24",),
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
    Fault(
        "update-flag-refused",
        "A body with isStatusMessageTerminal is refused.",
        ("PUT-02", "PUT-07"),
        {"update_refuses": ("isStatusMessageTerminal",)},
    ),
    Fault(
        "update-needs-flag-to-store",
        "A message without isStatusMessageTerminal is answered 200, and not kept.",
        ("PUT-02b", "PUT-05"),
        {"update_needs_flag_to_store": True},
    ),
    Fault(
        "update-previous-run",
        "Update run changes the run that was started before the one that the path names.",
        ("PUT-24",),
        {"finds": previous("updateRun")},
    ),
    Fault(
        "update-json-refused",
        "Update run refuses the content type application/json.",
        ("BDY-01", "PUT-02"),
        {"json_refused_on": ("updateRun",)},
    ),
    Fault(
        "update-message-escaped",
        "A status message is escaped for HTML.",
        ("PUT-05",),
        {"update_stores": lambda old, new: html.escape(new)},
    ),
    Fault(
        "update-message-trimmed",
        "A status message loses its blanks and line breaks.",
        ("PUT-05",),
        {"update_stores": lambda old, new: "".join(new.split())},
    ),
    Fault(
        "update-run-of-body",
        "Update run changes the run that the body names, whatever the path says.",
        ("PUT-04b",),
        {"update_named_by_body": True},
    ),
)
