"""Requests of queues: unique, in order, locked, handled."""

import pytest

from actor_runs_server.storages.request_queues import request_id


@pytest.fixture
def queue(api):
    """The address of a new queue."""
    queue = api.call("POST", "/v2/request-queues", 201).json()["data"]["id"]
    return f"/v2/request-queues/{queue}"


def add(api, queue, *names, **query):
    for name in names:
        body = {"url": f"https://example.com/{name}", "uniqueKey": name}
        api.call("POST", f"{queue}/requests", 201, json=body, params=query)


def head(api, queue):
    data = api.call("GET", f"{queue}/head", 200).json()["data"]
    return [item["uniqueKey"] for item in data["items"]]


def test_a_request_is_added_once(api, queue):
    """A second request with the same unique key is not added; both answers name the first."""
    add(api, queue, "a")
    body = {"url": "https://example.com/other", "uniqueKey": "a"}
    again = api.call("POST", f"{queue}/requests", 200, json=body).json()["data"]
    assert again["wasAlreadyPresent"]
    assert again["requestId"] == request_id("a")
    found = api.call("GET", f"{queue}/requests/{request_id('a')}", 200).json()["data"]
    assert found["url"] == "https://example.com/a"


def test_the_order_is_first_in_first_out_unless_forefront(api, queue):
    """`forefront` puts a request before all others."""
    add(api, queue, "a", "b")
    add(api, queue, "c", forefront="true")
    assert head(api, queue) == ["c", "a", "b"]


def test_a_handled_request_leaves_the_head(api, queue):
    """`handledAt` takes a request off the queue, and its counts follow."""
    add(api, queue, "a", "b")
    first = f"{queue}/requests/{request_id('a')}"
    request = api.call("GET", first, 200).json()["data"]
    handled = request | {"handledAt": "2026-01-31T12:00:00.000Z"}
    assert not api.call("PUT", first, 200, json=handled).json()["data"]["wasAlreadyHandled"]
    assert head(api, queue) == ["b"]
    described = api.call("GET", queue, 200).json()["data"]
    assert described["totalRequestCount"] == 2
    assert described["handledRequestCount"] == 1
    assert described["pendingRequestCount"] == 1
    assert api.call("PUT", first, 200, json=handled).json()["data"]["wasAlreadyHandled"]


def test_a_locked_request_is_not_given_out_again(api, queue):
    """Only the client that has locked a request may prolong or release the lock."""
    add(api, queue, "a", "b")
    one, two = {"clientKey": "one"}, {"clientKey": "two"}
    lock = {"limit": 1, "lockSecs": 60}
    locked = api.call("POST", f"{queue}/head/lock", 200, params=lock | one).json()["data"]
    assert [item["uniqueKey"] for item in locked["items"]] == ["a"]
    assert locked["queueHasLockedRequests"]
    assert head(api, queue) == ["b"]
    theirs = f"{queue}/requests/{request_id('a')}/lock"
    api.call("PUT", theirs, 403, params={"lockSecs": 5} | two)
    api.call("DELETE", theirs, 403, params=two)
    for wanted, key in (("locked", "a"), ("pending", "b")):
        page = api.call("GET", f"{queue}/requests", 200, params={"filter": wanted}).json()["data"]
        assert [item["uniqueKey"] for item in page["items"]] == [key]
    api.call("GET", f"{queue}/requests", 400, params={"filter": "lost"})
    until = api.call("PUT", theirs, 200, params={"lockSecs": 90} | one).json()["data"]
    assert until["lockExpiresAt"] > locked["items"][0]["lockExpiresAt"]
    api.call("DELETE", theirs, 204, params=one)
    assert head(api, queue) == ["a", "b"]
    assert api.call("GET", queue, 200).json()["data"]["hadMultipleClients"]
    api.call("POST", f"{queue}/head/lock", 200, params={"lockSecs": 60} | one)
    unlocked = api.call("POST", f"{queue}/requests/unlock", 200, params=one).json()["data"]
    assert unlocked == {"unlockedCount": 2}


def test_requests_come_and_go_in_batches(api, queue):
    """A batch adds or deletes up to 25 requests."""
    requests = [{"url": f"https://example.com/{n}", "uniqueKey": f"k{n}"} for n in range(25)]
    added = api.call("POST", f"{queue}/requests/batch", 201, json=requests).json()["data"]
    assert [each["uniqueKey"] for each in added["processedRequests"]] == [
        each["uniqueKey"] for each in requests
    ]
    api.call("POST", f"{queue}/requests/batch", 400, json=[*requests, requests[0]])
    seen, query = [], {"limit": 10}
    while True:
        page = api.call("GET", f"{queue}/requests", 200, params=query).json()["data"]
        seen += [each["uniqueKey"] for each in page["items"]]
        if "nextCursor" not in page:
            break
        query["cursor"] = page["nextCursor"]
    assert sorted(seen) == sorted(each["uniqueKey"] for each in requests)
    wanted = [{"uniqueKey": "k1"}, {"id": request_id("k2")}, {"uniqueKey": "none"}]
    deleted = api.call("DELETE", f"{queue}/requests/batch", 200, json=wanted).json()["data"]
    assert deleted["processedRequests"] == wanted[:2]
    assert deleted["unprocessedRequests"] == wanted[2:]
    assert len(head(api, queue)) == 23


@pytest.mark.parametrize("body", [{}, [], {"url": 5}, {"url": "a", "uniqueKey": 7}])
def test_what_is_not_a_request_is_refused(api, queue, body):
    """A request is an object with a url."""
    api.call("POST", f"{queue}/requests", 400, json=body)


def test_a_lock_needs_a_time(api, queue):
    """`lockSecs` is required, and limited."""
    api.call("POST", f"{queue}/head/lock", 400)
    api.call("POST", f"{queue}/head/lock", 400, params={"lockSecs": 100_000})
