"""`actor-runs promises`: read the ledger, as a table, an operation or one promise at a time."""

from __future__ import annotations

import io
import json
import os
import sys
from itertools import groupby
from typing import TYPE_CHECKING

import attrs
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from actor_runs_conformance.cli.output import deliver, refuse
from actor_runs_conformance.cli.parser import Parser
from actor_runs_conformance.cli.promise_entry import ABORT_TITLE, LEVEL_STYLE, entry
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.names import did_you_mean, spellings
from actor_runs_conformance.ledger.promise import (
    ABORT,
    ANY,
    LEVELS,
    SCOPES,
    Promise,
)
from actor_runs_conformance.ledger.signature import one_line, signatures
from actor_runs_conformance.ledger.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

from actor_runs_conformance.ledger.signature import Signature

PROG = "actor-runs promises"
PIPED_WIDTH = 120

GENERAL = {"general", "auth", "errors", "client"}
LEGEND = (
    "server, client: how each side is checked; - where it is not, "
    "and `actor-runs promises ID` tells why."
)


def main(arguments: list[str]) -> int:
    """Print promises; 2 when a name is unknown or nothing can be printed."""
    parser = Parser(
        prog=PROG,
        description="Read the ledger: every promise of the Actor-run API, with its source, "
        "its level and how it is checked.",
        epilog="Without names all promises are printed, by operation.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="an operation like getRun, a promise like RBT-02, or `any` for the shared ones",
    )
    parser.add_argument("--level", choices=LEVELS, help="only promises of this level")
    parser.add_argument(
        "--scope",
        choices=SCOPES,
        help="only promises of the five documents, or only those of the wider platform",
    )
    parser.add_argument(
        "--unchecked", action="store_true", help="only promises that no side has a check for"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON array of promises")
    options = parser.parse_args(arguments)

    names = [known(name) for name in options.names]
    for name, given in zip(names, options.names, strict=True):
        if name is None:
            near = did_you_mean(given, spellings().values())
            return refuse("promises", f"no promise or operation {given!r}; {near}")

    def wanted(promise: Promise) -> bool:
        return (
            options.level in {None, promise.level}
            and options.scope in {None, promise.scope}
            and not (options.unchecked and promise.checked)
        )

    found = [name for name in names if name is not None]
    if options.json:
        promises = [attrs.asdict(promise) for promise in select(found) if wanted(promise)]
        return deliver("promises", json.dumps(promises, indent=2) + "\n")
    page = io.StringIO()
    seen = sys.stdout.isatty()
    console = Console(
        file=page,
        highlight=False,
        force_terminal=seen or None,
        width=None if seen else _piped_width(),
    )
    for part in pages(found, [promise for promise in ledger.load() if wanted(promise)]):
        console.print(part)
    lines = (line.rstrip() for line in page.getvalue().rstrip().splitlines())
    return deliver("promises", "".join(f"{line}\n" for line in lines))


def _piped_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) > 0 else PIPED_WIDTH


def known(name: str) -> str | None:
    """Return the id or operation that a name means, whatever its case; None if there is none."""
    found = spellings().get(name.lower())
    return None if found is None else ledger.present_id(found)


def select(names: Iterable[str]) -> Iterator[Promise]:
    """Return the promises of these ids and operations, each once, in the ledger's order."""
    asked = set(names)
    for promise in ledger.load():
        shared = any(promise.holds_for(operation) for operation in asked & set(signatures()))
        if not asked or promise.id in asked or promise.operation in asked or shared:
            yield promise


def pages(names: list[str], wanted: list[Promise]) -> Iterator[RenderableType]:
    """Return what to print for these names: a page an operation, an entry a promise."""
    if not names:
        yield from overview(wanted)
    for name in names:
        if name in signatures():
            yield from operation_page(signatures()[name], wanted)
        elif name == ABORT:
            yield from abort(wanted)
        elif name == ANY:
            yield from shared(promise for promise in wanted if promise.operation == ANY)
        elif ledger.by_id()[name] in wanted:
            yield entry(ledger.by_id()[name])
        else:
            yield numbers([])


def overview(promises: list[Promise]) -> Iterator[RenderableType]:
    """Return the whole ledger by operation, and its numbers last."""
    for signature in signatures().values():
        own = of_its_own(signature, promises)
        if own:
            yield heading(signature)
            yield table(own)
            yield ""
    yield from abort(promises)
    yield from shared(promise for promise in promises if promise.operation == ANY)
    yield from closing(promises)


def abort(promises: Iterable[Promise]) -> Iterator[RenderableType]:
    """Return what holds for the abort, at whichever address it is offered."""
    own = [promise for promise in promises if promise.operation == ABORT]
    if own:
        yield Text.assemble((ABORT, "bold"), "  ", (ABORT_TITLE, "italic"))
        yield table(own)
        yield ""


