"""What the tables of faults and freedoms consist of."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen


@frozen
class Fault:
    """A breach of promises: each of `breaks` is one that it can be found by."""

    name: str
    wrong: str
    """What is wrong, in one sentence."""
    breaks: tuple[str, ...]
    change: Mapping[str, Any]
    """The rules that it changes."""


@frozen
class Freedom:
    """Choices that the documents leave to a server, in one server."""

    name: str
    chosen: tuple[str, ...]
    """What it does, a sentence each."""
    change: Mapping[str, Any]
    against: tuple[str, ...] = ()
    """The `should` promises that it chooses against."""
    only_documents: bool = False
    """It offers what the documents state, and is judged by their scope alone."""
