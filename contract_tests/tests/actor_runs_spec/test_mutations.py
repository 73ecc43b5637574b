"""A right answer made wrong in one place is wrong by the contract, in that place."""

from __future__ import annotations

import copy

import pytest

GONE = object()

# file, path inside `data`, new value, where the fault is found
BROKEN = [
    ("get-run.json", "id", 5, "/data/id"),
    ("get-run.json", "id", "", "/data/id"),
    ("get-run.json", "id", GONE, "/data"),
    ("get-run.json", "startedAt", GONE, "/data"),
    ("get-run.json", "startedAt", "yesterday", "/data/startedAt"),
    ("get-run.json", "startedAt", None, "/data/startedAt"),
    ("get-run.json", "finishedAt", 1575963012, "/data/finishedAt"),
    ("get-run.json", "finishedAt", "2019-12-12", "/data/finishedAt"),
    ("get-run.json", "status", None, "/data/status"),
    ("get-run.json", "status", 3, "/data/status"),
    ("get-run.json", "statusMessage", ["Actor is running"], "/data/statusMessage"),
    ("get-run.json", "isStatusMessageTerminal", "false", "/data/isStatusMessageTerminal"),
    ("get-run.json", "meta", [], "/data/meta"),
    ("get-run.json", "meta/origin", GONE, "/data/meta"),
    ("get-run.json", "meta/scheduledAt", "soon", "/data/meta/scheduledAt"),
    ("get-run.json", "stats", None, "/data/stats"),
    ("get-run.json", "stats/rebootCount", -1, "/data/stats/rebootCount"),
    ("get-run.json", "stats/rebootCount", 0.5, "/data/stats/rebootCount"),
    ("get-run.json", "stats/memAvgBytes", "much", "/data/stats/memAvgBytes"),
    ("get-run.json", "options/timeoutSecs", "300", "/data/options/timeoutSecs"),
    ("get-run.json", "options/memoryMbytes", 64, "/data/options/memoryMbytes"),
    ("get-run.json", "options/diskMbytes", GONE, "/data/options"),
    ("get-run.json", "options/maxTotalChargeUsd", "5", "/data/options/maxTotalChargeUsd"),
    ("get-run.json", "exitCode", "0", "/data/exitCode"),
    ("get-run.json", "exitCode", 0.5, "/data/exitCode"),
    ("get-run.json", "generalAccess", True, "/data/generalAccess"),
    ("get-run.json", "storageIds/datasets", "wmKPijuyDnPZAPRMk", "/data/storageIds"),
    ("get-run.json", "storageIds/datasets/default", 5, "/data/storageIds"),
    ("get-run.json", "containerUrl", "not a url", "/data/containerUrl"),
    ("get-run.json", "chargedEventCounts/page-crawled", "150", "/data/chargedEventCounts"),
    ("get-run.json", "pricingInfo/pricingModel", GONE, "/data/pricingInfo"),
    ("get-run.json", "pricingInfo/pricingPerEvent", 5, "/data/pricingInfo"),
    ("get-run.json", "pricingInfo/createdAt", "long ago", "/data/pricingInfo"),
    ("get-run.json", "usage", 3, "/data/usage"),
    ("get-run.json", "usage/DATASET_READS", "4", "/data/usage"),
    ("get-run.json", "usageUsd/PROXY_SERPS", "1", "/data/usageUsd"),
    ("get-run.json", "usageTotalUsd", "0.2654", "/data/usageTotalUsd"),
    ("get-run.json", "metamorphs", {}, "/data/metamorphs"),
    ("get-run.json", "metamorphs/0/actorId", GONE, "/data/metamorphs/0"),
    ("abort-run.json", "usage/DATA_TRANSFER_EXTERNAL_GBYTES?", "3", "/data/usage"),
    ("abort-run.json", "usageUsd/DATA_TRANSFER_EXTERNAL_GBYTES?", "3", "/data/usageUsd"),
]

