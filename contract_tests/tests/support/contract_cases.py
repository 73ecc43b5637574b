"""What Schemathesis draws from the contract, by its public API, and what the contract says of it.

The judge of good and broken is jsonschema-rs over openapi.yaml, never the client's own validator.
"""

import copy
import functools
from collections.abc import Callable, Iterator
from typing import Any

import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from jsonschema_rs import Draft202012Validator
from schemathesis import GenerationMode

from tests.support.targets import CONTRACT

SEED = 1
GOOD, BROKEN = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CONFIG = {
    "generation": {
        "database": "none",
        "allow-extra-parameters": False,
        "with-security-parameters": False,
    },
    "cache": {"enabled": False},
}


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


def cases(operation: str, mode: GenerationMode, **fixed: Any) -> SearchStrategy:
    """Return the cases of an operation; `fixed` are `path_parameters` that are not drawn."""
    path, method, _ = operations()[operation]
    return _schema(contract())[path][method].as_strategy(generation_mode=mode, **fixed)


def bodies(name: str, mode: GenerationMode) -> SearchStrategy:
    """Return JSON values for a schema of the contract, drawn as the body of a made-up request."""
    at(component(name)["$ref"])  # Schemathesis overlooks a reference that leads nowhere.
    content = {"application/json": {"schema": component(name)}}
    body = {"required": True, "content": content}
    operation = {"requestBody": body, "responses": {"200": {"description": "Taken."}}}
    made_up = {**contract(), "paths": {"/": {"post": operation}}}
    strategy = _schema(made_up)["/"]["post"].as_strategy(generation_mode=mode)
    return strategy.map(lambda case: case.body)


def _schema(document: dict[str, Any]) -> schemathesis.BaseSchema:
    config = schemathesis.Config.from_dict(copy.deepcopy(CONFIG))
    return schemathesis.openapi.from_dict(copy.deepcopy(document), config=config)


def for_each(number: int, **strategies: SearchStrategy) -> Callable[[Callable], None]:
    """Call the decorated function at once, with a number of cases that are always the same."""

    def run(function: Callable) -> None:
        steady = settings(
            max_examples=number,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        seed(SEED)(steady(given(**strategies)(function)))()

    return run


def violations(errors: Any) -> Iterator[str]:
    """Yield the JSON pointers at which a value breaks a schema, inside alternatives too."""
    for error in errors:
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in error.instance_path)
        yield "".join(f"/{step}" for step in steps)
        for branch in getattr(error.kind, "context", None) or ():
            yield from violations(branch)
