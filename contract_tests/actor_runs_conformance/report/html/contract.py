"""The contract as a page: operations, parameters, answers and objects, verdicts in the margin.

Every node of openapi.yaml that is shown registers the JSON pointers it answers to, its own and
that of the component it refers to. A promise stands beside the nearest node at or above its
pointer; one without a place in the contract stands beside its operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field
from markdown_it import MarkdownIt
from markupsafe import Markup

from actor_runs_conformance.ledger.contract import METHODS, document
from actor_runs_conformance.ledger.promise import ABORT, ABORTS, ANY
from actor_runs_conformance.ledger.signature import kind, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from actor_runs_conformance.report.model import Promise

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@define
class Row:
    """One line of the contract: a parameter, an answer, a header or a property."""

    name: str
    type: str
    """In words; empty when it has none."""
    refers: str | None
    """Anchor of the object it is; None when it is a plain value."""
    note: str
    """`required`, or empty."""
    description: Markup
    marks: list[Promise] = field(factory=list)


@define
class Group:
    """Lines under one heading."""

    title: str
    rows: list[Row]


@define
class Section:
    """An operation, an object, or what holds everywhere."""

    anchor: str
    title: str
    kind: str
    """`general`, `operation` or `object`."""
    method: str
    path: str
    deprecated: bool
    description: Markup
    groups: list[Group]
    marks: list[Promise] = field(factory=list)

    def promises(self) -> Iterator[Promise]:
        """Yield every promise that stands in this section."""
        yield from self.marks
        for group in self.groups:
            for row in group.rows:
                yield from row.marks


def annotated(promises: Iterable[Promise]) -> list[Section]:
    """Return the contract with every promise in its place."""
    contract = _Contract()
    for promise in promises:
        contract.place(promise)
    return contract.sections


def _is_of(promise: Promise, operation: str) -> bool:
    """Return whether a promise stands beside this operation; that of the abort beside both."""
    return promise.operation in {operation, ANY} or (
        promise.operation == ABORT and operation in ABORTS
    )


class _Contract:
    """The sections, and where each pointer leads: an operationId or None, and the section or row that shows it."""

    def __init__(self) -> None:
        self.document = document()
        self.places: dict[str, list[tuple[str | None, Section | Row]]] = {}
        self.sections = [self._general(), *self._operations(), *self._objects()]
        self.operations = {
            section.title: section for section in self.sections if section.kind == "operation"
        }

    def place(self, promise: Promise) -> None:
        for bearer in self._bearers(promise):
            bearer.marks.append(promise)

    def _bearers(self, promise: Promise) -> list[Section | Row]:
        pointer = promise.pointer or ""
        while pointer:
            found = self.places.get(pointer, [])
            fitting = [
                bearer
                for operation, bearer in found
                if operation is None or _is_of(promise, operation)
            ]
            if fitting:
                return fitting
            pointer = pointer.rpartition("/")[0]
        return [self.operations.get(promise.operation, self.sections[0])]

    def _resolved(self, node: Any, pointer: str) -> tuple[dict[str, Any], list[str]]:  # noqa: ANN401
        """Follow $ref to its end; return the node and every pointer it answers to."""
        pointers = [pointer]
        while isinstance(node, dict) and "$ref" in node and node["$ref"][1:] not in pointers:
            pointers.append(node["$ref"][1:])
            node = resolve(node)
        return node, pointers

    def _register(
        self, bearer: Section | Row, operation: str | None, pointers: Iterable[str]
    ) -> None:
        for pointer in pointers:
            self.places.setdefault(pointer, []).append((operation, bearer))

    def _general(self) -> Section:
        info = self.document["info"]
        components = self.document.get("components", {})
        rows = []
        for name, scheme in components.get("securitySchemes", {}).items():
            row = Row(name, scheme["type"], None, "", markdown(scheme.get("description")))
            self._register(row, None, [f"/components/securitySchemes/{name}"])
            rows.append(row)
        section = Section(
            anchor="contract-general",
            title="Everywhere",
            kind="general",
            method="",
            path="",
            deprecated=False,
            description=markdown(info.get("description")),
            groups=[Group("Token", rows), Group("Headers", self._headers(components, "", None))],
        )
        self._register(section, None, ["/info", "/servers", "/components", "/paths", "/security"])
        return section

    def _operations(self) -> Iterator[Section]:
        for path, item in self.document["paths"].items():
            at_path = pointer_to("paths", path)
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item, at_path)

    def _operation(self, path: str, method: str, item: dict[str, Any], at_path: str) -> Section:
        node = item[method]
        name = node["operationId"]
        here = f"{at_path}/{method}"
        groups = [
            Group("Parameters", list(self._parameters(name, item, node, at_path, here))),
            Group("Body", list(self._body(name, node, here))),
            Group("Answers", list(self._answers(name, node, here))),
        ]
        section = Section(
            anchor=f"contract-{name}",
            title=name,
            kind="operation",
            method=method.upper(),
            path=path,
            deprecated=bool(node.get("deprecated")),
            description=markdown(node.get("description") or node.get("summary")),
            groups=[group for group in groups if group.rows],
        )
        self._register(section, name, [here, at_path])
        return section

    def _parameters(
        self, operation: str, item: dict[str, Any], node: dict[str, Any], at_path: str, here: str
    ) -> Iterator[Row]:
        for holder, where in ((item, at_path), (node, here)):
            for number, entry in enumerate(holder.get("parameters", ())):
                parameter, pointers = self._resolved(entry, f"{where}/parameters/{number}")
                described = [parameter.get("description"), parameter["schema"].get("description")]
                yield self._row(
                    operation,
                    pointers,
                    name=parameter["name"],
                    schema=parameter["schema"],
                    note=f"{parameter['in']}{', required' if parameter.get('required') else ''}",
                    description="\n\n".join(filter(None, described)),
                )

    def _body(self, operation: str, node: dict[str, Any], here: str) -> Iterator[Row]:
        if "requestBody" in node:
            body, pointers = self._resolved(node["requestBody"], f"{here}/requestBody")
            for media, content in body["content"].items():
                yield self._row(
                    operation,
                    pointers,
                    name=media,
                    schema=content.get("schema", {}),
                    note="required" if body.get("required") else "",
                    description=body.get("description"),
                )

    def _answers(self, operation: str, node: dict[str, Any], here: str) -> Iterator[Row]:
        for status, entry in node.get("responses", {}).items():
            answer, pointers = self._resolved(entry, f"{here}/responses/{status}")
            schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
            yield self._row(
                operation,
                pointers,
                name=str(status),
                schema=schemas[0] if schemas else {},
                note="",
                description=answer.get("description"),
            )
            yield from self._headers(answer, pointers[-1], operation, only={"Location"})

    def _headers(
        self,
        holder: dict[str, Any],
        where: str,
        operation: str | None,
        only: set[str] | None = None,
    ) -> list[Row]:
        rows = []
        where = where or "/components"
        for name, entry in holder.get("headers", {}).items():
            header, pointers = self._resolved(entry, f"{where}/headers/{name}")
            if only is None or name in only:
                row = self._row(
                    operation,
                    pointers,
                    name=name,
                    schema=header.get("schema", {}),
                    note="header" + (", required" if header.get("required") else ""),
                    description=header.get("description"),
                )
                rows.append(row)
        return rows

    def _objects(self) -> Iterator[Section]:
        for name, schema in self.document.get("components", {}).get("schemas", {}).items():
            here = f"/components/schemas/{name}"
            required = set(schema.get("required", ()))
            rows = [
                self._row(
                    None,
                    [f"{here}/properties/{key}"],
                    name=key,
                    schema=value,
                    note="required" if key in required else "",
                    description=value.get("description"),
                )
                for key, value in schema.get("properties", {}).items()
            ]
            section = Section(
                anchor=f"contract-{name}",
                title=name,
                kind="object",
                method="",
                path=kind(schema) if not rows else "",
                deprecated=False,
                description=markdown(schema.get("description")),
                groups=[Group("Properties", rows)] if rows else [],
            )
            self._register(section, None, [here])
            yield section

    def _row(
        self,
        operation: str | None,
        pointers: list[str],
        *,
        name: str,
        schema: dict[str, Any],
        note: str,
        description: str | None,
    ) -> Row:
        row = Row(
            name, kind(schema) if schema else "", refers_to(schema), note, markdown(description)
        )
        # Promises about a component stand in its own section; all others beside the answer or property.
        self._register(row, operation, pointers)
        return row


def pointer_to(*parts: str) -> str:
    """Return the JSON pointer with these parts."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def markdown(text: str | None) -> Markup:
    """Return CommonMark as HTML; HTML inside it is shown and not taken."""
    return Markup(MARKDOWN.render(text or ""))  # noqa: S704 - the renderer escapes


def refers_to(schema: dict[str, Any]) -> str | None:
    """Return the anchor of the component that a schema names, itself or by its items."""
    for part in (schema, schema.get("items", {}), *schema.get("anyOf", ())):
        if "$ref" in part:
            return f"contract-{part['$ref'].rpartition('/')[2]}"
    return None