# What a good server may do: file, path inside `data`, new value
ALLOWED = [
    ("get-run.json", "generalAccess", GONE),
    ("get-run.json", "usage", GONE),
    ("get-run.json", "usage", None),
    ("abort-run.json", "usageUsd/DATA_TRANSFER_EXTERNAL_GBYTES?", None),
    ("get-run.json", "usageUsd", None),
    ("get-run.json", "usageTotalUsd", GONE),
    ("get-run.json", "metamorphs", None),
    ("get-run.json", "metamorphs", GONE),
    ("get-run.json", "pricingInfo", GONE),
    ("get-run.json", "pricingInfo", {"pricingModel": "FREE"}),
    ("get-run.json", "pricingInfo", {"pricingModel": "PER_MOON_PHASE", "moons": 4}),
    ("get-run.json", "stats", {}),
    ("get-run.json", "stats/rebootCount", GONE),
    ("get-run.json", "stats/inputBodyLen", None),
    ("get-run.json", "status", "PAUSED"),
    ("get-run.json", "meta/origin", "QUANTUM"),
    ("get-run.json", "finishedAt", None),
    ("get-run.json", "exitCode", GONE),
    ("get-run.json", "exitCode", None),
    ("get-run.json", "options/maxItems", None),
    ("get-run.json", "buildNumber", None),
    ("get-run.json", "actId", "janedoe~my-actor"),
    ("get-run.json", "consoleUrl", "https://console.apify.com/view/runs/HG7ML7M8z78YcAPEB"),
    ("get-run.json", "stats/moons", {"full": 1}),
    ("abort-run.json", "usage/DATA_TRANSFER_EXTERNAL_GBYTES?", GONE),
]

# A sample of each model, tiers included
PRICING = {
    "PayPerEventPricing": {
        "pricingModel": "PAY_PER_EVENT",
        "apifyMarginPercentage": 0.2,
        "pricingPerEvent": {
            "actorChargeEvents": {
                "actor-start": {"eventTitle": "Start", "eventPriceUsd": 0.0015},
                "page-crawled": {
                    "eventTieredPricingUsd": {
                        "FREE": {"tieredEventPriceUsd": 0.004},
                        "GOLD": {"tieredEventPriceUsd": 0.002},
                    }
                },
            }
        },
    },
    "PricePerDatasetItemPricing": {
        "pricingModel": "PRICE_PER_DATASET_ITEM",
        "unitName": "result",
        "tieredPricing": {"BRONZE": {"tieredPricePerUnitUsd": 0.0015}},
    },
    "FlatPricePerMonthPricing": {
        "pricingModel": "FLAT_PRICE_PER_MONTH",
        "trialMinutes": 1440,
        "pricePerUnitUsd": 20,
    },
    "FreePricing": {"pricingModel": "FREE", "reasonForChange": None},
    "OtherPricing": {"pricingModel": "PER_MOON_PHASE", "moons": 4},
}

# A price that is wrong by its model, and where that is found
BROKEN_PRICES = [
    (
        "PayPerEventPricing",
        {
            "pricingModel": "PAY_PER_EVENT",
            "pricingPerEvent": {"actorChargeEvents": {"a": {"eventPriceUsd": "1"}}},
        },
        "/pricingPerEvent/actorChargeEvents/a/eventPriceUsd",
    ),
    (
        "PayPerEventPricing",
        {
            "pricingModel": "PAY_PER_EVENT",
            "pricingPerEvent": {"actorChargeEvents": {"a": {"eventTieredPricingUsd": {"B": {}}}}},
        },
        "/pricingPerEvent/actorChargeEvents/a/eventTieredPricingUsd/B",
    ),
    (
        "PricePerDatasetItemPricing",
        {
            "pricingModel": "PRICE_PER_DATASET_ITEM",
            "tieredPricing": {"GOLD": {"tieredPricePerUnitUsd": None}},
        },
        "/tieredPricing/GOLD/tieredPricePerUnitUsd",
    ),
    (
        "FlatPricePerMonthPricing",
        {"pricingModel": "FLAT_PRICE_PER_MONTH", "trialMinutes": "1"},
        "/trialMinutes",
    ),
    (
        "FreePricing",
        {"pricingModel": "FREE", "createdAt": "long ago"},
        "/createdAt",
    ),
]


