"""Faults of tokens, errors, headers and envelopes."""

from datetime import UTC, datetime
from typing import Any

from tests.support.independent.fault import Fault
from tests.support.independent.rules import Json

ALL = ("getRun", "updateRun", "rebootRun", "abortRun", "abortActorRun", "runTask", "runActor")
ABORTS = ("abortRun", "abortActorRun")


def _dates(spell: Any) -> Any:
    def change(shown: Json, _run: Any, _operation: str) -> None:
        for key in ("startedAt", "finishedAt"):
            if shown[key]:
                shown[key] = spell(shown[key])

    return change


def _default_storage_of_another(shown: Json, _run: Any, _operation: str) -> None:
    shown["storageIds"]["datasets"]["default"] = "oThErDsijuyDnPZAP"


def _without(*left_out: str) -> tuple[str, ...]:
    return tuple(name for name in ALL if name not in left_out)


def _refused_with(status: int, instead: int) -> Json:
    return {"error_statuses": {status: instead}}


TOKENS = (
    Fault("token-any", "Any token is taken for the owner's.", ("AUT-08b",), {"any_token": True}),
    Fault(
        "token-prefix",
        "A token that goes on after the right one is taken.",
        ("AUT-08b",),
        {"token_prefix_is_enough": True},
    ),
    Fault(
        "token-case",
        "A token is compared without regard to upper and lower case.",
        ("AUT-08b",),
        {"lower_case_tokens": True},
    ),
    Fault(
        "token-header-not-for-reboot",
        "Reboot run does not read the header Authorization.",
        ("AUT-01", "RBT-01"),
        {"header_token_operations": _without("rebootRun")},
    ),
    Fault(
        "token-query-get-only",
        "Only Get run reads the query parameter token.",
        ("AUT-02",),
        {"query_token_operations": ("getRun",)},
    ),
    Fault(
        "token-query-not-for-start",
        "Run task does not read the query parameter token.",
        ("AUT-02",),
        {"query_token_operations": _without("runTask")},
    ),
    Fault(
        "token-not-needed-for-update",
        "Update run needs no token.",
        ("AUT-07",),
        {"open_operations": ("getRun", "updateRun")},
    ),
    Fault(
        "token-not-needed-for-reboot",
        "Reboot run needs no token.",
        ("AUT-07",),
        {"open_operations": ("getRun", "rebootRun")},
    ),
    Fault(
        "token-not-needed-for-abort",
        "The abort needs no token, as Get run.",
        ("AUT-07",),
        {"open_operations": ("getRun", *ABORTS)},
    ),
    Fault(
        "token-not-needed-for-deprecated-abort",
        "The deprecated abort needs no token.",
        ("AUT-07",),
        {"open_operations": ("getRun", "abortActorRun")},
    ),
    Fault(
        "token-refused-but-updated",
        "An update without a token is refused, and carried out.",
        ("AUT-07", "AUT-08b", "ERR-08"),
        {"refused_but_done": ("updateRun",)},
    ),
    Fault(
        "token-refused-but-aborted",
        "An abort without a token is refused, and carried out.",
        ("AUT-07", "AUT-08b", "ERR-08"),
        {"refused_but_done": ABORTS},
    ),
    Fault(
        "token-refused-but-rebooted",
        "A reboot without a token is refused, and carried out.",
        ("AUT-07", "AUT-08b", "ERR-08"),
        {"refused_but_done": ("rebootRun",)},
    ),
    Fault(
        "token-refused-but-started",
        "A start without a token is refused, and carried out.",
        ("AUT-07", "AUT-08b", "ERR-08"),
        {"refused_but_done": ("runTask",)},
    ),
    Fault(
        "stranger-updates",
        "A stranger may update a run.",
        ("ERR-08",),
        {"strangers_may": ("updateRun",)},
    ),
    Fault(
        "stranger-aborts",
        "A stranger may abort a run at the deprecated address.",
        ("ERR-08",),
        {"strangers_may": ("abortActorRun",)},
    ),
    Fault(
        "stranger-reboots",
        "A stranger may reboot a run.",
        ("ERR-08",),
        {"strangers_may": ("rebootRun",)},
    ),
    Fault(
        "token-refused-404",
        "A request without a token is answered with 404.",
        ("AUT-07",),
        _refused_with(401, 404),
    ),
    Fault(
        "token-refused-200",
        "A request without a token is answered 200, with an error in the body.",
        ("AUT-07", "GEN-02"),
        _refused_with(401, 200),
    ),
)

