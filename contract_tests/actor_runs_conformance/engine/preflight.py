"""Looks whether there is a target to check, and measures how quickly it answers.

A wrong URL, token or task is reported in one sentence. Wrong answers of a server do not end the
check here: they are for the checks to judge.
"""

from __future__ import annotations

import asyncio
import statistics
from http import HTTPStatus
from typing import TYPE_CHECKING

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.http.no_answer import NoAnswer
from actor_runs_conformance.http.requests import NOBODY
from actor_runs_conformance.http.transport import NoAnswerError
from actor_runs_conformance.testkit.api import OWN, NotExercisedError, ThrottledError
from actor_runs_conformance.testkit.starts import StartedRun

if TYPE_CHECKING:
    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.testkit.api import Api
    from actor_runs_conformance.testkit.fixtures import Fixtures
    from actor_runs_conformance.testkit.session import Session
    from actor_runs_conformance.testkit.starts import Starts

SAMPLES = 4


class PreflightError(Exception):
    """There is nothing to check; the message is one sentence saying what is wrong."""


async def look(session: Session, fixtures: Fixtures) -> None:
    """Look whether the target is there, and measure its latency.

    Raises:
        PreflightError: there is nothing to check.
    """
    api = fixtures.starts("first").api
    url = session.target.url
    try:
        first = await api.get(session.target.run or NOBODY)
    except NoAnswerError as error:
        raise PreflightError(no_answer(url, error)) from None
    except ThrottledError as error:
        raise PreflightError(f"{url}: {error}; try again when it takes requests.") from None
    if first.status != HTTPStatus.NOT_FOUND or session.target.run is not None:
        # An API may answer 404 with a page of HTML; the first start shows what it is.
        require_api(url, first)
    answered = (first.data or {}).get("id")
    if session.target.run is None and answered is not None and answered != NOBODY:
        session.remarks.append(
            f"Get run of an id that nobody has is answered with the run {answered!r}: the target seems "
            "to answer from examples, like a mock without state, and cannot keep promises about "
            "what happens to a run."
        )
    if first.status in {401, 403} and session.target.token is not None:
        anonymous = await _answer(api, token=None)
        if anonymous is None or anonymous.status not in {401, 403}:
            raise PreflightError(
                f"{url} refuses the token ({summary(first)}); look at APIFY_TOKEN or --token."
            )
        raise PreflightError(
            f"{url} refuses every reader, with the token and without ({summary(first)}); look at "
            "APIFY_TOKEN or --token."
        )
    if session.target.run is not None and first.status == 404:
        raise PreflightError(
            f"{url} knows no run {session.target.run!r} ({summary(first)}); look at --run."
        )
    times = []
    for _ in range(SAMPLES):
        exchange = await _answer(api, token=OWN)
        if exchange is not None and exchange.response is not None:
            times.append(exchange.response.seconds)
    session.latency = statistics.median(times) if times else 1.0


async def first_run(session: Session, fixtures: Fixtures) -> Exchange | None:
    """Start the first run, which is shared afterwards; return the answer of a target that refuses it.

    Raises:
        PreflightError: there is no answer, or it is not this API's.
    """

    async def start(starts: Starts) -> StartedRun:
        body = {"durationSecs": 1, "exitCode": 0} if session.target.controlled else None
        task = session.target.task or session.target.short_task
        exchange = await starts.start(body, task=task)
        data = exchange.data
        if exchange.response and exchange.response.ok and data and data.get("id"):
            return StartedRun(str(data["id"]), exchange, data)
        fixtures.refused_start = exchange
        raise NotExercisedError(f"no run could be started: {summary(exchange)}")

    try:
        await fixtures.provide("first", start)
    except NoAnswerError as error:
        raise PreflightError(no_answer(session.target.url, error)) from None
    except NotExercisedError:
        if fixtures.refused_start is not None:
            require_api(session.target.url, fixtures.refused_start)
    return fixtures.refused_start


