"""Faults of errors and request bodies: statuses, types, sizes, encodings."""

import gzip
import itertools

from tests.support.faults.changes import problem_of
from tests.support.tampering import Answer, Fault, Request, on


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


ERRORS = (
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
