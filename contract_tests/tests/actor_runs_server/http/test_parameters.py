"""No parameter is overlooked: every documented one of each endpoint is honoured or refused."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from actor_runs_server.app import create_app
from actor_runs_server.config.config import demo

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the public OpenAPI file of the API (version of 2026-08-05) documents, by endpoint. A run is
# addressed by its id or as the last one, a storage by its id or by its run; `token` and `method`
# are understood everywhere.
PAGE = "offset limit desc"
RUNS = f"{PAGE} status startedAfter startedBefore"
OPTIONS = "timeout memory maxItems maxTotalChargeUsd restartOnError build"
START = f"{OPTIONS} waitForFinish webhooks"
ITEMS = (
    f"{PAGE} format clean fields outputFields omit unwind flatten attachment delimiter bom xmlRoot "
    "xmlRow skipHeaderRow skipHidden skipEmpty simplified view skipFailedPages feedTitle "
    "feedDescription"
)
STORAGE = {"GET": "", "PUT": "", "DELETE": ""}
STORAGES = {"GET": f"{PAGE} unnamed ownership", "POST": "name"}
SYNC = dict.fromkeys(("GET", "POST"), f"{OPTIONS} webhooks outputRecordKey")
SYNC_ITEMS = dict.fromkeys(("GET", "POST"), f"{OPTIONS} webhooks {ITEMS}")
LOG = {"GET": "stream download raw"}
DOCUMENTED = {
    "/v2/actor-runs": {"GET": RUNS},
    "RUN": {"GET": "waitForFinish", "PUT": "", "DELETE": ""},
    "RUN/abort": {"POST": "gracefully"},
    "RUN/reboot": {"POST": ""},
    "RUN/resurrect": {"POST": OPTIONS},
    "RUN/metamorph": {"POST": "targetActorId build"},
    "RUN/charge": {"POST": ""},
    "RUN/log": LOG,
    "/v2/logs/{run}": LOG,
    "/v2/actor-tasks": {"GET": PAGE, "POST": ""},
    "/v2/actor-tasks/{task}": {"GET": "", "PUT": "", "DELETE": ""},
    "/v2/actor-tasks/{task}/input": {"GET": "", "PUT": ""},
    "/v2/actor-tasks/{task}/webhooks": {"GET": PAGE},
    "/v2/actor-tasks/{task}/runs": {"GET": RUNS, "POST": START},
    "/v2/actor-tasks/{task}/run-sync": SYNC,
    "/v2/actor-tasks/{task}/run-sync-get-dataset-items": SYNC_ITEMS,
    "/v2/actors": {"GET": f"{PAGE} my sortBy"},
    "/v2/actors/{actor}": {"GET": ""},
    "/v2/actors/{actor}/builds": {"GET": PAGE},
    "/v2/actors/{actor}/builds/default": {"GET": "waitForFinish"},
    "/v2/actors/{actor}/webhooks": {"GET": PAGE},
    "/v2/actors/{actor}/runs": {"GET": RUNS, "POST": f"{START} forcePermissionLevel"},
    "/v2/actors/{actor}/runs/{run}/abort": {"POST": "gracefully"},
    "/v2/actors/{actor}/run-sync": SYNC,
    "/v2/actors/{actor}/run-sync-get-dataset-items": SYNC_ITEMS,
    "/v2/actor-builds": {"GET": PAGE},
    "/v2/actor-builds/{build}": {"GET": "waitForFinish"},
    "/v2/store": {
        "GET": "limit offset search sortBy category username pricingModel allowsAgenticUsers "
        "responseFormat includeUnrunnableActors"
    },
    "/v2/users/me": {"GET": ""},
    "/v2/users/me/limits": {"GET": ""},
    "/v2/users/me/usage/monthly": {"GET": "date"},
    "/v2/users/{user}": {"GET": ""},
    "/v2/webhooks": {"GET": PAGE, "POST": ""},
    "/v2/webhooks/{webhook}": {"GET": "", "PUT": "", "DELETE": ""},
    "/v2/webhooks/{webhook}/test": {"POST": ""},
    "/v2/webhooks/{webhook}/dispatches": {"GET": PAGE},
    "/v2/webhook-dispatches": {"GET": PAGE},
    "/v2/webhook-dispatches/{dispatch}": {"GET": ""},
    "/v2/datasets": STORAGES,
    "/v2/key-value-stores": STORAGES,
    "/v2/request-queues": STORAGES,
    "DATASET": STORAGE,
    "DATASET/items": {"GET": f"{ITEMS} signature", "POST": ""},
    "DATASET/statistics": {"GET": ""},
    "STORE": STORAGE,
    "STORE/keys": {"GET": "exclusiveStartKey limit collection prefix signature"},
    "STORE/records/{key}": {
        "GET": "attachment signature",
        "PUT": "",
        "POST": "",
        "DELETE": "",
    },
    "QUEUE": STORAGE,
    "QUEUE/head": {"GET": "limit clientKey"},
    "QUEUE/head/lock": {"POST": "lockSecs limit clientKey"},
    "QUEUE/requests": {
        "GET": "clientKey exclusiveStartId limit cursor filter",
        "POST": "clientKey forefront",
    },
    "QUEUE/requests/batch": {"POST": "clientKey forefront", "DELETE": "clientKey"},
    "QUEUE/requests/unlock": {"POST": "clientKey"},
    "QUEUE/requests/{request}": {
        "GET": "",
        "PUT": "forefront clientKey",
        "DELETE": "clientKey",
    },
    "QUEUE/requests/{request}/lock": {
        "PUT": "lockSecs clientKey forefront",
        "DELETE": "clientKey forefront",
    },
    "/health": {"GET": ""},
}
LAST = "status origin"
# The operations of the contract: the only ones that ignore a parameter they do not know.
OPERATIONS = {
    ("GET", "/v2/actor-runs/{run}"),
    ("PUT", "/v2/actor-runs/{run}"),
    ("POST", "/v2/actor-runs/{run}/abort"),
    ("POST", "/v2/actor-runs/{run}/reboot"),
    ("POST", "/v2/acts/{actor}/runs/{run}/abort"),
    ("POST", "/v2/actors/{actor}/runs/{run}/abort"),
    ("POST", "/v2/actor-tasks/{task}/runs"),
}
# Parameters that take any text change the answer: with this value, beside these parameters.
TEXTS = {
    "search": ("none", {}),
    "category": ("none", {}),
    "username": ("none", {}),
    "fields": ("none", {}),
    "omit": ("a", {}),
    "unwind": ("b", {}),
    "flatten": ("b", {}),
    "feedTitle": ("A title", {"format": "rss"}),
    "feedDescription": ("A text", {"format": "rss"}),
    "prefix": ("none", {}),
    "exclusiveStartKey": ("zzz", {}),
    "exclusiveStartId": ("zzz", {}),
    "cursor": ("zzz", {}),
    "outputRecordKey": ("NONE", {}),
}
# What these name is looked up, and not found.
NAMES = {"origin": ("NONE", 404), "build": ("none", 403), "targetActorId": ("none", 404)}
# What endpoints need beside the parameter.
TARGET = {"targetActorId": "demo~fixture-actor"}
REQUEST = {"url": "http://localhost", "uniqueKey": "one"}
BESIDE = {
    ("POST", "RUN/metamorph"): {"params": TARGET},
    ("PUT", "QUEUE/requests/{request}/lock"): {"params": {"lockSecs": 1}},
    ("POST", "QUEUE/requests"): {"json": REQUEST},
    ("PUT", "QUEUE/requests/{request}"): {"json": REQUEST},
    ("POST", "QUEUE/requests/batch"): {"json": [REQUEST]},
}
# Whose locks are meant, and what opens a storage to others: the tests of storages show what these
# do, and those of starts what texts do where a run has to end first.
ELSEWHERE = {"clientKey", "signature"}
# No value of any other parameter is valid: not a number, boolean, time, choice, name or JSON.
INVALID = "?!"
FIXED = {"task": "demo~fixture", "actor": "demo~fixture-actor", "user": "demo", "key": "OUTPUT"}


def place(path: str) -> tuple[str, bool]:
    """Return the endpoint of a path, as the table above has it, and whether it is of a last run."""
    path = re.sub(r"^/v2/acts\b", "/v2/actors", path)
    path, last = re.subn(r"^/v2/actor(s/\{actor\}|-tasks/\{task\})/runs/last\b", "RUN", path)
    path = re.sub(r"^/v2/actor-runs/\{run\}", "RUN", path)
    for kind, name in (
        ("dataset", "DATASET"),
        ("key-value-store", "STORE"),
        ("request-queue", "QUEUE"),
    ):
        path = re.sub(rf"^(RUN/{kind}\b|/v2/{kind}s/\{{storage\}})", name, path)
    return path, bool(last)


@contextmanager
def serving(folder) -> Iterator[tuple[TestClient, list[tuple[str, str]]]]:
    """Serve in process; give the endpoints, each once for runs by id and once for last runs."""
    app = create_app(demo(), folder, admin=True)
    endpoints = {
        (method, *place(route.path)): (method, route.path)
        for route in reversed(app.router.routes)
        if hasattr(route, "methods") and not route.path.startswith("/__admin")
        for method in route.app.methods
    }
    headers = {"Authorization": "Bearer demo-token"}
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client, list(endpoints.values())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A client, the endpoints, and what their paths name: a run that never ends, its storages."""
    with serving(tmp_path_factory.mktemp("data")) as (client, endpoints):
        body = {"task": "demo~fixture", "status": "RUNNING"}
        run = client.post("/__admin/runs", json=body).json()["data"]
        below = f"/v2/actor-runs/{run['id']}"
        client.post(f"{below}/dataset/items", json={"a": 1, "b": {"c": 2}})
        client.put(f"{below}/key-value-store/records/OUTPUT", json={})
        added = client.post(f"{below}/request-queue/requests", json=REQUEST).json()["data"]
        named = {**FIXED, "run": run["id"], "request": added["requestId"]}
        named["build"] = run["buildId"]
        webhook = {
            "eventTypes": ["TEST"],
            "condition": {"actorRunId": run["id"]},
            "requestUrl": "http://127.0.0.1:9/",
        }
        named["webhook"] = client.post("/v2/webhooks", json=webhook).json()["data"]["id"]
        test = client.post(f"/v2/webhooks/{named['webhook']}/test").json()["data"]
        named["dispatch"] = test["id"]
        for kind in ("Dataset", "KeyValueStore", "RequestQueue"):
            named[kind] = run[f"default{kind}Id"]
        yield client, endpoints, named


