"""The ledger as the suite reads it: every promise, checked for its form and immutable.

The data lies in `actor_runs_spec`: `documents.yaml` names the sources, `ledger/*.yaml` has the
promises, a file a subject. `load()` reads them all in the order of the subjects in `words.yaml`,
then of the files; `as_of()` returns what was promised in an earlier version.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import attrs

from actor_runs_conformance.ledger.entries import parse
from actor_runs_conformance.ledger.promise import ANY, Promise
from actor_runs_conformance.ledger.words import LedgerError, read, versions, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actor_runs_conformance.ledger.promise import Level


def _by_id(promises: Iterable[Promise]) -> dict[str, Promise]:
    found: dict[str, Promise] = {}
    for promise in promises:
        if promise.id in found:
            raise LedgerError(
                f"ledger/{promise.subject}.yaml: {promise.id}: the id is taken "
                f"in ledger/{found[promise.id].subject}.yaml"
            )
        found[promise.id] = promise
    return found


@cache
def load() -> tuple[Promise, ...]:
    """Return every promise; raise LedgerError that names file and id when an entry is wrong."""
    folder = files("actor_runs_spec") / "ledger"
    found = {file.name.removesuffix(".yaml"): file for file in folder.iterdir()}
    found = {name: file for name, file in found.items() if file.name.endswith(".yaml")}
    if set(found) != set(words().subjects):
        unmatched = sorted(set(found) ^ set(words().subjects))
        raise LedgerError(
            f"ledger/{unmatched[0]}.yaml: a file of the ledger has a title in words.yaml, under "
            "`subjects`, and each title there a file"
        )
    promises = [promise for name in words().subjects for promise in parse(read(found[name]), name)]
    return tuple(_by_id(promises).values())


@cache
def by_id() -> Mapping[str, Promise]:
    """Return every promise by its id."""
    return {promise.id: promise for promise in load()}


@cache
def by_check() -> Mapping[str, tuple[Promise, ...]]:
    """Return the promises that each check of servers judges, by the name of the check.

    Those that name it as their `check` come first; promises that operations share come last.
    """
    found: dict[str, list[tuple[bool, bool, Promise]]] = {}
    for promise in load():
        side = promise.server
        for name in (side.check, *side.further):
            if name is not None:
                entry = (name != side.check, promise.operation == ANY, promise)
                found.setdefault(name, []).append(entry)
    return {
        name: tuple(promise for *_, promise in sorted(entries, key=lambda entry: entry[:2]))
        for name, entries in found.items()
    }


@cache
def present_id(name: str) -> str:
    """Return the id under which a promise stands today: another one where `also` has this one."""
    return next((promise.id for promise in load() if name in promise.also), name)


def as_of(version: str) -> tuple[Promise, ...]:
    """Return what was promised in a version of the ledger, each with its level of then.

    Raises:
        LedgerError: there is no such version; the message names those there are.
    """
    known = list(versions())
    if version not in known:
        raise LedgerError(f"{version!r} is no version of the ledger: {', '.join(known)}")
    then = known.index(version)
    return tuple(
        attrs.evolve(promise, level=_level_then(promise, known, then))
        for promise in load()
        if known.index(promise.since) <= then
    )


def _level_then(promise: Promise, known: list[str], then: int) -> Level:
    """Return the level in a version: that of the first change after it, or today's."""
    for version in known[then:]:
        if version in promise.was:
            return promise.was[version]
    return promise.level
