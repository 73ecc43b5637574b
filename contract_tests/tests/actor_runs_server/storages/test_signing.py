"""Signed URLs open restricted storages to those who have no token."""

import pytest
from apify_client import ApifyClient

from actor_runs_server.storages import signing


@pytest.fixture
def closed(server, client):
    """A client of the user whose storages are restricted."""
    with client(server.url, token="closed-token") as api:
        yield api


def created(api, kind):
    """Return a new storage."""
    return api.call("POST", f"/v2/{kind}", 201).json()["data"]


def test_a_dataset_is_read_by_its_public_url(closed, anonymous):
    """The URL that the owner is shown works without a token; the address alone does not."""
    dataset = created(closed, "datasets")
    closed.call("POST", f"/v2/datasets/{dataset['id']}/items", 201, json={"a": 1})
    assert anonymous.call("GET", dataset["itemsPublicUrl"], 200).json() == [{"a": 1}]
    refused = anonymous.call("GET", f"/v2/datasets/{dataset['id']}/items", 403).json()["error"]
    assert "Insufficient permissions for the dataset" in refused["message"]


def test_a_record_is_read_by_its_public_url(closed, anonymous):
    """The signature of a record opens that record only; the one of the store opens its keys."""
    store = created(closed, "key-value-stores")
    place = f"/v2/key-value-stores/{store['id']}/records"
    for key in ("one", "two"):
        closed.call("PUT", f"{place}/{key}", 201, json=key)
    listed = anonymous.call("GET", store["keysPublicUrl"], 200).json()["data"]["items"]
    first = listed[0]["recordPublicUrl"]
    assert anonymous.call("GET", first, 200).json() == "one"
    anonymous.call("GET", first.replace("/one?", "/two?"), 403)
    anonymous.call("PUT", first.partition("?")[0], 401)


def test_a_storage_of_a_run_is_read_by_its_signature(closed, anonymous):
    """The signature counts below the run, too."""
    run = closed.start(task="closed~fixture")
    place = f"/v2/actor-runs/{run['id']}/dataset"
    url = closed.call("GET", place, 200).json()["data"]["itemsPublicUrl"]
    query = {"signature": url.partition("signature=")[2]}
    assert anonymous.call("GET", f"{place}/items", 200, params=query).json() == []
    anonymous.call("GET", f"{place}/items", 403, params={"signature": "wrong"})


def test_the_signatures_are_those_of_clients(server, closed, anonymous):
    """A URL that the platform's client signs with the secret of the owner is accepted."""
    dataset = created(closed, "datasets")
    client = ApifyClient("closed-token", api_url=server.url, api_public_url=server.url)
    url = client.dataset(dataset["id"]).create_items_public_url()
    assert "signature" in url
    anonymous.call("GET", url, 200)


def test_a_signature_expires():
    """It is accepted until its time, with and without padding, and never for another storage."""
    signature = signing.of_storage("secret", "one", 1000)
    assert signing.is_of_storage(signature, "secret", "one", 999)
    assert signing.is_of_storage(f"{signature}=", "secret", "one", 999)
    assert not signing.is_of_storage(signature, "secret", "one", 1000)
    assert not signing.is_of_storage(signature, "secret", "two", 999)
    assert not signing.is_of_storage(signature, "other", "one", 999)
    for text in ("", "?", "a.b.c", "\u00e9"):
        assert not signing.is_of_storage(text, "secret", "one", 0)
