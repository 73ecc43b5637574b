"""What scenarios of an end share: a request that is under way does not outlive them."""

import asyncio

import pytest

from actor_runs_conformance.checks.scenarios.endings import refused, under_way
from tests.support.hand_made import exchange


def test_a_request_under_way_ends_with_its_scenario():
    """It is cancelled when the scenario goes on without it, also where that fails."""

    async def go():
        async with under_way(asyncio.sleep(60)) as quiet:
            pass
        with pytest.raises(LookupError):
            async with under_way(asyncio.sleep(60)) as failing:
                raise LookupError
        return quiet, failing

    assert [task.cancelled() for task in asyncio.run(go())] == [True, True]


@pytest.mark.parametrize(
    ("status", "expected"), [(200, False), (400, True), (None, True), ("pending", False)]
)
def test_refused(status, expected):
    """A request is refused once it has an answer that is not 2xx, or none at all."""

    async def answer():
        if status is None:
            raise ConnectionError
        if status == "pending":
            await asyncio.sleep(60)
        return exchange(status=status)

    async def go():
        async with under_way(answer()) as call:
            await asyncio.sleep(0.01)
            return refused(call)

    assert asyncio.run(go()) is expected
