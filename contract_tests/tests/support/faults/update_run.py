"""Faults of Update run."""

import json

from tests.support.tampering import Answer, Fault, Request, replaces, status


def updates(change) -> object:
    """Operations whose update is `change(operations, run, change, update)`."""

    @replaces("operations")
    def make(operations: type) -> type:
        class Changed(operations):
            def update(self, run, asked) -> None:
                change(self, run, asked, super().update)

        return Changed

    return make


def keeps_no_message(operations, run, asked, update) -> None:
    """Nothing of the update is kept."""


def echo_message(request: Request, answer: Answer) -> None:
    body = request.json()
    if request.operation == "updateRun" and answer.run and isinstance(body, dict):
        keys = ("statusMessage", "isStatusMessageTerminal", "generalAccess")
        answer.json = {"data": answer.run | {k: body[k] for k in keys if k in body}}


def appends_message(operations, run, asked, update) -> None:
    earlier = run.status_message
    update(run, asked)
    if earlier and asked.status_message:
        run.status_message = f"{earlier}\n{asked.status_message}"
        operations.repository.store(run)


def forgets_flag(operations, run, asked, update) -> None:
    update(run, asked)
    run.is_status_message_terminal = False
    operations.repository.store(run)


def looks_at_message_alone(operations, run, asked, update) -> None:
    if asked.status_message != run.status_message:
        update(run, asked)


def ascii_only(operations, run, asked, update) -> None:
    update(run, asked)
    if run.status_message:
        run.status_message = run.status_message.encode("ascii", "replace").decode()
        operations.repository.store(run)


def starts_clock_again(operations, run, asked, update) -> None:
    update(run, asked)
    run.started_at += 7
    operations.repository.store(run)


def counts_updates(operations, run, asked, update) -> None:
    update(run, asked)
    run.counters["restartCount"] += 1
    operations.repository.store(run)


def keeps_access(operations, run, asked, update) -> None:
    access = run.general_access
    update(run, asked)
    run.general_access = access
    operations.repository.store(run)


async def follows_body(request: Request) -> None:
    """Update the run that the body names as well."""
    body = request.json()
    if request.operation != "updateRun" or not isinstance(body, dict):
        return
    other = body.get("runId")
    if isinstance(other, str) and other != request.subject and other.isalnum():
        path = f"/v2/actor-runs/{other}"
        await request.server.call(Request("PUT", path, {}, dict(request.headers), request.body))


def body_edit(change):
    """Change the JSON body of an update; `change` takes the body, None when it is no object."""

    def edit(request: Request) -> Answer | None:
        if request.operation != "updateRun" or "content-encoding" in request.headers:
            return None
        value = request.json()
        changed = change(value if isinstance(value, dict) else None)
        if isinstance(changed, Answer):
            return changed
        if changed is not None:
            request.body = json.dumps(changed).encode()
            request.headers["content-type"] = "application/json"
        return None

    return edit


def wants_flag(body: dict | None) -> Answer | None:
    if body is not None and "statusMessage" in body and "isStatusMessageTerminal" not in body:
        return Answer.error(400, "invalid-request")
    return None


def refuses_run_id(body: dict | None) -> Answer | None:
    return Answer.error(400, "invalid-request") if body and "runId" in body else None


def any_access(body: dict | None) -> dict | None:
    known = ("FOLLOW_USER_SETTING", "ANYONE_WITH_ID_CAN_READ", "RESTRICTED", None)
    if body and body.get("generalAccess") not in known:
        return {**body, "generalAccess": "FOLLOW_USER_SETTING"}
    if body and "generalAccess" in body and body["generalAccess"] is None:
        return {key: value for key, value in body.items() if key != "generalAccess"}
    return None


def casts(body: dict | None) -> dict | None:
    if not body:
        return None
    cast = dict(body)
    if "statusMessage" in cast:
        cast["statusMessage"] = str(cast["statusMessage"])
    if "isStatusMessageTerminal" in cast:
        cast["isStatusMessageTerminal"] = bool(cast["isStatusMessageTerminal"])
    return cast


