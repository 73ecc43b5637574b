"""What a run is started with: options, input, build."""

import json

import pytest

OPTIONS = [
    # query, what `options` of the run shows
    ({}, {"timeoutSecs": 60, "memoryMbytes": 512, "diskMbytes": 1024, "build": "latest"}),
    ({"timeout": 90}, {"timeoutSecs": 90}),
    ({"timeout": "0"}, {"timeoutSecs": 0}),
    ({"timeout": 1.5}, {"timeoutSecs": 2}),
    ({"timeout": "1e300"}, {"timeoutSecs": 2**53 - 1}),
    ({"memory": 128}, {"memoryMbytes": 128, "diskMbytes": 256}),
    ({"memory": "256.0"}, {"memoryMbytes": 256}),
    ({"memory": 32768}, {"memoryMbytes": 32768}),
    ({"maxItems": 10}, {"maxItems": 10}),
    ({"maxItems": 0}, {"maxItems": 0}),
    ({"maxTotalChargeUsd": 1.5}, {"maxTotalChargeUsd": 1.5}),
    ({"build": "beta"}, {"build": "beta"}),
    ({"build": "0.1.1"}, {"build": "0.1.1"}),
    ({"build": ""}, {"build": "latest"}),
    ({"restartOnError": "1"}, {"restartOnError": True}),
    ({"restartOnError": "FALSE"}, {"restartOnError": False}),
    ({"foo": "bar", "webhooks": ""}, {"memoryMbytes": 512}),
    ({"memory": ["512", "1024"]}, {"memoryMbytes": 1024}),
]
REFUSED = [
    # query, status, type
    ({"timeout": "-1"}, 400, "invalid-value"),
    ({"timeout": "abc"}, 400, "invalid-value"),
    ({"timeout": ""}, 400, "invalid-value"),
    ({"memory": 100}, 400, "invalid-value"),
    ({"memory": 127}, 400, "invalid-value"),
    ({"memory": 129}, 400, "invalid-value"),
    ({"memory": 3000}, 400, "invalid-value"),
    ({"memory": 0}, 400, "invalid-value"),
    ({"memory": -1}, 400, "invalid-value"),
    ({"memory": 65536}, 400, "invalid-value"),
    ({"memory": 128.5}, 400, "invalid-value"),
    ({"maxItems": -1}, 400, "max-items-must-be-greater-than-zero"),
    ({"maxTotalChargeUsd": -0.1}, 400, "max-total-charge-usd-must-be-greater-than-zero"),
    ({"restartOnError": "maybe"}, 400, "invalid-value"),
    ({"build": "no-such-tag"}, 403, "unknown-build-tag"),
    ({"build": "99.99.99"}, 403, "build-not-found"),
    ({"webhooks": "dGhpcyBpcyBqdXN0IGV4YW1wbGUK..."}, 400, "invalid-value"),
    ({"webhooks": "e30="}, 400, "invalid-value"),
    ({"webhooks": "WzFd"}, 400, "invalid-value"),
]
BODIES = [
    # body, content type, status
    (b"{", "application/json", 403),
    (b"[1]", "application/json", 403),
    (b'"x"', "application/json", 403),
    (b"1", "application/json", 403),
    (b"\xff\xfe", "application/json", 403),
    (b'{"a": NaN}', "application/json", 403),
    (b'{"a": "\\ud800"}', "application/json", 403),
    (b'{"a": 1e999}', "application/json", 403),
    (b"[" * 100_000, "application/json", 403),
    (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 403),
    (b"{}", "text/plain", 403),
    (b"{}", None, 403),
    (b"{}", ";;", 400),
]


def count(api):
    return api.call("GET", "/v2/actor-tasks/demo~fixture/runs", 200).json()["data"]["total"]


def input_of(api, run):
    store = run["defaultKeyValueStoreId"]
    return api.call("GET", f"/v2/key-value-stores/{store}/records/INPUT", 200)


@pytest.mark.parametrize(("query", "shown"), OPTIONS)
def test_an_option_of_the_query_is_shown(api, query, shown):
    """The run's options show the requested values, and defaults for the rest."""
    options = api.start({"durationSecs": 0}, **query)["options"]
    assert {**options, **shown} == options


