"""From arguments to requests: what the contract says, and nothing that is not acceptable."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from actor_runs import Client, WebhookDefinition, errors
from actor_runs_api.models.webhook_event_type import WEBHOOK_EVENT_TYPE_VALUES
from tests.support.client_wire import CALLS, METHODS, TOKEN, Scripted
from tests.support.contract_judge import contract, operations

CONTRACT = contract()

IDS = st.text("aZ09~-_.%+ é", min_size=1, max_size=20).filter(lambda text: text not in {".", ".."})
WAITS = st.floats(0, 60) | st.integers(0, 60)
AMOUNTS = st.none() | st.integers(0, 10**6) | st.floats(0, 1e6)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=5,
)
WEBHOOKS = st.builds(
    WebhookDefinition,
    event_types=st.lists(st.sampled_from(sorted(WEBHOOK_EVENT_TYPE_VALUES)), min_size=1),
    request_url=st.just("https://example.com/é"),
    payload_template=st.none() | TEXT,
    idempotency_key=TEXT,
    do_not_retry=st.booleans(),
)

# What each method takes beside ids: positional arguments, keyword arguments
BESIDE_IDS = {
    "getRun": ((), {"server_wait_secs": WAITS}),
    "updateRun": (
        (TEXT,),
        {
            "is_terminal": st.none() | st.booleans(),
            "general_access": st.none() | st.sampled_from(["RESTRICTED", "FOLLOW_USER_SETTING"]),
        },
    ),
    "abortRun": ((), {"gracefully": st.booleans()}),
    "abortActorRun": ((), {"gracefully": st.booleans()}),
    "runTask": (
        (st.none() | st.dictionaries(TEXT, JSON, max_size=3),),
        {
            "run_timeout_secs": AMOUNTS,
            "memory": st.none() | st.integers(7, 17).map(lambda power: 2**power),
            "max_items": AMOUNTS,
            "max_total_charge_usd": AMOUNTS,
            "restart_on_error": st.none() | st.booleans(),
            "build": st.none() | st.just("latest") | st.just("0.1.234"),
            "server_wait_secs": WAITS,
            "webhooks": st.lists(WEBHOOKS, max_size=2),
        },
    ),
}


def resolved(node: dict) -> dict:
    """Follow a reference into the contract."""
    while "$ref" in node:
        target = CONTRACT
        for step in node["$ref"].split("/")[1:]:
            target = target[step]
        node = target
    return node


def validate(schema: dict, value: object) -> None:
    Draft202012Validator({**schema, "components": CONTRACT["components"]}).validate(value)


def find_operation(method: str, path: str) -> tuple[dict, list[dict], dict[str, str]]:
    """Return the contract's operation for a request, its parameters, and the path's values."""
    for template, item in CONTRACT["paths"].items():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        if (match := re.fullmatch(pattern, path)) and method.lower() in item:
            operation = item[method.lower()]
            parameters = [
                resolved(each)
                for each in item.get("parameters", []) + operation.get("parameters", [])
            ]
            return operation, parameters, match.groupdict()
    raise AssertionError(f"{method} {path} is not in the contract")


def typed(schema: dict, text: str) -> object:
    """Read a query value as its schema's type."""
    kind = resolved(schema).get("type")
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    return json.loads(text) if kind in {"number", "integer"} else text


