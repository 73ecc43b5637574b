"""What a promise cannot be judged without: ids of promises, and causes such as `offered:getRun`.

The ledger writes down what is peculiar to a promise; what follows from its operation, its needs
and the way it is checked is added here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.ledger.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actor_runs_conformance.ledger.ledger import Promise

BY_NEED = {"token": "token", "control": "fixture"}
READ = "getRun"


def of(promise: Promise) -> tuple[str, ...]:
    """Return what a promise depends on, the causes first, then the ids that the ledger names."""
    if promise.server.check is None:
        return promise.depends_on
    causes = (cause for cause in _causes(promise) if broken(cause) != promise.id)
    return tuple(dict.fromkeys((*causes, *promise.depends_on)))


def _causes(promise: Promise) -> Iterator[str]:
    yield "answers"
    yield from (cause for need, cause in BY_NEED.items() if need in promise.needs)
    if promise.operation == "any":
        return
    yield f"offered:{promise.operation}"
    if promise.server.kind == "invariant":
        return
    yield f"json:{promise.operation}"
    if "control" in promise.needs:  # What becomes of the run is seen by Get run.
        yield f"offered:{READ}"
        yield f"json:{READ}"


def broken(dependency: str) -> str | None:
    """Return the id of the one promise that is broken where this is missing; None if none is."""
    key, _, operation = dependency.partition(":")
    cause = words().causes.get(key)
    if cause is None:
        return dependency
    return cause.promises.get(operation or "any") or cause.promises.get("any")
