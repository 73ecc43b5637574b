"""Reads answers about a run: which run, in which status, with which message or error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actor_runs_conformance.http.exchange import summary
from actor_runs_conformance.testkit.api import NotExercisedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Exchange
    from actor_runs_conformance.ledger.json_value import JsonValue


def details(exchange: Exchange) -> Mapping[str, Any]:
    """Return the Run object of an answer that has to have one.

    Raises:
        NotExercisedError: it has none.
    """
    data = exchange.data
    if not accepted(exchange) or data is None or not data.get("id"):
        raise NotExercisedError(f"no run in the answer: {summary(exchange)}")
    return data


def accepted(exchange: Exchange) -> bool:
    """Whether a request was answered with 2xx."""
    return exchange.response is not None and exchange.response.ok


def about(exchange: Exchange, run: str, status: int = 200) -> bool:
    """Whether an answer has this status and is about this run."""
    return exchange.status == status and (exchange.data or {}).get("id") == run


def seconds_of(exchange: Exchange) -> float:
    """Return the seconds from the request to the end of its answer."""
    return exchange.received - exchange.sent


def message_of(exchange: Exchange) -> JsonValue:
    """Return the status message that an answer shows; None when it shows none."""
    return (exchange.data or {}).get("statusMessage")


def error_type_of(exchange: Exchange) -> str | None:
    """Return the error type of an answer; None when it has none."""
    return exchange.response.error_type if exchange.response else None
