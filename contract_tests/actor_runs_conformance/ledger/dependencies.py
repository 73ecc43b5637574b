"""What a promise cannot be judged without: ids of promises, and causes such as `offered:getRun`.

The ledger writes down what is peculiar to a promise; what follows from its operation, its needs
and the way it is checked is added here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.ledger.words import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

BY_NEED = {"token": "token", "control": "fixture"}
READ = "getRun"


def of(
    promise: str,
    *,
    operation: str,
    needs: Collection[str],
    invariant: bool,
    named: Collection[str],
) -> tuple[str, ...]:
    """Return what a promise that has a check depends on: the causes first, then those `named`.

    `invariant` says that the check judges every answer. `named` is what the ledger writes down.
    """
    causes = (
        cause
        for cause in _causes(operation, needs, invariant=invariant)
        if broken(cause) != promise
    )
    return tuple(dict.fromkeys((*causes, *named)))


def _causes(operation: str, needs: Collection[str], *, invariant: bool) -> Iterator[str]:
    yield "answers"
    yield from (cause for need, cause in BY_NEED.items() if need in needs)
    if operation == "any":
        return
    yield f"offered:{operation}"
    if invariant:
        return
    yield f"json:{operation}"
    if "control" in needs:  # What becomes of the run is seen by Get run.
        yield f"offered:{READ}"
        yield f"json:{READ}"


def broken(dependency: str) -> str | None:
    """Return the id of the one promise that is broken where this is missing; None if none is."""
    key, _, operation = dependency.partition(":")
    cause = words().causes.get(key)
    if cause is None:
        return dependency
    return cause.promises.get(operation or "any") or cause.promises.get("any")
