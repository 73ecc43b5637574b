"""What the contract says of an operation, ready to be read: path, parameters, body and answers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.ledger.contract import METHODS, document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@frozen
class Parameter:
    """A parameter; `kind` is a phrase like `number, 0 to 60, default 0`."""

    name: str
    place: str
    required: bool
    kind: str
    description: str


@frozen
class Answer:
    """A documented answer: its status code and what it means."""

    status: str
    description: str


@frozen
class Body:
    """The body of a request."""

    required: bool
    description: str


@frozen
class Signature:
    """An operation as the contract has it; `pointer` leads to it, `body` is None if it has none."""

    id: str
    method: str
    path: str
    pointer: str
    summary: str
    description: str
    deprecated: bool
    anonymous: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    answers: tuple[Answer, ...]


def resolve(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a node of the contract, or what it refers to; its own description goes first."""
    if "$ref" not in node:
        return node
    found: Any = document()
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return {**found, **{key: value for key, value in node.items() if key != "$ref"}}


def kind(schema: Mapping[str, Any]) -> str:
    """Return a phrase for what a schema accepts: its type, range, default and values."""
    return ", ".join(_phrases(schema))


def _phrases(schema: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
        return
    if "anyOf" in schema:
        yield " or ".join(kind(part) for part in schema["anyOf"])
        return
    named = schema.get("type", "any")
    yield " or ".join(named) if isinstance(named, list) else named
    if schema.get("format") in {"date-time", "uri", "uri-reference"}:
        yield schema["format"]
    if schema.get("contentEncoding"):
        yield f"{schema['contentEncoding']} of {schema.get('contentMediaType', 'bytes')}"
    if "items" in schema:
        yield f"of {kind(schema['items'])}"
    if "enum" in schema:
        yield f"one of {', '.join(map(str, schema['enum']))}"
    elif "minimum" in schema and "maximum" in schema:
        yield f"{schema['minimum']} to {schema['maximum']}"
    elif "minimum" in schema:
        yield f"{schema['minimum']} or more"
    if "default" in schema:
        yield f"default {str(schema['default']).lower()}"


def one_line(text: str) -> str:
    """Return a text with every run of white space as one blank."""
    return " ".join(text.split())


def first_paragraph(text: str) -> str:
    """Return the first paragraph of a description, on one line."""
    return one_line(text.strip().split("\n\n", maxsplit=1)[0])


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    found = resolve(entry)
    schema = resolve(found["schema"])
    description = one_line(found.get("description", ""))
    detail = one_line(schema.get("description", ""))
    return Parameter(
        found["name"],
        found["in"],
        found.get("required", False),
        kind(schema),
        f"{description} {detail}".strip(),
    )


def _body(found: Mapping[str, Any]) -> Body:
    return Body(found.get("required", False), one_line(found.get("description", "")))


def _signatures() -> Iterator[Signature]:
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            entry = item[method]
            body = entry.get("requestBody")
            parameters = (*item.get("parameters", ()), *entry.get("parameters", ()))
            yield Signature(
                id=entry["operationId"],
                method=method.upper(),
                path=path,
                pointer=f"/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}",
                summary=entry["summary"],
                description=entry["description"].strip(),
                deprecated=entry.get("deprecated", False),
                anonymous={} in entry["security"],
                parameters=tuple(_parameter(parameter) for parameter in parameters),
                body=_body(resolve(body)) if body else None,
                answers=tuple(
                    Answer(str(status), first_paragraph(resolve(answer)["description"]))
                    for status, answer in entry["responses"].items()
                ),
            )


@cache
def signatures() -> Mapping[str, Signature]:
    """Return every operation by operationId, in the order of the contract."""
    return {signature.id: signature for signature in _signatures()}
