"""Webhooks are delivered, and repeated until the receiver accepts them."""

import base64
import json
import time

import pytest


def parameter(*webhooks):
    return base64.b64encode(json.dumps(webhooks).encode()).decode()


def hook(receiver, *events, **more):
    return {"eventTypes": list(events), "requestUrl": receiver.url, **more}


def test_the_payload_is_the_documented_one(api, receiver):
    """Creation and end are delivered with the run as it was at that time."""
    hooks = parameter(hook(receiver, "ACTOR.RUN.CREATED", "ACTOR.RUN.SUCCEEDED"))
    end = api.start({"durationSecs": 0.2}, webhooks=hooks, waitForFinish=20)
    calls = [json.loads(body) for _, _, body in receiver.wait(2)]
    created, succeeded = sorted(calls, key=lambda call: call["eventType"])
    assert set(created) == {"userId", "createdAt", "eventType", "eventData", "resource"}
    assert created["eventType"] == "ACTOR.RUN.CREATED"
    assert created["resource"]["status"] == "READY"
    assert created["userId"] == end["userId"]
    assert created["eventData"] == {
        "actorId": end["actId"],
        "actorTaskId": end["actorTaskId"],
        "actorRunId": end["id"],
    }
    assert succeeded["resource"] == end


@pytest.mark.parametrize(
    ("given", "query", "event"),
    [
        ({"exitCode": 1}, {}, "ACTOR.RUN.FAILED"),
        ({"durationSecs": 9}, {"timeout": 1}, "ACTOR.RUN.TIMED_OUT"),
    ],
)
def test_each_end_has_its_event(api, receiver, given, query, event):
    """A webhook is called for its own event types only."""
    names = ("ACTOR.RUN.FAILED", "ACTOR.RUN.TIMED_OUT", "ACTOR.RUN.ABORTED", "TEST")
    api.start(given, webhooks=parameter(hook(receiver, *names)), waitForFinish=20, **query)
    (call,) = receiver.wait(1)
    assert json.loads(call[2])["eventType"] == event


def test_an_abort_is_told(api, receiver):
    """An aborted run sends ACTOR.RUN.ABORTED."""
    run = api.running({"durationSecs": 30}, webhooks=parameter(hook(receiver, "ACTOR.RUN.ABORTED")))
    api.post(run["id"], "abort")
    (call,) = receiver.wait(1)
    assert json.loads(call[2])["resource"]["status"] == "ABORTED"


def test_a_delivery_is_repeated_with_back_off(api, receiver):
    """A delivery that is not answered with 2xx is repeated, each time after twice the pause."""
    receiver.answers = [500, 404, 302]
    hooks = parameter(hook(receiver, "ACTOR.RUN.CREATED"))
    api.start({"durationSecs": 0}, webhooks=hooks)
    first, second, third, fourth = (at for at, _, _ in receiver.wait(4))
    assert second - first >= 0.1
    assert third - second >= 0.2
    assert fourth - third >= 0.4
    time.sleep(0.2)
    assert len(receiver.calls) == 4


def test_do_not_retry_means_once(api, receiver):
    """With doNotRetry a failed delivery is not repeated."""
    receiver.answers = [500]
    hooks = parameter(hook(receiver, "ACTOR.RUN.CREATED", doNotRetry=True))
    api.start({"durationSecs": 0}, webhooks=hooks)
    receiver.wait(1)
    time.sleep(0.3)
    assert len(receiver.calls) == 1


def test_an_idempotency_key_makes_one_webhook(api, receiver):
    """A webhook with a known idempotency key is skipped."""
    hooks = parameter(hook(receiver, "ACTOR.RUN.CREATED", idempotencyKey="only-once"))
    first = api.start({"durationSecs": 0}, webhooks=hooks)
    api.start({"durationSecs": 0}, webhooks=hooks)
    receiver.wait(1)
    time.sleep(0.2)
    (call,) = receiver.calls
    assert json.loads(call[2])["eventData"]["actorRunId"] == first["id"]


def test_templates_are_filled(api, receiver):
    """Payload and headers follow their templates."""
    template = (
        '{"run": {{resource.id}}, "task": {{eventData.actorTaskId}}, "no": {{resource.nothing}}}'
    )
    headers = '{"X-Run": {{resource.id}}, "Host": "evil"}'
    hooks = parameter(
        hook(
            receiver,
            "ACTOR.RUN.CREATED",
            payloadTemplate=template,
            headersTemplate=headers,
        )
    )
    run = api.start({"durationSecs": 0}, webhooks=hooks)
    ((_, sent, body),) = receiver.wait(1)
    assert json.loads(body) == {"run": run["id"], "task": run["actorTaskId"], "no": None}
    assert sent["X-Run"] == run["id"]
    assert sent["Host"].startswith("127.0.0.1")


