"""Faults of errors."""

from tests.support.independent.fault import Fault
from tests.support.independent.rules import Json


def _refused_with(status: int, instead: int) -> Json:
    return {"error_statuses": {status: instead}}


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
        ("PUT-17", "TSK-12e"),
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
        ("GEN-03c", "GEN-04"),
        {"error_shape": lambda type_, message: message},
    ),
    Fault(
        "error-as-html",
        "An error is an HTML page.",
        ("GEN-03c", "GEN-04"),
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
