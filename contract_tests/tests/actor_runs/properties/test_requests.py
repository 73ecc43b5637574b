"""What Schemathesis draws for an operation leaves the client as it was drawn, or is refused."""

import pytest

from actor_runs import errors
from tests.support.client_wire import METHODS, PLACES
from tests.support.contract_cases import BROKEN, GOOD, bodies, cases, for_each
from tests.support.contract_judge import operations, parameters
from tests.support.drawn_calls import UNSAYABLE, received, said

pytestmark = [
    pytest.mark.client_properties,
    pytest.mark.filterwarnings("ignore:abort_actor_run uses a deprecated path"),
]

# What a case of these operations may have that no call says, though the contract allows it.
OPEN = {
    "runTask": {"a `memory` that is no power of two", "webhooks that are not Base64 of JSON"},
    "updateRun": {
        "an update whose `runId` is missing or is not the one in its path",
        "further properties in an update",
    },
}


def ids(operation: str) -> dict[str, str]:
    return {name: PLACES[name] for name in parameters(operation) if name in PLACES}


def given(operation: str, mode):
    """The cases of an operation with ids that are there, and webhooks where it takes them."""
    strategies = {"case": cases(operation, mode, path_parameters=ids(operation))}
    if "webhooks" in parameters(operation):
        strategies["webhooks"] = bodies("WebhookDefinitions", mode)
    return strategies


@pytest.mark.parametrize("operation", METHODS)
def test_good_cases_are_sent_as_they_were_drawn(operation, connect, serve):
    """Each value that the contract allows is in the request, and nothing else is."""
    server = serve()
    caller = connect(server.url)

    @for_each(100, **given(operation, GOOD))
    def _(**drawn):
        call = said(operation, **drawn)
        assert call.broken == []
        assert call.unsaid <= OPEN.get(operation, set())
        server.requests.clear()
        call(caller)
        assert [received(operation, sent) for sent in server.requests] == [call.request]


@pytest.mark.parametrize(
    "operation",
    [
        name
        for name in METHODS
        if parameters(name).keys() - PLACES or "requestBody" in operations()[name][2]
    ],
)
def test_broken_cases_are_refused_before_anything_is_sent(operation, connect, serve):
    """A value that the contract forbids is refused; what cannot be said is in the table."""
    server = serve()
    caller = connect(server.url)

    @for_each(200, **given(operation, BROKEN))
    def _(**drawn):
        call = said(operation, **drawn)
        assert call.unsaid <= UNSAYABLE.keys()
        if not call.possible or not call.broken:
            return
        try:
            call(caller)
        except errors.InvalidArgumentError:
            return
        pytest.fail(f"{call.broken} of {call.values} {call.task_input!r} was sent")

    assert server.requests == []


@pytest.mark.parametrize("operation", METHODS)
def test_ids_are_sent_as_they_were_drawn(operation, connect, serve):
    """An id that could lead elsewhere is refused; any other one is one segment of the path."""
    server = serve()
    caller = connect(server.url)

    @for_each(100, case=cases(operation, GOOD))
    def _(case):
        call = said(operation, case)
        names = [name for name in call.values if name in PLACES]
        server.requests.clear()
        if all(is_plain(call.values[name]) for name in names):
            call(caller)
            assert [received(operation, sent)["ids"] for sent in server.requests] == [
                {name: call.values[name] for name in names}
            ]
        else:
            with pytest.raises(errors.InvalidArgumentError):
                call(caller)
            assert server.requests == []


def is_plain(text: str) -> bool:
    """Whether an id can be nothing but one segment of a path."""
    return text.isprintable() and not {"/", "\\"} & set(text) and text not in {".", ".."}
