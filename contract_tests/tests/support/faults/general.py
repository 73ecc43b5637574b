"""Faults of what holds for every operation: envelope, methods, paths, headers."""

import re

from tests.support.faults.changes import header, problem, problem_of, status_of
from tests.support.tampering import Answer, Fault, Request


def bare_run(request: Request, answer: Answer) -> None:
    if answer.run is not None:
        answer.json = answer.run


def error_beside_data(request: Request, answer: Answer) -> None:
    if answer.run is not None:
        answer.json = {"data": answer.run, "error": None}


def as_text(request: Request, answer: Answer) -> None:
    if answer.run is not None:
        answer.headers["content-type"] = "text/plain; charset=utf-8"


def latin_1(request: Request, answer: Answer) -> None:
    if answer.run is not None:
        answer.body = answer.body.decode().encode("latin-1", "replace")


def byte_order_mark(request: Request, answer: Answer) -> None:
    answer.body = answer.body.decode().encode("utf-8-sig")


def html_error(request: Request, answer: Answer) -> None:
    if answer.status == 404:
        answer.headers["content-type"] = "text/html"
        answer.body = b"<h1>404 Not Found</h1>"


def data_beside_error(request: Request, answer: Answer) -> None:
    if answer.problem is not None:
        answer.json = {"error": answer.problem, "data": {}}


def camel_case_types(request: Request, answer: Answer) -> None:
    error = answer.problem
    if error is not None:
        words = error["type"].split("-")
        answer.json = {"error": {**error, "type": "".join(map(str.capitalize, words))}}


def redirect_unknown(request: Request, answer: Answer) -> None:
    if answer.status == 404 and request.method != "GET":
        answer.status, answer.headers["location"] = 302, "/v2/not-found"


def only_prefix_acts(request: Request) -> Answer | None:
    if request.path.startswith("/v2/actors/"):
        return Answer.error(404, "page-not-found")
    return None


def any_case_of_path(request: Request) -> None:
    request.path = re.sub(r"^/v2/[a-zA-Z-]+", lambda m: m[0].lower(), request.path)
    request.path = request.path.replace("/actor-run/", "/actor-runs/")


def strict_ids(request: Request) -> Answer | None:
    subject = request.subject
    if subject and "/actor-runs/" in request.path and not re.fullmatch(r"[a-zA-Z0-9]{17}", subject):
        return Answer.error(400, "invalid-id")
    return None


def ids_begin_with_letters(request: Request) -> Answer | None:
    subject = request.subject
    if "/actor-runs/" in request.path and re.match(r"[!-/:-@\[-`{-~]", subject):
        return Answer.error(400, "invalid-id")
    return None


def crash_on_odd_ids(request: Request) -> Answer | None:
    subject = request.subject
    if "/actor-runs/" in request.path and not re.fullmatch(r"[a-zA-Z0-9]*", subject):
        return Answer.error(500, "internal-server-error")
    return None


def names_need_owner(request: Request) -> Answer | None:
    if request.operation == "runTask" and request.subject.startswith("~"):
        return Answer.error(404, "record-not-found")
    return None


def only_words_are_booleans(request: Request) -> Answer | None:
    if request.query.get("gracefully") in ("1", "0"):
        return Answer.error(400, "invalid-value")
    return None


def one_is_no_true(request: Request) -> None:
    if request.query.get("gracefully") == "1":
        request.query["gracefully"] = "false"


def whole_seconds_only(request: Request) -> Answer | None:
    if "." in request.query.get("waitForFinish", ""):
        return Answer.error(400, "invalid-value")
    return None


def no_method_override(request: Request) -> None:
    request.query.pop("method", None)


GENERAL = (
    Fault("runs-without-envelope", "any", ("GEN-02",),
          "A success answer is the bare Run object.", after=bare_run),
    Fault("error-key-beside-data", "any", ("GEN-02b",),
          "A success answer has `error: null` beside `data`.", after=error_beside_data),
    Fault("success-as-plain-text", "any", ("GEN-03",),
          "A success answer says that it is text/plain.", after=as_text),
    Fault("success-in-latin-1", "updateRun", ("GEN-03", "GEN-03b", "GEN-02"),
          "A success answer is encoded in Latin-1.", after=latin_1),
    Fault("byte-order-mark", "any", ("GEN-03", "GEN-03c"),
          "Every body begins with a byte order mark.", after=byte_order_mark),
    Fault("not-found-as-html", "any", ("GEN-03c", "GEN-04"),
          "A 404 is a page of HTML.", after=html_error),
    Fault("error-without-type", "any", ("GEN-04",),
          "An error has no type.", after=problem(type=None), whole=True),
    Fault("error-with-empty-message", "any", ("GEN-04",),
          "An error has an empty message.", after=problem(message="")),
    Fault("data-beside-error", "any", ("GEN-04",),
          "An error answer has `data` beside `error`.", after=data_beside_error),
    Fault("camel-case-error-types", "any", ("GEN-05",),
          "Error types are written in camel case.", after=camel_case_types),
    Fault("not-found-redirects", "any",
          ("GEN-06", "PUT-20", "RBT-12", "ABT-19", "ABT-24", "TSK-29", "ERR-01"),
          "A call of what is not found is redirected elsewhere.", after=redirect_unknown),
    Fault("method-override-ignored", "any", ("GEN-07",),
          "The query parameter `method` has no effect.", before=no_method_override),
    Fault("unsupported-method-is-404", "any", ("GEN-08",),
          "An unsupported method is answered with 404.",
          after=status_of(405, 404, "record-not-found")),
    Fault("unsupported-method-type", "any", ("GEN-08b",),
          "The error type of a 405 is another.",
          after=problem_of("method-not-allowed", new_kind="wrong-method")),
    Fault("no-actors-prefix", "abortActorRun", ("GEN-11",),
          "The prefix /v2/actors/ leads nowhere.", before=only_prefix_acts),
    Fault("misspelled-path-is-served", "any", ("GEN-01b",),
          "A path segment may be misspelled.", before=any_case_of_path),
    Fault("malformed-ids-are-400", "any", ("GEN-12",),
          "An id of the wrong form is answered with 400.", before=strict_ids, found_by="paths"),
    Fault("ids-begin-with-letters", "any", ("GEN-12",),
          "An id that begins with a sign is answered with 400.", before=ids_begin_with_letters),
    Fault("crash-on-odd-ids", "any", ("GEN-12", "ERR-26"),
          "An id with odd characters is a server error.", before=crash_on_odd_ids,
          found_by="paths"),
    Fault("own-task-needs-user", "runTask", ("GEN-14c",),
          "`~name` is no way to name a task.", before=names_need_owner),
    Fault("one-and-zero-refused", "any", ("GEN-17",),
          "`gracefully=1` is refused.", before=only_words_are_booleans),
    Fault("one-is-not-true", "abortRun", ("GEN-17",),
          "`gracefully=1` means false.", before=one_is_no_true),
    Fault("decimals-refused", "any", ("GEN-18",),
          "A wait with decimals is refused.", before=whole_seconds_only),
    Fault("no-rate-limit-header", "any", ("GEN-20",),
          "Answers have no X-RateLimit-Limit.", after=header("x-ratelimit-limit", None)),
    Fault("rate-limit-in-words", "any", ("GEN-20",),
          "X-RateLimit-Limit is no number.", after=header("x-ratelimit-limit", "many")),
    Fault("rate-limit-of-five", "any", ("RTL-02",),
          "X-RateLimit-Limit is 5 everywhere.", after=header("x-ratelimit-limit", "5")),
)  # fmt: skip
