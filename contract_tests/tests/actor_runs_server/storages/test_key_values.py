"""Keys and records of key-value stores."""

import pytest


@pytest.fixture
def store(api):
    """The address of a store with five records."""
    store = api.call("POST", "/v2/key-value-stores", 201).json()["data"]["id"]
    address = f"/v2/key-value-stores/{store}"
    for key in ("a1", "a2", "b1", "b2", "b3"):
        api.call("PUT", f"{address}/records/{key}", 201, content=b"x" * 7)
    return address


def test_keys_are_listed_in_pages(api, store):
    """A page ends where the next one begins."""
    query = {"limit": 2}
    seen = []
    while True:
        page = api.call("GET", f"{store}/keys", 200, params=query).json()["data"]
        seen += [item["key"] for item in page["items"]]
        assert page["count"] == len(page["items"]) <= 2
        if not page["isTruncated"]:
            break
        query["exclusiveStartKey"] = page["nextExclusiveStartKey"]
    assert seen == ["a1", "a2", "b1", "b2", "b3"]
    assert page["nextExclusiveStartKey"] is None
    assert page["items"][0]["size"] == 7


def test_keys_can_have_a_prefix(api, store):
    """Only keys with the prefix are listed; an unknown parameter is refused."""
    page = api.call("GET", f"{store}/keys", 200, params={"prefix": "b"}).json()["data"]
    assert [item["key"] for item in page["items"]] == ["b1", "b2", "b3"]
    assert api.http.get(page["items"][0]["recordPublicUrl"]).content == b"x" * 7
    api.call("GET", f"{store}/keys", 400, params={"collection": "pictures"})


def test_a_record_is_asked_for_by_head(api, store):
    """HEAD tells whether a record exists."""
    api.call("HEAD", f"{store}/records/a1", 200)
    api.call("HEAD", f"{store}/records/none", 404)


def test_a_record_can_be_downloaded(api, store):
    """With `attachment` the answer names a file."""
    answer = api.call("GET", f"{store}/records/a1", 200, params={"attachment": 1})
    assert answer.headers["content-disposition"] == 'attachment; filename="a1"'