def of_its_own(signature: Signature, promises: Iterable[Promise]) -> list[Promise]:
    """Return the promises of an operation alone, those of its own subject first."""
    own = (promise for promise in promises if promise.operation == signature.id)
    return sorted(own, key=lambda promise: promise.subject in GENERAL)


def closing(promises: list[Promise]) -> Iterator[RenderableType]:
    """Return the last lines of a page: how many promises, and how to read the table."""
    yield Text(numbers(promises), style="bold")
    if promises:
        yield Text(LEGEND, style="dim")


def numbers(promises: list[Promise]) -> str:
    """Return one line that counts promises by level and those without a check."""
    if not promises:
        return "No promise is like that."
    levels = ", ".join(
        f"{sum(promise.level == level for promise in promises)} {level}" for level in LEVELS
    )
    unchecked = sum(not promise.checked for promise in promises)
    own = sum(promise.scope == "documents" for promise in promises)
    return (
        f"{len(promises)} promises, {own} of the five documents: {levels}; {unchecked} of them "
        "checked on neither side."
    )


def heading(signature: Signature) -> Text:
    """Return the line that names an operation."""
    text = Text()
    text.append(signature.id, style="bold")
    text.append(f"  {signature.method} {signature.path}  ")
    text.append("deprecated, " if signature.deprecated else "", style="yellow")
    text.append(signature.summary, style="italic")
    return text


def operation_page(signature: Signature, wanted: list[Promise]) -> Iterator[RenderableType]:
    """Return all that holds for an operation: how it is called, what it answers and promises."""
    yield heading(signature)
    yield ""
    for paragraph in signature.description.split("\n\n"):
        yield Padding(one_line(paragraph), (0, 0, 1, 2))
    yield Text("Parameters", style="bold")
    yield Padding(_parameters(signature), (0, 0, 1, 0))
    yield Text("Answers", style="bold")
    yield Padding(_answers(signature), (0, 0, 1, 0))
    own = of_its_own(signature, wanted)
    for level in LEVELS:
        part = [promise for promise in own if promise.level == level]
        if part:
            yield Text.assemble(
                (f"{signature.summary}: {level}", "bold"), f" ({words().levels[level]})"
            )
            yield table(part, levels=False)
            yield ""
    aborts = [p for p in wanted if p.operation == ABORT and p.holds_for(signature.id)]
    yield from abort(aborts)
    rest = [p for p in wanted if p.operation == ANY and p.holds_for(signature.id)]
    yield from shared(rest)
    yield from closing([*own, *aborts, *rest])


def _parameters(signature: Signature) -> Table:
    grid = Table.grid(padding=(0, 2))
    for parameter in signature.parameters:
        need = "required" if parameter.required else "optional"
        grid.add_row(
            f"  {parameter.name}",
            f"{parameter.place}, {need}, {parameter.kind}. {parameter.description}",
        )
    if signature.body is not None:
        need = "required" if signature.body.required else "optional"
        grid.add_row("  body", f"{need}, JSON. {signature.body.description}")
    grid.add_row("  token", "not needed" if signature.anonymous else "required")
    return grid


def _answers(signature: Signature) -> Table:
    grid = Table.grid(padding=(0, 2))
    for answer in signature.answers:
        grid.add_row(f"  {answer.status}", answer.description)
    return grid


def shared(promises: Iterable[Promise]) -> Iterator[RenderableType]:
    """Return what several operations promise, a table a subject."""
    order = list(words().subjects)
    ranked = sorted(promises, key=lambda promise: order.index(promise.subject))
    for subject, group in groupby(ranked, key=lambda promise: promise.subject):
        yield Text(f"Shared by several operations: {words().subjects[subject]}", style="bold")
        yield table(list(group))
        yield ""


def table(promises: list[Promise], *, levels: bool = True) -> Table:
    """Return promises as a table; nothing in it is cut off."""
    rows = Table(box=None, padding=(0, 2, 0, 0), expand=False, show_edge=False)
    rows.add_column("  id", no_wrap=True)
    if levels:
        rows.add_column("level", no_wrap=True)
    rows.add_column("scope", no_wrap=True)
    rows.add_column("promise", overflow="fold", ratio=1)
    rows.add_column("server", no_wrap=True)
    rows.add_column("client", no_wrap=True)
    for promise in promises:
        style = LEVEL_STYLE[promise.level]
        level = [Text(promise.level, style=style)] if levels else []
        rows.add_row(
            Text(f"  {promise.id}", style="bold"),
            *level,
            promise.scope,
            Text(promise.text),
            promise.server.kind or "-",
            "test" if promise.client.check else "situation" if promise.client.situation else "-",
        )
    return rows
