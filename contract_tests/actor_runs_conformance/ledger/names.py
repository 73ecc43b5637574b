"""What people type where promises are meant: an id in any case, a pattern, an operation."""

from __future__ import annotations

import difflib
import re
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.ledger.contract import operations
from actor_runs_conformance.ledger.promise import ABORT, ABORTS, ANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SPELLED = re.compile(
    r"(?P<family>[a-z]{3})[-_ ]?0*(?P<number>\d{1,2})(?P<letter>[a-z]?)", re.IGNORECASE
)
"""An id however it is written, such as RBT2."""
LISTED = 8


@cache
def spellings() -> Mapping[str, str]:
    """Return every id, earlier id and operation as it is spelled, by its lower case."""
    names = [promise.id for promise in ledger.load()]
    names += [other for promise in ledger.load() for other in promise.also]
    names += [promise.operation for promise in ledger.load()] + list(operations())
    return {name.lower(): name for name in names}


def meant(name: str) -> tuple[str, ...]:
    """Return the ids that a name stands for, in the ledger's order; none when it is unknown.

    The name is an id, an earlier id, an operation or a pattern of ids such as `RBT-*`. What stands
    behind an `@` is the check to judge it by, and does not count here.
    """
    name = name.partition("@")[0]
    found = spellings().get(name.lower(), name)
    wanted = ledger.present_id(found)
    return tuple(
        promise.id
        for promise in ledger.load()
        if promise.id == wanted
        or promise.operation == found
        or (promise.operation == ABORT and found in ABORTS)
        or fnmatchcase(promise.id.lower(), name.lower())
    )


def operation_title(operation: str) -> str:
    """Return what a heading calls the `operation` of a promise."""
    return {ANY: "every operation", ABORT: "the abort"}.get(operation, operation)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint for an unknown name: how it is spelled, its family, what is near it, or all."""
    names = list(dict.fromkeys(known))
    lower = {one.lower(): one for one in names}
    spelled = SPELLED.fullmatch(name)
    if spelled:
        as_id = f"{spelled['family']}-{int(spelled['number']):02d}{spelled['letter']}".lower()
        if as_id in lower:
            return f"did you mean {lower[as_id]!r}?"
    family = [one for one in names if name and one.lower().startswith(f"{name.lower()}-")]
    if family:
        return f"there are {family[0]} to {family[-1]}"
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.5)
    if near:
        return f"did you mean {lower[near[0]]!r}?"
    return f"there are: {', '.join(names[:LISTED])}{', …' if len(names) > LISTED else ''}"
