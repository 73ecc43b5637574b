"""The neighbours of the operations: lists, Actors' runs, results, resurrection, metamorph, charge."""

import time

import pytest

CONFIG = """
[actors."demo~paid"]
command = ["{python}", "-I", "-S", "{fixture}"]
event_prices = { page = 0.25 }

[tasks."demo~paid"]
actor = "demo~paid"
input = { durationSecs = 30 }

[actors."demo~writer"]
command = ["{python}", "-c", '''
import json, os, urllib.request
base, token = os.environ["APIFY_API_BASE_URL"], os.environ["APIFY_TOKEN"]
def send(path, method, body, kind="application/json"):
    headers = {"Authorization": "Bearer " + token, "Content-Type": kind}
    request = urllib.request.Request(base + path, body, headers, method=method)
    return urllib.request.urlopen(request).read()
store = "/v2/key-value-stores/" + os.environ["ACTOR_DEFAULT_KEY_VALUE_STORE_ID"]
given = send(store + "/records/" + os.environ["ACTOR_INPUT_KEY"], "GET", None)
send(store + "/records/OUTPUT", "PUT", b"<b>" + given + b"</b>", "text/html")
items = "/v2/datasets/" + os.environ["ACTOR_DEFAULT_DATASET_ID"] + "/items"
send(items, "POST", b'[{"a": 1, "b": 2}, {"a": 3}]')
''']
[tasks."demo~writer"]
actor = "demo~writer"
input = { greeting = "hello" }
"""


@pytest.fixture(scope="module")
def more(tmp_path_factory, serving, client, config):
    """A client of a server with an Actor that is paid per event, and one that writes a result."""
    folder = tmp_path_factory.mktemp("more")
    with serving(folder, config=config + CONFIG) as server, client(server.url) as api:
        yield api


def ids(api, path="/v2/actor-runs", **query):
    page = api.call("GET", path, 200, params=query).json()["data"]
    assert page["count"] == len(page["items"])
    return [item["id"] for item in page["items"]]


def test_runs_are_filtered(serve, client):
    """Status, time, order and page choose runs; of each its list members are shown."""
    with serve() as server, client(server.url) as api:
        good = api.start({"durationSecs": 0}, waitForFinish=20)
        bad = api.start({"exitCode": 1}, waitForFinish=20)
        time.sleep(0.01)
        last = api.start({"durationSecs": 0}, task="demo~tuned", waitForFinish=20)
        every = [good["id"], bad["id"], last["id"]]
        assert ids(api) == every
        assert ids(api, desc="true") == every[::-1]
        assert ids(api, offset=1, limit=1) == [bad["id"]]
        assert ids(api, status="FAILED") == [bad["id"]]
        assert ids(api, status="FAILED,SUCCEEDED", desc=1, limit=1) == [last["id"]]
        assert ids(api, startedAfter=last["startedAt"]) == [last["id"]]
        assert ids(api, startedBefore=bad["startedAt"]) == every[:2]
        assert ids(api, "/v2/actor-tasks/demo~tuned/runs") == [last["id"]]
        assert ids(api, "/v2/acts/demo~fixture-actor/runs", status="FAILED") == [bad["id"]]
        item = api.call("GET", "/v2/actor-runs", 200).json()["data"]["items"][0]
        assert item == {key: api.get(good["id"])[key] for key in item}
        for wrong in ({"status": "GONE"}, {"startedAfter": "yesterday"}, {"limit": "1.5"}):
            api.call("GET", "/v2/actor-runs", 400, params=wrong)
        api.call("GET", "/v2/actor-runs", 400, params={"order": "desc"})


def test_an_actor_is_started_without_a_task(more):
    """The run has no task; an input that is not JSON reaches the Actor as it is."""
    answer = more.call(
        "POST",
        "/v2/actors/demo~writer/runs",
        201,
        params={"waitForFinish": 20, "memory": 256},
        content=b"plain",
        headers={"Content-Type": "text/plain"},
    )
    run = answer.json()["data"]
    assert (run["status"], run["actorTaskId"]) == ("SUCCEEDED", None)
    assert run["options"]["memoryMbytes"] == 256
    output = more.call("GET", f"/v2/actor-runs/{run['id']}/key-value-store/records/OUTPUT", 200)
    assert output.text == "<b>plain</b>"
    more.call("POST", "/v2/actors/demo~writer/runs", 400, params={"memry": 256})


