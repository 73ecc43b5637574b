"""Every check there is, by name: what it judges, what it needs, what it costs.

A check registers itself by decorator, under the name of its function. What it judges and needs is
in the ledger: the promises whose `server` names it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from attrs import evolve, field, frozen

from actor_runs_conformance.ledger import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["invariant", "scenario", "generated"]
Function = TypeVar("Function", bound="Callable[..., Any]")


class Profile(IntEnum):
    """How much the suite may do to a target; each includes what the one before does."""

    READ_ONLY = 0
    SAFE = 1
    FULL = 2
    THOROUGH = 3

    def __str__(self) -> str:
        return self.name.lower().replace("_", "-")


@frozen
class Check:
    """A check: its promises, and what running it takes.

    Attributes:
        promises: the ids of what it judges.
        profile: the least profile that runs it.
        runs: how many runs it starts of its own.
        uses: the runs that it shares with other checks (see `fixtures`).
        needs: what a target must have for any of its promises; see `words.yaml`.
        operations: the `operation` of each of its promises.
        probes: whether it sends further starts, which a good target refuses.
        seconds: about how long it takes on a quick target.
    """

    name: str
    kind: Kind
    promises: tuple[str, ...]
    function: Callable[..., Any] = field(eq=False, repr=False)
    profile: Profile = Profile.FULL
    runs: int = 0
    uses: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    operations: tuple[str, ...] = ()
    probes: bool = False
    seconds: float = 1.0

    @property
    def title(self) -> str:
        """The first line of the function's docstring."""
        return (self.function.__doc__ or self.name).strip().splitlines()[0]


_CHECKS: dict[str, Check] = {}


def _register(check: Check, *, needs_token: bool = False) -> None:
    """Add a check, with what the ledger says of it."""
    earlier = _CHECKS.get(check.name)
    if earlier is not None and earlier.function.__module__ != check.function.__module__:
        raise ValueError(f"two checks are called {check.name!r}")
    promises = ledger.by_check().get(check.name, ())
    own = [promise for promise in promises if promise.server.check == check.name] or promises
    # Most checks run without a token where the user gave none: whether one is needed is judged.
    needs = set.intersection(*(set(promise.needs) for promise in own)) - {"token"} if own else set()
    _CHECKS[check.name] = evolve(
        check,
        promises=tuple(promise.id for promise in promises),
        needs=frozenset(needs | {"token"} if needs_token else needs),
        operations=tuple(promise.operation for promise in promises),
    )


def invariant(function: Function) -> Function:
    """Register a function that judges every exchange: `(exchange, history) -> iterable of findings`.

    The exchanges come in the order in which they were received.
    """
    _register(Check(function.__name__, "invariant", (), function, Profile.READ_ONLY))
    return function


def scenario(
    *,
    profile: Profile = Profile.SAFE,
    runs: int = 0,
    uses: tuple[str, ...] = (),
    needs_token: bool = False,
    probes: bool = False,
    seconds: float = 1.0,
) -> Callable[[Function], Function]:
    """Register a coroutine function that brings a run into a state and judges: `(ctx) -> None`.

    `needs_token` is for a check that says nothing of a target that is called without a token; the
    other arguments are those of `Check`.
    """

    def decorate(function: Function) -> Function:
        check = Check(
            function.__name__,
            "scenario",
            (),
            function,
            profile,
            runs=runs,
            uses=uses,
            probes=probes,
            seconds=seconds,
        )
        _register(check, needs_token=needs_token)
        return function

    return decorate


def generated(*, profile: Profile = Profile.SAFE) -> Callable[[Function], Function]:
    """Register a property test, which judges what came of the generated cases."""

    def decorate(function: Function) -> Function:
        _register(Check(function.__name__, "generated", (), function, profile))
        return function

    return decorate


def registered() -> Mapping[str, Check]:
    """Return by name the checks whose modules are loaded; `checks.all_checks` loads them all."""
    return dict(_CHECKS)
