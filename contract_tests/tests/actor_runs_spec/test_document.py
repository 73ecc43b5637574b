"""The contract is a sound OpenAPI document that says what the documents say of the operations."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

ERRORS = {400, 401, 403, 404, 405, 429}

# operationId: method, path, success, errors, parameters in their order
OPERATIONS = {
    "getRun": ("GET", "/v2/actor-runs/{runId}", 200, ERRORS | {408}, ["runId", "waitForFinish"]),
    "updateRun": ("PUT", "/v2/actor-runs/{runId}", 200, ERRORS | {413, 415}, ["runId"]),
    "rebootRun": ("POST", "/v2/actor-runs/{runId}/reboot", 200, ERRORS, ["runId"]),
    "abortRun": ("POST", "/v2/actor-runs/{runId}/abort", 200, ERRORS, ["runId", "gracefully"]),
    "abortActorRun": (
        "POST",
        "/v2/acts/{actorId}/runs/{runId}/abort",
        200,
        ERRORS,
        ["actorId", "runId", "gracefully"],
    ),
    "runTask": (
        "POST",
        "/v2/actor-tasks/{actorTaskId}/runs",
        201,
        ERRORS | {402, 413, 415},
        [
            "actorTaskId",
            "timeout",
            "memory",
            "maxItems",
            "maxTotalChargeUsd",
            "restartOnError",
            "build",
            "waitForFinish",
            "webhooks",
        ],
    ),
}

REQUIRED_OF_RUN = {
    "id",
    "actId",
    "userId",
    "startedAt",
    "status",
    "meta",
    "stats",
    "options",
    "buildId",
    "defaultKeyValueStoreId",
    "defaultDatasetId",
    "defaultRequestQueueId",
}

# parameter, value, whether the contract allows it
PARAMETER_VALUES = [
    ("waitForFinish", 0, True),
    ("waitForFinish", 0.5, True),
    ("waitForFinish", 60, True),
    ("waitForFinish", -1, False),
    ("waitForFinish", 60.1, False),
    ("waitForFinish", "60", False),
    ("gracefully", True, True),
    ("gracefully", "yes", False),
    ("timeout", 0, True),
    ("timeout", 86400, True),
    ("timeout", -1, False),
    ("memory", 128, True),
    ("memory", 256, True),
    ("memory", 32768, True),
    ("memory", 0, False),
    ("memory", 64, False),
    ("memory", 127, False),
    ("memory", 129, False),
    ("memory", 3000, False),
    ("memory", 65536, True),
    ("maxItems", 0, True),
    ("maxItems", 1000, True),
    ("maxItems", -1, False),
    ("maxTotalChargeUsd", 0, True),
    ("maxTotalChargeUsd", 1.5, True),
    ("maxTotalChargeUsd", -0.01, False),
    ("restartOnError", False, True),
    ("restartOnError", 2, False),
    ("build", "0.1.234", True),
    ("build", "latest", True),
    ("build", 1, False),
    ("webhooks", "W10=", True),
    ("webhooks", "W10", False),
    ("webhooks", "[]", False),
    ("webhooks", "dGhpcyBpcyBqdXN0IGV4YW1wbGUK...", False),
    ("webhooks", "W3s_-30=", False),
    ("runId", "3KH8gEpp4d8uQSe8T", True),
    ("runId", "", False),
    ("actorId", "janedoe~my-actor", True),
    ("actorTaskId", "janedoe~my-task", True),
]


def test_is_valid_openapi(contract):
    """The document is valid OpenAPI 3.1."""
    assert re.match(r"3\.1\.\d+$", contract["openapi"])
    assert list(OpenAPIV31SpecValidator(contract).iter_errors()) == []


def test_operations(operations):
    """Each operation has its method, path, statuses and parameters."""
    found = {
        name: (
            method,
            path,
            min(map(int, operation["responses"])),
            {int(status) for status in operation["responses"] if status > "299"},
            [parameter["name"] for parameter in operation["parameters"]],
        )
        for name, (method, path, operation) in operations.items()
    }

    assert found == OPERATIONS, "what the documents say of an operation stands in OPERATIONS"


@pytest.mark.parametrize("name", OPERATIONS)
def test_security(operations, name):
    """Every operation takes a token, in the header or the query; only Get run does without."""
    with_token = [{"httpBearer": []}, {"queryToken": []}]
    expected = [{}, *with_token] if name == "getRun" else with_token

    assert expected == operations[name][2]["security"]


def test_only_the_former_path_is_deprecated(operations):
    """The path below an Actor is deprecated, nothing else is."""
    assert {"abortActorRun"} == {
        name for name, (_, _, operation) in operations.items() if operation.get("deprecated")
    }


@pytest.mark.parametrize(("name", "value", "allowed"), PARAMETER_VALUES)
def test_parameter_values(contract, faults, name, value, allowed):
    """A parameter takes the values that the documents describe and no others."""
    schema = contract["components"]["parameters"][name]["schema"]

    assert allowed == (faults(schema, value) == [])


def test_defaults(contract):
    """Waiting and notice are off unless asked for; what else is left out comes from the task."""
    found = {
        name: parameter["schema"]["default"]
        for name, parameter in contract["components"]["parameters"].items()
        if "default" in parameter["schema"]
    }

    assert found == {"waitForFinish": 0, "gracefully": False}


def test_location_is_required_on_201(operations, resolve):
    """A started run comes with its address."""
    header = operations["runTask"][2]["responses"]["201"]["headers"]["Location"]

    assert resolve(header)["required"] is True


def test_rate_limit_header_everywhere(operations):
    """Every answer, success or error, may carry the rate limit."""
    without = [
        (name, status)
        for name, (_, _, operation) in operations.items()
        for status, response in operation["responses"].items()
        if "X-RateLimit-Limit" not in response["headers"]
    ]

    assert without == []


def test_success_is_an_envelope_and_failure_another(operations):
    """Every success answers with a run in its envelope, every failure with an error in its own."""
    for name, (_, _, operation) in operations.items():
        for status, response in operation["responses"].items():
            expected = "RunEnvelope" if status < "300" else "ErrorEnvelope"
            schema = response["content"]["application/json"]["schema"]
            assert schema == {"$ref": f"#/components/schemas/{expected}"}, (name, status)


def test_error_types_stand_at_their_answers(contract):
    """The error types that the answers tell of are the examples of `type`, and the other way."""
    named = {
        kind
        for response in contract["components"]["responses"].values()
        for kind in re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", response["description"])
    }
    examples = contract["components"]["schemas"]["ErrorDetail"]["properties"]["type"]["examples"]

    assert named == set(examples)
    assert len(examples) == len(named)


def test_required_properties_of_run(contract):
    """Twelve properties of a run are always there; `generalAccess` is none of them."""
    assert set(contract["components"]["schemas"]["Run"]["required"]) == REQUIRED_OF_RUN


def test_links_lead_to_operations(operations, resolve):
    """Every link names an operation and gives all of its path parameters and nothing unknown."""
    links = [
        resolve(link)
        for _, _, operation in operations.values()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert links
    for link in links:
        parameters = operations[link["operationId"]][2]["parameters"]
        in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        assert in_path == set(link["parameters"]), link


def test_a_started_run_links_to_every_operation(operations, resolve):
    """From Run task, links lead to everything that can be done with the run."""
    links = operations["runTask"][2]["responses"]["201"]["links"]

    linked = {resolve(link)["operationId"] for link in links.values()}
    assert set(OPERATIONS) == linked, "add a link to the answer 201 of Run task"


def test_link_expressions_find_their_values(contract, operations, examples, faults, resolve):
    """What a link takes out of an answer is there in the documents' example of that answer."""
    for name, status, example in (
        ("getRun", "200", "get-run.json"),
        ("runTask", "201", "run-task.json"),
        ("abortRun", "200", "abort-run.json"),
    ):
        for link in operations[name][2]["responses"][status]["links"].values():
            for parameter, expression in resolve(link)["parameters"].items():
                value = examples[example]
                for key in expression.removeprefix("$response.body#/").split("/"):
                    value = value[key]
                schema = contract["components"]["parameters"][parameter]["schema"]
                assert faults(schema, value) == [], (name, parameter)


