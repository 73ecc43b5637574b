"""The budget of runs is never exceeded."""

from __future__ import annotations

import asyncio

import pytest

from actor_runs_conformance.testkit.budget import Budget, BudgetSpentError


def test_starts_are_taken_up_to_the_limit():
    """No start is left once all are taken; one that is given back can be taken again."""
    budget = Budget(2)
    budget.take()
    budget.take()
    with pytest.raises(BudgetSpentError, match="all 2 runs"):
        budget.take()
    budget.give_back()
    budget.take()
    assert budget.used == 2


def test_a_start_that_is_given_back_is_waited_for():
    """Whoever has patience gets the start that another gives back meanwhile."""
    budget = Budget(1, used=1)

    async def both():
        asyncio.get_running_loop().call_later(0.3, budget.give_back)
        await budget.take_within(5)

    asyncio.run(both())
    assert budget.used == 1


def test_a_closed_budget_is_not_waited_for():
    """At the end of a check nothing more is started, whatever is left."""
    budget = Budget(1)
    budget.close()
    with pytest.raises(BudgetSpentError, match="the check is over"):
        asyncio.run(asyncio.wait_for(budget.take_within(60), 1))
