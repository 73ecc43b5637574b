"""The words of the ledger and its versions: `words.yaml` and `versions.yaml`, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import yaml
from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from actor_runs_conformance.ledger.json_value import JsonValue

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LedgerError(ValueError):
    """An entry of the ledger is not as it must be; the message names file and id."""


@frozen
class Cause:
    """Why several promises cannot be judged; `promises` has the one that is broken then.

    It is keyed by operation, or by `any` when it is the same one for all.
    """

    meaning: str
    promises: Mapping[str, str] = field(factory=dict)


@frozen
class Words:
    """Titles of subjects and meanings of levels, scopes, needs and causes, by key, in order."""

    subjects: Mapping[str, str]
    levels: Mapping[str, str]
    scopes: Mapping[str, str]
    needs: Mapping[str, str]
    causes: Mapping[str, Cause]


def read(file: Traversable) -> JsonValue:
    """Return what a YAML file holds; raise LedgerError that names it when it is not YAML."""
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
    except yaml.YAMLError as error:
        raise LedgerError(f"{file.name}: not YAML: {error}") from error


@cache
def words() -> Words:
    """Return the words of `words.yaml`."""
    found = read(files("actor_runs_spec") / "words.yaml")
    causes = {key: Cause(**cause) for key, cause in found.pop("causes").items()}
    return Words(**found, causes=causes)


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of the ledger, the oldest first, each with what it brought."""
    found: Mapping[str, str] = read(files("actor_runs_spec") / "versions.yaml")
    return found


def version() -> str:
    """Return the present version of the ledger."""
    return list(versions())[-1]
