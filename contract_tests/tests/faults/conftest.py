"""Orders the tests of the matrix."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the long tests over the run: together they make each other late, at its end they wait."""
    long = [item for item in items if item.get_closest_marker("long")]
    short = [item for item in items if item not in long]
    place = {item: index for index, item in enumerate(short)}
    share = len(short) / (len(long) + 1)
    place |= {item: index * share for index, item in enumerate(long)}
    items.sort(key=place.__getitem__)