def address(path, named):
    """Return a path with what it names."""
    storage = next(
        (
            named[name]
            for kind, name in (
                ("datasets", "Dataset"),
                ("key-value-stores", "KeyValueStore"),
                ("request-queues", "RequestQueue"),
            )
            if path.startswith(f"/v2/{kind}")
        ),
        "",
    )
    return path.format(**named, storage=storage)


def documented(method, path):
    """Return the parameters of an endpoint."""
    name, last = place(path)
    return [*DOCUMENTED[name][method].split(), *(LAST.split() if last else ())]


def overlooked(client, method, path, name, beside):
    """Return what is wrong with the answer to a parameter; None if it is honoured or refused."""
    if name in TEXTS and method == "GET":
        value, needed = TEXTS[name]
        without = client.get(path, params=needed)
        answer = client.get(path, params={**needed, name: value})
        if answer.content != without.content:
            return None
    else:
        value, status = NAMES.get(name, (INVALID, 400))
        query = {**beside.get("params", {}), name: value}
        answer = client.request(method, path, **{**beside, "params": query})
        if answer.status_code == status != 400:
            return None
    refused = answer.status_code == 400 and name in answer.json()["error"]["message"]
    return None if refused else f"{name}={value}: {answer.status_code} {answer.text[:200]}"


def test_every_endpoint_is_in_the_table(server):
    """The table above and the server have the same endpoints."""
    _, endpoints, _ = server
    served = {(method, place(path)[0]) for method, path in endpoints}
    assert served == {(method, name) for name, row in DOCUMENTED.items() for method in row}


def test_every_documented_parameter_is_honoured_or_refused(server):
    """An invalid value is refused with the parameter's name; any text changes the answer."""
    client, endpoints, named = server
    wrong = []
    for method, path in endpoints:
        for name in documented(method, path):
            if name not in ELSEWHERE and not (name in TEXTS and "/run-sync" in path):
                beside = BESIDE.get((method, place(path)[0]), {})
                found = overlooked(client, method, address(path, named), name, beside)
                wrong += [f"{method} {path} {found}"] if found else []
    assert not wrong, "\n".join(wrong)


def test_an_unknown_parameter_is_refused(server):
    """All endpoints but the operations of the contract refuse a parameter they do not know."""
    client, endpoints, named = server
    wrong = []
    for method, path in endpoints:
        if (method, path) not in OPERATIONS:
            answer = client.request(method, address(path, named), params={"colour": "red"})
            if answer.status_code != 400 or "colour" not in answer.text:
                wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
