"""What is remembered of a run tells what changes by itself."""

from attrs import evolve

from actor_runs_conformance.testkit.history import History
from tests.support.hand_made import RUN, exchange, run_object


def remembered(*runs):
    """Return the history of a run whose reads were answered like this, a second each."""
    history = History()
    for second, run in enumerate(runs):
        read = evolve(exchange(run, sent=float(second)), ended=second + 0.5)
        history.note(evolve(read, id=second, operation="getRun"))
    return history.runs[RUN]


def ended(**values):
    return run_object(status="SUCCEEDED", **values)


def test_what_moves_is_what_changed_after_the_end():
    """The status is no such thing, and neither is what changed before the end or later."""
    run = remembered(
        run_object(buildNumber="0.0.1"),
        ended(buildNumber="0.0.2", exitCode=0),
        evolved := ended(buildNumber="0.0.2", exitCode=1),
        {**evolved, "status": "ABORTED"},
        ended(buildNumber="0.0.3", exitCode=1),
    )
    assert run.moving(until=3.6) == {"exitCode"}
    assert run.moving(until=9.0) == {"exitCode", "buildNumber"}


def test_the_first_read_is_kept():
    """However often a run is read, what Get run said first can be compared."""
    run = remembered(*(run_object(buildNumber=str(number)) for number in range(1200)))
    assert run.first_read["buildNumber"] == "0"