def changed(example, path, value):
    """A copy of an example with the value at `path` replaced, or removed if it is GONE."""
    answer = copy.deepcopy(example)
    *parents, last = path.split("/")
    inner = answer["data"]
    for key in parents:
        inner = inner[int(key) if isinstance(inner, list) else key]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return answer


@pytest.mark.parametrize(("name", "path", "value", "where"), BROKEN)
def test_broken(examples, faults, name, path, value, where):
    """A wrong type, range, format or a missing property is found where it is."""
    found = faults("RunEnvelope", changed(examples[name], path, value))

    assert found
    assert all(fault.startswith(where) for fault in found), found


@pytest.mark.parametrize(("name", "path", "value"), ALLOWED)
def test_allowed(examples, faults, name, path, value):
    """What the documents leave free is not wrong."""
    assert faults("RunEnvelope", changed(examples[name], path, value)) == []


@pytest.mark.parametrize(
    "answer",
    [{}, {"data": None}, {"data": []}, {"error": {"type": "x", "message": "y"}}, [], None, "data"],
)
def test_envelope(faults, answer):
    """An answer without a run in `data` is no success."""
    assert faults("RunEnvelope", answer) != []


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"error": "not found"},
        {"error": {"type": "record-not-found"}},
        {"error": {"message": "Actor run was not found"}},
        {"error": {"type": "", "message": "Actor run was not found"}},
        {"error": {"type": 404, "message": "Actor run was not found"}},
        {"data": {}},
    ],
)
def test_error_envelope(faults, answer):
    """An error without a type and a message for people is no error answer."""
    assert faults("ErrorEnvelope", answer) != []


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ({"runId": "3KH8gEpp4d8uQSe8T", "statusMessage": "Actor has finished"}, True),
        ({"runId": "x", "statusMessage": "", "isStatusMessageTerminal": True, "foo": 1}, True),
        ({"runId": "x", "statusMessage": "y", "generalAccess": "RESTRICTED"}, True),
        ({"statusMessage": "Actor has finished"}, False),
        ({"runId": "3KH8gEpp4d8uQSe8T"}, False),
        ({"runId": "x", "statusMessage": 5}, False),
        ({"runId": "x", "statusMessage": None}, False),
        ({"runId": "x", "statusMessage": "y", "isStatusMessageTerminal": "yes"}, False),
        ({"runId": "x", "statusMessage": "y", "generalAccess": "invalid"}, False),
        ({"runId": "x", "statusMessage": "y", "generalAccess": None}, False),
        ([], False),
    ],
)
def test_update_request(faults, body, right):
    """A status message comes with the run's id, and with the right types."""
    assert right == (faults("UpdateRunRequest", body) == [])


@pytest.mark.parametrize(
    ("body", "right"), [({}, True), ({"a": {"b": [1]}}, True), ([1], False), ("{}", False)]
)
def test_task_input(faults, body, right):
    """An input is any JSON object and nothing else."""
    assert right == (faults("TaskInput", body) == [])


@pytest.mark.parametrize("other", PRICING)
@pytest.mark.parametrize("model", PRICING)
def test_each_pricing_model_has_its_name(faults, model, other):
    """A pricing is right by the schema of its model under that model's name and under no other."""
    value = {**PRICING[model], "pricingModel": PRICING[other]["pricingModel"]}

    assert (model == other) == (faults(model, value) == [])


@pytest.mark.parametrize("model", PRICING)
def test_pricing_models(faults, model):
    """Each model, and one that is new, is a pricing."""
    assert faults("PricingInfo", PRICING[model]) == []


@pytest.mark.parametrize(("schema", "value", "where"), BROKEN_PRICES)
def test_broken_prices(faults, schema, value, where):
    """A price of the wrong type is found, however deep it lies, and no other model excuses it."""
    assert any(fault.startswith(where) for fault in faults(schema, value))
    assert faults("PricingInfo", value) != []
