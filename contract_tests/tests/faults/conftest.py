"""Collects what the matrix is rendered from, and leaves out what takes minutes."""

import json
import os
from pathlib import Path

import pytest

RESULTS = "FAULTS_RESULTS"


@pytest.fixture
def record(request: pytest.FixtureRequest):
    """Keep what one variant gave for `scripts/fault_matrix.py`, when that is asked for."""

    def write(**values: object) -> None:
        if os.environ.get(RESULTS):
            folder = Path(os.environ[RESULTS])
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{values['name']}.json").write_text(json.dumps(values, indent=1))

    return write


SLOW = ("faults", "determinism")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless `-m` asks for it."""
    asked = config.option.markexpr or ""
    slow = [
        item
        for item in items
        if any(item.get_closest_marker(name) and name not in asked for name in SLOW)
    ]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
