"""The documents' examples are data, complete, and right by the contract."""

from __future__ import annotations

import base64
import json
from pathlib import PurePosixPath

import pytest

# file: the operations whose success it is an example of, and values that no other file has
FILES = {
    "abort-run.json": (
        {"abortRun", "abortActorRun"},
        {"status": "ABORTED", "actId": "janedoe~my-actor", "exitCode": 0},
    ),
    "get-run.json": ({"getRun"}, {"status": "READY", "generalAccess": "RESTRICTED"}),
    "reboot-run-auto.json": ({"rebootRun"}, {"status": "RUNNING", "chargedEventCounts": {}}),
    "reboot-run-manual.json": ({"rebootRun"}, {"status": "RUNNING", "userId": "7sT5jcggjjA9fNcxF"}),
    "run-task.json": (
        {"runTask"},
        {"status": "SUCCEEDED", "userId": "BPWZBd9V9c746JAnF", "buildNumber": "0.2.2"},
    ),
    "update-run-auto.json": (
        {"updateRun"},
        {"status": "RUNNING", "meta": {"origin": "DEVELOPMENT"}},
    ),
    "update-run-manual.json": (
        {"updateRun"},
        {"statusMessage": "Actor is running", "usageTotalUsd": 0.2654},
    ),
}


def success(operation):
    status = min(operation["responses"])
    return operation["responses"][status]["content"]["application/json"]


def test_files_are_the_named_examples(operations, examples, resolve):
    """Every file is a named example of its operations, and every named success is a file."""
    named: dict[str, set[str]] = {}
    for name, (_, _, operation) in operations.items():
        for example in success(operation)["examples"].values():
            path = PurePosixPath(resolve(example)["externalValue"])
            assert path.parent == PurePosixPath("examples")
            named.setdefault(path.name, set()).add(name)

    known = {name: operations for name, (operations, _) in FILES.items()}
    assert named == known, "add the example to FILES, or to the operation in openapi.yaml"
    assert set(examples) == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_landmarks(examples, name):
    """Each file has the values by which its document's example is known."""
    data = examples[name]["data"]

    _, landmarks = FILES[name]
    assert {key: data[key] for key in landmarks} == landmarks


@pytest.mark.parametrize("name", FILES)
def test_answers_are_valid(operations, examples, faults, name):
    """Each example answer is right by the schema of the answer it is an example of."""
    for operation in FILES[name][0]:
        schema = success(operations[operation][2])["schema"]
        assert faults(schema, examples[name]) == []


@pytest.mark.parametrize("name", FILES)
def test_every_field_is_in_the_contract(resolve, examples, name):
    """The contract knows every key of every example by name, however deep."""
    envelope = {"$ref": "#/components/schemas/RunEnvelope"}

    assert unknown_keys(resolve, envelope, examples[name]) == []


def test_all_keys_of_the_examples(examples):
    """The seven examples together have 107 different paths to a key."""
    assert len({path for example in examples.values() for path in paths(example)}) == 107


def test_inline_examples_are_valid(contract, operations, resolve, faults):
    """Every example that the contract holds itself is right by the schema beside it."""
    contents = [
        (f"{name} {status}", response["content"]["application/json"])
        for name, (_, _, operation) in operations.items()
        for status, response in operation["responses"].items()
    ] + [
        (name, body["content"]["application/json"])
        for name, body in contract["components"]["requestBodies"].items()
    ]
    judged = 0
    for where, content in contents:
        for example in content["examples"].values():
            found = resolve(example)
            if "value" in found:
                assert faults(content["schema"], found["value"]) == [], where
                judged += 1
    assert judged > 40


def test_examples_of_schemas_are_valid(faults, schemas):
    """Every example inside a schema is right by that schema."""
    judged = 0
    for where, schema in schemas:
        for example in schema.get("examples", ()):
            assert faults(schema, example) == [], where
            judged += 1
    assert judged > 100


def test_examples_of_parameters_are_valid(contract, faults, resolve):
    """Every parameter and header has an example, right by its schema."""
    components = contract["components"]
    for name, part in {**components["parameters"], **components["headers"]}.items():
        values = [part["example"]] if "example" in part else []
        values += [resolve(item)["value"] for item in part.get("examples", {}).values()]
        assert values, name
        for value in values:
            assert faults(part["schema"], value) == [], name


def test_webhooks_example_decodes_to_a_definition(contract, faults):
    """The example of `webhooks` is the Base64 form of what its summary shows, a valid definition."""
    example = contract["components"]["examples"]["WebhooksOnSuccess"]
    decoded = json.loads(base64.b64decode(example["value"], validate=True))

    assert decoded == json.loads(example["summary"])
    assert faults("WebhookDefinitions", decoded) == []
    assert faults("WebhookDefinitions", decoded[0]) != []
    assert faults("WebhookDefinitions", [{"requestUrl": "http://example.com/"}]) != []


def unknown_keys(resolve, schema, value, where=""):
    """The paths of keys in `value` that no property, pattern or map in `schema` accounts for."""
    schema = resolve(schema)
    branches = list(alternatives(resolve, schema))
    if isinstance(value, list):
        inner = schema.get("items", {})
        return [
            path
            for index, item in enumerate(value)
            for path in unknown_keys(resolve, inner, item, f"{where}/{index}")
        ]
    if not isinstance(value, dict):
        return []
    properties, maps = {}, schema.get("additionalProperties")
    for branch in branches:
        properties |= branch.get("properties", {})
        maps = maps or branch.get("additionalProperties")
    properties |= schema.get("properties", {})
    properties |= {key.strip("^$").replace("\\", ""): s for key, s in patterns(schema, branches)}
    unknown = []
    for key, item in value.items():
        if key in properties:
            unknown += unknown_keys(resolve, properties[key], item, f"{where}/{key}")
        elif isinstance(maps, dict):
            unknown += unknown_keys(resolve, maps, item, f"{where}/{key}")
        else:
            unknown.append(f"{where}/{key}")
    return unknown


def alternatives(resolve, schema):
    """Yield what a schema is made of, however deep: the parts of its `anyOf` and `allOf`."""
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield resolve(part)
        yield from alternatives(resolve, resolve(part))


def patterns(schema, branches):
    for part in (schema, *branches):
        yield from part.get("patternProperties", {}).items()


def paths(value, where=""):
    """The path of every key inside a value, indexes of lists left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{where}/{key}"
            yield from paths(item, f"{where}/{key}")
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, f"{where}/*")
