"""From a case that Schemathesis drew to a call of the client, and back from what it sent."""

import base64
import json
import math
import urllib.parse
from decimal import Decimal
from typing import Any

from attrs import frozen
from schemathesis.core import NotSet

from actor_runs import WebhookDefinition
from tests.support.client_wire import METHODS
from tests.support.contract_judge import component, judge, operations, parameters

# How the client calls the parameters of the contract, and the properties of an update.
ARGUMENTS = {
    "runId": "run_id",
    "actorId": "actor_id",
    "actorTaskId": "task_id",
    "waitForFinish": "server_wait_secs",
    "gracefully": "gracefully",
    "timeout": "run_timeout_secs",
    "memory": "memory",
    "maxItems": "max_items",
    "maxTotalChargeUsd": "max_total_charge_usd",
    "restartOnError": "restart_on_error",
    "build": "build",
    "webhooks": "webhooks",
    "statusMessage": "status_message",
    "isStatusMessageTerminal": "is_terminal",
    "generalAccess": "general_access",
}
ABSENT = object()
FLAGS = {"true": True, "false": False}
COMPONENTS = {"webhooks": "WebhookDefinitions", "body": "TaskInput"}
UPDATE = ("statusMessage", "isStatusMessageTerminal", "generalAccess")

# What the contract forbids, or leaves open, and no call can say; each with the reason.
UNSAYABLE = {
    "a body that is not JSON": "bodies are written from Python values",
    "a body of an update that is not an object": "its properties are arguments",
    "an update without `statusMessage`": "it is an argument that has to be given",
    "an update whose `runId` is missing or is not the one in its path": "it is one argument",
    "a start without a body": "an empty object is sent where there is no input",
    "a `memory` that is no power of two": "it is refused, since the document says so in prose",
    "further properties in an update": "there are no arguments for them",
    "null for what may be left out": "None leaves it out",
    "webhooks that are not Base64 of JSON": "webhooks are objects, which the client encodes",
}


@frozen
class Call:
    """A call of the client: its values by the contract's names, and what it could not say.

    `task_input` is ABSENT where there is none; `possible` is false where a required argument has
    no value.
    """

    operation: str
    values: dict[str, Any]
    task_input: Any = ABSENT
    unsaid: frozenset[str] = frozenset()
    possible: bool = True

    def __call__(self, client: Any) -> Any:
        given = {ARGUMENTS[name]: value for name, value in self.values.items()}
        if "webhooks" in given:
            given["webhooks"] = _objects(given["webhooks"])
        if self.task_input is not ABSENT:
            given["task_input"] = self.task_input
        return getattr(client, METHODS[self.operation])(**given)

    @property
    def broken(self) -> list[str]:
        """The names of the values that the contract forbids."""
        given = {**self.values, "body": self.task_input}
        return [name for name, value in given.items() if not _is_allowed(self, name, value)]

    @property
    def request(self) -> dict[str, Any]:
        """What has to be sent, as `received` tells it."""
        places = {name: each["in"] for name, each in parameters(self.operation).items()}
        ids = {name: value for name, value in self.values.items() if places.get(name) == "path"}
        query = {name: value for name, value in self.values.items() if places.get(name) == "query"}
        body = self.task_input
        if self.operation == "updateRun":
            body = ids | {name: self.values[name] for name in UPDATE if name in self.values}
        return {"ids": ids, "query": _beside_defaults(self.operation, query), "body": _text(body)}


def _objects(webhooks: Any) -> Any:
    """Return webhooks as the client takes them; what no object can carry stays as it is."""
    if not isinstance(webhooks, list):
        return webhooks
    try:
        return [WebhookDefinition.from_dict(each) for each in webhooks]
    except (AttributeError, KeyError, TypeError, ValueError):
        return webhooks


def _is_allowed(call: Call, name: str, value: Any) -> bool:
    if value is ABSENT:
        return True
    if name in UPDATE:
        return judge(component("UpdateRunRequest", "properties", name)).is_valid(value)
    if name in COMPONENTS:
        return judge(component(COMPONENTS[name])).is_valid(value)
    return judge(parameters(call.operation)[name]["schema"]).is_valid(value)


def _is_between_powers(memory: Any) -> bool:
    allowed = judge(parameters("runTask")["memory"]["schema"]).is_valid(memory)
    return allowed and math.frexp(memory)[0] != 0.5


