"""How long a run took is bounded from both sides, by its own dates where it has them."""

import pytest
from attrs import evolve

from actor_runs_conformance.testkit.history import LAG
from actor_runs_conformance.testkit.run_times import ROUNDING, Span, own_seconds, until_end
from actor_runs_conformance.testkit.starts import StartedRun
from tests.support.hand_made import RUN, exchange, run_object

ENDED = {"status": "SUCCEEDED", "exitCode": 0}


def seen(sent, received, **values):
    return evolve(exchange(run_object(**values), sent=sent), ended=received)


def started(sent, received, **values):
    start = seen(sent, received, **values)
    return StartedRun(RUN, start, start.data)


def at(seconds):
    return f"2026-01-01T00:00:{seconds:06.3f}Z"


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({**ENDED, "finishedAt": at(5)}, 5.0),
        ({**ENDED, "finishedAt": None}, None),
        ({**ENDED, "finishedAt": "soon"}, None),
        ({"status": "RUNNING", "finishedAt": at(5)}, None),
        ({**ENDED, "startedAt": at(6), "finishedAt": at(5)}, None),
    ],
)
def test_own_seconds(values, seconds):
    """A run that has ended shows by its dates how long it took; any other does not."""
    assert own_seconds(run_object(**values)) == seconds


def test_without_dates_the_poll_bounds_it():
    """A poll sees an end late: by what a replica may be behind, and by how late answers come."""
    run, request = started(0.0, 0.5), seen(2.0, 2.1)
    span = until_end(run, request, seen(9.5, 10.0, **ENDED, finishedAt=None), late=1.0)
    assert span.most == 8.0
    assert 7.5 - LAG - 1.5 < span.least < 7.5 - LAG - 1.0


def test_dates_bound_it_more_closely():
    """The start lies within the exchange that started the run, so its dates tell when it ended."""
    run, request = started(0.0, 0.5), seen(2.0, 2.1)
    span = until_end(run, request, seen(11.0, 12.0, **ENDED, finishedAt=at(10)), late=1.0)
    assert (span.least, span.most) == (10.0 - 2.0 - ROUNDING, 10.0 - 1.5 + ROUNDING)


def test_a_start_that_may_be_later_gives_no_upper_bound():
    """A date of the start that the answer to it did not show may be that of a later restart."""
    run = started(0.0, 0.5, startedAt=at(1))
    span = until_end(run, seen(2.0, 2.1), seen(11.0, 12.0, **ENDED, finishedAt=at(10)), late=1.0)
    assert span.most == 10.0


def test_a_span_is_never_shown_as_negative():
    """What is said of a span begins at 0."""
    assert str(Span(-2.0, 1.0)) == "0.0 to 1.0 s"
