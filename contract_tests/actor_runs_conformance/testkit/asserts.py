"""Questions that several scenarios ask of an answer, and judgements that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.testkit.api import NotExercisedError
from actor_runs_conformance.testkit.run_fields import FIGURES, MAY_CHANGE_AFTER_END, changed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue
    from actor_runs_conformance.testkit.context import CheckContext


def details(exchange: Exchange) -> Mapping[str, Any]:
    """Return the Run object of an answer that has to have one.

    Raises:
        UnreachableError: it has none.
    """
    data = exchange.data
    if exchange.response is None or not exchange.response.ok or data is None or not data.get("id"):
        raise NotExercisedError(f"no run in the answer: {summary(exchange)}")
    return data


def about(exchange: Exchange, run: str, status: int = 200) -> bool:
    """Whether an answer has this status and is about this run."""
    return exchange.status == status and (exchange.data or {}).get("id") == run


def message_of(exchange: Exchange) -> JsonValue:
    """Return the status message that an answer shows; None when it shows none."""
    return (exchange.data or {}).get("statusMessage")


async def judge_unchanged(
    ctx: CheckContext, promise: str, before: Exchange, call: Exchange, *, what: str
) -> bool:
    """Judge that a call answered 200 and left a finished run as it was before; return whether.

    The answer itself is compared, and the run again when no replica can be behind.
    """
    run = str(details(before)["id"])
    if not ctx.judge(
        promise,
        before,
        call,
        kept=about(call, run),
        message=f"{what} is answered {summary(call)}.",
        expected=f"200 with the run {run}",
        observed=summary(call),
    ):
        return False
    await ctx.api.wait_for_replicas()
    after = await ctx.api.get(run)
    for answer in (call, after):
        changes = changed(details(before), details(answer), MAY_CHANGE_AFTER_END | FIGURES)
        if not ctx.judge(
            promise,
            before,
            *([call] if answer is after else []),
            answer,
            kept=not changes,
            message=f"{what} changes the run: {', '.join(changes)}.",
            expected={name: details(before).get(name) for name in changes},
            observed={name: details(answer).get(name) for name in changes},
        ):
            return False
    return True
