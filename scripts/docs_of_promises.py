"""docs/promises.md: the whole ledger, those of the five documents first."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from scripts.docs_tables import RENDERED, anchor, operation_title, table

from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.documents import documents, undecided
from actor_runs_conformance.ledger.promise import (
    ABORT,
    ANY,
    LEVELS,
    SCOPES,
    SHOWN_BY,
    Promise,
    Side,
)
from actor_runs_conformance.ledger.signature import signatures
from actor_runs_conformance.ledger.words import version, versions, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCOPE_TITLES = {"documents": "the five documents", "platform": "the wider platform"}
PREFIX = {"documents": "", "platform": "Beyond the documents: "}


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
    any_client = (
        f"situation `{side.situation}`: {SHOWN_BY[side.shown_by]}" if side.situation else None
    )
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