def check_request(request: bytes) -> tuple[str, set[str]]:
    """Hold a request against the contract; return its operation and the parameters it used."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
    method, target, _ = first.split(" ")
    url = urlsplit(target)
    operation, parameters, path_values = find_operation(method, url.path)
    used = set()
    query = parse_qs(url.query, keep_blank_values=True, strict_parsing=bool(url.query))
    known = {each["name"]: each for each in parameters if each["in"] == "query"}
    assert set(query) <= set(known)
    for name, (value,) in query.items():
        validate(known[name]["schema"], typed(known[name]["schema"], value))
        used.add(name)
    for name, value in path_values.items():
        (parameter,) = [p for p in parameters if (p["in"], p["name"]) == ("path", name)]
        validate(parameter["schema"], unquote(value))
        used.add(name)
    assert f"Bearer {TOKEN}" == headers["authorization"]
    if body:
        assert headers["content-type"] == "application/json"
        media = resolved(operation["requestBody"])["content"]["application/json"]
        validate(media["schema"], json.loads(body))
        used |= {
            f"body.{name}"
            for name in resolved(media["schema"]).get("properties", {})
            if name in json.loads(body)
        }
        used.add("body")
    else:
        assert "content-type" not in headers
        assert not (
            operation.get("requestBody") and resolved(operation["requestBody"]).get("required")
        )
    return operation["operationId"], used


@pytest.fixture(scope="module")
def shared():
    server = Scripted()
    with Client(TOKEN, base_url=server.url) as client:
        yield client, server
    server.close()


@pytest.mark.parametrize("operation", METHODS)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_arguments_give_a_request_of_the_contract(operation, shared, data):
    """Whatever a method accepts becomes a request that the contract allows, ids intact."""
    positional, named = BESIDE_IDS.get(operation, ((), {}))
    ids = operations()[operation][0].count("{")
    args = [data.draw(each) for each in (*[IDS] * ids, *positional)]
    kwargs = {name: data.draw(each) for name, each in named.items()}
    client, server = shared
    del server.requests[:]
    getattr(client, METHODS[operation])(*args, **kwargs)
    check_request(server.requests[0])
    assert sent(server.requests[0]) == meant(operation, args, kwargs)


# What the contract calls the options of `run_task` and of the others.
QUERY = {
    "server_wait_secs": "waitForFinish",
    "gracefully": "gracefully",
    "run_timeout_secs": "timeout",
    "memory": "memory",
    "max_items": "maxItems",
    "max_total_charge_usd": "maxTotalChargeUsd",
    "restart_on_error": "restartOnError",
    "build": "build",
}


def sent(request: bytes) -> tuple[list[str], dict[str, object], object]:
    """Return the ids of a request's path, the values of its query, and its body."""
    head, _, body = request.partition(b"\r\n\r\n")
    url = urlsplit(head.split()[1].decode())
    _, _, *segments = map(unquote, url.path.split("/"))
    query: dict[str, object] = {}
    for name, (text,) in parse_qs(url.query, keep_blank_values=True).items():
        if name == "webhooks":
            query[name] = json.loads(base64.b64decode(text))
        else:
            query[name] = text if name == "build" else json.loads(text)
    return segments, query, json.loads(body) if body else None


def meant(operation: str, args: list, kwargs: dict) -> tuple[list[str], dict[str, object], object]:
    """Return what the arguments of a call mean, in the words of the contract."""
    ids, parts = iter(args), operations()[operation][0].split("/")[2:]
    segments = [next(ids) if part.startswith("{") else part for part in parts]
    given_ = {name: value for name, value in kwargs.items() if value is not None}
    query = {QUERY[name]: value for name, value in given_.items() if name in QUERY}
    # Not asked for: to wait for no time, and to abort without notice.
    for name in ("waitForFinish", "gracefully"):
        if not query.get(name):
            query.pop(name, None)
    if given_.get("webhooks"):
        query["webhooks"] = [each.to_dict() for each in given_["webhooks"]]
    # Run task demands a body; an empty object overrides nothing.
    body = (args[1] or {}) if operation == "runTask" else None
    if operation == "updateRun":
        body = {"runId": args[0], "statusMessage": args[1]}
        names = {"is_terminal": "isStatusMessageTerminal", "general_access": "generalAccess"}
        body |= {theirs: given_[ours] for ours, theirs in names.items() if ours in given_}
    return segments, query, body


def hook(further=(), **changes):
    usual = {"event_types": ["ACTOR.RUN.SUCCEEDED"], "request_url": "https://example.com/"}
    webhook = WebhookDefinition(**{**usual, **changes})
    webhook.additional_properties.update(further)
    return webhook


WEBHOOK = hook()

# Every option of each method that has some.
OPTIONS = {
    "get_run": {"server_wait_secs": 30},
    "update_status_message": {"is_terminal": True, "general_access": "RESTRICTED"},
    "abort_run": {"gracefully": True},
    "abort_actor_run": {"gracefully": True},
    "run_task": {
        "run_timeout_secs": 60,
        "memory": 256,
        "max_items": 1000,
        "max_total_charge_usd": 5,
        "restart_on_error": False,
        "build": "0.1.234",
        "server_wait_secs": 60,
        "webhooks": [WEBHOOK],
    },
}


