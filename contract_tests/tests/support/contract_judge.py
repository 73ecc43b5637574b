"""What the contract says of a value: jsonschema-rs over openapi.yaml, not the client's validator."""

import functools
from collections.abc import Iterator
from typing import Any

import yaml
from jsonschema_rs import Draft202012Validator

from tests.support.targets import CONTRACT


@functools.cache
def contract() -> dict[str, Any]:
    return yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))


@functools.cache
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return path, method and definition of every operation by its id."""
    return {
        definition["operationId"]: (path, method, definition)
        for path, item in contract()["paths"].items()
        for method, definition in item.items()
        if method != "parameters"
    }


@functools.cache
def parameters(operation: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of an operation by name, those of its path included."""
    path, _, definition = operations()[operation]
    named = (*contract()["paths"][path].get("parameters", ()), *definition.get("parameters", ()))
    found = [at(each["$ref"]) if "$ref" in each else each for each in named]
    return {each["name"]: each for each in found}


def at(reference: str) -> Any:
    """Return what stands at a reference into the contract."""
    place = contract()
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    return place


def judge(schema: dict[str, Any]) -> Draft202012Validator:
    """Return the validator of a schema that may refer to the contract's components."""
    whole = {**schema, "components": contract()["components"]}
    return Draft202012Validator(whole, validate_formats=True)


def component(*steps: str) -> dict[str, Any]:
    """Return a reference to a schema of the contract, or to a part of one."""
    return {"$ref": "/".join(("#/components/schemas", *steps))}


def violations(errors: Any) -> Iterator[str]:
    """Yield the JSON pointers at which a value breaks a schema, inside alternatives too."""
    for error in errors:
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in error.instance_path)
        yield "".join(f"/{step}" for step in steps)
        for branch in getattr(error.kind, "context", None) or ():
            yield from violations(branch)
