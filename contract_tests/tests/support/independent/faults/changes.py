"""Changes of the Run object, and of which run is found, that several faults share."""

from collections.abc import Callable
from typing import Any

from tests.support.independent.rules import Json

GONE = object()
"""The value of a field that is taken away."""


def put(shown: Json, pointer: str, value: object) -> None:
    """Put a value at `a.b` of the Run object, or take it away."""
    *parents, key = pointer.split(".")
    for parent in parents:
        shown = shown.setdefault(parent, {})
    if value is GONE:
        shown.pop(key, None)
    else:
        shown[key] = value


def showing(pointer: str, value: object, *operations: str) -> Callable[..., None]:
    """Return what shows a value in the answers of some operations, or of all."""

    def change(shown: Json, _run: Any, operation: str) -> None:
        if not operations or operation in operations:
            put(shown, pointer, value)

    return change


def newest(*operations: str) -> Any:
    """Return what finds the newest run, whatever the path says."""

    def find(runs: Json, _name: str, operation: str) -> Any:
        return next(reversed(runs.values()), None) if operation in operations else None

    return find


def begins_with(*operations: str) -> Any:
    """Return what finds a run by the beginning of its id."""

    def find(runs: Json, name: str, operation: str) -> Any:
        found = (run for id_, run in runs.items() if id_.startswith(name))
        return next(found, None) if operation in operations else None

    return find


def previous(*operations: str) -> Any:
    """Return what finds the run that was started before the one that the path names."""

    def find(runs: Json, name: str, operation: str) -> Any:
        names = list(runs)
        if operation not in operations or name not in names:
            return None
        return runs[names[max(0, names.index(name) - 1)]]

    return find
