"""Leaves out what has a session of its own; lets programs in other folders find our packages."""

import os
import sys
from pathlib import Path

import pytest

APART = (
    "faults",
    "determinism",
    "robustness",
    "client_properties",
    "drivers",
    "integrations",
    "catalogue",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests with these marks, unless `-m` asks for them."""
    asked = config.option.markexpr or ""
    apart = [
        item
        for item in items
        if any(item.get_closest_marker(name) and name not in asked for name in APART)
    ]
    if apart:
        config.hook.pytest_deselected(items=apart)
        items[:] = [item for item in items if item not in apart]


@pytest.fixture
def found_anywhere(monkeypatch):
    """Let programs in other folders import our packages, also where they are not installed."""
    places = [str(Path(place).resolve()) for place in sys.path if place]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(places))
