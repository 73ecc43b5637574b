"""Faults of what holds for every operation: envelope, methods, names, tokens, errors, bodies."""

import gzip
import itertools
import re

from tests.support.tampering import ABORTS, Answer, Fault, Request, on


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


def problem(**changes: object):
    """Change the error object of every error answer; None takes a key away."""

    def edit(request: Request, answer: Answer) -> None:
        error = answer.problem
        if error is not None:
            error = {**error, **changes}
            answer.json = {"error": {k: v for k, v in error.items() if v is not None}}

    return edit


def problem_of(kind: str, status: int | None = None, new_kind: str | None = None):
    """Change status or type of the errors of one type."""

    def edit(request: Request, answer: Answer) -> None:
        error = answer.problem
        if error is not None and error.get("type") == kind:
            answer.status = status or answer.status
            answer.json = {"error": {**error, "type": new_kind or kind}}

    return edit


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


def header(name: str, value: str | None):
    def edit(request: Request, answer: Answer) -> None:
        answer.headers.pop(name, None)
        if value is not None:
            answer.headers[name] = value

    return edit


def query_token_unknown(request: Request) -> Answer | None:
    if "token" in request.query and "authorization" not in request.headers:
        return Answer.error(401, "user-or-token-not-found")
    return None


def query_token_is_anonymous(request: Request) -> None:
    if request.operation == "getRun" and "authorization" not in request.headers:
        request.query.pop("token", None)


def header_token_refused(request: Request) -> Answer | None:
    if "authorization" in request.headers and "token" not in request.query:
        return Answer.error(401, "user-or-token-not-found")
    return None


def anonymous_refused(request: Request) -> Answer | None:
    return Answer.error(401, "token-not-provided") if request.anonymous else None


def shown_to_all(key: str):
    def edit(request: Request, answer: Answer) -> None:
        if request.anonymous and answer.run is not None:
            value = answer.json
            value["data"][key] = 0.25 if key == "usageTotalUsd" else {"DATASET_READS": 0.25}
            answer.json = value

    return edit


def owners_token(request: Request) -> str:
    """The last good token that was seen; the faulty server takes it for everybody."""
    given = request.headers.get("authorization", "")
    if given and "good" not in SEEN:
        SEEN["good"] = given
    return SEEN.get("good", given)


SEEN: dict[str, str] = {}


def trusts_anonymous(*operations: str):
    def edit(request: Request) -> None:
        token = owners_token(request)
        if request.anonymous and request.operation in operations and token:
            request.headers["authorization"] = token

    return edit


def trusts_any_token(*operations: str):
    def edit(request: Request) -> None:
        token = owners_token(request)
        if not request.anonymous and request.operation in operations:
            request.query.pop("token", None)
            request.headers["authorization"] = token

    return edit


def forgets_bad_token(request: Request) -> None:
    given = request.headers.get("authorization", "")
    if request.operation == "getRun" and given and given != owners_token(request):
        del request.headers["authorization"]


def echoes_token(request: Request, answer: Answer) -> None:
    error = answer.problem
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if error is not None and given:
        answer.json = {"error": {**error, "message": f"Refused for the token {given}."}}


def token_in_location(request: Request, answer: Answer) -> None:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if "location" in answer.headers and token:
        answer.headers["location"] += f"?token={token}"


def restricted_is_open(service: type) -> type:
    class Open(service):
        def may_read(self, run, caller) -> bool:
            return True

    return Open


def strangers_may(*operations: str):
    def edit(service: type) -> type:
        class Trusting(service):
            def owns(self, caller, user) -> bool:
                return caller is not None

        return Trusting

    return edit


def body_limit(limit: int, status: int = 413):
    def edit(request: Request) -> Answer | None:
        if len(request.body) > limit:
            return Answer.error(status, "request-too-large")
        return None

    return edit


def cuts_long_bodies(request: Request) -> None:
    if len(request.body) > 9_437_184:
        request.body = b'{"statusMessage": "too long"}'


def cuts_bombs(request: Request) -> None:
    if request.headers.get("content-encoding") == "gzip":
        try:
            size = len(gzip.decompress(request.body))
        except (OSError, EOFError):
            return
        if size > 9_437_184:
            del request.headers["content-encoding"]
            request.body = b'{"statusMessage": "too long"}'


def ignores_unknown_encoding(request: Request) -> None:
    if request.headers.get("content-encoding") not in (None, "gzip", "deflate", "br", "identity"):
        del request.headers["content-encoding"]