def test_a_result_is_waited_for(more):
    """run-sync answers with the output record, its sibling with the items."""
    place = "/v2/actor-tasks/demo~writer"
    output = more.call("POST", f"{place}/run-sync", 201, json={"more": 1})
    assert output.text == '<b>{"greeting":"hello","more":1}</b>'
    assert output.headers["content-type"] == "text/html"
    query = {"format": "csv", "fields": "a", "bom": 0}
    items = more.call("GET", f"{place}/run-sync-get-dataset-items", 201, params=query)
    assert items.text == "a\r\n1\r\n3\r\n"
    more.call("GET", f"{place}/run-sync", 404, params={"outputRecordKey": "NONE"})
    more.call("POST", f"{place}/run-sync-get-dataset-items", 400, params={"format": "xlsx"})


def test_the_result_of_a_failed_run_is_an_error(api):
    """A run that has not succeeded is answered with 400 `run-failed`."""
    answer = api.call("POST", "/v2/actor-tasks/demo~fixture/run-sync", 400, json={"exitCode": 2})
    assert answer.json()["error"]["type"] == "run-failed"
    assert "FAILED" in answer.json()["error"]["message"]


def test_a_resurrection_takes_options(api):
    """Given options replace those of the run; invalid ones are refused and start nothing."""
    run = api.start({"durationSecs": 0}, waitForFinish=20)
    api.call("POST", f"/v2/actor-runs/{run['id']}/resurrect", 400, params={"memory": 100})
    api.call("POST", f"/v2/actor-runs/{run['id']}/resurrect", 403, params={"build": "none"})
    api.call("POST", f"/v2/actor-runs/{run['id']}/resurrect", 400, params={"memry": 512})
    query = {"memory": 256, "timeout": 9, "build": "beta", "maxItems": 4, "restartOnError": 1}
    again = api.post(run["id"], "resurrect", **query)
    assert again["options"] == run["options"] | {
        "memoryMbytes": 256,
        "diskMbytes": 512,
        "timeoutSecs": 9,
        "build": "beta",
        "maxItems": 4,
        "restartOnError": True,
    }
    assert again["buildNumber"] == "0.2.1"


def test_a_run_goes_on_as_another_actor(more):
    """A metamorph keeps id and storages, changes the Actor, and has an input of its own."""
    run = more.running({"durationSecs": 30})
    path = f"/v2/actor-runs/{run['id']}/metamorph"
    target = {"targetActorId": "demo~writer"}
    changed = more.call("POST", path, 200, params=target, json={"new": 1}).json()["data"]
    assert changed["stats"]["metamorph"] == 1
    end = more.get(run["id"], wait=20)
    assert (end["status"], end["storageIds"]) == ("SUCCEEDED", run["storageIds"])
    assert end["actId"] != run["actId"]
    (entry,) = end["metamorphs"]
    assert (entry["actorId"], entry["inputKey"]) == (end["actId"], "INPUT-METAMORPH-1")
    output = more.call("GET", f"/v2/actor-runs/{run['id']}/key-value-store/records/OUTPUT", 200)
    assert output.text == '<b>{"new":1}</b>'
    more.call("POST", path, 403, params=target)
    more.call("POST", path, 400)
    more.call("POST", path, 404, params={"targetActorId": "demo~nobody"})


def test_events_are_charged_once_for_a_key(more, api):
    """A charge counts, the same idempotency key counts once, unknown events are refused."""
    run = more.running({"durationSecs": 30}, task="demo~paid")
    path = f"/v2/actor-runs/{run['id']}/charge"
    once = {"idempotency-key": "k"}
    for _ in range(2):
        more.call("POST", path, 201, json={"eventName": "page", "count": 3}, headers=once)
    more.call("POST", path, 201, json={"eventName": "page"})
    more.call("POST", path, 400, json={"eventName": "none"})
    more.call("POST", path, 400, json={"eventName": "page", "count": -1})
    now = more.get(run["id"])
    assert now["chargedEventCounts"] == {"page": 4}
    prices = now["pricingInfo"]["pricingPerEvent"]["actorChargeEvents"]
    assert prices["page"]["eventPriceUsd"] == 0.25
    free = api.running({"durationSecs": 30})
    answer = api.call("POST", f"/v2/actor-runs/{free['id']}/charge", 403, json={"eventName": "a"})
    assert answer.json()["error"]["type"] == "cannot-charge-non-pay-per-event-actor"
    api.post(free["id"], "abort")
    more.post(run["id"], "abort")
