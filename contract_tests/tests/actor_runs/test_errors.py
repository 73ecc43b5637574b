"""The errors: their tree, and which answer becomes which."""

from __future__ import annotations

import copy
import inspect
import pickle
import re

import pytest

from actor_runs import ActorRunsError, Retries, errors
from tests.support.client_wire import CALLS, METHODS, answer
from tests.support.contract_judge import operations

ONCE = Retries(deadline_secs=0)
DOCUMENTED = [
    (METHODS[operation], int(status))
    for operation, (_, _, definition) in operations().items()
    for status in definition["responses"]
    if status.isdecimal() and int(status) >= 400
]

# status, type: class
CLASSES = [
    (400, "invalid-request", errors.InvalidRequestError),
    (400, "invalid-input", errors.InvalidInputError),
    (403, "invalid-input", errors.InvalidInputError),
    (400, "invalid-input-schema", errors.InvalidInputError),
    (401, "token-not-provided", errors.UnauthorizedError),
    (401, "user-or-token-not-found", errors.UnauthorizedError),
    (402, "actor-memory-limit-exceeded", errors.MemoryLimitError),
    (402, "concurrent-runs-limit-exceeded", errors.ConcurrentRunsLimitError),
    (402, "not-enough-usage-to-run-paid-actor", errors.PaymentRequiredError),
    (403, "insufficient-permissions", errors.ForbiddenError),
    (403, "job-finished", errors.JobFinishedError),
    (404, "record-not-found", errors.NotFoundError),
    (404, "record-or-token-not-found", errors.NotFoundError),
    (405, "method-not-allowed", errors.ApiError),
    (413, "request-too-large", errors.ApiError),
    (415, "unsupported-content-encoding", errors.ApiError),
    (429, "rate-limit-exceeded", errors.RateLimitError),
    (500, "internal-server-error", errors.ServerError),
    (503, "job-finished", errors.ServerError),
    (400, "a-type-of-tomorrow", errors.InvalidRequestError),
    (499, "a-type-of-tomorrow", errors.ApiError),
]


def tree(kind, depth=0):
    yield depth, kind.__name__
    for child in kind.__subclasses__():
        yield from tree(child, depth + 1)


def test_tree_is_as_drawn():
    """The tree at the top of the module is the tree of the classes."""
    lines = [line for line in errors.__doc__.splitlines() if "── " in line]
    drawn = [
        (len(re.match(r"[│├└─ ]*", line).group()) // 4, re.search(r"\w+Error", line).group())
        for line in lines
    ]
    assert [(0, "ActorRunsError"), *drawn] == list(tree(ActorRunsError))


def test_every_error_is_described():
    """Each class says what it means."""
    assert all(kind.__doc__ for _, kind in inspect.getmembers(errors, inspect.isclass))


@pytest.mark.parametrize(("status", "kind", "expected"), CLASSES)
def test_status_and_type_give_the_class(status, kind, expected, connect, serve):
    """A refusal becomes the class of its type, or of its status, with all that is known."""
    server = serve(answer(status, {"error": {"type": kind, "message": "Because."}}, "X-Test: 1"))
    caller = connect(server.url, retries=ONCE)
    with pytest.raises(errors.ApiError) as caught:
        caller.reboot_run("abc")
    error = caught.value
    assert expected is type(error)
    assert (status, kind, "Because.") == (error.status, error.type, error.message)
    assert ("POST", f"{server.url}/v2/actor-runs/abc/reboot") == (error.method, error.url)
    assert error.response.headers["x-test"] == "1"
    assert f"{status} {kind}: Because. (POST {error.url})" == str(error)


@pytest.mark.parametrize(("method", "status"), DOCUMENTED)
@pytest.mark.filterwarnings("ignore:abort_actor_run:DeprecationWarning")
def test_every_documented_refusal_is_an_api_error(method, status, connect, serve):
    """Each status that the contract lists for an operation is raised with its status and type."""
    server = serve(answer(status, {"error": {"type": "some-type", "message": "No."}}))
    caller = connect(server.url, retries=ONCE)
    with pytest.raises(errors.ApiError) as caught:
        getattr(caller, method)(*CALLS[method])
    assert (status, "some-type", "No.") == (
        caught.value.status,
        caught.value.type,
        caught.value.message,
    )
    assert errors.BY_STATUS.get(status, errors.ApiError) is type(caught.value)


def test_documented_refusals_are_found():
    """The table of the contract is read: every operation, six refusals or more each."""
    assert set(CALLS) == {method for method, _ in DOCUMENTED}
    assert len(DOCUMENTED) >= 6 * len(CALLS)


@pytest.mark.parametrize("odd", [None, 5, ["record-not-found"]])
def test_type_that_is_no_text_is_none(odd, connect, serve):
    """Where the type is not as documented there is none; the message is shown all the same."""
    server = serve(answer(404, {"error": {"type": odd, "message": "Gone for good."}}))
    with pytest.raises(errors.NotFoundError, match="404 without a type: Gone for good") as caught:
        connect(server.url).get_run("x")
    assert caught.value.type is None


@pytest.mark.parametrize(("location", "told"), [("Location: /", True), ("X-Y: z", False)])
def test_only_a_redirect_is_called_one(location, told, connect, serve):
    """That redirects are not followed is said of redirects only."""
    server = serve(answer(302 if told else 204, b"", location))
    with pytest.raises(errors.UnexpectedStatusError) as caught:
        connect(server.url).get_run("x")
    assert ("redirects are not followed" in str(caught.value)) is told


def test_further_keys_of_an_error_stay_reachable(connect, serve):
    """Whatever else the server says is in the response."""
    body = {"error": {"type": "invalid-input", "message": "No.", "data": {"at": "url"}}}
    with pytest.raises(errors.InvalidInputError) as caught:
        connect(serve(answer(400, body)).url).run_task("a~b", {})
    assert body == caught.value.response.json()


@pytest.mark.parametrize("copied", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_errors_cross_processes(copied):
    """An error survives pickling with its attributes."""
    about = {"method": "GET", "url": "http://x/"}
    refusal = errors.NotFoundError("No.", status=404, type="record-not-found", **about)
    broken = errors.DecodeError(pointer="/data/id", value=1, expected="a string", **about)
    for error in (refusal, broken):
        other = copied(error)
        assert (type(error), str(error), vars(error)) == (type(other), str(other), vars(other))
