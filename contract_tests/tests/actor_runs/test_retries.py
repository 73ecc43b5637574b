"""When a request is sent again, and after how long."""

from __future__ import annotations

import re
import time
from email.utils import formatdate

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actor_runs import Retries, errors
from tests.support.client_wire import CALLS, STARTS, answer

ABOUT = {"method": "GET", "url": "http://127.0.0.1/"}


def refusal(kind, status, **headers):
    response = httpx.Response(status, headers=headers)
    return kind("no", status=status, type=None, response=response, **ABOUT)


# outcome: again for get, update, abort; for run task, reboot; for those when starts are repeated
TABLE = [
    (refusal(errors.RateLimitError, 429), True, True, True),
    (errors.NotConnectedError("no", **ABOUT), True, True, True),
    (refusal(errors.ServerError, 500), True, False, True),
    (refusal(errors.ServerError, 503), True, False, True),
    (errors.ConnectionLostError("no", **ABOUT), True, False, True),
    (errors.HttpTimeoutError("no", **ABOUT), True, False, True),
    (refusal(errors.InvalidRequestError, 400), False, False, False),
    (refusal(errors.UnauthorizedError, 401), False, False, False),
    (refusal(errors.MemoryLimitError, 402), False, False, False),
    (refusal(errors.JobFinishedError, 403), False, False, False),
    (refusal(errors.NotFoundError, 404), False, False, False),
    (refusal(errors.ApiError, 408), False, False, False),
    (errors.UnexpectedStatusError("no", **ABOUT), False, False, False),
    (errors.DecodeError(pointer="", value=1, expected="", **ABOUT), False, False, False),
]


@pytest.mark.parametrize(("error", "idempotent", "start", "asked"), TABLE)
def test_policy_is_the_table(error, idempotent, start, asked):
    """Each outcome is followed by another attempt, or not, as the table says."""
    plain, eager = Retries(), Retries(repeat_starts=True)
    first = {"attempt": 1, "remaining_secs": 60.0}
    assert [idempotent, start, idempotent, asked] == [
        retries.delay_secs(error, idempotent=kind, **first) is not None
        for retries, kind in [(plain, True), (plain, False), (eager, True), (eager, False)]
    ]


@given(attempt=st.integers(1, 60), first=st.floats(0.001, 10))
def test_delay_is_random_between_d_and_2d_and_d_doubles(attempt, first):
    """Before attempt n + 1 the client waits from D·2^(n-1) to twice that."""
    retries = Retries(first_delay_secs=first)
    delay = retries.delay_secs(TABLE[0][0], attempt=attempt, remaining_secs=1e12, idempotent=False)
    smallest = first * 2 ** min(attempt - 1, 30)
    assert smallest <= delay <= 2 * smallest


def test_delays_differ():
    """Clients that were refused together do not come back together."""
    delays = {
        Retries().delay_secs(TABLE[0][0], attempt=1, remaining_secs=60, idempotent=True)
        for _ in range(20)
    }
    assert len(delays) > 15
    assert all(0.5 <= delay <= 1.0 for delay in delays)


# Retry-After: shortest and longest wait that follows with D = 0.001
ASKED = {
    "": (0.001, 0.002),
    "0": (0.001, 0.002),
    "2": (2, 2),
    "1.5": (1.5, 1.5),
    "-3": (0.001, 0.002),
    "nan": (0.001, 0.002),
    "inf": (0.001, 0.002),
    "soon": (0.001, 0.002),
}
# Dates: seconds from now, and how the date is written.
DATES = {
    "in GMT, gone by": (-1000, {"usegmt": True}, (0.001, 0.002)),
    "in GMT": (1000, {"usegmt": True}, (500, 1000)),
    "with an offset": (1000, {"localtime": False}, (500, 1000)),
}


@pytest.mark.parametrize("text", ASKED)
def test_retry_after_is_waited_for(text):
    """Seconds count where they are longer than the client's own delay."""
    shortest, longest = ASKED[text]
    assert shortest <= delay_after(text) <= longest


