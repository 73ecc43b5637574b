"""Starts on a server that cuts, delays, resets and refuses at random, across forks."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from tests.support.client_wire import ROOT

SCRIPT = importlib.util.spec_from_file_location(
    "stress_starts", ROOT / "scripts" / "stress_starts.py"
)
stress_starts = sys.modules["stress_starts"] = importlib.util.module_from_spec(SCRIPT)
SCRIPT.loader.exec_module(stress_starts)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_no_start_is_sent_twice_and_each_is_accounted_for():
    """Of some hundred starts, none is sent twice, and what may have arrived is told so."""
    problems, said = stress_starts.stress(400, seed=7)
    assert problems == []
    assert sum(said.values()) == 400
    assert len(said) >= 4


def test_what_goes_wrong_is_seen():
    """A start that was sent twice, told of as another, or denied, is called wrong."""
    arrived = {"a": ["fine", "cut"], "b": ["fine"], "c": ["cut"], "d": ["refused", "fine"]}
    said = {"a": "run a", "b": "run x", "c": "no NotConnectedError", "d": "run d"}
    assert [line.split(":")[0] for line in stress_starts.wrong(arrived, said)] == ["a", "b", "c"]
