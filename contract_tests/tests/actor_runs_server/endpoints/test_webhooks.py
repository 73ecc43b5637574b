"""Webhooks that watch an Actor, a task or a run, and their dispatches."""

import json

import pytest

HOOKS = "/v2/webhooks"
ACTOR = {"actorId": "demo~fixture-actor"}


def body(receiver, *events, **more):
    return {
        "eventTypes": events or ["ACTOR.RUN.SUCCEEDED"],
        "requestUrl": receiver.url,
        "condition": ACTOR,
        **more,
    }


def test_a_webhook_lives(api, stranger, receiver):
    """A webhook is created, called, listed with its dispatches, changed and deleted."""
    hook = api.call("POST", HOOKS, 201, json=body(receiver, description="mine")).json()["data"]
    run = api.start({"durationSecs": 0}, waitForFinish=20)
    ((_, _, sent),) = receiver.wait(1)
    assert json.loads(sent)["eventData"]["actorRunId"] == run["id"]
    one = f"{HOOKS}/{hook['id']}"
    api.until(
        run["id"], lambda _: api.call("GET", one).json()["data"]["lastDispatch"]["finishedAt"]
    )
    (dispatch,) = api.call("GET", f"{one}/dispatches", 200).json()["data"]["items"]
    assert (dispatch["status"], dispatch["eventType"]) == ("SUCCEEDED", "ACTOR.RUN.SUCCEEDED")
    assert [call["responseStatus"] for call in dispatch["calls"]] == [200]
    assert api.call("GET", f"/v2/webhook-dispatches/{dispatch['id']}", 200).json()["data"]
    for other in (one, f"{one}/dispatches", f"/v2/webhook-dispatches/{dispatch['id']}"):
        stranger.call("GET", other, 404)
    listed = api.call("GET", "/v2/actors/demo~fixture-actor/webhooks", 200).json()["data"]
    assert hook["id"] in [item["id"] for item in listed["items"]]
    changed = api.call("PUT", one, 200, json={"eventTypes": ["ACTOR.RUN.FAILED"]}).json()["data"]
    assert (changed["requestUrl"], changed["description"]) == (receiver.url, "mine")
    api.start({"durationSecs": 0}, waitForFinish=20)
    api.start({"exitCode": 1}, waitForFinish=20)
    events = [json.loads(sent)["eventType"] for _, _, sent in receiver.wait(2)]
    assert events == ["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.FAILED"]
    api.call("DELETE", one, 204)
    api.call("GET", one, 404)


def test_a_webhook_can_be_tested(api, receiver):
    """A test delivers an event of the type TEST."""
    condition = {"actorTaskId": "demo~tuned"}
    hook = api.call("POST", HOOKS, 201, json=body(receiver, condition=condition)).json()["data"]
    api.call("POST", f"{HOOKS}/{hook['id']}/test", 201)
    ((_, _, sent),) = receiver.wait(1)
    assert json.loads(sent)["eventType"] == "TEST"
    api.call("DELETE", f"{HOOKS}/{hook['id']}", 204)


def test_an_idempotency_key_gives_the_same_webhook(api, receiver):
    """A second webhook with the same key is answered with the first, 200."""
    given = body(receiver, idempotencyKey="one key", condition={"actorTaskId": "demo~tuned"})
    first = api.call("POST", HOOKS, 201, json=given).json()["data"]["id"]
    assert api.call("POST", HOOKS, 200, json=given).json()["data"]["id"] == first


REFUSED = {
    "no condition": {"condition": None},
    "an unknown condition": {"condition": {"userId": "x"}},
    "an unknown event": {"eventTypes": ["ACTOR.RUN.EXPLODED"]},
    "no address": {"requestUrl": "nowhere"},
    "an invalid template": {"payloadTemplate": "{"},
    "an unknown member": {"colour": "red"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_webhook_is_refused(api, receiver, name):
    """The answer is 400."""
    api.call("POST", HOOKS, 400, json=body(receiver) | REFUSED[name])
