"""The target file (TOML): what a target does not support, each entry with its reason.

[promises]                       # promise id = reason
TSK-14 = "no pay-per-result Actors here"
[operations]                     # operationId = reason
abortActorRun = "the deprecated path is not offered"
[fields]                         # field of the Run object = reason
"stats.rebootCount" = "reboots are not counted"
[capabilities]                   # a need of checks that it does not meet = reason
receiver = "the target cannot reach this machine"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from actor_runs_conformance.ledger import contract
from actor_runs_conformance.ledger.ledger import present_id
from actor_runs_conformance.ledger.names import did_you_mean
from actor_runs_conformance.ledger.words import words
from actor_runs_conformance.target.toml_file import BadFileError, load, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

DECIDED_BY_OPTIONS = {"token", "time"}
"""Needs that no target file may deny: a token is given or not, and a profile has the time or not."""


@frozen
class TargetFile:
    """What is left out, each with its reason."""

    file: str = ""
    promises: Mapping[str, str] = field(factory=dict)
    operations: Mapping[str, str] = field(factory=dict)
    fields: Mapping[str, str] = field(factory=dict)
    capabilities: Mapping[str, str] = field(factory=dict)


def read_target(path: Path, *, promises: Iterable[str], operations: Iterable[str]) -> TargetFile:
    """Read a target file; earlier ids of promises are read as those of today.

    Raises:
        BadFileError: it cannot be read, or names something that does not exist.
    """
    known: dict[str, Collection[str]] = {
        "promises": list(promises),
        "operations": list(operations),
        "fields": sorted(contract.fields()),
        "capabilities": [need for need in words().needs if need not in DECIDED_BY_OPTIONS],
    }
    sections: dict[str, dict[str, str]] = {}
    for section, entries in load(path).items():
        if section not in known:
            raise BadFileError(f"{path}: no section [{section}]; {did_you_mean(section, known)}")
        if not isinstance(entries, dict):
            raise BadFileError(f"{path}: {section} is {entries!r}; write it as [{section}]")
        sections[section] = {}
        for given, reason in entries.items():
            name = present_id(given) if section == "promises" else given
            inside = section == "fields" and _open(name.rpartition(".")[0], known[section])
            if name not in known[section] and not inside:
                hint = did_you_mean(given, known[section])
                raise BadFileError(f"{path}: [{section}] {given!r}: {hint}")
            sections[section][name] = text(path, f"[{section}] {given}", reason, "the reason")
    return TargetFile(str(path), **sections)


def _open(path: str, names: Iterable[str]) -> bool:
    """Whether the contract names no field inside of the field at this path."""
    return path in names and not any(name.startswith(f"{path}.") for name in names)
