"""Null is right by the contract wherever real answers have it, and nowhere else by accident."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from actor_runs_conformance.ledger.contract import field_fault

CASES = Path(__file__).parent.parent / "cases"

# file: the places, below `data`, that its name is about
NULL_IN = {
    "run-general-access-null.json": ["generalAccess"],
    "run-usage-null.json": ["usage.DATASET_READS", "usage.PROXY_SERPS"],
    "run-usage-usd-null.json": ["usageUsd.ACTOR_COMPUTE_UNITS", "usageUsd.PROXY_SERPS"],
}
MAY_BE_NULL = (
    *("actorTaskId", "finishedAt", "statusMessage", "isStatusMessageTerminal", "exitCode"),
    *("pricingInfo", "chargedEventCounts", "generalAccess", "storageIds", "buildNumber"),
    *("containerUrl", "isContainerServerReady", "gitBranchName", "usage", "usageTotalUsd"),
    *("usageUsd", "metamorphs", "platformUsageBillingModel"),
)


def case(name):
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def test_table_is_complete():
    """Every case is in the table."""
    assert set(NULL_IN) == {path.name for path in CASES.glob("*.json")}


@pytest.mark.parametrize("name", NULL_IN)
def test_answer_with_nulls_is_valid(faults, name):
    """An answer like those of the real platform is right, with null where its name says."""
    answer = case(name)
    for path in NULL_IN[name]:
        value = answer["data"]
        for key in path.split("."):
            value = value[key]
        assert value is None
    assert faults("RunEnvelope", answer) == []


@pytest.mark.parametrize("name", MAY_BE_NULL)
def test_property_may_be_null_or_absent(faults, examples, name):
    """A property that the contract does not require may be null or absent, and nothing odd."""
    run = copy.deepcopy(examples["get-run.json"]["data"])
    assert faults("Run", {**run, name: None}) == []
    assert faults("Run", {key: value for key, value in run.items() if key != name}) == []
    assert faults("Run", {**run, name: [0]}) != []


@pytest.mark.parametrize("part", ["usage", "usageUsd"])
def test_every_figure_of_usage_may_be_null(contract, faults, examples, part):
    """Each single figure of `usage` and `usageUsd` may be null, under either spelling."""
    run = copy.deepcopy(examples["get-run.json"]["data"])
    figures = [*run[part], "DATA_TRANSFER_EXTERNAL_GBYTES?"]
    schema = contract["components"]["schemas"][{"usage": "RunUsage"}.get(part, "RunUsageUsd")]
    assert set(figures[:-1]) == set(schema["properties"])
    for figure in figures:
        assert faults("Run", {**run, part: {**run[part], figure: None}}) == []
        assert faults("Run", {**run, part: {**run[part], figure: "3"}}) != []


def test_what_is_required_is_never_null(contract, faults, examples):
    """A property that the contract requires is not null."""
    run = examples["get-run.json"]["data"]
    for name in contract["components"]["schemas"]["Run"]["required"]:
        assert faults("Run", {**run, name: None}) != [], name


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("storageIds", {"datasets": {"default": 5}}, "/storageIds/datasets/default"),
        ("usage", {"DATASET_READS": "4"}, "/usage/DATASET_READS"),
        ("pricingInfo", {"pricingModel": "FREE", "createdAt": 3}, "/pricingInfo/createdAt"),
    ],
)
def test_what_does_not_fit_is_found_where_it_is(path, value, place):
    """What is wrong inside a property that may be null is named by its own place."""
    fault = field_fault(path, value)
    assert fault is not None
    assert fault.path == place