@pytest.mark.parametrize(("query", "status", "kind"), REFUSED)
def test_an_option_that_cannot_be_is_refused(api, query, status, kind):
    """An invalid option is answered with 4xx, and no run is started."""
    before = count(api)
    answer = api.call("POST", "/v2/actor-tasks/demo~fixture/runs", status, params=query)
    assert answer.json()["error"]["type"] == kind
    assert count(api) == before


def test_the_query_beats_the_task_and_the_task_the_actor(api):
    """Each option is taken from the query, else from the task, else from the Actor."""
    saved = api.start({"durationSecs": 0}, task="demo~tuned")["options"]
    assert (saved["timeoutSecs"], saved["memoryMbytes"], saved["build"]) == (7, 256, "beta")
    assert saved["maxItems"] == 3
    asked = api.start({"durationSecs": 0}, task="demo~tuned", memory=1024, build="latest")
    assert asked["options"]["timeoutSecs"] == 7
    assert (asked["options"]["memoryMbytes"], asked["options"]["build"]) == (1024, "latest")
    assert asked["buildNumber"] == "0.1.1"


def test_a_build_is_the_same_by_tag_and_number(api):
    """A tag and its number resolve to one build."""
    tag, number = (api.start({"durationSecs": 0}, build=b) for b in ("beta", "0.2.1"))
    assert (tag["buildId"], tag["buildNumber"]) == (number["buildId"], "0.2.1")


