"""Actors, their builds and the store."""


def test_an_actor_is_described(api, anonymous):
    """An Actor shows its builds and its options; lists hold those of the caller."""
    actor = api.call("GET", "/v2/actors/demo~fixture-actor", 200).json()["data"]
    assert actor["taggedBuilds"]["beta"]["buildNumber"] == "0.2.1"
    assert actor["defaultRunOptions"]["memoryMbytes"] == 512
    assert api.call("GET", f"/v2/acts/{actor['id']}", 200).json()["data"] == actor
    names = [item["name"] for item in api.call("GET", "/v2/acts", 200).json()["data"]["items"]]
    assert "fixture-actor" in names
    api.call("GET", "/v2/actors/demo~none", 404)
    anonymous.call("GET", "/v2/actors/demo~fixture-actor", 401)


def test_a_build_is_described(api, anonymous):
    """The default build is the one of the Actor's options; both are read without a token."""
    strict = api.call("GET", "/v2/actors/demo~strict/builds/default", 200).json()["data"]
    assert strict["actorDefinition"]["input"]["type"] == "object"
    again = anonymous.call("GET", f"/v2/actor-builds/{strict['id']}", 200).json()["data"]
    assert again == strict
    default = "/v2/actors/demo~strict/builds/default"
    assert anonymous.call("GET", default, 200).json()["data"] == strict
    builds = api.call("GET", "/v2/actors/demo~fixture-actor/builds", 200).json()["data"]
    assert [item["buildNumber"] for item in builds["items"]] == ["0.1.1", "0.2.1"]
    own = api.call("GET", "/v2/actor-builds", 200, params={"limit": 2}).json()["data"]
    assert (own["count"], own["items"]) == (2, builds["items"])
    api.call("GET", "/v2/actor-builds/nonexistent", 404)


def names(api, path, **query):
    """Return the full names of the Actors of a list."""
    items = api.call("GET", path, 200, params=query).json()["data"]["items"]
    return [f"{item['username']}~{item['name']}" for item in items]


def test_the_list_holds_what_a_user_owns_or_has_started(api, stranger):
    """An Actor of another user is listed once it has been started, but not with `my`."""
    assert "demo~fixture-actor" in names(api, "/v2/actors", my="true")
    stranger.call("POST", "/v2/actors/demo~fixture-actor/runs", 201)
    assert names(stranger, "/v2/actors") == ["demo~fixture-actor"]
    assert names(stranger, "/v2/actors", my="1") == []


def test_the_list_is_sorted_by_the_last_start(api):
    """`sortBy=stats.lastRunStartedAt` with `desc` begins with the Actor that was started last."""
    for name in ("demo~strict", "demo~fixture-actor"):
        api.call("POST", f"/v2/actors/{name}/runs", 201)
        recent = names(api, "/v2/actors", sortBy="stats.lastRunStartedAt", desc="1")
        assert recent[0] == name


def test_the_store_is_searched(api, anonymous):
    """The store lists every Actor, without a token, as far as the query asks for it."""
    everything = names(anonymous, "/v2/store")
    assert set(everything) > {"demo~strict", "demo~fixture-actor"}
    assert names(api, "/v2/store", search="FIXTURE") == ["demo~fixture-actor"]
    assert names(api, "/v2/store", offset="1", limit="2") == everything[1:3]
    assert names(api, "/v2/store", username="nobody") == []
    assert names(api, "/v2/store", pricingModel="PAY_PER_EVENT") == []
    assert names(api, "/v2/store", category="AI") == []
    assert names(api, "/v2/store", pricingModel="FREE", username="demo") == everything
