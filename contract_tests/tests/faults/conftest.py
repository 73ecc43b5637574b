"""Orders the tests of the matrix, and lets them stop early."""

import pytest

# A check that stops early may cancel a request whose connection is being made: asyncio then loses
# the socket, which is collected later, in whichever test that is.
LOST_SOCKETS = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the long tests over the run: together they make each other late, at its end they wait.

    Those of slow servers take longest, and go first.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    long.sort(key=lambda item: "slow" not in item.name)
    short = [item for item in items if item not in long]
    place = {item: index for index, item in enumerate(short)}
    share = len(short) / (len(long) + 1)
    place |= {item: index * share for index, item in enumerate(long)}
    items.sort(key=place.__getitem__)
    for item in items:
        item.add_marker(LOST_SOCKETS)
