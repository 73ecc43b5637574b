"""Storages as such: named, listed, renamed, deleted, readable."""

import pytest

KINDS = ("dataset", "key-value-store", "request-queue")


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_leads_to_one_storage(api, stranger, kind):
    """Creating a name twice gives the same storage, which its name and its id find."""
    name = f"my-{kind}"
    first = api.call("POST", f"/v2/{kind}s", 201, params={"name": name}).json()["data"]
    assert api.call("POST", f"/v2/{kind}s", 201, params={"name": name}).json()["data"] == first
    for reference in (first["id"], f"demo~{name}", f"~{name.upper()}"):
        assert api.call("GET", f"/v2/{kind}s/{reference}", 200).json()["data"]["name"] == name
    listed = api.call("GET", f"/v2/{kind}s", 200).json()["data"]["items"]
    assert first["id"] in [item["id"] for item in listed]
    other = stranger.call("POST", f"/v2/{kind}s", 201, params={"name": name}).json()["data"]
    assert other["id"] != first["id"]
    renamed = api.call("PUT", f"/v2/{kind}s/{first['id']}", 200, json={"name": f"new-{kind}"})
    assert renamed.json()["data"]["name"] == f"new-{kind}"
    api.call("DELETE", f"/v2/{kind}s/{first['id']}", 204)
    api.call("GET", f"/v2/{kind}s/{first['id']}", 404)


def test_unnamed_storages_are_listed_when_asked(api):
    """Without `unnamed` only named storages are listed."""
    new = api.call("POST", "/v2/datasets", 201).json()["data"]["id"]

    def listed(**query):
        page = api.call("GET", "/v2/datasets", 200, params=query).json()["data"]
        return [item["id"] for item in page["items"]]

    assert new not in listed()
    assert new in listed(unnamed="1", desc="1")


def test_a_name_is_unique_and_valid(api):
    """An invalid name is answered with 400, one in use with 409."""
    api.call("POST", "/v2/datasets", 400, params={"name": "-a"})
    api.call("POST", "/v2/datasets", 201, params={"name": "taken"})
    other = api.call("POST", "/v2/datasets", 201).json()["data"]["id"]
    api.call("PUT", f"/v2/datasets/{other}", 409, json={"name": "Taken"})
    api.call("PUT", f"/v2/datasets/{other}", 400, json={"nmae": "x"})


def test_only_the_owner_writes(api, stranger, anonymous):
    """Others read what the access setting allows, and write nothing."""
    dataset = f"/v2/datasets/{api.call('POST', '/v2/datasets', 201).json()['data']['id']}"
    stranger.call("POST", f"{dataset}/items", 404, json={})
    anonymous.call("POST", f"{dataset}/items", 401, json={})
    anonymous.call("GET", f"{dataset}/items", 200)
    api.call("PUT", dataset, 200, json={"generalAccess": "RESTRICTED"})
    anonymous.call("GET", f"{dataset}/items", 403)
    stranger.call("GET", dataset, 403)
    api.call("GET", f"{dataset}/items", 200)


def test_the_default_storages_are_found_through_the_last_run(api):
    """Below `runs/last` of a task or an Actor lie the storages of its last run."""
    run = api.start({"durationSecs": 0}, waitForFinish=20)
    store = run["defaultKeyValueStoreId"]
    for place in ("actor-tasks/demo~fixture", "actors/demo~fixture-actor"):
        last = f"/v2/{place}/runs/last"
        assert api.call("GET", last, 200, params={"status": "SUCCEEDED"}).json()["data"]["id"]
        found = api.call("GET", f"{last}/key-value-store", 200).json()["data"]
        assert found["id"] == store
        assert api.call("GET", f"{last}/key-value-store/records/INPUT", 200).json()
    api.call("GET", "/v2/actor-tasks/demo~fixture/runs/last", 404, params={"status": "TIMED-OUT"})
