"""Orders the tests of the matrix, and lets them stop early."""

from collections import defaultdict

import pytest

# A check that stops early may cancel a request whose connection is being made: asyncio then loses
# the socket, which is collected later, in whichever test that is.
LOST_SOCKETS = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread each kind of test over the run: those of one kind make each other late.

    Some wait and some work; the long ones would be all that is left at the end. Among these, those
    of slow servers go first.
    """
    kinds = defaultdict(list)
    for item in sorted(items, key=lambda item: "slow" not in item.name):
        kinds["long" if item.get_closest_marker("long") else item.path].append(item)
    place = {item: index / len(kind) for kind in kinds.values() for index, item in enumerate(kind)}
    items.sort(key=place.__getitem__)
    for item in items:
        item.add_marker(LOST_SOCKETS)
