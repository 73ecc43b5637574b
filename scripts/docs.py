"""Render docs/promises.md, docs/contract.md and the counts in README.md from ledger and contract.

`--check` writes nothing and fails when a page is stale.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.contract import document
from actor_runs_conformance.ledger.documents import documents, undecided
from actor_runs_conformance.ledger.keywords import Rule, constraints, rules, source_of
from actor_runs_conformance.ledger.promise import ABORT, ANY, LEVELS, SCOPES, Promise, Side, Source
from actor_runs_conformance.ledger.signature import (
    Signature,
    first_paragraph,
    kind,
    one_line,
    resolve,
    signatures,
)
from actor_runs_conformance.ledger.words import version, versions, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DOCS = Path(__file__).resolve().parents[1] / "docs"
README = DOCS.parent / "README.md"
COUNTS = ("<!-- counts of promises: rendered by `nox -s docs` -->", "<!-- end of counts -->")
SCOPE_TITLES = {"documents": "the five documents", "platform": "the wider platform"}
PREFIX = {"documents": "", "platform": "Beyond the documents: "}
RENDERED = "<!-- Rendered by `nox -s docs` from spec/actor_runs_spec. Do not edit. -->"


def cell(text: str) -> str:
    """Return a text that fits into a cell of a table."""
    return one_line(text).replace("|", "\\|")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Return a table."""
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(map(cell, row))} |"
    yield ""


def links(promises: Iterable[Promise]) -> str:
    """Return links to promises, in the order of the ledger."""
    return " ".join(f"[{p.id}](promises.md#{p.id.lower()})" for p in promises)