def explain_refused_start(session: Session, exchange: Exchange, *, serves_nothing: bool) -> None:
    """Raise if a refused start shows that nothing can be checked; the checks judge all others.

    `serves_nothing` says that every other operation is answered like a path that cannot be.

    Raises:
        PreflightError: token, task or account are not as they need to be.
    """
    target, response = session.target, exchange.response
    assert response is not None
    task, answer = target.task or target.short_task, summary(exchange)
    if response.status in {401, 403}:
        raise PreflightError(
            f"{target.url} refuses to start {task!r} with this token ({answer}); "
            "look at APIFY_TOKEN and at whose task it is."
        )
    if response.status == 402:
        raise PreflightError(f"the account cannot start another run now ({answer}).")
    if response.status == 404 and response.error_type is not None and serves_nothing:
        raise PreflightError(
            f"{target.url} answers {answer} to all operations, as to a path that cannot be: it serves "
            f"nothing of this API below /v2, or knows no task {task!r}; give as URL what stands before "
            "/v2, and --task as id or user~task."
        )
    if response.status == 404 and response.error_type is not None:
        raise PreflightError(
            f"{target.url} knows no task {task!r} ({answer}); give --task as id or user~task, "
            "and as URL what stands before /v2."
        )
    if response.status == 404:
        raise PreflightError(
            f"{target.url} answers 404 to everything, for the task {task!r} too, and without an "
            "error object: it does not serve this API below /v2."
        )


def require_api(url: str, exchange: Exchange) -> None:
    """Raise if the target is not this API.

    Raises:
        PreflightError: it redirects, or serves HTML.
    """
    response = exchange.response
    assert response is not None
    if 300 <= response.status < 400:
        where = response.header("location")
        away = f" to {where}" if where else ""
        loop = " that is, to itself;" if where and where == exchange.request.url else ""
        raise PreflightError(
            f"{url} redirects{away} ({response.status});{loop} give the address of the API itself."
        )
    kind = (response.header("content-type") or "").lower()
    start = response.body[:200].lstrip().lower()
    if "html" in kind or start.startswith((b"<!doctype html", b"<html")):
        raise PreflightError(
            f"{url} answers with an HTML page ({response.status}) instead of JSON: that is a web "
            "site or a proxy, not the API; give what stands before /v2."
        )
    if response.body and response.json is None and response.body.strip() != b"null":
        raise PreflightError(
            f"{url} answers with something that is not JSON ({response.status}): "
            "it is not the API; give what stands before /v2."
        )


def no_answer(url: str, error: NoAnswerError) -> str:
    """Return one sentence for a target that does not answer."""
    problem = str(error.exchange.error)
    match error.exchange.no_answer:
        case NoAnswer.REFUSED:
            return f"Nobody listens at {url}: connection refused; is the server started?"
        case NoAnswer.TIMEOUT:
            return f"{url} takes the connection and then says nothing: {problem}."
        case NoAnswer.TLS:
            return f"No secure connection to {url}: {problem}."
        case NoAnswer.BAD_REDIRECT:
            problem = problem.removesuffix(".")
            return f"{url} answers with {problem}; give the address of the API itself."
        case NoAnswer.NO_CONNECTION:
            problem = problem.removeprefix("cannot connect: ")
            return f"Cannot reach {url}: {problem}; look at the URL."
    return f"{url} does not answer like an HTTP server: {problem}."


async def _answer(api: Api, *, token: str | None) -> Exchange | None:
    try:
        return await api.get(api.session.target.run or NOBODY, token=token)
    except (NoAnswerError, ThrottledError):
        return None


async def measure_loop_lag(session: Session) -> None:
    """Measure for ever how late the event loop is; the bounds for the target grow with it."""
    while True:
        before = session.log.now()
        await asyncio.sleep(0.2)
        late = session.log.now() - before - 0.2
        session.loop_lag = max(late, session.loop_lag * 0.97)