def no_encoding(name: str):
    def edit(request: Request) -> Answer | None:
        if request.headers.get("content-encoding") == name:
            return Answer.error(415, "unsupported-content-encoding")
        return None

    return edit


def json_refused(request: Request) -> Answer | None:
    if request.body and request.headers.get("content-type") == "application/json":
        return Answer.error(415, "unsupported-media-type")
    return None


def no_method_override(request: Request) -> None:
    request.query.pop("method", None)


def status_of(was: int, now: int, kind: str | None = None):
    def edit(request: Request, answer: Answer) -> None:
        if answer.status == was:
            answer.status = now
            if kind:
                answer.json = {"error": {"type": kind, "message": "This server is faulty."}}

    return edit


def unknown_run_is_empty(request: Request, answer: Answer) -> None:
    if answer.status == 404 and request.operation == "getRun":
        answer.status, answer.json = 200, {"data": None}


def unknown_task_is_forbidden(request: Request, answer: Answer) -> None:
    if answer.status == 404 and request.operation == "runTask":
        answer.status = 400


def any_actor(request: Request) -> None:
    if request.operation == "abortActorRun":
        request.path = f"/v2/actor-runs/{request.subject}/abort"


REQUESTS = itertools.count(1)


def throttles_oddly(request: Request) -> Answer | None:
    return Answer.error(429, "slow-down") if next(REQUESTS) % 9 == 0 else None


def server_error(request: Request, answer: Answer) -> None:
    if answer.status == 400:
        answer.status = 500
        answer.json = {"error": {"type": "internal-server-error", "message": "Something broke."}}


def refusal(operation: str, status: int):
    """Errors of an operation have a status that its documents do not name."""

    def edit(request: Request, answer: Answer) -> None:
        if request.operation == operation and answer.status in (400, 401, 403, 404):
            answer.status = status

    return edit