@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_every_parameter_of_the_contract_can_be_reached(connect, serve):
    """All parameters and body properties of all operations can be sent."""
    server = serve()
    caller = connect(server.url)
    for method, args in CALLS.items():
        getattr(caller, method)(*args, **OPTIONS.get(method, {}))
    used = dict(check_request(request) for request in server.requests)
    documented = {}
    for item in CONTRACT["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or "operationId" not in operation:
                continue
            shared_parameters = item.get("parameters", []) + operation.get("parameters", [])
            names = {resolved(each)["name"] for each in shared_parameters}
            if "requestBody" in operation:
                schema = resolved(operation["requestBody"])["content"]["application/json"]["schema"]
                names |= {"body", *(f"body.{n}" for n in resolved(schema).get("properties", {}))}
            documented[operation["operationId"]] = names
    assert documented == used


def test_webhooks_are_base64_of_a_json_array(connect, serve):
    """Typed webhooks arrive as Base64 of UTF-8 JSON, percent-encoded in the query."""
    server = serve()
    webhook = WebhookDefinition(
        event_types=["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.TIMED_OUT"],
        request_url="https://example.com/?a=>>>???é",
        idempotency_key="Grüße",
    )
    connect(server.url).run_task("a~b", webhooks=[webhook])
    query = server.requests[0].split()[1].decode().partition("?")[2]
    (text,) = parse_qs(query)["webhooks"]
    assert "+" not in query
    assert json.loads(base64.b64decode(text, validate=True).decode("utf-8")) == [
        {
            "eventTypes": ["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.TIMED_OUT"],
            "requestUrl": "https://example.com/?a=>>>???é",
            "idempotencyKey": "Grüße",
        }
    ]


def test_nothing_that_is_not_given_is_sent(connect, serve):
    """Without options a request has no query, and run task an empty object for a body."""
    server = serve()
    caller = connect(server.url)
    caller.run_task("a~b")
    caller.get_run("x")
    caller.abort_run("x")
    targets = [request.split()[1] for request in server.requests]
    assert targets == [b"/v2/actor-tasks/a~b/runs", b"/v2/actor-runs/x", b"/v2/actor-runs/x/abort"]
    assert server.requests[0].endswith(b"\r\n\r\n{}")


BAD_IDS = ["", ".", "..", "a/b", "/", "../actor-tasks", "a\\b", "a\nb", "\x00", "\ud800", 5, None]


@pytest.mark.parametrize("value", BAD_IDS, ids=repr)
@pytest.mark.parametrize("method", CALLS)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_ids_that_would_change_the_path_are_refused(method, value, connect, serve):
    """An id that is no single segment raises before anything is sent, and is shown."""
    server = serve()
    caller = connect(server.url)
    args = CALLS[method]
    with pytest.raises(errors.InvalidArgumentError, match=re.escape(repr(value))):
        getattr(caller, method)(value, *args[1:])
    if method == "abort_actor_run":
        with pytest.raises(errors.InvalidArgumentError):
            caller.abort_actor_run(args[0], value)
    assert server.connections == 0


NAN = float("nan")
BAD_ARGUMENTS = [
    ("get_run", ("x",), {"server_wait_secs": 61}, "from 0 to 60"),
    ("get_run", ("x",), {"server_wait_secs": -1}, "0 to 60"),
    ("get_run", ("x",), {"server_wait_secs": float("nan")}, "0 to 60"),
    ("run_task", ("x", [1]), {}, "a JSON object"),
    ("run_task", ("x", {"a": float("nan")}), {}, "cannot be sent"),
    ("run_task", ("x", {"a": {1, 2}}), {}, "cannot be sent"),
    ("run_task", ("x", {"a": "\ud800"}), {}, "cannot be sent"),
    (
        "run_task",
        ("x",),
        {"memory": 100},
        "memory is 100: expected a number: megabytes, a power of two",
    ),
    ("run_task", ("x",), {"memory": 384}, "memory is 384: expected a number: megabytes, a power"),
    ("run_task", ("x",), {"memory": 64}, "a power of two"),
    ("run_task", ("x",), {"run_timeout_secs": -1}, "run_timeout_secs is -1"),
    ("run_task", ("x",), {"max_items": float("inf")}, "max_items is inf"),
    ("run_task", ("x",), {"max_total_charge_usd": True}, "max_total_charge_usd is True"),
    ("run_task", ("x",), {"server_wait_secs": 99}, "server_wait_secs is 99"),
    ("get_run", ("x",), {"server_wait_secs": "5"}, "server_wait_secs is '5': expected a number"),
    ("get_run", ("x",), {"server_wait_secs": True}, "server_wait_secs is True"),
    ("run_task", ("x",), {"memory": [128]}, "memory is [128]: expected"),
    ("run_task", ("x",), {"run_timeout_secs": "60"}, "run_timeout_secs is '60': expected a number"),
    ("run_task", ("x",), {"restart_on_error": "yes"}, "restart_on_error is 'yes': expected True"),
    ("run_task", ("x",), {"build": 5}, "build is 5: expected text"),
    ("run_task", ("x",), {"build": "\ud800"}, "expected text"),
    ("run_task", ("x",), {"webhooks": [{}]}, "webhooks is [{}]: expected a list of"),
    ("run_task", ("x",), {"webhooks": 5}, "webhooks is 5: expected a list of"),
    ("run_task", ("x",), {"webhooks": WEBHOOK}, "expected a list of"),
    ("run_task", ("x",), {"webhooks": iter([WEBHOOK])}, "expected a list of"),
    ("run_task", ("x",), {"webhooks": [hook(event_types=None)]}, "as the contract has them"),
    ("run_task", ("x",), {"webhooks": [hook(event_types="ACTOR.RUN.X")]}, "as the contract has"),
    ("run_task", ("x",), {"webhooks": [hook(event_types=["ACTOR.RUN.X"])]}, "as the contract has"),
    ("run_task", ("x",), {"webhooks": [hook(payload_template={1})]}, "as the contract has them"),
    (
        "run_task",
        ("x",),
        {"webhooks": [hook({"x": {1}})]},
        "the arguments cannot be sent",
    ),
    ("run_task", ("x",), {"webhooks": [hook({"x": NAN})]}, "cannot be sent"),
    ("run_task", ("x",), {"webhooks": [hook(idempotency_key="\ud800")]}, "cannot be sent"),
    ("run_task", ("x",), {"webhooks": [hook(payload_template="x" * 70_000)]}, "too long"),
    ("run_task", ("x",), {"build": "x" * 70_000}, "too long"),
    ("get_run", ("x" * 70_000,), {}, "too long"),
    ("wait_for_finish", ("x",), {"deadline_secs": 10**400}, "expected 0 or more"),
    ("wait_for_finish", ("x",), {"deadline_secs": True}, "deadline_secs is True"),
    ("abort_run", ("x",), {"gracefully": "no"}, "gracefully is 'no': expected True or False"),
    ("abort_actor_run", ("x", "y"), {"gracefully": 1}, "gracefully is 1: expected True or False"),
    (
        "update_status_message",
        ("x", "y"),
        {"is_terminal": "x"},
        "is_terminal is 'x': expected True",
    ),
    ("update_status_message", ("x", "y"), {"general_access": 5}, "general_access is 5"),
    ("wait_for_finish", ("x",), {"deadline_secs": "1"}, "deadline_secs is '1': expected 0 or more"),
    ("wait_for_finish", ("a/b",), {}, "run_id is 'a/b': expected an id"),
    ("update_status_message", ("x", 5), {}, "expected text"),
    ("update_status_message", ("x", "\ud800"), {}, "expected text"),
]


@pytest.mark.parametrize(("method", "args", "kwargs", "text"), BAD_ARGUMENTS)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_arguments_that_make_no_sense_are_refused(method, args, kwargs, text, connect, serve):
    """A value that no server can mean raises a ValueError that says what is expected."""
    server = serve()
    with pytest.raises(ValueError, match=re.escape(text)) as caught:
        getattr(connect(server.url), method)(*args, **kwargs)
    assert isinstance(caught.value, errors.InvalidArgumentError)
    assert server.connections == 0


def test_deprecated_abort_warns_at_the_caller(connect, serve):
    """`abort_actor_run` names its successor, and the line that called it."""
    caller = connect(serve().url)
    with pytest.warns(DeprecationWarning, match=r"call abort_run\(run_id\)") as caught:
        caller.abort_actor_run("janedoe~my-actor", "x")
    assert caught[0].filename.endswith(("test_requests.py", "client_wire.py"))


def test_successes_lead_to_their_answer(connect, serve):
    """Status, headers, `Location` and body of the answer hang on the run."""
    run = connect(serve().url).run_task("a~b")
    assert run.response.status_code == 201
    assert run.response.headers["location"] == "/v2/actor-runs/HG7ML7M8z78YcAPEB"
    assert run.to_dict() == run.response.json()["data"]
