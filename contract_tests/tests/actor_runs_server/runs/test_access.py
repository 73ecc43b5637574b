"""Tokens, owners and who may read a run."""

import pytest

POSTS = [
    ("PUT", "/v2/actor-runs/{run}"),
    ("POST", "/v2/actor-runs/{run}/abort"),
    ("POST", "/v2/actor-runs/{run}/reboot"),
    ("POST", "/v2/acts/{actor}/runs/{run}/abort"),
    ("POST", "/v2/actor-tasks/{task}/runs"),
]
UNKNOWN_RUNS = ["NoNExIsTeNtRuNiD1", "x", "a" * 20, "%2F", "%C3%A9", "a%00b", "%FF", "..%2F..", "~"]


def filled(path, run):
    return path.format(run=run["id"], actor=run["actId"], task=run["actorTaskId"])


@pytest.mark.parametrize(("method", "path"), POSTS)
def test_whatever_changes_needs_a_token(anonymous, ended, method, path):
    """Without a token every operation except Get run is answered with 401."""
    answer = anonymous.call(method, filled(path, ended), 401)
    assert answer.json()["error"]["type"] == "token-not-provided"


@pytest.mark.parametrize(("method", "path"), [("GET", "/v2/actor-runs/{run}"), *POSTS])
@pytest.mark.parametrize("place", ["header", "query"])
def test_a_wrong_token_is_refused_everywhere(anonymous, ended, method, path, place):
    """An unknown token is answered with 401, also where none is needed."""
    more = {"headers": {"Authorization": "Bearer nobody"}}
    if place == "query":
        more = {"params": {"token": "nobody"}}
    answer = anonymous.call(method, filled(path, ended), 401, **more)
    assert answer.json()["error"]["type"] == "user-or-token-not-found"
    assert "nobody" not in answer.text


def test_header_and_query_tokens_are_alike(api, anonymous, ended):
    """A token in the query has the same effect as one in the header."""
    path = f"/v2/actor-runs/{ended['id']}"
    by_query = anonymous.call("GET", path, 200, params={"token": "demo-token"}).json()["data"]
    assert by_query == api.get(ended["id"])
    assert "usageTotalUsd" in by_query


def test_the_header_counts_when_both_are_given(api, ended):
    """The token in the header counts, valid or not, when there is one in the query too."""
    path = f"/v2/actor-runs/{ended['id']}"
    api.call("GET", path, 200, params={"token": "nobody"})
    wrong = {"Authorization": "Bearer nobody"}
    api.call("GET", path, 401, params={"token": "demo-token"}, headers=wrong)


def test_costs_are_hidden_from_others(anonymous, stranger, api, ended):
    """Callers other than the owner see the run without its costs."""
    whole = api.get(ended["id"])
    for other in (anonymous, stranger):
        seen = other.get(ended["id"])
        assert set(whole) - set(seen) == {"usageUsd", "usageTotalUsd"}
        assert {key: whole[key] for key in seen} == seen


def test_a_restricted_run_is_for_its_owner(api, anonymous, stranger, ended):
    """The access setting decides whether those who know the id may read a run and its storages."""
    path = f"/v2/actor-runs/{ended['id']}"
    items = f"/v2/datasets/{ended['defaultDatasetId']}/items"
    try:
        assert api.put(ended["id"], generalAccess="RESTRICTED")["generalAccess"] == "RESTRICTED"
        for other in (anonymous, stranger):
            error = other.call("GET", path, 403).json()["error"]
            assert error["type"] == "insufficient-permissions"
            other.call("GET", items, 403)
        api.call("GET", items, 200)
    finally:
        api.put(ended["id"], generalAccess="ANYONE_WITH_ID_CAN_READ")
    anonymous.call("GET", path, 200)
    anonymous.call("GET", items, 200)


