"""Steps of a scenario: each names the promises that it judges, and is left out when none is asked for.

So `--only` brings what the chosen promises need, and no more: no run, request or wait of other steps.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from actor_runs_conformance.testkit.context import CheckContext

P = ParamSpec("P")
T = TypeVar("T")


def step(
    *promises: str,
    waits: bool = False,
) -> Callable[
    [Callable[Concatenate[CheckContext, P], Awaitable[T]]],
    Callable[Concatenate[CheckContext, P], Coroutine[Any, Any, T | None]],
]:
    """Mark a part of a scenario, a coroutine function, by all the promises that it judges.

    It returns None when it is left out. It cannot judge a promise that it does not name. One that
    `waits` is left out too of a scenario that is wanted for its requests alone.
    """

    def decorate(
        function: Callable[Concatenate[CheckContext, P], Awaitable[T]],
    ) -> Callable[Concatenate[CheckContext, P], Coroutine[Any, Any, T | None]]:
        @wraps(function)
        async def part(ctx: CheckContext, /, *args: P.args, **kwargs: P.kwargs) -> T | None:
            if not ctx.wants(*promises, waits=waits):
                return None
            return await function(ctx.limited_to(promises), *args, **kwargs)

        return part

    return decorate
