"""docs/contract.md: the contract, with the promises beside what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts.docs_tables import RENDERED, anchor, links, operation_title, table

from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.contract import document
from actor_runs_conformance.ledger.documents import documents
from actor_runs_conformance.ledger.keywords import Rule, constraints, rules, source_of
from actor_runs_conformance.ledger.promise import Promise, Source
from actor_runs_conformance.ledger.signature import (
    Signature,
    first_paragraph,
    kind,
    resolve,
    signatures,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def contract_page() -> Iterator[str]:
    """Return the contract, with the promises beside what they promise."""
    yield from (RENDERED, "", "# The contract, annotated", "")
    yield from (
        "`spec/actor_runs_spec/openapi.yaml` part by part, with [the promises](promises.md) beside.",
        "",
    )
    for signature in signatures().values():
        title = operation_title(signature)
        yield f"- [{title}](#{anchor(title)}): `{signature.method} {signature.path}`"
    yield from (
        "- [Schemas](#schemas)",
        "- [Sources of the constraints](#sources-of-the-constraints)",
        "",
    )
    beside = _by_pointer()
    for signature in signatures().values():
        yield from _operation(signature, beside)
    yield from ("## Schemas", "")
    for name, schema in document()["components"]["schemas"].items():
        yield from _schema(name, schema, beside)
    yield from _sources_of_constraints()


def _sources_of_constraints() -> Iterator[str]:
    everything = list(constraints())
    found = [source_of(constraint) for constraint in everything]
    platform = sum(rule is not None and rule.scope == "platform" for rule in found)
    yield from ("## Sources of the constraints", "")
    yield (
        f"Each of the {len(everything)} keywords that rule something out, by where it comes from; "
        f"{platform} are of the wider platform alone. In a place `*` stands for one step of the "
        "pointer and `**` for any number of them, and the first row that fits a keyword counts."
    )
    yield ""
    yield from table(
        ("scope", "place", "keywords", "source"),
        (
            (
                rule.scope,
                " ".join(f"`{at}`" for at in rule.at),
                " ".join(f"`{keyword}`" for keyword in rule.keywords),
                _source_of_rule(rule),
            )
            for rule in rules()
        ),
    )


def _source_of_rule(rule: Rule) -> str:
    source = Source(rule.document, rule.says)
    told = f"{documents()[rule.document].title}: {source.told}"
    return f"{told}. {rule.follows}" if rule.follows else told


def _by_pointer() -> Mapping[str, list[Promise]]:
    found: dict[str, list[Promise]] = {}
    for promise in ledger.load():
        for pointer in promise.pointers or ("",):
            found.setdefault(pointer, []).append(promise)
    return found


def _operation(signature: Signature, beside: Mapping[str, list[Promise]]) -> Iterator[str]:
    def of_mine(*pointers: str) -> str:
        return links(p for at in pointers for p in beside.get(at, ()) if p.holds_for(signature.id))

    at = signature.pointer
    yield from (f"## {operation_title(signature)}", "")
    deprecated = ", deprecated" if signature.deprecated else ""
    yield from (f"`{signature.method} {signature.path}`{deprecated}", "", signature.description, "")
    yield from (f"Token: {'not needed' if signature.anonymous else 'required'}.", "")
    own = of_mine(at, f"{at}/security", f"{at}/deprecated", f"{at}/responses")
    if own:
        yield from (f"Promises: {own}", "")
    rows = [
        (
            f"`{p.name}`",
            f"{p.place}, {'required' if p.required else 'optional'}",
            p.kind,
            p.description,
            of_mine(f"/components/parameters/{p.name}"),
        )
        for p in signature.parameters
    ]
    if signature.body is not None:
        need = "required" if signature.body.required else "optional"
        told = signature.body.description
        rows.append(("body", need, "JSON", told, of_mine(f"{at}/requestBody")))
    yield from table(("parameter", "place", "type", "meaning", "promises"), rows)
    yield from table(
        ("answer", "meaning", "promises"),
        (
            (a.status, a.description, of_mine(f"{at}/responses/{a.status}", *_shared(at, a.status)))
            for a in signature.answers
        ),
    )


def _shared(operation: str, status: str) -> tuple[str, ...]:
    """Return the pointers of the components of an answer: its own, and a success' headers."""
    node: Any = document()
    for step in (*operation.removeprefix("/").split("/"), "responses", status):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    headers = resolve(node).get("headers", {}) if status.startswith("2") else {}
    parts = (node, *headers.values())
    return tuple(part["$ref"].removeprefix("#") for part in parts if "$ref" in part)


def _schema(
    name: str, schema: Mapping[str, Any], beside: Mapping[str, list[Promise]]
) -> Iterator[str]:
    at = f"/components/schemas/{name}"
    yield from (f"### {name}", "")
    if "description" in schema:
        yield from (schema["description"].strip(), "")
    own = links([*beside.get(at, ()), *beside.get(f"{at}/required", ())])
    if own:
        yield from (f"Promises: {own}", "")
    if "properties" not in schema:
        yield from (f"Type: {kind(schema)}", "")
        return
    required = schema.get("required", ())
    yield from table(
        ("property", "type", "meaning", "promises"),
        (
            (
                f"**`{key}`**" if key in required else f"`{key}`",
                kind(part),
                first_paragraph(resolve(part).get("description", "")),
                links(beside.get(f"{at}/properties/{key}", ())),
            )
            for key, part in schema["properties"].items()
        ),
    )
