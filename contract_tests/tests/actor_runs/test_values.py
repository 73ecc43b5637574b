"""Values, not shapes: every argument of every call, and every property of every answer."""

from __future__ import annotations

import base64
import copy
import json
import re
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from actor_runs import UNSET, WebhookDefinition, errors
from tests.support.client_wire import CALLS, METHODS, PLACES, RUN_ID, TOKEN, answer, example
from tests.support.contract_judge import at, component, contract, judge, operations, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = f"/v2/actor-runs/{RUN_ID}"
TASK, NAMED = "moJRLRc85AitArpNN", "janedoe~my-task"
START = "/v2/actor-tasks"
HOOK = {
    "eventTypes": ["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.TIMED_OUT"],
    "requestUrl": "https://example.com/hook?a=1",
    "payloadTemplate": '{"é": {{resource}}}',
    "headersTemplate": '{"X-A": "1"}',
    "shouldInterpolateStrings": True,
    "idempotencyKey": "fdSJmdP3nfs7sfk3y",
    "ignoreSslErrors": False,
    "doNotRetry": True,
}
LEAST_HOOK = {"eventTypes": ["ACTOR.RUN.FAILED"], "requestUrl": "https://example.com/"}
HOOKS = [WebhookDefinition.from_dict(each) for each in (HOOK, LEAST_HOOK)]
INPUT = {"text": "ß 漢字 😀", "none": None, "yes": True, "list": [1, 1.5, []], "": {"a": {}}}
ABSENT = None
MESSAGE = "Ümläut: 漢字 😀"


def told(message: str, **more: object) -> dict:
    return {"runId": RUN_ID, "statusMessage": message, **more}


# A call, and the one request that it is: method, path, query and body. A start has a body always.
ROWS: list[tuple[str, tuple, dict[str, Any], str, str, dict[str, Any], Any]] = [
    *(
        (METHODS[name], CALLS[METHODS[name]], {}, verb.upper(), path.format(**PLACES), {}, ABSENT)
        for name, (path, verb, definition) in operations().items()
        if "requestBody" not in definition
    ),
    ("get_run", (RUN_ID,), {"server_wait_secs": 12.5}, "GET", RUN, {"waitForFinish": 12.5}, ABSENT),
    ("get_run", (RUN_ID,), {"server_wait_secs": 60}, "GET", RUN, {"waitForFinish": 60}, ABSENT),
    ("get_run", (RUN_ID,), {"server_wait_secs": 0}, "GET", RUN, {}, ABSENT),
    ("abort_run", (RUN_ID,), {"gracefully": False}, "POST", f"{RUN}/abort", {}, ABSENT),
    (
        *("abort_run", (RUN_ID,), {"gracefully": True}),
        *("POST", f"{RUN}/abort", {"gracefully": True}, ABSENT),
    ),
    (
        *("abort_actor_run", ("~my-actor", RUN_ID), {"gracefully": True}, "POST"),
        *(f"/v2/acts/~my-actor/runs/{RUN_ID}/abort", {"gracefully": True}, ABSENT),
    ),
    (
        *("abort_actor_run", ("9yUXqrgqjVbBJs5cU", RUN_ID), {}, "POST"),
        *(f"/v2/acts/9yUXqrgqjVbBJs5cU/runs/{RUN_ID}/abort", {}, ABSENT),
    ),
    *(
        ("update_status_message", (RUN_ID, message), {}, "PUT", RUN, {}, told(message))
        for message in (MESSAGE, "", " two\r\nlines\t ", "x" * 10_000)
    ),
    *(
        (
            *("update_status_message", (RUN_ID, "Done"), {argument: value}),
            *("PUT", RUN, {}, told("Done", **{name: value})),
        )
        for argument, name, values in (
            ("is_terminal", "isStatusMessageTerminal", (True, False)),
            (
                *("general_access", "generalAccess"),
                ("RESTRICTED", "ANYONE_WITH_ID_CAN_READ", "FOLLOW_USER_SETTING"),
            ),
        )
        for value in values
    ),
    *(
        ("run_task", (task,), {}, "POST", f"{START}/{task}/runs", {}, {})
        for task in (TASK, NAMED, "~my-task")
    ),
    ("run_task", (NAMED, {}), {}, "POST", f"{START}/{NAMED}/runs", {}, {}),
    ("run_task", (NAMED, INPUT), {}, "POST", f"{START}/{NAMED}/runs", {}, INPUT),
    *(
        ("run_task", (NAMED,), {argument: value}, "POST", f"{START}/{NAMED}/runs", query, {})
        for argument, name, values in (
            ("run_timeout_secs", "timeout", (0, 90, 0.25)),
            ("memory", "memory", (128, 4096)),
            ("max_items", "maxItems", (0, 1000, 2.5)),
            ("max_total_charge_usd", "maxTotalChargeUsd", (0, 5, 0.0625)),
            ("restart_on_error", "restartOnError", (True, False)),
            ("build", "build", ("latest", "0.1.234", "ä&b=c", "")),
            ("server_wait_secs", "waitForFinish", (1, 59.5)),
        )
        for value in values
        for query in [{name: value}]
    ),
    (
        *("run_task", (NAMED,), {"webhooks": HOOKS}, "POST", f"{START}/{NAMED}/runs"),
        *({"webhooks": [HOOK, LEAST_HOOK]}, {}),
    ),
    ("run_task", (NAMED,), {"webhooks": ()}, "POST", f"{START}/{NAMED}/runs", {}, {}),
]