def test_strings_are_filled_when_asked(api, receiver):
    """With shouldInterpolateStrings variables inside strings are filled too."""
    template = '{"text": "Run {{resource.id}} is {{resource.status}}", "all": {{eventData}}}'
    hooks = parameter(
        hook(
            receiver,
            "ACTOR.RUN.CREATED",
            payloadTemplate=template,
            shouldInterpolateStrings=True,
        )
    )
    run = api.start({"durationSecs": 0}, webhooks=hooks)
    ((_, _, body),) = receiver.wait(1)
    filled = json.loads(body)
    assert filled["text"] == f"Run {run['id']} is READY"
    assert filled["all"]["actorRunId"] == run["id"]


def test_a_saved_webhook_holds_for_each_run(serve, client, receiver, config):
    """A webhook of the task is called for every run, whatever its idempotency key."""
    saved = f"""[tasks."demo~saved"]
actor = "demo~fixture-actor"
webhooks = [{{ eventTypes = ["ACTOR.RUN.CREATED"], requestUrl = "{receiver.url}", idempotencyKey = "k" }}]
"""
    with serve(config=config + saved) as server, client(server.url, task="demo~saved") as api:
        runs = [api.start({"durationSecs": 0}) for _ in range(2)]
        told = [json.loads(body)["eventData"]["actorRunId"] for _, _, body in receiver.wait(2)]
    assert sorted(told) == sorted(run["id"] for run in runs)


def test_headers_are_replaced_and_may_say_anything(api, receiver):
    """A header of the template replaces the default one, in UTF-8."""
    headers = json.dumps({"content-type": "text/plain", "X-Name": "Žluťoučký"}, ensure_ascii=False)
    hooks = parameter(hook(receiver, "ACTOR.RUN.CREATED", headersTemplate=headers))
    api.start({"durationSecs": 0}, webhooks=hooks)
    ((_, sent, _),) = receiver.wait(1)
    assert sent.get_all("Content-Type") == ["text/plain"]
    assert sent["X-Name"].encode("latin-1").decode() == "Žluťoučký"


REFUSED = {
    "deep headers": {"headersTemplate": "[" * 20_000},
    "deep payload": {"payloadTemplate": "[" * 20_000, "shouldInterpolateStrings": True},
    "no end of a string": {"payloadTemplate": '"' + '\\"' * 9_000},
    "lone backslash": {"payloadTemplate": '"{{resource.id}}\\', "shouldInterpolateStrings": True},
    "not JSON": {"payloadTemplate": "run {{resource.id}}"},
    "unknown variable": {"payloadTemplate": '{"a": {{nothing}}}'},
    "unknown variable in a string": {
        "payloadTemplate": '{"a": "{{nothing}}"}',
        "shouldInterpolateStrings": True,
    },
    "lone surrogate": {"headersTemplate": '{"X-A": "\\ud800"}'},
    "line break": {"headersTemplate": '{"X-A": "a\\nb"}'},
    "list of headers": {"headersTemplate": '["X-A"]'},
    "no header name": {"headersTemplate": '{"X A": "1"}'},
    "object as a header": {"headersTemplate": '{"X-A": {"b": 1}}'},
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_template_is_refused_at_the_start(api, receiver, name):
    """A template that cannot be filled is answered with 400 at once, and no run is started."""
    hooks = parameter(hook(receiver, "ACTOR.RUN.CREATED", **REFUSED[name]))
    before = api.call("GET", "/v2/actor-runs").json()["data"]["total"]
    began = time.monotonic()
    start = f"/v2/actor-tasks/{api.task}/runs"
    answer = api.call("POST", start, 400, params={"webhooks": hooks})
    assert time.monotonic() - began < 0.5
    assert "Template" in answer.json()["error"]["message"]
    assert api.call("GET", "/v2/actor-runs").json()["data"]["total"] == before


def test_the_body_of_an_answer_is_not_read(api, receiver):
    """A delivery is done once 2xx has arrived, however long the body is."""
    receiver.endless = True
    hooks = parameter(hook(receiver, "ACTOR.RUN.CREATED"))
    api.start({"durationSecs": 0}, webhooks=hooks)
    receiver.wait(1)
    end = time.monotonic() + 5
    while not receiver.cut and time.monotonic() < end:
        time.sleep(0.02)
    assert receiver.cut
    assert len(receiver.calls) == 1


def test_an_unreceived_delivery_outlives_the_server(serve, client, receiver, config):
    """Deliveries that a killed server left pending are made by the next one."""
    receiver.answers = [500]
    later = config.replace("webhook_first_retry_secs = 0.1", "webhook_first_retry_secs = 1")
    with serve(config=later) as server, client(server.url) as api:
        hooks = parameter(hook(receiver, "ACTOR.RUN.CREATED"))
        run = api.start({"durationSecs": 0}, webhooks=hooks)
        receiver.wait(1)
        api.get(run["id"], wait=10)
        time.sleep(0.1)
        server.stop(9)
    with serve(config=later):
        (_, _, body) = receiver.wait(2)[1]
    assert json.loads(body)["eventData"]["actorRunId"] == run["id"]
