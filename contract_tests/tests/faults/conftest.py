"""Leaves out what takes minutes."""

import pytest

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
