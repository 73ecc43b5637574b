"""What it says of a target that a request of a scenario had no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.http.no_answer import NoAnswer
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.results.finding import broken
from actor_runs_conformance.testkit.api import Api, NotExercisedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actor_runs_conformance.testkit.registry import Check
    from actor_runs_conformance.testkit.session import Session

NOT_THE_TARGETS = frozenset({NoAnswer.BAD_URL, NoAnswer.TOO_LARGE, NoAnswer.NOT_SENT})
"""Why there is no answer that shows nothing about the target."""


async def judge_no_answer(
    session: Session, check: Check, promises: Iterable[str], error: NoAnswerError
) -> str:
    """Judge a request without an answer: broken only if the target answers all else.

    Returns:
        Why the check could not go on, for the promises it did not reach.
    """
    exchange = error.exchange
    request = f"{exchange.request.method} {exchange.request.url.partition('?')[0]}"
    problem = f"{request}: {exchange.error}"
    try:
        control = await Api(session, check.name).get(NOBODY)
    except (NoAnswerError, NotExercisedError):
        return f"the target stopped answering ({problem})"
    related = [
        name
        for name in promises
        if exchange.operation and session.ledger[name].holds_for(exchange.operation)
    ]
    # A request that was not sent shows nothing, nor does an answer that we do not read. A start is
    # not repeated, and the requests of a fixture are not judged by this scenario.
    if (
        exchange.no_answer in NOT_THE_TARGETS
        or exchange.operation == "runTask"
        or exchange.check != check.name
        or not related
    ):
        return f"no answer to {problem}"
    again = await session.transport.once(error.request, check=check.name)
    if again.response is not None:
        return f"no answer at first ({problem}), though there was one later"
    message = f"No answer to {problem}, again and again, while other requests are answered."
    finding = broken(related[0], message, "an HTTP answer", exchange.error)
    session.findings.add(check.name, finding, control, again)
    return f"no answer to {problem}"
