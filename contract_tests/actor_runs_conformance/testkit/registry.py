"""Every check there is, by name: what it judges, what it needs, what it costs.

A check registers itself by decorator. A test compares the registry with the ledger, both ways.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["invariant", "scenario", "generated"]
Function = TypeVar("Function", bound="Callable[..., Any]")


class Profile(IntEnum):
    """How much the suite may do to a target; each includes what the one before does."""

    READ_ONLY = 0
    SAFE = 1
    FULL = 2

    def __str__(self) -> str:
        """Return the name as the command line spells it."""
        return self.name.lower().replace("_", "-")


@frozen
class Check:
    """A check: its promises, and what running it takes.

    `runs` is how many runs it starts of its own; `uses` names the runs that it shares with other
    checks (see `cast`); `probes` says that it sends further starts, which a good target refuses;
    `seconds` is about how long it takes on a quick target.
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
        """The first line of what the function says of itself."""
        return (self.function.__doc__ or self.name).strip().splitlines()[0]


_CHECKS: dict[str, Check] = {}


def _register(check: Check) -> None:
    if check.name in _CHECKS and _CHECKS[check.name].function.__module__ != (
        check.function.__module__
    ):
        raise ValueError(f"two checks are called {check.name!r}")
    _CHECKS[check.name] = check


def invariant(
    *promises: str, profile: Profile = Profile.READ_ONLY
) -> Callable[[Function], Function]:
    """Register a function that judges every exchange: `(exchange, history) -> iterable of findings`.

    The exchanges come in the order in which they were received.
    """

    def decorate(function: Function) -> Function:
        _register(Check(function.__name__, "invariant", promises, function, profile))
        return function

    return decorate


def scenario(
    *promises: str,
    profile: Profile = Profile.SAFE,
    runs: int = 0,
    uses: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    operations: tuple[str, ...] = (),
    probes: bool = False,
    seconds: float = 1.0,
) -> Callable[[Function], Function]:
    """Register a coroutine function that brings a run into a state and judges: `(ctx) -> None`."""

    def decorate(function: Function) -> Function:
        _register(
            Check(
                function.__name__,
                "scenario",
                promises,
                function,
                profile,
                runs,
                uses,
                frozenset(needs),
                operations,
                probes,
                seconds,
            )
        )
        return function

    return decorate


def generated(*promises: str, profile: Profile = Profile.SAFE) -> Callable[[Function], Function]:
    """Register a check of the generated cases; what its function takes is the adapter's matter."""

    def decorate(function: Function) -> Function:
        _register(Check(function.__name__, "generated", promises, function, profile))
        return function

    return decorate


def registered() -> Mapping[str, Check]:
    """Return by name the checks whose modules are loaded; `checks.all_checks` loads them all."""
    return dict(_CHECKS)