def test_no_body_takes_the_saved_input(api):
    """Without a body the task's input is the run's, and inputBodyLen is its length."""
    run = api.start()
    record = input_of(api, run)
    assert record.json() == {"durationSecs": 0.1, "exitCode": 0, "nested": {"a": 1, "b": 2}}
    assert run["stats"]["inputBodyLen"] == len(record.content)
    null = api.call(
        "POST",
        "/v2/actor-tasks/demo~fixture/runs",
        201,
        content=b"null",
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    assert input_of(api, null.json()["data"]).json() == record.json()


def test_a_body_overrides_property_by_property(api):
    """A given property replaces the saved property; the saved input stays unchanged."""
    saved = api.call("GET", "/v2/actor-tasks/demo~fixture/input", 200).json()
    run = api.start({"durationSecs": 0, "nested": {"c": 3}, "more": None})
    expected = {"durationSecs": 0, "exitCode": 0, "nested": {"c": 3}, "more": None}
    assert input_of(api, run).json() == expected
    assert api.call("GET", "/v2/actor-tasks/demo~fixture/input", 200).json() == saved


@pytest.mark.parametrize(("body", "content_type", "status"), BODIES)
def test_a_body_that_is_no_object_is_refused(api, body, content_type, status):
    """An input that is not a JSON object is answered with 4xx, and no run is started."""
    before = count(api)
    headers = {"Content-Type": content_type} if content_type else {}
    path = "/v2/actor-tasks/demo~fixture/runs"
    answer = api.call("POST", path, status, content=body, headers=headers)
    assert answer.json()["error"]["message"]
    assert count(api) == before


def test_an_input_schema_gives_defaults(api):
    """A property that neither body nor task has gets the default of the Actor's input schema."""
    run = api.start({"durationSecs": 0}, task="demo~strict")
    expected = {"durationSecs": 0, "exitCode": 0, "onAbort": "exit", "report": False}
    assert input_of(api, run).json() == expected


def test_an_input_schema_may_lie_beside_the_actor_json(serve, client, config, tmp_path):
    """`input` of an actor.json may be the path of a schema; a property's schema may be a boolean."""
    described = {"actorSpecification": 1, "input": "./input.json"}
    (tmp_path / "described.json").write_text(json.dumps(described))
    schema = {"properties": {"any": True, "exitCode": {"type": "integer", "default": 0}}}
    (tmp_path / "input.json").write_text(json.dumps(schema))
    config = config.replace('"actor.json"', '"described.json"')
    with serve(config=config) as server, client(server.url, task="demo~strict") as api:
        run = api.start({"durationSecs": 0})
        assert input_of(api, run).json() == {"durationSecs": 0, "exitCode": 0}
        path = "/v2/actor-tasks/demo~strict/runs"
        api.call("POST", path, 400, json={"exitCode": "none"})


@pytest.mark.parametrize("given", [{"durationSecs": "x"}, {"onAbort": "no"}, {"exitCode": 256}])
def test_an_input_schema_refuses_input(api, given):
    """An input that the Actor's schema does not allow is answered with 400."""
    path = "/v2/actor-tasks/demo~strict/runs"
    error = api.call("POST", path, 400, json=given).json()["error"]
    assert error["type"] == "invalid-input"
    assert error["message"].startswith(f"Input is not valid: input.{next(iter(given))}: ")


def test_the_actor_sees_its_input_and_its_caps(api):
    """The process finds the merged input and the documented variables."""
    run = api.start({"durationSecs": 0, "report": True}, maxItems=5, maxTotalChargeUsd=1.5)
    end = api.get(run["id"], wait=20)
    seen = json.loads(end["statusMessage"])
    assert seen["ACTOR_MAX_PAID_DATASET_ITEMS"] == "5"
    assert seen["ACTOR_MAX_TOTAL_CHARGE_USD"] == "1.5"
    assert seen["input"]["nested"] == {"a": 1, "b": 2}
    assert end["isStatusMessageTerminal"] is True


def test_the_environment_is_the_documented_one(api, server):
    """The process gets the run's values under the documented names, and no variables of the server."""
    run = api.running(None, task="demo~shell")
    api.until(run["id"], lambda _: "marker" in api.log(run["id"]))
    lines = api.log(run["id"]).splitlines()
    seen = dict(line.split("=", 1) for line in lines if "=" in line)
    expected = {
        "ACTOR_ID": run["actId"],
        "ACTOR_FULL_NAME": "demo/shell",
        "ACTOR_RUN_ID": run["id"],
        "ACTOR_TASK_ID": run["actorTaskId"],
        "ACTOR_BUILD_ID": run["buildId"],
        "ACTOR_BUILD_NUMBER": run["buildNumber"],
        "ACTOR_DEFAULT_DATASET_ID": run["defaultDatasetId"],
        "ACTOR_DEFAULT_KEY_VALUE_STORE_ID": run["defaultKeyValueStoreId"],
        "ACTOR_DEFAULT_REQUEST_QUEUE_ID": run["defaultRequestQueueId"],
        "ACTOR_INPUT_KEY": "INPUT",
        "ACTOR_MEMORY_MBYTES": "1024",
        "ACTOR_STARTED_AT": run["startedAt"],
        "APIFY_API_BASE_URL": server.url,
        "APIFY_IS_AT_HOME": "1",
        "APIFY_META_ORIGIN": "API",
        "APIFY_USER_ID": run["userId"],
    }
    assert {**seen, **expected} == seen
    assert seen["ACTOR_EVENTS_WEBSOCKET_URL"].startswith("ws://127.0.0.1:")
    assert seen["APIFY_TOKEN"] not in {"demo-token", ""}
    assert "ACTOR_MAX_PAID_DATASET_ITEMS" not in seen
    assert "PYTHONWARNINGS" not in seen
    api.post(run["id"], "abort")
    api.get(run["id"], wait=10)
    api.call(
        "GET",
        f"/v2/actor-runs/{run['id']}",
        401,
        headers={"Authorization": f"Bearer {seen['APIFY_TOKEN']}"},
    )


def test_a_new_run_tells_where_it_is_and_where_it_is_from(api, server):
    """The answer has a Location; `meta` of the run shows client address and user agent."""
    answer = api.call(
        "POST", "/v2/actor-tasks/demo~fixture/runs", 201, headers={"User-Agent": "tester/1"}
    )
    run = answer.json()["data"]
    assert answer.headers["location"] == f"{server.url}/v2/actor-runs/{run['id']}"
    assert run["meta"] == {"origin": "API", "clientIp": "127.0.0.1", "userAgent": "tester/1"}
    other = api.start()
    assert run["id"] != other["id"]
    assert run["defaultDatasetId"] != other["defaultDatasetId"]
    assert run["storageIds"]["datasets"]["default"] == run["defaultDatasetId"]
