"""Faults of who may call: tokens, strangers, what the anonymous see."""

from tests.support.faults.changes import problem_of
from tests.support.tampering import ABORTS, Answer, Fault, Request, on, replaces


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


def trusts_who_aborts_gracefully(request: Request) -> None:
    token = owners_token(request)
    if request.anonymous and request.operation in ABORTS and "gracefully" in request.query:
        request.headers["authorization"] = token


def trusts_empty_token(request: Request) -> None:
    token = owners_token(request)
    if request.headers.get("authorization") == "Bearer" and request.operation == "updateRun":
        request.headers["authorization"] = token


def trusts_who_names(operation: str, *, by_id: bool):
    """Take whoever names the task or the Actor by its id, or by its name, for the owner."""

    def edit(request: Request) -> None:
        token = owners_token(request)
        if not request.anonymous or request.operation != operation:
            return
        if ("~" in request.path.split("/")[3]) != by_id:
            request.headers["authorization"] = token

    return edit


def trusts_shorter_token(request: Request) -> None:
    token, given = owners_token(request), request.headers.get("authorization", "")
    if len(given) > len("Bearer ") and token.startswith(given):
        request.headers["authorization"] = token


def costs_of_aborted_run(request: Request, answer: Answer) -> None:
    if answer.run is not None and answer.run["status"] == "ABORTED":
        shown_to_all("usageTotalUsd")(request, answer)


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


@replaces("access")
def restricted_is_open(access: type) -> type:
    class Open(access):
        def may_read(self, run, caller) -> bool:
            return True

    return Open


def strangers_may(*operations: str):
    @replaces("access")
    def edit(access: type) -> type:
        class Trusting(access):
            def owns(self, caller, user) -> bool:
                return caller is not None

        return Trusting

    return edit


AUTH = (
    Fault("header-token-refused-on-update", "updateRun", ("AUT-01",),
          "Update run takes no token from the header.",
          before=on("updateRun", header_token_refused)),
    Fault("query-token-refused", "any", ("AUT-02",),
          "A token in the query is unknown.", before=query_token_unknown),
    Fault("query-token-without-rights", "getRun", ("AUT-02",),
          "A token in the query does not make its caller the owner.",
          before=query_token_is_anonymous),
    Fault("anonymous-get-refused", "getRun", ("AUT-04",),
          "Get run needs a token.", before=on("getRun", anonymous_refused),
          found_by="general_access"),
    Fault("usage-shown-to-all", "getRun", ("AUT-05",),
          "`usageUsd` is shown without a token.", after=on("getRun", shown_to_all("usageUsd")),
          found_by="anonymous_get_of_running_run"),
    Fault("total-shown-to-all", "getRun", ("AUT-05",),
          "`usageTotalUsd` is shown without a token.",
          after=on("getRun", shown_to_all("usageTotalUsd"))),
    Fault("total-of-aborted-run-shown", "getRun", ("AUT-05",),
          "`usageTotalUsd` of an ABORTED run is shown without a token.",
          after=on("getRun", costs_of_aborted_run), found_by="every_end_is_heard_of"),
    Fault("restricted-run-is-open", "getRun", ("AUT-06",),
          "A restricted run is read by anybody.", parts=restricted_is_open),
    *(
        Fault(f"anonymous-may-{name}", operation, ("AUT-07",),
              f"{operation} needs no token.", before=trusts_anonymous(operation),
              found_by="reboot_of_running_run" if name == "reboot" else None)
        for name, operation in (("update", "updateRun"), ("reboot", "rebootRun"),
                                ("abort", "abortRun"), ("abort-below-actor", "abortActorRun"),
                                ("start", "runTask"))
    ),
    Fault("anonymous-may-abort-gracefully", "any", ("AUT-07",),
          "A graceful abort needs no token.", before=trusts_who_aborts_gracefully),
    Fault("empty-token-updates", "updateRun", ("AUT-07",),
          "Update run takes an empty token for the owner's.", before=trusts_empty_token),
    Fault("anonymous-may-start-by-id", "runTask", ("AUT-07",),
          "Run task needs no token where the task is named by its id.",
          before=trusts_who_names("runTask", by_id=True)),
    Fault("anonymous-may-abort-below-name", "abortActorRun", ("AUT-07",),
          "The deprecated abort needs no token below the Actor's name.",
          before=trusts_who_names("abortActorRun", by_id=False),
          found_by="deprecated_abort_of_finished_run"),
    Fault("missing-token-is-403", "any", ("AUT-07b",),
          "A missing token is answered with 403.",
          after=problem_of("token-not-provided", 403, "insufficient-permissions")),
    Fault("bad-token-is-404", "any", ("AUT-08d", "AUT-08"),
          "A token that is not valid is answered with 404.",
          after=problem_of("user-or-token-not-found", 404)),
    Fault("bad-token-is-no-token", "getRun", ("AUT-08",),
          "Get run overlooks a token that is not valid.", before=forgets_bad_token),
    Fault("any-token-updates", "updateRun", ("AUT-08b", "AUT-07", "ERR-08"),
          "Update run accepts every token.", before=trusts_any_token("updateRun"), whole=True),
    Fault("shorter-token-accepted", "any", ("AUT-08b", "AUT-08"),
          "The beginning of a token is taken for the token.", before=trusts_shorter_token),
    Fault("any-token-aborts", "abortRun", ("AUT-08b", "ERR-08"),
          "Abort run accepts every token.", before=trusts_any_token(*ABORTS)),
    Fault("any-token-starts", "runTask", ("AUT-08b", "ERR-08"),
          "Run task accepts every token.", before=trusts_any_token("runTask")),
    Fault("token-in-errors", "any", ("AUT-12",),
          "The token stands in error messages.", after=echoes_token),
    Fault("token-in-location", "runTask", ("AUT-12",),
          "The token stands in Location.", after=token_in_location),
    Fault("strangers-may-change-runs", "any", ("ERR-08",),
          "Anybody with a valid token may change every run.", parts=strangers_may()),
)  # fmt: skip