def read(request: bytes) -> tuple[str, str, dict[str, Any], Any]:
    """Return method, path, query and body of a request; query values as JSON has them."""
    head, _, body = request.partition(b"\r\n\r\n")
    method, target, _ = head.splitlines()[0].decode("ascii").split(" ")
    path, _, query = target.partition("?")
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    assert len(pairs) == len(dict(pairs))
    values: dict[str, Any] = {}
    for name, text in pairs:
        if name == "webhooks":
            values[name] = json.loads(base64.b64decode(text, validate=True))
        else:
            values[name] = text if name == "build" else json.loads(text)
    kind = re.search(rb"(?i)^content-type: *(.*?)\r?$", head, re.MULTILINE)
    assert (kind and kind[1]) == (b"application/json" if body else None)
    return method, urllib.parse.unquote(path), values, json.loads(body) if body else ABSENT


@pytest.mark.filterwarnings("ignore:abort_actor_run uses a deprecated path")
@pytest.mark.parametrize(
    ("method", "args", "kwargs", "verb", "path", "query", "body"),
    ROWS,
    ids=[f"{row[0]}-{number}" for number, row in enumerate(ROWS)],
)
def test_arguments_are_sent_as_they_were_given(
    method, args, kwargs, verb, path, query, body, connect, serve
):
    """A call is one request, which has the values of the arguments, the token, and nothing else."""
    server = serve()
    getattr(connect(server.url), method)(*args, **kwargs)
    [request] = server.requests
    assert exact(read(request)) == exact((verb, path, query, body))
    assert f"\r\nAuthorization: Bearer {TOKEN}\r\n".encode() in request


def exact(value: object) -> str:
    """Return JSON, which tells 1, 1.0 and true apart."""
    return json.dumps(value, sort_keys=True)


def test_every_argument_has_a_row():
    """Each parameter of the contract, and each property of an update and a webhook, is tried."""
    tried = {name for row in ROWS for name in row[5]} | {n for row in ROWS for n in row[6] or ()}
    wanted = {"waitForFinish", "gracefully", "timeout", "memory", "maxItems", "maxTotalChargeUsd"}
    wanted |= {"restartOnError", "build", "webhooks"}
    wanted |= set(contract()["components"]["schemas"]["UpdateRunRequest"]["properties"])
    assert wanted <= tried
    assert (
        set(contract()["components"]["schemas"]["WebhookDefinition"]["properties"]) == HOOK.keys()
    )


def answers() -> Iterator[tuple[str, int, str]]:
    """Yield the operation, the status and the file of each success that a document shows."""
    for operation, (_, _, definition) in operations().items():
        for status, answer_ in definition["responses"].items():
            if status.startswith("2"):
                content = at(answer_["$ref"])["content"]["application/json"]
                for shown in content["examples"].values():
                    yield operation, int(status), Path(at(shown["$ref"])["externalValue"]).stem


@pytest.mark.filterwarnings("ignore:abort_actor_run uses a deprecated path")
@pytest.mark.parametrize(("operation", "status", "name"), list(answers()))
def test_calls_return_the_answers_of_the_documents(operation, status, name, connect, serve):
    """Each operation returns what its document shows, value by value, about the run asked for."""
    shown = example(name)
    shown["data"]["id"] = RUN_ID
    caller, method = connect(serve(answer(status, shown, "Location: /x/y")).url), METHODS[operation]
    run = getattr(caller, method)(*CALLS[method])
    assert exact(run.to_dict()) == exact(shown["data"])
    assert run.response.status_code == status
    assert run.response.headers["location"] == "/x/y"


@pytest.mark.parametrize("status", [200, 202, 299])
def test_another_success_is_no_answer_to_a_start(status, connect, serve):
    """A start that answers with another success than 201 raises, and is not repeated."""
    server = serve(answer(status, example()))
    with pytest.raises(errors.UnexpectedStatusError):
        connect(server.url).run_task(NAMED)
    assert len(server.requests) == 1


