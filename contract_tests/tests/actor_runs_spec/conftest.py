"""The contract, its schemas as walked, and validators of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest
import yaml

from actor_runs_spec import contract_path, examples_path

Json = Any
Faults = Callable[..., list[str]]
Resolve = Callable[[Mapping[str, Json]], Mapping[str, Json]]

# Where a schema holds other schemas: by name, in a list, or alone.
BY_NAME = ("properties", "patternProperties")
IN_LIST = ("anyOf", "oneOf", "allOf")
ALONE = ("items", "additionalProperties", "not", "contentSchema")


@pytest.fixture(scope="session")
def contract() -> Mapping[str, Json]:
    return yaml.safe_load(contract_path().read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def resolve(contract: Mapping[str, Json]) -> Resolve:
    """A function that follows a reference inside the contract; what stands beside it wins."""

    def follow(value: Mapping[str, Json]) -> Mapping[str, Json]:
        while "$ref" in value:
            target: Json = contract
            for key in value["$ref"].removeprefix("#/").split("/"):
                target = target[key.replace("~1", "/").replace("~0", "~")]
            value = {**target, **{key: item for key, item in value.items() if key != "$ref"}}
        return value

    return follow


@pytest.fixture(scope="session")
def operations(
    contract: Mapping[str, Json], resolve: Resolve
) -> Mapping[str, tuple[str, str, Mapping[str, Json]]]:
    """Method, path and operation by operationId, with the path's parameters among its own."""
    return {
        operation["operationId"]: (
            method.upper(),
            path,
            {
                **operation,
                "parameters": [
                    resolve(parameter)
                    for parameter in (*item["parameters"], *operation.get("parameters", ()))
                ],
                "responses": {
                    status: resolve(response) for status, response in operation["responses"].items()
                },
            },
        )
        for path, item in contract["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


@pytest.fixture(scope="session")
def examples() -> Mapping[str, Json]:
    """The documents' example answers by file name."""
    return {
        file.name: json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(examples_path().iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
    }


@pytest.fixture(scope="session")
def faults(contract: Mapping[str, Json]) -> Faults:
    """A function that returns what is wrong with a value by a schema, given as a schema or name.

    `without_required` names properties of Run that are not asked for.
    """

    def judge(
        schema: str | Mapping[str, Json],
        value: Json,
        without_required: frozenset[str] = frozenset(),
    ) -> list[str]:
        if isinstance(schema, str):
            schema = {"$ref": f"#/components/schemas/{schema}"}
        schemas = contract["components"]["schemas"]
        run = schemas["Run"]
        relaxed = {**run, "required": [n for n in run["required"] if n not in without_required]}
        whole = {**schema, "components": {"schemas": {**schemas, "Run": relaxed}}}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [
            f"/{'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in validator.iter_errors(value)
        ]

    return judge


@pytest.fixture(scope="session")
def schemas(contract: Mapping[str, Json]) -> list[tuple[str, Mapping[str, Json]]]:
    """Every schema of the contract, however deep, with its JSON pointer."""
    components = contract["components"]
    roots = [(f"/components/schemas/{name}", s) for name, s in components["schemas"].items()]
    roots += [
        (f"/components/{kind}/{name}/schema", part["schema"])
        for kind in ("parameters", "headers")
        for name, part in components[kind].items()
    ]
    roots += [
        (f"/components/{kind}/{name}/content/{media.replace('/', '~1')}/schema", content["schema"])
        for kind in ("requestBodies", "responses")
        for name, part in components[kind].items()
        for media, content in part["content"].items()
    ]
    return [found for where, schema in roots for found in schemas_of(where, schema)]


def schemas_of(where: str, schema: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Yield a schema and every schema written inside it, each with its JSON pointer."""
    yield where, schema
    for keyword in BY_NAME:
        for name, inner in schema.get(keyword, {}).items():
            yield from schemas_of(f"{where}/{keyword}/{name}", inner)
    for keyword in IN_LIST:
        for index, inner in enumerate(schema.get(keyword, ())):
            yield from schemas_of(f"{where}/{keyword}/{index}", inner)
    for keyword in ALONE:
        if isinstance(schema.get(keyword), dict):
            yield from schemas_of(f"{where}/{keyword}", schema[keyword])
