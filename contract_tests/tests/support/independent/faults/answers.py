"""Faults of the answers of all operations: envelopes, headers, dates."""

from datetime import UTC, datetime
from typing import Any

from tests.support.independent.fault import Fault
from tests.support.independent.faults.changes import showing
from tests.support.independent.rules import Json

ABORTS = ("abortRun", "abortActorRun")


def _dates(spell: Any) -> Any:
    def change(shown: Json, _run: Any, _operation: str) -> None:
        for key in ("startedAt", "finishedAt"):
            if shown[key]:
                shown[key] = spell(shown[key])

    return change


def _default_storage_of_another(shown: Json, _run: Any, _operation: str) -> None:
    shown["storageIds"]["datasets"]["default"] = "oThErDsijuyDnPZAP"


ANSWERS = (
    Fault(
        "answer-without-envelope",
        "The Run object stands in no data.",
        ("GEN-02",),
        {"envelope": None},
    ),
    Fault(
        "answer-in-result", "The Run object stands in result.", ("GEN-02",), {"envelope": "result"}
    ),
    Fault(
        "answer-text-plain",
        "Answers claim to be text/plain.",
        ("GEN-03",),
        {"content_type": "text/plain; charset=utf-8"},
    ),
    Fault(
        "answer-latin-1",
        "Answers are in Latin-1, and say so.",
        ("GEN-03", "GEN-03b"),
        {"encoding": "latin-1", "content_type": "application/json; charset=iso-8859-1"},
    ),
    Fault("answer-utf-16", "Answers are in UTF-16.", ("GEN-03",), {"encoding": "utf-16"}),
    Fault(
        "answer-no-rate-limit",
        "Only starts have X-RateLimit-Limit.",
        ("GEN-20",),
        {"rate_limit_on": ("runTask",)},
    ),
    Fault(
        "answer-rate-limit-words",
        "X-RateLimit-Limit has its unit beside it.",
        ("GEN-20",),
        {"rate_limit": lambda limit: f"{limit}/s"},
    ),
    Fault(
        "answer-rate-limit-0",
        "X-RateLimit-Limit is 0.",
        ("GEN-20",),
        {"rate_limit": lambda limit: "0"},
    ),
    Fault(
        "answer-redirects",
        "A bad request is answered with 302.",
        ("GEN-06",),
        {"error_statuses": {400: 302}},
    ),
    Fault(
        "answer-no-method-override",
        "The query parameter method is not read.",
        ("GEN-07",),
        {"method_override": False},
    ),
    Fault(
        "answer-legacy-prefix-only",
        "Only /v2/acts/ is served, not /v2/actors/.",
        ("GEN-11",),
        {"legacy_prefix_only": True},
    ),
    Fault(
        "answer-whole-numbers-only",
        "A number with decimals is refused.",
        ("GEN-18",),
        {"whole_numbers_only": True},
    ),
    Fault(
        "answer-dates-without-zone",
        "Dates have no time zone.",
        ("GEN-19", "OBJ-05"),
        {"shows": (_dates(lambda text: text.removesuffix("Z")),)},
    ),
    Fault(
        "answer-dates-with-blank",
        "Dates have a blank and no T.",
        ("GEN-19", "OBJ-05"),
        {"shows": (_dates(lambda text: text.replace("T", " ")),)},
    ),
    Fault(
        "answer-dates-http",
        "Dates are spelled as in HTTP headers.",
        ("GEN-19", "OBJ-05"),
        {"shows": (_dates(lambda text: datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")),)},
    ),
    Fault(
        "answer-other-default-dataset",
        "storageIds names another default dataset.",
        ("INV-05",),
        {"shows": (_default_storage_of_another,)},
    ),
    Fault(
        "not-offered-update",
        "Update run is not offered.",
        ("PUT-01",),
        {"not_offered": ("updateRun",)},
    ),
    Fault(
        "not-offered-abort",
        "The abort is offered at neither address.",
        ("ABT-05",),
        {"not_offered": ABORTS},
    ),
    Fault(
        "answer-other-default-store",
        "storageIds names no default key-value store.",
        ("INV-05", "OBJ-31"),
        {"shows": (showing("storageIds.keyValueStores.default", None),)},
    ),
    Fault(
        "body-ascii",
        "A body that is not ASCII is refused.",
        ("BDY-01", "GEN-03b"),
        {"ascii_bodies_only": True},
    ),
)
