"""A check that ends early is cancelled while it checks, and never in its clean-up."""

import asyncio

import pytest

from actor_runs_conformance.engine import early_end
from actor_runs_conformance.engine.early_end import EarlyEnd

BROKEN = {"event": "finding", "verdict": "failed", "promise": "TSK-03"}
WHY = {"fail-fast": {"counted": {"TSK-03"}}, "all broken": {"asked": {"TSK-03"}}}


async def work(why, *, disarmed):
    task = asyncio.current_task()
    assert task is not None
    early = EarlyEnd(task, **why)
    early(BROKEN)
    if disarmed:
        early.disarm()
    await asyncio.sleep(0.05)
    return "cleaned up"


@pytest.mark.parametrize("why", WHY.values(), ids=WHY)
def test_the_clean_up_is_left_alone(why, monkeypatch):
    """What is found in the last moment of a check does not cancel what follows it."""
    monkeypatch.setattr(early_end, "GRACE", 0.0)
    assert asyncio.run(work(why, disarmed=True)) == "cleaned up"
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work(why, disarmed=False))
