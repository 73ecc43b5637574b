"""What Schemathesis draws for an answer decodes without loss, or raises at the place that is wrong."""

import datetime as dt
import json
from collections import Counter
from typing import Any

import pytest

from actor_runs import errors
from tests.support.client_wire import RUN_ID, answer
from tests.support.contract_cases import BROKEN, GOOD, bodies, for_each
from tests.support.contract_judge import component, judge, operations, violations

pytestmark = pytest.mark.client_properties

STATUSES = sorted(
    {
        int(status)
        for _, _, definition in operations().values()
        for status in definition["responses"]
        if status.startswith("4")
    }
)


def reply(content: Any, status: int = 200) -> bytes:
    return answer(status, content if isinstance(content, bytes) else json.dumps(content).encode())


def about(run_id: str, envelope: dict) -> dict:
    return {**envelope, "data": {**envelope["data"], "id": run_id}}


@pytest.fixture
def called(connect, serve):
    """Give what a Get run makes of an answer."""
    server = serve()
    caller = connect(server.url)

    def call(content: bytes):
        server.script = (content,)
        return caller.get_run(RUN_ID)

    return call


def test_good_answers_come_back_as_they_were_drawn(called):
    """Every value of a run that keeps the contract comes back, nulls and absences included."""
    dates = Counter()

    @for_each(200, envelope=bodies("RunEnvelope", GOOD))
    def _(envelope):
        sent = about(RUN_ID, envelope)
        assert judge(component("RunEnvelope")).is_valid(sent)
        assert differences(called(reply(sent)).to_dict(), sent["data"], dates) == []

    assert dates["startedAt"] >= 200


def test_broken_answers_raise_at_a_place_that_is_wrong(called):
    """A body that breaks the contract raises, with a pointer to a value that breaks it."""
    judgement = judge(component("RunEnvelope"))
    pointers = Counter()

    @for_each(400, content=bodies("RunEnvelope", BROKEN))
    def _(content):
        if not isinstance(content, bytes) and judgement.is_valid(content):
            return
        with pytest.raises(errors.DecodeError) as caught:
            called(reply(content))
        pointer = caught.value.pointer
        pointers[pointer.count("/")] += 1
        if isinstance(content, bytes):
            assert pointer == ""
        else:
            assert pointer in set(violations(judgement.iter_errors(content)))
            assert caught.value.value == standing(content, pointer)

    assert {0, 1, 2, 3} <= pointers.keys(), pointers


@pytest.mark.parametrize("status", STATUSES)
def test_refusals_are_told_as_they_were_drawn(called, status):
    """Type and message of every refusal that keeps the contract are those of the error."""

    @for_each(30, refusal=bodies("ErrorEnvelope", GOOD))
    def _(refusal):
        with pytest.raises(errors.ApiError) as caught:
            called(reply(refusal, status))
        told = refusal["error"]
        assert (caught.value.status, caught.value.type) == (status, told["type"])
        assert told["message"] in caught.value.message


@pytest.mark.parametrize("status", [400, 404])
def test_refusals_of_any_form_are_api_errors(called, status):
    """A refusal that breaks the contract is one all the same."""

    @for_each(100, refusal=bodies("ErrorEnvelope", BROKEN))
    def _(refusal):
        with pytest.raises(errors.ApiError) as caught:
            called(reply(refusal, status))
        assert caught.value.status == status


def standing(value: Any, pointer: str) -> Any:
    """Return what stands at a JSON pointer."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def differences(ours: Any, theirs: Any, dates: Counter, place: str = "") -> list[str]:
    """Return the places at which two JSON values differ; dates are the same that mean the same."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        if ours.keys() != theirs.keys():
            return [f"{place}: {ours.keys() ^ theirs.keys()}"]
        found = (differences(ours[key], theirs[key], dates, key) for key in theirs)
        return [line for lines in found for line in lines]
    if isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        found = (differences(*pair, dates, place) for pair in zip(ours, theirs, strict=True))
        return [line for lines in found for line in lines]
    if place.endswith("At") and isinstance(theirs, str) and isinstance(ours, str):
        dates[place] += 1
        return [] if moment(ours) == moment(theirs) else [f"{place}: {ours} for {theirs}"]
    same = type(ours) is type(theirs) and ours == theirs
    return [] if same else [f"{place}: {ours!r} for {theirs!r}"]


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.upper())