STATUSES = {
    **dict.fromkeys(("SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED"), True),
    **dict.fromkeys(("READY", "RUNNING", "TIMING-OUT", "ABORTING", "PAUSED"), False),
}


@pytest.mark.parametrize(("status", "ended"), list(STATUSES.items()))
def test_terminal_statuses_alone_end_a_run(status, ended, connect, serve):
    """A run is `ended` in the four terminal statuses, and a wait goes on through all others."""
    first, last = example(), example()
    first["data"]["status"], last["data"]["status"] = status, "SUCCEEDED"
    server = serve(answer(200, first), answer(200, last))
    caller = connect(server.url)
    assert caller.get_run(RUN_ID).ended is ended
    server.script, server.requests[:] = (answer(200, first), answer(200, last)), []
    run = caller.wait_for_finish(RUN_ID)
    assert (run.status, len(server.requests)) == ((status, 1) if ended else ("SUCCEEDED", 2))


JUDGE = judge(component("RunEnvelope"))
# The objects of an answer and their schemas.
PARTS = {"": "Run", "meta": "RunMeta", "stats": "RunStats", "options": "RunOptions"}


def full() -> dict:
    """Return the Get run example; what it lacks, or has as null, is as in the contract's examples."""
    envelope = example()
    for part, schema in PARTS.items():
        place = envelope["data"][part] if part else envelope["data"]
        for name, property_ in at(f"#/components/schemas/{schema}")["properties"].items():
            if place.get(name) is None and "examples" in property_:
                place[name] = property_["examples"][0]
    envelope["data"]["statusMessage"] = MESSAGE
    return envelope


def pointers(value: Any, place: str = "/data") -> Iterator[str]:
    for name, inner in value.items():
        yield f"{place}/{name}"
        if isinstance(inner, dict) and name in {"meta", "stats", "options", "usage", "usageUsd"}:
            yield from pointers(inner, f"{place}/{name}")


def changed(pointer: str, change) -> dict:
    """Return the full answer after `change(place, name)` at a pointer."""
    envelope = copy.deepcopy(full())
    *parents, last = pointer.split("/")[1:]
    place: Any = envelope
    for name in parents:
        place = place[name]
    change(place, last)
    return envelope


def attribute(run: Any, pointer: str) -> Any:
    for name in pointer.split("/")[2:]:
        word = name.lower() if name.isupper() or "_" in name else re.sub("([A-Z])", r"_\1", name)
        run = getattr(run, word.lower())
    return run


@pytest.mark.parametrize("kind", ["absent", "null"])
@pytest.mark.parametrize("pointer", list(pointers(full()["data"])))
def test_null_and_absence_are_kept_apart(pointer, kind, connect, serve):
    """What the contract lets be null or absent is None or UNSET, and goes back so; else it raises."""
    envelope = changed(
        pointer, dict.pop if kind == "absent" else lambda place, name: place.update({name: None})
    )
    caller = connect(serve(answer(200, envelope)).url)
    if JUDGE.is_valid(envelope):
        run = caller.get_run(RUN_ID)
        assert attribute(run, pointer) is (UNSET if kind == "absent" else None)
        assert exact(run.to_dict()) == exact(envelope["data"])
    else:
        with pytest.raises(errors.DecodeError):
            caller.get_run(RUN_ID)


def test_every_property_has_a_value(connect, serve):
    """The full answer has every property of the contract, and each comes back as it was."""
    have = set(pointers(full()["data"]))
    for part, schema in PARTS.items():
        place = f"/data/{part}" if part else "/data"
        wanted = {f"{place}/{name}" for name in at(f"#/components/schemas/{schema}")["properties"]}
        assert sorted(wanted - have) == [], "give them `examples` in openapi.yaml"
    run = connect(serve(answer(200, full())).url).get_run(RUN_ID)
    assert exact(run.to_dict()) == exact(full()["data"])


WRONG = (-1, 0.5, "x", True, [], {}, "2019-11-30")


@pytest.mark.parametrize("pointer", list(pointers(full()["data"])))
def test_wrong_values_raise_at_their_place(pointer, connect, serve):
    """A value that the contract forbids raises, at its place; one that it allows comes back."""
    server = serve()
    caller = connect(server.url)
    for value in WRONG:
        envelope = changed(pointer, lambda place, name, value=value: place.update({name: value}))
        if pointer == "/data/id" and isinstance(value, str):
            continue  # The answer would be about another run.
        server.script = (answer(200, envelope),)
        if JUDGE.is_valid(envelope):
            assert exact(caller.get_run(RUN_ID).to_dict()) == exact(envelope["data"])
        else:
            with pytest.raises(errors.DecodeError) as caught:
                caller.get_run(RUN_ID)
            assert caught.value.pointer in set(violations(JUDGE.iter_errors(envelope)))
