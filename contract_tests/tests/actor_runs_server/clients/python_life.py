"""A whole life through the platform's Python client, old or new: `python_life.py URL TOKEN`.

Clients before version 3 answer with dictionaries, later ones with objects; `of` reads both.
"""

import inspect
import re
import sys
from datetime import timedelta

from apify_client import ApifyClient


def of(value, *names):
    """Return a member by its name in JSON, also of an object of the newer client."""
    for name in names:
        if isinstance(value, dict):
            value = value[name]
        else:
            value = getattr(value, re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name))
    return getattr(value, "value", value)


def storages(client, run):
    items = client.dataset(of(run, "defaultDatasetId"))
    items.push_items([{"a": 1, "b": {"c": 2}}, {"a": 3}, {}])
    assert of(items.get(), "id") == of(run, "defaultDatasetId")
    assert items.list_items(limit=1, desc=True).items == [{}]
    assert items.list_items(fields=["a"], clean=True).items == [{"a": 1}, {"a": 3}]
    assert [item["a"] for item in items.iterate_items(limit=2)] == [1, 3]
    assert items.get_items_as_bytes(item_format="csv", fields=["a"], limit=1).endswith(
        b"a\r\n1\r\n"
    )

    store = client.key_value_store(of(run, "defaultKeyValueStoreId"))
    store.set_record("text", "hello")
    store.set_record("object", {"a": [1]})
    store.set_record("bytes", b"\x00\x01", content_type="image/png")
    assert store.get_record("object")["value"] == {"a": [1]}
    assert store.get_record("bytes")["value"] == b"\x00\x01"
    assert store.get_record("nothing") is None
    assert store.record_exists("text")
    assert {of(key, "key") for key in of(store.list_keys(), "items")} >= {"INPUT", "bytes", "text"}
    store.delete_record("text")
    assert of(store.get(), "id") == of(run, "defaultKeyValueStoreId")

    queue = client.request_queue(of(run, "defaultRequestQueueId"), client_key="life")
    queue.add_request({"url": "https://example.com/1", "uniqueKey": "1"})
    queue.batch_add_requests(
        [{"url": f"https://example.com/{n}", "uniqueKey": f"{n}"} for n in (2, 3)]
    )
    assert len(of(queue.list_head(), "items")) == 3
    locked = queue.list_and_lock_head(limit=1, **seconds(queue.list_and_lock_head, 30))
    (first,) = of(locked, "items")
    queue.prolong_request_lock(of(first, "id"), **seconds(queue.prolong_request_lock, 60))
    queue.delete_request_lock(of(first, "id"))
    request = queue.get_request(of(first, "id"))
    assert of(request, "url") == "https://example.com/1"
    queue.delete_request(of(first, "id"))
    assert of(queue.get(), "totalRequestCount") == 2


def named(client):
    for collection, one in (
        (client.datasets(), client.dataset),
        (client.key_value_stores(), client.key_value_store),
        (client.request_queues(), client.request_queue),
    ):
        created = collection.get_or_create(name="life")
        storage = one(of(created, "id"))
        storage.update(name="life-renamed")
        assert of(storage.get(), "name") == "life-renamed"
        assert "life-renamed" in [of(item, "name") for item in collection.list().items]
        storage.delete()
        assert storage.get() is None


def tasks(client, actor):
    task = client.tasks().create(
        actor_id=actor, name="life", task_input={"durationSecs": 0}, memory_mbytes=256
    )
    one = client.task(of(task, "id"))
    assert of(one.get(), "name") == "life"
    one.update(name="life-renamed")
    assert one.update_input(task_input={"exitCode": 0}) is not None
    assert one.get_input()["exitCode"] == 0
    run = one.call()
    assert of(run, "status") == "SUCCEEDED"
    assert of(one.runs().list().items[0], "id") == of(run, "id")
    assert of(one.last_run(status="SUCCEEDED").get(), "id") == of(run, "id")
    assert [of(item, "id") for item in client.tasks().list().items].count(of(task, "id")) == 1
    one.delete()
    assert one.get() is None


def webhooks(client, actor):
    hook = client.webhooks().create(
        event_types=["ACTOR.RUN.FAILED"], request_url="http://127.0.0.1:9/", actor_id=actor
    )
    one = client.webhook(of(hook, "id"))
    one.update(ignore_ssl_errors=True)
    assert of(one.get(), "ignoreSslErrors")
    dispatch = one.test()
    assert of(client.webhook_dispatch(of(dispatch, "id")).get(), "eventType") == "TEST"
    assert len(one.dispatches().list().items) == 1
    assert of(hook, "id") in [of(item, "id") for item in client.webhooks().list().items]
    one.delete()


def runs(client, actor):
    run = client.actor(actor).start(run_input={"durationSecs": 30}, memory_mbytes=256)
    one = client.run(of(run, "id"))
    assert of(one.wait_for_finish(**seconds(one.wait_for_finish, 0)), "status") in (
        "READY",
        "RUNNING",
    )
    while of(one.get(), "status") == "READY":
        pass
    one.update(status_message="half way")
    one.reboot()
    assert of(one.get(), "statusMessage") == "half way"
    assert of(one.abort(), "status") in ("ABORTING", "ABORTED")
    assert of(one.wait_for_finish(), "status") == "ABORTED"
    resurrected = one.resurrect(memory_mbytes=512)
    assert of(resurrected, "options", "memoryMbytes") == 512
    one.abort()
    one.wait_for_finish()
    aborted = client.runs().list(status="ABORTED", desc=True)
    assert of(aborted.items[0], "id") == of(run, "id")
    listed = client.actor(actor).runs().list(limit=10)
    assert of(run, "id") in [of(item, "id") for item in listed.items]
    build = client.actor(actor).default_build().get()
    assert of(build, "status") == "SUCCEEDED"
    one.delete()
    assert one.get() is None


def seconds(method, number):
    """Return a time as this client's method takes it: whole seconds, or a timedelta."""
    for name in inspect.signature(method).parameters:
        if name in ("wait_secs", "lock_secs"):
            return {name: number}
        if name in ("wait_duration", "lock_duration"):
            return {name: timedelta(seconds=number)}
    raise AssertionError(f"{method} takes no time")


def main(url, token):
    client = ApifyClient(token=token, api_url=url)
    assert of(client.user().get(), "username") == "demo"
    actor = of(client.actor("demo/fixture-actor").get(), "id")
    assert actor in [of(item, "id") for item in client.actors().list(my=True).items]
    run = client.actor("demo/fixture-actor").call(run_input={"durationSecs": 0})
    assert of(run, "status") == "SUCCEEDED"
    assert "The input is" in client.run(of(run, "id")).log().get()
    storages(client, run)
    named(client)
    tasks(client, actor)
    webhooks(client, actor)
    runs(client, actor)
    print("lived")


if __name__ == "__main__":
    main(*sys.argv[1:])