def test_a_run_follows_its_owner_s_setting(server, client, anonymous):
    """The runs of a user who restricts runs are restricted unless a run has its own setting."""
    with client(server.url, token="closed-token", task="closed~fixture") as api:
        run = api.start({})
        assert run["generalAccess"] == "FOLLOW_USER_SETTING"
        anonymous.call("GET", f"/v2/actor-runs/{run['id']}", 403)
        api.put(run["id"], generalAccess="ANYONE_WITH_ID_CAN_READ")
        anonymous.call("GET", f"/v2/actor-runs/{run['id']}", 200)


def test_a_stranger_changes_nothing(api, stranger):
    """Changing a run or task of another user is answered with 404."""
    run = api.running({"durationSecs": 30})
    before = api.get(run["id"])
    for method, path in POSTS:
        body = {"json": {"runId": run["id"], "statusMessage": "x"}} if method == "PUT" else {}
        answer = stranger.call(method, filled(path, run), 404, **body)
        assert answer.json()["error"]["type"] == "record-not-found"
    after = api.get(run["id"])
    for key in ("status", "statusMessage", "generalAccess"):
        assert after[key] == before[key]
    assert after["stats"]["rebootCount"] == 0
    api.post(run["id"], "abort")


@pytest.mark.parametrize("run", UNKNOWN_RUNS)
def test_an_unknown_run_is_not_found(api, anonymous, run):
    """An unknown id is answered with 404, whatever its form."""
    body = {"json": {"statusMessage": "x"}}
    for method, path, more in (
        ("PUT", f"/v2/actor-runs/{run}", body),
        ("POST", f"/v2/actor-runs/{run}/abort", {}),
        ("POST", f"/v2/actor-runs/{run}/reboot", {}),
        ("POST", f"/v2/actor-tasks/{run}/runs", {}),
    ):
        assert api.call(method, path, 404, **more).json()["error"]["type"] == "record-not-found"
    assert anonymous.call("GET", f"/v2/actor-runs/{run}", 404).json()["error"]["message"]


@pytest.mark.parametrize("spelling", ["demo~fixture", "~fixture", "DEMO~Fixture", "{id}"])
def test_a_task_has_several_names(api, ended, spelling):
    """A task is found by its id, by `user~name` and by `~name`."""
    run = api.start({"durationSecs": 0}, task=spelling.format(id=ended["actorTaskId"]))
    assert run["actorTaskId"] == ended["actorTaskId"]


@pytest.mark.parametrize("prefix", ["acts", "actors"])
@pytest.mark.parametrize("actor", ["{id}", "demo~fixture-actor", "~fixture-actor"])
def test_the_deprecated_abort_takes_the_actor_s_names(api, ended, prefix, actor):
    """The deprecated path answers like its modern twin under both prefixes."""
    name = actor.format(id=ended["actId"])
    path = f"/v2/{prefix}/{name}/runs/{ended['id']}/abort"
    assert api.call("POST", path, 200).json()["data"] == api.post(ended["id"], "abort")


def test_the_deprecated_abort_wants_the_run_s_actor(api, ended):
    """An unknown Actor, or one that does not own the run, is answered with 404."""
    for actor, kind in (
        ("NoNExIsTeNtAcToR1", "record-or-token-not-found"),
        ("demo~nothing", "record-not-found"),
        ("demo~broken", "record-not-found"),
    ):
        answer = api.call("POST", f"/v2/acts/{actor}/runs/{ended['id']}/abort", 404)
        assert answer.json()["error"]["type"] == kind


def test_limits_of_a_user_are_kept(server, client):
    """A start above the user's limit of runs or memory is answered with 402."""
    with client(server.url, token="small-token", task="small~fixture") as api:
        path = "/v2/actor-tasks/small~fixture/runs"
        error = api.call("POST", path, 402, params={"memory": 1024}).json()["error"]
        assert error["type"] == "actor-memory-limit-exceeded"
        assert "512MB" in error["message"]
        run = api.start()
        error = api.call("POST", path, 402).json()["error"]
        assert error["type"] == "concurrent-runs-limit-exceeded"
        api.post(run["id"], "abort")
        api.get(run["id"], wait=10)
        api.post(api.start()["id"], "abort")