@pytest.mark.parametrize(("secs", "spelling", "bounds"), DATES.values(), ids=DATES)
def test_retry_after_a_date_is_waited_for(secs, spelling, bounds):
    """A date counts where it is later than the client's own delay ends."""
    shortest, longest = bounds
    assert shortest <= delay_after(formatdate(time.time() + secs, **spelling)) <= longest


def delay_after(text):
    """Return how long a client waits that is asked to by this `Retry-After`."""
    error = refusal(errors.RateLimitError, 429, **{"retry-after": text})
    retries = Retries(first_delay_secs=0.001)
    return retries.delay_secs(error, attempt=1, remaining_secs=5000, idempotent=True)


@pytest.mark.parametrize(
    ("remaining", "asked", "again"),
    [(60, "59", True), (60, "61", False), (58, "59", False), (0, "", False), (-1, "", False)],
)
def test_no_attempt_begins_after_the_deadline(remaining, asked, again):
    """A wait that would end after the deadline is not begun."""
    error = refusal(errors.RateLimitError, 429, **{"retry-after": asked})
    delay = Retries().delay_secs(error, attempt=1, remaining_secs=remaining, idempotent=True)
    assert again is (delay is not None)


@pytest.mark.parametrize(
    "settings",
    [
        {"deadline_secs": -1},
        {"deadline_secs": "a"},
        {"deadline_secs": None},
        {"first_delay_secs": 0},
        {"first_delay_secs": float("inf")},
        {"repeat_starts": "no"},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings):
    """A negative deadline or no delay at all is a ValueError that shows it."""
    ((name, value),) = settings.items()
    text = f"{name} is {value!r}: expected"
    with pytest.raises(errors.InvalidArgumentError, match=re.escape(text)):
        Retries(**settings)


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_429_is_tried_again_with_growing_delays(method, connect, serve):
    """Every operation waits from D to 2D after the first 429, from 2D to 4D after the second."""
    busy = answer(429, {"error": {"type": "rate-limit-exceeded", "message": "Slower"}})
    server = serve(busy, busy, None)
    caller = connect(server.url, retries=Retries(first_delay_secs=0.05))
    getattr(caller, method)(*CALLS[method])
    first, second = (b - a for a, b in zip(server.times, server.times[1:], strict=False))
    assert first >= 0.05
    assert second >= 0.1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 408, 413, 415])
@pytest.mark.parametrize("method", ["get_run", "run_task"])
def test_other_4xx_are_not_tried_again(status, method, connect, serve):
    """A refusal that is not 429 ends the call after one request."""
    server = serve(answer(status, {"error": {"type": "some-type", "message": "No"}}))
    with pytest.raises(errors.ApiError):
        getattr(connect(server.url), method)(*CALLS[method])
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", CALLS)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_5xx_is_tried_again_unless_it_may_have_started_something(status, method, connect, serve):
    """A start is never sent twice where the first may have been seen; what is idempotent is."""
    server = serve(answer(status, b"down"), None)
    if method in STARTS:
        with pytest.raises(errors.ServerError):
            getattr(connect(server.url), method)(*CALLS[method])
    else:
        getattr(connect(server.url), method)(*CALLS[method])
    assert (1 if method in STARTS else 2) == len(server.requests)


@pytest.mark.parametrize(
    ("status", "error", "times"),
    [(401, errors.UnauthorizedError, 1), (404, errors.NotFoundError, 1), (503, None, 2)],
)
def test_refusal_that_cannot_be_decoded_is_one_all_the_same(status, error, times, connect, serve):
    """Where the body of a refusal is no gzip, though it says so, its status still counts."""
    server = serve(answer(status, b"no gzip", "Content-Encoding: gzip"), None)
    caller = connect(server.url)
    if error:
        with pytest.raises(error, match="an empty body"):
            caller.get_run("x")
    else:
        assert caller.get_run("x").id
    assert times == len(server.requests)
