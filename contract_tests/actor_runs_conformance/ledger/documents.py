"""The documents that promises rest on, and the contradictions between them that nothing decides."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from attrs import frozen

from actor_runs_conformance.ledger.words import read

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen
class Document:
    """A document that promises rest on; `kind` is explained at the top of documents.yaml."""

    key: str
    title: str
    url: str
    kind: str


@cache
def documents() -> Mapping[str, Document]:
    """Return the source documents by key."""
    entries = read(files("actor_runs_spec") / "documents.yaml")
    return {key: Document(key=key, **entry) for key, entry in entries.items()}


@cache
def undecided() -> Mapping[str, str]:
    """Return the contradictions that no promise decides, each with the reason why none has to."""
    found: Mapping[str, str] = read(files("actor_runs_spec") / "contradictions.yaml")
    return found
