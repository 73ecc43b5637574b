"""Where each constraint of openapi.yaml comes from: `keywords.yaml`, held against the contract.

A constraint is a keyword that rules something out. Its place is a JSON pointer; a rule of the table
names places by a pattern, in which `*` stands for one step and `**` for any number of them.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.ledger.contract import document
from actor_runs_conformance.ledger.documents import documents
from actor_runs_conformance.ledger.words import read

if TYPE_CHECKING:
    from collections.abc import Iterator

CONSTRAINTS = (
    *("type", "format", "enum", "const", "not", "pattern", "minLength", "required", "default"),
    *("minimum", "maximum", "multipleOf", "contentEncoding", "contentMediaType", "deprecated"),
    *("security", "patternProperties", "additionalProperties", "discriminator"),
)
VALUES = {"example", "examples", "enum", "mapping", "security", "const", "default"}
"""Keywords that hold values, in which nothing is a keyword."""


@frozen
class Constraint:
    """A keyword that rules something out, at its place in the contract."""

    pointer: str
    keyword: str
    value: Any


@frozen
class Rule:
    """Where the constraints of some places come from.

    `document` is a key of documents.yaml, `says` are its words; `follows` is there where the
    constraint is a conclusion from them, and says how.
    """

    at: tuple[str, ...]
    keywords: tuple[str, ...]
    document: str
    says: str
    follows: str | None = None

    @property
    def scope(self) -> str:
        """`documents` where one of the five documents says it, else `platform`."""
        return "documents" if documents()[self.document].kind == "document" else "platform"

    def covers(self, constraint: Constraint) -> bool:
        """Whether this rule says where the constraint comes from."""
        return constraint.keyword in self.keywords and any(
            _matcher(pattern).fullmatch(constraint.pointer) for pattern in self.at
        )


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    spelled = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.compile(spelled)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the table in its order: the first rule that covers a constraint is its source."""
    entries = read(files("actor_runs_spec") / "keywords.yaml")
    return tuple(
        Rule(
            at=tuple([entry["at"]] if isinstance(entry["at"], str) else entry["at"]),
            keywords=tuple(entry["keywords"]),
            document=entry["document"],
            says=entry["says"],
            follows=entry.get("follows"),
        )
        for entry in entries
    )


def source_of(constraint: Constraint) -> Rule | None:
    """Return the rule that covers a constraint, None where there is none."""
    return next((rule for rule in rules() if rule.covers(constraint)), None)


def constraints(contract: Any = None) -> Iterator[Constraint]:  # noqa: ANN401 - parsed YAML
    """Yield every constraint of the contract, or of a changed copy of it."""
    contract = document() if contract is None else contract
    yield from _constraints("/paths", contract["paths"])
    for kind in ("parameters", "headers", "requestBodies", "schemas"):
        yield from _constraints(f"/components/{kind}", contract["components"][kind])


def _constraints(where: str, node: Any) -> Iterator[Constraint]:  # noqa: ANN401 - parsed YAML
    if isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _constraints(f"{where}/{index}", inner)
    if not isinstance(node, dict):
        return
    named = where.rpartition("/")[2] in {"properties", "patternProperties", "schemas", "parameters"}
    for key, inner in node.items():
        is_free = key == "required" and inner is False
        if not named and key in CONSTRAINTS and not is_free:
            yield Constraint(where, key, inner)
        if named or key not in VALUES:
            yield from _constraints(f"{where}/{key.replace('/', '~1')}", inner)