def access_in_lists(body: dict | None) -> dict | None:
    if body and isinstance(body.get("generalAccess"), list | dict):
        return {**body, "generalAccess": "FOLLOW_USER_SETTING"}
    return None


def messages_of_any_shape(body: dict | None) -> dict | None:
    if body and isinstance(body.get("statusMessage"), list | dict):
        return {**body, "statusMessage": json.dumps(body["statusMessage"])}
    return None


def anything_is_an_object(body: dict | None) -> dict | None:
    return {"statusMessage": "whatever"} if body is None else None


def refusal_type(request: Request, answer: Answer) -> None:
    if request.operation == "updateRun" and answer.status == 400 and answer.problem:
        answer.json = {"error": {**answer.problem, "type": "bad-json"}}


UPDATE_RUN = (
    Fault("update-answers-201", "updateRun", ("PUT-01", "PUT-20"),
          "Update run answers 201.", after=status(200, 201, "updateRun")),
    Fault("update-refuses-run-id", "updateRun", ("PUT-02", "PUT-01"),
          "An update with runId in its body is refused.", before=body_edit(refuses_run_id)),
    Fault("update-wants-flag", "updateRun", ("PUT-02b",),
          "An update without isStatusMessageTerminal is refused.", before=body_edit(wants_flag)),
    Fault("message-not-kept", "updateRun",
          ("PUT-05", "PUT-06", "PUT-07", "GEN-03b", "BDY-02", "PUT-11", "PUT-14"),
          "An update is echoed and forgotten.", parts=updates(keeps_no_message),
          after=echo_message, whole=True),
    Fault("messages-pile-up", "updateRun", ("PUT-06",),
          "A new message is put below the old one.", parts=updates(appends_message)),
    Fault("terminal-flag-lost", "updateRun", ("PUT-07",),
          "isStatusMessageTerminal is forgotten.", parts=updates(forgets_flag)),
    Fault("terminal-flag-for-same-message-lost", "updateRun", ("PUT-07",),
          "An update with the message that a run has already changes nothing.",
          parts=updates(looks_at_message_alone), found_by="update_status_message"),
    Fault("messages-in-ascii", "updateRun", ("GEN-03b",),
          "Characters outside ASCII become question marks.", parts=updates(ascii_only)),
    Fault("update-follows-body", "updateRun", ("PUT-04b",),
          "An update changes the run that its body names, too.", before=follows_body),
    Fault("update-moves-start", "updateRun", ("PUT-10", "INV-11"),
          "An update moves startedAt.", parts=updates(starts_clock_again)),
    Fault("update-counts-a-restart", "updateRun", ("PUT-10",),
          "An update counts as a restart.", parts=updates(counts_updates)),
    Fault("access-not-kept", "updateRun", ("PUT-11", "AUT-06"),
          "generalAccess is accepted and forgotten.", parts=updates(keeps_access)),
    Fault("any-access-accepted", "updateRun", ("PUT-12",),
          "An unknown generalAccess is accepted.", before=body_edit(any_access),
          found_by="general_access"),
    Fault("wrong-types-accepted", "updateRun", ("PUT-14",),
          "A status message of another type is cast.", before=body_edit(casts),
          found_by="update_with_bad_body"),
    Fault("access-in-lists-accepted", "updateRun", ("PUT-12",),
          "A generalAccess that is a list or an object is accepted.",
          before=body_edit(access_in_lists)),
    Fault("messages-of-any-shape-accepted", "updateRun", ("PUT-14",),
          "A status message that is a list or an object is written out.",
          before=body_edit(messages_of_any_shape)),
    Fault("malformed-update-accepted", "updateRun", ("PUT-17",),
          "A body that is no JSON object is taken for some other.",
          before=body_edit(anything_is_an_object)),
    Fault("malformed-update-type", "updateRun", ("PUT-17b",),
          "The error type of a malformed update is another.", after=refusal_type),
)  # fmt: skip
