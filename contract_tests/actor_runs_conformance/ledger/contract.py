"""The contract as the suite reads it: operations by path, and validators of its schemas."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import jsonschema_rs
from attrs import evolve, frozen

from actor_runs_conformance.ledger.words import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from actor_runs_conformance.ledger.json_value import JsonValue

METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
PREFIXES = ("/v2/acts/", "/v2/actors/")
"""The prefix of an Actor's paths as the contract spells it, and its other spelling."""


@cache
def digest() -> str:
    """Return what tells one text of the contract from another."""
    return (
        "sha256:"
        + hashlib.sha256((files("actor_runs_spec") / "openapi.yaml").read_bytes()).hexdigest()
    )


@frozen
class Operation:
    """An operation of the contract; `path` is its template, `statuses` what it may answer with."""

    id: str
    method: str
    path: str
    statuses: frozenset[int]

    def at(self, **ids: str) -> str:
        """Return the path with these ids, by parameter, percent-encoded but for `~`.

        Raises:
            KeyError: a parameter has no id.
        """
        return self.path.format(**{name: quote(value, safe="") for name, value in ids.items()})


@frozen
class Field:
    """A field of the Run object, or of an object in it.

    Attributes:
        path: its dotted path, like `meta.origin`.
        pointer: the JSON pointer of its schema in the contract.
        schema: its schema, as the contract spells it.
        required: whether the object that it belongs to always has it.
    """

    path: str
    pointer: str
    schema: Mapping[str, Any]
    required: bool


@frozen
class Fault:
    """Where and why a value does not fit a schema; `path` is a JSON pointer, "" for the whole."""

    path: str
    message: str
    value: Any


@cache
def document() -> Mapping[str, Any]:
    """Return the contract, parsed."""
    parsed: Mapping[str, Any] = read(files("actor_runs_spec") / "openapi.yaml")
    return parsed


@cache
def operations() -> Mapping[str, Operation]:
    """Return the contract's operations by operationId."""
    found = {}
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                entry = item[method]
                statuses = frozenset(int(s) for s in entry["responses"] if str(s).isdigit())
                found[entry["operationId"]] = Operation(
                    entry["operationId"], method.upper(), path, statuses
                )
    return found


@cache
def _matchers() -> tuple[tuple[Operation, re.Pattern[str]], ...]:
    return tuple(
        (operation, re.compile(re.sub(r"\\?\{(\w+)\\?\}", r"(?P<\1>[^/]+)", operation.path)))
        for operation in operations().values()
    )


def match(base: str, method: str, url: str) -> tuple[Operation, Mapping[str, str]] | None:
    """Return the operation that a request addresses, with its path parameters; None if none.

    `base` is the target's URL. Both spellings of the Actor prefix match.
    """
    path = urlsplit(url).path.removeprefix(urlsplit(base).path)
    path = re.sub(f"^{PREFIXES[1]}", PREFIXES[0], path)
    for operation, pattern in _matchers():
        found = pattern.fullmatch(path)
        if found and operation.method == method.upper():
            return operation, {name: unquote(value) for name, value in found.groupdict().items()}
    return None


@cache
def validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    """Return a validator of a named component, formats included."""
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": document()["components"]},
        validate_formats=True,
    )


def faults(schema: str, value: JsonValue) -> list[Fault]:
    """Return everything in which a value does not fit a named component, deepest first."""
    found = [_fault(_telling(error)) for error in validator(schema).iter_errors(value)]
    return sorted(found, key=lambda fault: -fault.path.count("/"))


def _fault(error: jsonschema_rs.ValidationError) -> Fault:
    path = "".join(f"/{part}" for part in error.instance_path)
    return Fault(path, error.message, error.instance)


def _telling(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Return the error that says most: the deepest, also inside the alternatives of `anyOf`."""
    return max(_inside(error), key=lambda inner: len(inner.instance_path))


def _inside(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    yield error
    branches = getattr(error.kind, "context", None) or ()
    # An alternative for another kind of object says nothing of this one.
    fitting = [branch for branch in branches if not any(map(_other_kind, branch))]
    for branch in fitting or branches:
        for inner in branch:
            yield from _inside(inner)


def _other_kind(error: jsonschema_rs.ValidationError) -> bool:
    return error.schema_path[-1] in {"const", "not"}


def _component(node: Mapping[str, Any]) -> str | None:
    """Return the name of the object that a field holds, when it is not null; None if no object."""
    schemas = document()["components"]["schemas"]
    while True:
        kinds = [kind for kind in node.get("anyOf", ()) if kind.get("type") != "null"]
        if "$ref" in node:
            name: str = node["$ref"].rpartition("/")[2]
            node = schemas[name]
            if "properties" in node:
                return name
        elif len(kinds) == 1:
            [node] = kinds
        else:
            return None


def _fields(component: str, prefix: str = "") -> Iterator[Field]:
    schema = document()["components"]["schemas"][component]
    for name, node in schema["properties"].items():
        pointer = f"/components/schemas/{component}/properties/{name}"
        yield Field(f"{prefix}{name}", pointer, node, name in schema.get("required", ()))
        inner = _component(node)
        if inner is not None:
            yield from _fields(inner, f"{prefix}{name}.")


@cache
def fields() -> Mapping[str, Field]:
    """Return the fields of the Run object by dotted path, in the order of the contract."""
    return {field.path: field for field in _fields("Run")}


@cache
def enum(component: str) -> tuple[Any, ...]:
    """Return the values that a named component lists, in its order."""
    return tuple(document()["components"]["schemas"][component]["enum"])


@cache
def _field_validator(path: str) -> jsonschema_rs.Draft202012Validator | None:
    field = fields().get(path)
    if field is None:
        return None
    return jsonschema_rs.Draft202012Validator(
        {"components": document()["components"], "allOf": [field.schema]}, validate_formats=True
    )


def field_fault(path: str, value: JsonValue) -> Fault | None:
    """Return in what a value does not fit a field of the Run object; None when it fits."""
    checker = _field_validator(path)
    if checker is None or checker.is_valid(value):
        return None
    errors = (inner for error in checker.iter_errors(value) for inner in _inside(error))
    fault = _fault(max(errors, key=lambda error: len(error.instance_path)))
    return evolve(fault, path=f"/{path.replace('.', '/')}{fault.path}")
