"""Answers of the real platform, as people published them, are right by the contract.

Each file is one run without its envelope. Some were abridged by whoever published them: for these
the table says which required properties are missing for that reason. They are judged by the same
schema with only those properties not asked for, and everything that is there counts.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"

IDS = {
    "actId",
    "userId",
    "buildId",
    "defaultKeyValueStoreId",
    "defaultDatasetId",
    "defaultRequestQueueId",
}

# file: required properties left out by its origin
LEFT_OUT = {
    "getLastRunResult.json": set(),
    "getRunTaskResult.json": set(),
    "getSuccessRunResult.json": set(),
    "runActorResult.json": set(),
    "runScrapeSingleUrlActorResult.json": set(),
    "readme_ready.json": IDS,
    "webhook_actor1.json": IDS,
    "webhook_actor2.json": IDS,
}


def snapshot(name):
    return json.loads((SNAPSHOTS / name).read_text(encoding="utf-8"))


def test_table_is_complete():
    """Every snapshot is in the table."""
    assert set(LEFT_OUT) == {path.name for path in SNAPSHOTS.glob("*.json")}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_left_out(contract, name):
    """The table says exactly which required properties a snapshot does without."""
    required = set(contract["components"]["schemas"]["Run"]["required"])

    assert required - snapshot(name).keys() == LEFT_OUT[name]


@pytest.mark.parametrize("name", LEFT_OUT)
def test_is_valid(faults, name):
    """Everything that a snapshot has is right by the contract."""
    assert faults("Run", snapshot(name), without_required=frozenset(LEFT_OUT[name])) == []


@pytest.mark.parametrize("name", [name for name, missing in LEFT_OUT.items() if missing])
def test_what_is_left_out_counts(faults, name):
    """An abridged snapshot is wrong by the schema as it stands, for what it lacks alone."""
    found = faults("Run", snapshot(name))

    assert len(found) == len(LEFT_OUT[name])
    assert all("required property" in fault for fault in found)
