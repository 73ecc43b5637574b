"""The statuses of a run: which there are, and which of them end it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from actor_runs_conformance.ledger import contract

if TYPE_CHECKING:
    from collections.abc import Mapping

TERMINAL = frozenset({"SUCCEEDED", "FAILED", "ABORTED", "TIMED-OUT"})
"""The statuses that a run only leaves by being resurrected; the contract says so in words."""

ENDING = frozenset({"ABORTING", "TIMING-OUT"})
"""The statuses of a run that is on its way to an end."""


@cache
def all_statuses() -> tuple[str, ...]:
    """Return every status that the contract lists, in its order."""
    return contract.enum("RunStatus")


def has_ended(run: Mapping[str, Any]) -> bool:
    """Return whether a Run object shows a terminal status; its status may be any JSON value."""
    return str(run.get("status")) in TERMINAL


def runs_or_ended(run: Mapping[str, Any]) -> bool:
    """Return whether a Run object shows a run that is RUNNING or has ended."""
    return run.get("status") == "RUNNING" or has_ended(run)