ERRORS = (
    Fault(
        "error-404-is-400",
        "What does not exist is answered with 400.",
        ("ERR-01",),
        _refused_with(404, 400),
    ),
    Fault(
        "error-404-is-200",
        "What does not exist is answered 200, with an error in the body.",
        ("ERR-01", "GEN-02"),
        _refused_with(404, 200),
    ),
    Fault(
        "error-404-is-410",
        "What does not exist is answered with 410.",
        ("ERR-01",),
        _refused_with(404, 410),
    ),
    Fault(
        "error-403-is-200",
        "A refused reboot is answered 200, with an error in the body.",
        ("RBT-02", "GEN-02"),
        _refused_with(403, 200),
    ),
    Fault(
        "error-400-is-500",
        "A mistake of the caller is answered with 500.",
        ("PUT-17", "TSK-12b", "TSK-12c"),
        _refused_with(400, 500),
    ),
    Fault(
        "error-400-is-422",
        "A body that is no JSON is answered with 422.",
        ("PUT-17", "PUT-20"),
        _refused_with(400, 422),
    ),
    Fault(
        "error-413-is-400",
        "A body that is too large is answered with 400.",
        ("ERR-22",),
        _refused_with(413, 400),
    ),
    Fault(
        "error-limit-10-mib",
        "The limit for a body is 10 MiB.",
        ("ERR-22",),
        {"body_limit": 10 * 1024 * 1024},
    ),
    Fault(
        "error-limit-off-by-one",
        "A body of one byte too many is taken.",
        ("ERR-22",),
        {"body_limit": 9_437_185},
    ),
    Fault(
        "error-encoding-ignored",
        "An unknown Content-Encoding is not looked at.",
        ("ERR-23",),
        {"unknown_encoding_refused": False},
    ),
    Fault(
        "error-415-is-400",
        "An unknown Content-Encoding is answered with 400.",
        ("ERR-23",),
        _refused_with(415, 400),
    ),
    Fault(
        "error-405-is-404",
        "An unsupported method is answered with 404.",
        ("GEN-08",),
        {"wrong_method_status": 404},
    ),
    Fault(
        "error-as-text",
        "An error is plain text in a body that claims to be JSON.",
        ("GEN-03", "GEN-04"),
        {"error_shape": lambda type_, message: message},
    ),
    Fault(
        "error-as-html",
        "An error is an HTML page.",
        ("GEN-03", "GEN-04"),
        {
            "error_shape": lambda type_, message: f"<h1>{message}</h1>",
            "error_content_type": "text/html",
        },
    ),
    Fault(
        "error-is-a-string",
        "error is a string.",
        ("GEN-04",),
        {"error_shape": lambda type_, message: {"error": message}},
    ),
    Fault(
        "error-without-message",
        "An error has an empty message.",
        ("GEN-04",),
        {"error_shape": lambda type_, message: {"error": {"type": type_, "message": ""}}},
    ),
    Fault(
        "error-beside-data",
        "An error stands beside a data of null.",
        ("GEN-04",),
        {
            "error_shape": lambda type_, message: {
                "data": None,
                "error": {"type": type_, "message": message},
            }
        },
    ),
    Fault(
        "error-with-code",
        "An error has a code in the place of its type.",
        ("GEN-04",),
        {"error_shape": lambda type_, message: {"error": {"code": type_, "message": message}}},
    ),
)

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
        "A slash at the end of a path is answered with 301.",
        ("GEN-06",),
        {"trailing_slash_redirects": True},
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
)

HTTP_FAULTS = (*TOKENS, *ERRORS, *ANSWERS)