def test_no_inline_object_schemas(schemas):
    """Every object has a name of its own under components, so that it gets a type of its own."""
    inline = [
        where
        for where, schema in schemas
        if ("properties" in schema or "object" in types(schema))
        and not re.fullmatch(r"/components/schemas/\w+", where)
    ]

    assert inline == []


def test_objects_are_open(schemas):
    """No object forbids keys that it does not know."""
    closed = [
        where
        for where, schema in schemas
        if schema.get("additionalProperties") is False or "unevaluatedProperties" in schema
    ]

    assert closed == []


def test_everything_has_a_description(contract, resolve, schemas):
    """Every operation, part, schema, property and header says what it is."""
    silent = [
        where
        for where, schema in schemas
        if not resolve(schema).get("description") and schema != {"type": "null"}
    ]
    for kind, parts in contract["components"].items():
        if kind not in ("schemas", "examples"):
            silent += [
                f"/components/{kind}/{name}"
                for name, part in parts.items()
                if not part.get("description")
            ]

    assert silent == []


def test_properties_describe_themselves(schemas):
    """A property that refers to a shared schema says what it means in its own place."""
    silent = [
        where
        for where, schema in schemas
        if re.search(r"/properties/[^/]+$", where) and "description" not in schema
    ]

    assert silent == []


@pytest.mark.parametrize(
    ("owner", "name", "unknown"),
    [
        ("Run", "status", "PAUSED"),
        ("RunMeta", "origin", "QUANTUM"),
        ("Run", "generalAccess", "ALL"),
    ],
)
def test_enums_of_answers_are_open(contract, faults, owner, name, unknown):
    """A value that is new to the contract does not make an answer wrong; another type does."""
    schema = contract["components"]["schemas"][owner]["properties"][name]

    assert faults(schema, unknown) == []
    assert faults(schema, 7) != []


def types(schema):
    """The types that a schema names, none if it names none."""
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else named
