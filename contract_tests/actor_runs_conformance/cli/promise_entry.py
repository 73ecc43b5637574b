"""One promise of the ledger, with all that is known of it, as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.documents import documents
from actor_runs_conformance.ledger.promise import (
    ABORT,
    ABORTS,
    ANY,
    SHOWN_BY,
    Promise,
)
from actor_runs_conformance.ledger.signature import signatures
from actor_runs_conformance.ledger.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from actor_runs_conformance.ledger.promise import Side

LEVEL_STYLE = {"must": "bold green", "should": "yellow", "open": "dim"}
ABORT_TITLE = "the abort, at whichever address it is offered"


def entry(promise: Promise) -> RenderableType:
    """Return everything that the ledger has on one promise."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True, style="dim")
    rows.add_column(overflow="fold")
    for label, value in _details(promise):
        rows.add_row(f"  {label}", value)
    title = Text.assemble(
        (promise.id, "bold"), "  ", (promise.level, LEVEL_STYLE[promise.level]), f"  {promise.text}"
    )
    return Group(title, "", rows, "")


def _details(promise: Promise) -> Iterator[tuple[str, RenderableType]]:
    yield "operation", _operation(promise)
    yield "level", f"{promise.level}: {words().levels[promise.level]}"
    yield "scope", f"{promise.scope}: {words().scopes[promise.scope]}"
    if promise.because:
        yield "because", promise.because
    for source in promise.source:
        document = documents()[source.document]
        yield "source", Text(f"{document.title}: {source.told}\n{document.url}")
    for decision in promise.decides:
        yield decision.contradiction, f"{decision.side} {decision.because}"
    yield "contract", "\n".join(promise.pointers) or "has no place in openapi.yaml"
    yield "server", _side(promise.server)
    yield "client", _side(promise.client)
    if promise.needs:
        yield "needs", "; ".join(words().needs[need] for need in promise.needs)
    if promise.depends_on:
        yield "depends on", "\n".join(map(_dependency, promise.depends_on))
    if promise.also:
        yield "also", ", ".join(promise.also)
    yield "since", f"version {promise.since} of the ledger"
    for until, level in promise.was.items():
        yield "was", f"{level} until version {until}"


def _dependency(name: str) -> str:
    if name in ledger.by_id():
        return f"{name}  {ledger.by_id()[name].text}"
    key, _, operation = name.partition(":")
    meaning = words().causes[key].meaning
    return f"{name}  {meaning}: {operation}" if operation else f"{name}  {meaning}"


def _operation(promise: Promise) -> str:
    if promise.operation == ANY:
        return ", ".join(promise.among) if promise.among else "every operation"
    if promise.operation == ABORT:
        addresses = " and ".join(signatures()[name].path for name in ABORTS)
        return f"{ABORT_TITLE}: {addresses}"
    signature = signatures()[promise.operation]
    return f"{signature.id}  {signature.method} {signature.path}  {signature.summary}"


def _side(side: Side) -> str:
    if side.unchecked:
        return f"unchecked: {side.unchecked}"
    if side.kind:
        return f"{side.kind} {side.check}"
    own = f"contract_tests/tests/actor_runs/{side.check}" if side.check else None
    any_client = (
        f"situation {side.situation} of check-client: {SHOWN_BY[side.shown_by]}"
        if side.situation
        else None
    )
    return "\n".join(filter(None, (own, any_client)))