def said(operation: str, case: Any, webhooks: Any = ABSENT) -> Call:
    """Return the call that says a case as far as one can.

    The webhooks that were drawn are random Base64; these are given in their place.
    """
    values = {name: urllib.parse.unquote(text) for name, text in case.path_parameters.items()}
    unsaid = set()
    for name, value in case.query.items():
        kind = parameters(operation)[name]["schema"]["type"]
        if name == "webhooks":
            unsaid.add("webhooks that are not Base64 of JSON")
        elif value is None or (value == "null" and kind != "string"):
            unsaid.add("null for what may be left out")
        elif name == "memory" and _is_between_powers(value):
            unsaid.add("a `memory` that is no power of two")
        elif kind == "boolean" and isinstance(value, str):
            values[name] = FLAGS.get(value, value)
        else:
            values[name] = value
    if isinstance(webhooks, bytes):
        unsaid.add("webhooks that are not Base64 of JSON")
    elif webhooks is None:
        unsaid.add("null for what may be left out")
    elif webhooks is not ABSENT:
        values["webhooks"] = webhooks
    body = ABSENT if isinstance(case.body, NotSet) else case.body
    if isinstance(body, bytes):
        unsaid.add("a body that is not JSON")
    elif operation == "updateRun":
        return _update(values, body, unsaid)
    elif body is None:
        unsaid.add("null for what may be left out")
    elif body is ABSENT and operation == "runTask":
        unsaid.add("a start without a body")
    else:
        return Call(operation, values, body, frozenset(unsaid))
    return Call(operation, values, unsaid=frozenset(unsaid), possible=operation != "updateRun")


def _update(values: dict[str, Any], body: Any, unsaid: set[str]) -> Call:
    if not isinstance(body, dict):
        unsaid.add("a body of an update that is not an object")
        return Call("updateRun", values, unsaid=frozenset(unsaid), possible=False)
    if body.get("runId") != values["runId"]:
        unsaid.add("an update whose `runId` is missing or is not the one in its path")
    if body.keys() - {"runId", *UPDATE}:
        unsaid.add("further properties in an update")
    if "statusMessage" not in body:
        unsaid.add("an update without `statusMessage`")
    given = {name: body[name] for name in UPDATE if name in body}
    for name in [name for name, value in given.items() if value is None]:
        # A message has to be text: None is refused, and no way to leave it out.
        if name != "statusMessage":
            unsaid.add("null for what may be left out")
            del given[name]
    return Call(
        "updateRun", values | given, unsaid=frozenset(unsaid), possible="statusMessage" in body
    )


def received(operation: str, request: bytes) -> dict[str, Any]:
    """Return what a request says: ids, query and body, its values as the contract has them."""
    head, _, body = request.partition(b"\r\n\r\n")
    method, target, _ = head.splitlines()[0].decode("ascii").split(" ")
    path, _, query = target.partition("?")
    template, expected_method, _ = operations()[operation]
    assert method == expected_method.upper()
    segments, names = path.split("/"), template.split("/")
    assert len(segments) == len(names), target
    ids = {}
    for segment, name in zip(segments, names, strict=True):
        if name.startswith("{"):
            ids[name.strip("{}")] = urllib.parse.unquote(segment, errors="strict")
        else:
            assert segment == name, target
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    assert len(pairs) == len(dict(pairs)), target
    values = {name: _value(operation, name, text) for name, text in pairs}
    sent = json.loads(body) if body else ABSENT
    return {"ids": ids, "query": _beside_defaults(operation, values), "body": _text(sent)}


def _value(operation: str, name: str, text: str) -> Any:
    """Return what the text of a query parameter stands for."""
    if name == "webhooks":
        return json.loads(base64.b64decode(text, validate=True))
    kind = parameters(operation)[name]["schema"]["type"]
    return {"boolean": FLAGS.get, "string": str}.get(kind, Decimal)(text)


def _beside_defaults(operation: str, query: dict[str, Any]) -> dict[str, str]:
    """Return the values that are not what their absence means, each in one spelling."""
    told = {}
    for name, value in query.items():
        default = [] if name == "webhooks" else parameters(operation)[name]["schema"].get("default")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        known = Decimal(repr(value)) if number else value
        if default is None or known != default:
            told[name] = str(known.normalize()) if isinstance(known, Decimal) else _text(known)
    return told


def _text(value: Any) -> str:
    """Return JSON in one spelling, which tells 1, 1.0 and true apart."""
    return "" if value is ABSENT else json.dumps(value, sort_keys=True)