def anchor(heading: str) -> str:
    """Return the anchor that a heading of these pages gets."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def operation_title(signature: Signature) -> str:
    """Return the heading of an operation."""
    return f"{signature.summary} ({signature.id})"


# docs/promises.md


def promises_page() -> Iterator[str]:
    """Return the whole ledger by operation."""
    promises = ledger.load()
    yield from (RENDERED, "", "# The promises", "")
    yield (
        f"The ledger, version {version()}, has {len(promises)} promises. Each comes from a document, "
        "stands at a place in [the contract](contract.md), and is checked, or has a reason why not. "
        "Those of the five documents come first, those of the wider platform after them."
    )
    yield ""
    yield from counts(promises)
    yield from table(("scope", "meaning"), words().scopes.items())
    yield from table(("level", "meaning"), words().levels.items())
    groups = [
        (PREFIX[scope] + title, found)
        for scope in SCOPES
        for title, found in _groups(p for p in promises if p.scope == scope)
        if found
    ]
    for title, found in groups:
        yield f"- [{title}](#{anchor(title)}), {len(found)}"
    last = ("What promises depend on", "Contradictions", "Documents")
    yield from (*(f"- [{title}](#{anchor(title)})" for title in last), "")
    for title, found in groups:
        yield from (f"## {title}", "")
        for promise in found:
            yield from _promise(promise)
    yield from _causes()
    yield from _contradictions(promises)
    yield from _documents()


def counts(promises: Iterable[Promise]) -> Iterator[str]:
    """Return a table of how many promises there are, by scope and level."""
    everything = list(promises)
    found = Counter((promise.scope, promise.level) for promise in everything)
    yield from table(
        ("", *LEVELS, "in all"),
        (
            (
                SCOPE_TITLES[scope],
                *(str(found[scope, level]) for level in LEVELS),
                str(sum(promise.scope == scope for promise in everything)),
            )
            for scope in SCOPES
        ),
    )


def _causes() -> Iterator[str]:
    yield from ("## What promises depend on", "")
    yield (
        "A promise that cannot be judged without another names it, or one of these causes. Where a "
        "cause is missing, the promise beside it is the one that is broken."
    )
    yield ""
    yield from table(
        ("cause", "it is there when", "promise"),
        (
            (
                f"`{key}`",
                cause.meaning,
                ", ".join(
                    link if name == ANY else f"`{name}`: {link}"
                    for name, id_ in cause.promises.items()
                    for link in [f"[{id_}](#{id_.lower()})"]
                )
                or "-",
            )
            for key, cause in words().causes.items()
        ),
    )


def _groups(promises: Iterable[Promise]) -> Iterator[tuple[str, list[Promise]]]:
    everything = list(promises)
    for signature in signatures().values():
        own = [p for p in everything if p.operation == signature.id]
        yield operation_title(signature), own
    yield "The abort, at whichever address", [p for p in everything if p.operation == ABORT]
    titles = words().subjects
    shared = sorted(
        (p for p in everything if p.operation == ANY), key=lambda p: [*titles].index(p.subject)
    )
    for subject, group in groupby(shared, key=lambda p: p.subject):
        yield titles[subject], list(group)


def _promise(promise: Promise) -> Iterator[str]:
    yield from (f"### {promise.id}", "", f"**{promise.level}** {promise.text}", "")
    if promise.operation == ANY:
        among = [f"`{operation}`" for operation in promise.among]
        yield f"- Operations: {', '.join(among) if among else 'all'}"
    for source in promise.source:
        title = documents()[source.document].title
        yield f"- Source: [{title}](#documents), {source.told}"
    if promise.because:
        yield f"- Why {promise.level}: {promise.because}"
    for decision in promise.decides:
        yield f"- {decision.contradiction}: {decision.side} {decision.because}"
    if promise.depends_on:
        yield f"- Depends on: {', '.join(map(_dependency, promise.depends_on))}"
    if promise.pointers:
        yield f"- Contract: {', '.join(f'`{pointer}`' for pointer in promise.pointers)}"
    yield f"- Server: {_side(promise.server)}"
    yield f"- Client: {_side(promise.client)}"
    if promise.also:
        yield f"- Also: {', '.join(promise.also)}"
    if promise.since != next(iter(versions())):
        yield f"- Since: version {promise.since}"
    for until, level in promise.was.items():
        yield f"- Until version {until}: {level}"
    yield ""


def _dependency(name: str) -> str:
    return f"[{name}](#{name.lower()})" if name in ledger.by_id() else f"`{name}`"


def _side(side: Side) -> str:
    if side.unchecked:
        return f"not checked: {side.unchecked}"
    own = f"{side.kind or ''} `{side.check}`".strip() if side.check else None
    any_client = f"situation `{side.situation}`" if side.situation else None
    return ", ".join(filter(None, (own, any_client)))


def _contradictions(promises: Iterable[Promise]) -> Iterator[str]:
    rows = [
        (d.contradiction, d.side, f"[{p.id}](#{p.id.lower()})") for p in promises for d in p.decides
    ]
    rows += [(id_, reason, "-") for id_, reason in undecided().items()]
    yield from ("## Contradictions", "")
    yield (
        "Where the documents contradict each other or themselves, a promise takes a side. "
        "What no promise has to decide has a reason instead."
    )
    yield ""
    yield from table(("contradiction", "side", "promise"), sorted(rows))


def _documents() -> Iterator[str]:
    yield from ("## Documents", "")
    rows = ((f"[{d.title}]({d.url})", f"`{d.key}`", d.kind) for d in documents().values())
    yield from table(("document", "key", "kind"), rows)


# docs/contract.md


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


def readme_page() -> Iterator[str]:
    """Return README.md with its counts of promises as they are."""
    before, _, rest = README.read_text(encoding="utf-8").partition(COUNTS[0])
    _, _, after = rest.partition(COUNTS[1])
    table_of_counts = "\n".join(counts(ledger.load())).rstrip()
    yield f"{before}{COUNTS[0]}\n\n{table_of_counts}\n\n{COUNTS[1]}{after}"


PAGES = {
    "docs/promises.md": promises_page,
    "docs/contract.md": contract_page,
    "README.md": readme_page,
}


def main() -> int:
    """Write the pages, or with `--check` say which are stale and return 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a page is stale")
    check = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        text = "\n".join(page()).rstrip() + "\n"
        path = DOCS.parent / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    if check and stale:
        print(f"stale: {', '.join(stale)}; run `nox -s docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
