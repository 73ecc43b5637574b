"""Leaves out what has a session of its own."""

import pytest

APART = ("faults", "determinism", "client_properties", "drivers")


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
