"""Tasks."""

import pytest

TASKS = "/v2/actor-tasks"


def test_a_task_lives(serve, client, tmp_path):
    """A task is created, listed, changed, run and deleted, and survives a restart."""
    body = {
        "actId": "demo~fixture-actor",
        "name": "mine",
        "options": {"memoryMbytes": 256, "build": "beta"},
        "input": {"durationSecs": 0},
    }
    data = tmp_path / "kept"
    with serve(data=data) as server, client(server.url) as api:
        task = api.call("POST", TASKS, 201, json=body).json()["data"]
        assert (task["name"], task["input"]) == ("mine", {"durationSecs": 0})
        assert api.call("POST", TASKS, 409, json=body).json()["error"]["type"].endswith("unique")
        run = api.start(task=task["id"], waitForFinish=20)
        assert run["actorTaskId"] == task["id"]
        assert run["options"]["memoryMbytes"] == 256
        changed = api.call("PUT", f"{TASKS}/{task['id']}", 200, json={"name": "other"})
        assert changed.json()["data"]["options"] == task["options"]
        api.call("PUT", f"{TASKS}/~other/input", 200, json={"exitCode": 3})
    with serve(data=data) as server, client(server.url) as api:
        given = api.call("GET", f"{TASKS}/~other/input", 200).json()
        assert given == {"durationSecs": 0, "exitCode": 3}
        listed = api.call("GET", TASKS, 200).json()["data"]["items"]
        assert {item["name"]: item["stats"]["totalRuns"] for item in listed}["other"] == 1
        assert api.get(run["id"])["actorTaskId"] == task["id"]
        api.call("DELETE", f"{TASKS}/{task['id']}", 204)
        api.call("DELETE", f"{TASKS}/demo~tuned", 204)
    with serve(data=data) as server, client(server.url) as api:
        api.call("GET", f"{TASKS}/{task['id']}", 404)
        api.call("GET", f"{TASKS}/demo~tuned", 404)
        api.call("POST", f"{TASKS}/demo~tuned/runs", 404)


REFUSED = {
    "no Actor": ({"name": "abc"}, 400),
    "an unknown Actor": ({"actId": "demo~none", "name": "abc"}, 404),
    "no name": ({"actId": "demo~fixture-actor"}, 400),
    "an invalid name": ({"actId": "demo~fixture-actor", "name": "-"}, 400),
    "an unknown member": ({"actId": "demo~fixture-actor", "name": "abc", "colour": 1}, 400),
    "invalid options": (
        {"actId": "demo~fixture-actor", "name": "abc", "options": {"memoryMbytes": 100}},
        400,
    ),
    "unknown options": (
        {"actId": "demo~fixture-actor", "name": "abc", "options": {"memory": 128}},
        400,
    ),
    "an unknown build": (
        {"actId": "demo~fixture-actor", "name": "abc", "options": {"build": "none"}},
        403,
    ),
    "an input that is no object": (
        {"actId": "demo~fixture-actor", "name": "abc", "input": [1]},
        403,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_task_is_refused(api, name):
    """The answer is an error, and no task is created."""
    body, status = REFUSED[name]
    api.call("POST", TASKS, status, json=body)
    api.call("GET", f"{TASKS}/~abc", 404)


def test_tasks_of_others_are_not_seen(api, stranger):
    """Another user neither lists nor reads nor changes a task."""
    names = [item["id"] for item in stranger.call("GET", TASKS, 200).json()["data"]["items"]]
    task = api.call("GET", f"{TASKS}/demo~fixture", 200).json()["data"]["id"]
    assert task not in names
    stranger.call("GET", f"{TASKS}/{task}", 404)
    stranger.call("PUT", f"{TASKS}/{task}", 404, json={"title": "mine"})
    stranger.call("DELETE", f"{TASKS}/{task}", 404)


def test_a_task_is_not_published(api):
    """`isPublic` may be false, and is refused when true."""
    body = {"actId": "demo/fixture-actor", "name": "not-public"}
    task = api.call("POST", TASKS, 201, json=body).json()["data"]
    place = f"{TASKS}/{task['id']}"
    refused = api.call("PUT", place, 400, json={"isPublic": True}).json()["error"]
    assert "isPublic" in refused["message"]
    assert not api.call("PUT", place, 200, json={"isPublic": False}).json()["data"]["isPublic"]
    api.call("DELETE", place, 204)
