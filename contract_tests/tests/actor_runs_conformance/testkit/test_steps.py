"""A scenario leaves out the steps that judge nothing that was asked for."""

import asyncio

import pytest

from actor_runs_conformance.checks import all_checks
from actor_runs_conformance.ledger import ledger
from actor_runs_conformance.testkit.context import CheckContext
from actor_runs_conformance.testkit.fixtures import Fixtures
from actor_runs_conformance.testkit.steps import step

# By the promise that is asked for: what its scenario then sends, and the runs started for it in all,
# which are the shared ones too.
ASKED = {
    "RBT-02": ({"runTask": 1, "rebootRun": 4}, 5),
    "PUT-02": ({"runTask": 1, "updateRun": 2}, 3),
}


def made(session, *selected):
    session.selected = frozenset(selected)
    return CheckContext(all_checks()["reboot_of_running_run"], session, Fixtures(session))


@step("RBT-02", "ERR-07")
async def refusals(ctx, promise="ERR-07"):
    ctx.note(promise, message="seen")
    return "done"


@step("RBT-02")
async def around(ctx):
    return await refusals(ctx)


def outcome(ctx, part=refusals, *arguments):
    return asyncio.run(part(ctx, *arguments)), set(ctx.session.findings.by_promise)


def test_a_step_that_nobody_asked_for_is_left_out(session):
    """It is made when one of its promises is asked for, and else it is not begun."""
    assert outcome(made(session, "RBT-03")) == (None, set())
    assert outcome(made(session, "RBT-03", "ERR-07")) == ("done", {"ERR-07"})


def test_all_steps_are_made_where_answers_are_judged(session):
    """Invariants judge the answers to all requests, so none is left out."""
    session.judges_answers = True
    assert outcome(made(session, "OBJ-01")) == ("done", set())


def test_a_step_that_waits_is_made_for_what_it_judges_alone(session):
    """Where answers are judged, a scenario is wanted for its requests, and not for its waits."""

    @step("RBT-03", waits=True)
    async def restart(ctx):
        return "done"

    session.judges_answers = True
    assert outcome(made(session, "OBJ-01"), restart) == (None, set())
    assert outcome(made(session, "OBJ-01", "RBT-03"), restart) == ("done", set())


def test_a_step_judges_nothing_that_it_does_not_name(session):
    """Whoever judges more in a step is told so by the first check, whatever was asked for."""
    ctx = made(session, "RBT-02", "RBT-03")
    with pytest.raises(LookupError, match="judges RBT-03 and does not name it"):
        outcome(ctx, refusals, "RBT-03")
    with pytest.raises(LookupError, match=r"\['ERR-07'\], the one around it not"):
        outcome(ctx, around)


def test_a_step_counts_for_the_scenario(session):
    """What a step has judged does not remain for the scenario to say that it was not exercised."""
    ctx = made(session, "RBT-02", "ERR-07")
    outcome(ctx)
    assert ctx.remaining == ["RBT-02"]


@pytest.mark.parametrize("promise", ASKED)
def test_one_promise_takes_no_more_than_it_needs(reference, check, promise):
    """Alone it starts the runs, and sends the requests, of the steps that judge it."""
    scenario = ledger.by_id()[promise].server.check
    only = f"{promise}@{scenario}"
    came = check(
        reference["url"], "--task", reference["task"], "--only", only, token=reference["token"]
    )
    assert came.verdicts == {promise: "passed"}, came.out
    requests, runs = ASKED[promise]
    exchanges = [event for event in came.events if event["event"] == "exchange"]
    sent = [event["operation"] for event in exchanges if event["check"] == scenario]
    assert {name: sent.count(name) for name in requests} == requests
    seen = {event["run"] for event in came.events if event["event"] == "run_status"}
    assert len(seen) == runs
