"""What the pages of docs/ that are rendered have in common: tables, links and headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.ledger.signature import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from actor_runs_conformance.ledger.promise import Promise
    from actor_runs_conformance.ledger.signature import Signature

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
