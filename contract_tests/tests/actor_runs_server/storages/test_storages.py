"""The default storages of a run, its log and its lists."""

import re

import pytest

KINDS = {
    "dataset": ("datasets", "defaultDatasetId"),
    "key-value-store": ("key-value-stores", "defaultKeyValueStoreId"),
    "request-queue": ("request-queues", "defaultRequestQueueId"),
}


@pytest.fixture
def run(api):
    return api.start({"durationSecs": 0}, waitForFinish=20)


@pytest.mark.parametrize("kind", KINDS)
def test_a_storage_is_found_by_the_run_and_by_its_id(anonymous, run, kind):
    """The path below the run and the storage's own path describe the same storage."""
    plural, key = KINDS[kind]
    by_run = anonymous.call("GET", f"/v2/actor-runs/{run['id']}/{kind}", 200).json()["data"]
    by_id = anonymous.call("GET", f"/v2/{plural}/{run[key]}", 200).json()["data"]
    assert by_run == by_id
    assert (by_id["id"], by_id["actRunId"]) == (run[key], run["id"])
    anonymous.call("GET", f"/v2/{plural}/{run['id']}", 404)


def test_a_dataset_keeps_items(api, anonymous, run):
    """Items come back in order and in pages; only the owner may push."""
    path = f"/v2/datasets/{run['defaultDatasetId']}/items"
    assert anonymous.call("GET", path, 200).json() == []
    api.call("POST", path, 201, json={"n": 1})
    api.call("POST", path, 201, json=[{"n": 2}, {"n": 3}])
    assert anonymous.call("GET", path, 200).json() == [{"n": 1}, {"n": 2}, {"n": 3}]
    page = anonymous.call("GET", path, 200, params={"offset": 1, "limit": 1})
    assert page.json() == [{"n": 2}]
    assert page.headers["x-apify-pagination-total"] == "3"
    api.call("POST", path, 400, json=[1])
    anonymous.call("POST", path, 401, json={})


def test_a_store_keeps_records(api, anonymous, run):
    """A record is read back byte for byte with its content type until it is deleted."""
    path = f"/v2/key-value-stores/{run['defaultKeyValueStoreId']}/records/some-key"
    anonymous.call("GET", path, 404)
    api.call("PUT", path, 201, content=b"\x00\x01", headers={"Content-Type": "image/png"})
    record = anonymous.call("GET", path, 200)
    assert (record.content, record.headers["content-type"]) == (b"\x00\x01", "image/png")
    anonymous.call("PUT", path, 401, content=b"")
    api.call("DELETE", path, 204)
    anonymous.call("GET", path, 404)
    api.call("PUT", path.replace("some-key", "a%2Fb"), 400, content=b"")


def test_the_log_is_what_the_process_wrote(anonymous, run):
    """The log of a run is its output, each line after its time."""
    by_run = anonymous.call("GET", f"/v2/actor-runs/{run['id']}/log", 200)
    time, _, text = by_run.text.partition(" ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)
    assert text.startswith("The input is {")
    assert anonymous.call("GET", f"/v2/logs/{run['id']}", 200).text == by_run.text


def test_runs_are_listed(api, stranger, run):
    """A user lists their own runs, newest first when asked."""
    page = api.call("GET", "/v2/actor-runs", 200, params={"desc": "1", "limit": 1}).json()["data"]
    assert [item["id"] for item in page["items"]] == [run["id"]]
    assert page["total"] >= 1
    theirs = stranger.call("GET", "/v2/actor-runs", 200).json()["data"]
    assert run["id"] not in [item["id"] for item in theirs["items"]]


def test_a_task_is_described(api):
    """A task shows its Actor, its options and its saved input."""
    task = api.call("GET", "/v2/actor-tasks/demo~tuned", 200).json()["data"]
    options = {"build": "beta", "timeoutSecs": 7, "memoryMbytes": 256, "maxItems": 3}
    assert task["options"] == options
    assert task["name"] == "tuned"