GENERAL = (
    Fault("runs-without-envelope", "any", ("GEN-02",),
          "A success answer is the bare Run object.", after=bare_run),
    Fault("error-key-beside-data", "any", ("GEN-02",),
          "A success answer has `error: null` beside `data`.", after=error_beside_data),
    Fault("success-as-plain-text", "any", ("GEN-03",),
          "A success answer says that it is text/plain.", after=as_text),
    Fault("success-in-latin-1", "updateRun", ("GEN-03", "GEN-03b", "GEN-02"),
          "A success answer is encoded in Latin-1.", after=latin_1),
    Fault("byte-order-mark", "any", ("GEN-03",),
          "Every body begins with a byte order mark.", after=byte_order_mark),
    Fault("not-found-as-html", "any", ("GEN-03", "GEN-04"),
          "A 404 is a page of HTML.", after=html_error),
    Fault("error-without-type", "any", ("GEN-04",),
          "An error has no type.", after=problem(type=None)),
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
          "An id of the wrong form is answered with 400.", before=strict_ids),
    Fault("ids-begin-with-letters", "any", ("GEN-12",),
          "An id that begins with a sign is answered with 400.", before=ids_begin_with_letters),
    Fault("crash-on-odd-ids", "any", ("GEN-12", "ERR-26"),
          "An id with odd characters is a server error.", before=crash_on_odd_ids),
    Fault("own-task-needs-user", "runTask", ("GEN-14",),
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
    # Tokens.
    Fault("header-token-refused-on-update", "updateRun", ("AUT-01",),
          "Update run takes no token from the header.",
          before=on("updateRun", header_token_refused)),
    Fault("query-token-refused", "any", ("AUT-02",),
          "A token in the query is unknown.", before=query_token_unknown),
    Fault("query-token-without-rights", "getRun", ("AUT-02",),
          "A token in the query does not make its caller the owner.",
          before=query_token_is_anonymous),
    Fault("anonymous-get-refused", "getRun", ("AUT-04",),
          "Get run needs a token.", before=on("getRun", anonymous_refused)),
    Fault("usage-shown-to-all", "getRun", ("AUT-05",),
          "`usageUsd` is shown without a token.", after=on("getRun", shown_to_all("usageUsd"))),
    Fault("total-shown-to-all", "getRun", ("AUT-05",),
          "`usageTotalUsd` is shown without a token.",
          after=on("getRun", shown_to_all("usageTotalUsd"))),
    Fault("restricted-run-is-open", "getRun", ("AUT-06",),
          "A restricted run is read by anybody.", service=restricted_is_open),
    *(
        Fault(f"anonymous-may-{name}", operation, ("AUT-07",),
              f"{operation} needs no token.", before=trusts_anonymous(operation))
        for name, operation in (("update", "updateRun"), ("reboot", "rebootRun"),
                                ("abort", "abortRun"), ("abort-below-actor", "abortActorRun"),
                                ("start", "runTask"))
    ),
    Fault("missing-token-is-403", "any", ("AUT-07b",),
          "A missing token is answered with 403.",
          after=problem_of("token-not-provided", 403, "insufficient-permissions")),
    Fault("bad-token-is-no-token", "getRun", ("AUT-08",),
          "Get run overlooks a token that is not valid.", before=forgets_bad_token),
    Fault("any-token-updates", "updateRun", ("AUT-08b",),
          "Update run accepts every token.", before=trusts_any_token("updateRun")),
    Fault("any-token-aborts", "abortRun", ("AUT-08b", "ERR-08"),
          "Abort run accepts every token.", before=trusts_any_token(*ABORTS)),
    Fault("any-token-starts", "runTask", ("AUT-08b", "ERR-08"),
          "Run task accepts every token.", before=trusts_any_token("runTask")),
    Fault("token-in-errors", "any", ("AUT-12",),
          "The token stands in error messages.", after=echoes_token),
    Fault("token-in-location", "runTask", ("AUT-12",),
          "The token stands in Location.", after=token_in_location),
    Fault("strangers-may-change-runs", "any", ("ERR-08",),
          "Anybody with a valid token may change every run.", service=strangers_may()),
    # Errors.
    Fault("unknown-run-is-400", "any", ("ERR-01",),
          "An unknown run is answered with 400.", after=problem_of("record-not-found", 400)),
    Fault("unknown-run-is-null", "getRun", ("ERR-01", "GEN-02", "GEN-12"),
          "An unknown run is answered 200 with `data: null`.", after=unknown_run_is_empty),
    Fault("unknown-task-is-400", "runTask", ("ERR-01",),
          "An unknown task is answered with 400.", after=unknown_task_is_forbidden),
    Fault("not-found-type", "any", ("ERR-01b",),
          "The error type of an unknown run is another.",
          after=problem_of("record-not-found", new_kind="no-such-thing")),
    Fault("any-actor-will-do", "abortActorRun", ("ERR-02",),
          "The deprecated path accepts every Actor.", before=any_actor),
    Fault("client-errors-are-500", "any", ("ERR-26", "ERR-16", "PUT-17"),
          "Wrong requests are answered with 500.", after=server_error),
    Fault("throttled-with-other-type", "any", ("ERR-25b",),
          "Every ninth request is answered 429 with a type of another kind.",
          before=throttles_oddly),
    Fault("body-limit-ignored", "any", ("ERR-22",),
          "A body over the limit is accepted.", before=cuts_long_bodies),
    Fault("body-limit-is-400", "any", ("ERR-22", "BDY-03"),
          "A body over the limit is answered with 400.",
          after=problem_of("request-too-large", 400)),
    Fault("body-limit-of-one-megabyte", "any", ("ERR-22b",),
          "A body of more than a megabyte is refused.", before=body_limit(1_000_000)),
    Fault("body-limit-type", "any", ("ERR-22c",),
          "The error type of a body over the limit is another.",
          after=problem_of("request-too-large", new_kind="too-big")),
    Fault("unknown-encoding-ignored", "any", ("ERR-23",),
          "A body in an unknown encoding is read as it is.", before=ignores_unknown_encoding),
    Fault("unknown-encoding-is-400", "any", ("ERR-23",),
          "An unknown encoding is answered with 400.",
          after=problem_of("unsupported-content-encoding", 400)),
    Fault("unknown-encoding-type", "any", ("ERR-23b",),
          "The error type of an unknown encoding is another.",
          after=problem_of("unsupported-content-encoding", new_kind="odd-encoding")),
    Fault("no-gzip", "any", ("BDY-02",),
          "A body in gzip is not understood.", before=no_encoding("gzip")),
    Fault("limit-before-decompression", "any", ("BDY-03",),
          "The limit holds for the compressed body only.", before=cuts_bombs),
    Fault("json-refused", "any", ("BDY-01",),
          "A body of application/json is refused on an update.",
          before=on("updateRun", json_refused)),
    *(
        Fault(f"undocumented-status-of-{operation}", operation, (promise,),
              f"{operation} answers errors with 418.", after=refusal(operation, 418),
              beside=("ERR-01",))
        for operation, promise in (("getRun", "GET-16"), ("updateRun", "PUT-20"),
                                   ("rebootRun", "RBT-12"), ("abortRun", "ABT-19"),
                                   ("abortActorRun", "ABT-24"), ("runTask", "TSK-29"))
    ),
)  # fmt: skip
