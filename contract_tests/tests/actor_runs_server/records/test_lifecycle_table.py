"""The table of the lifecycle, and the diagram in the documentation that is drawn from it."""

from itertools import product
from pathlib import Path

from actor_runs_server.records.lifecycle import TERMINAL, TRANSITIONS, Event, Status, after, diagram

PAGE = Path(__file__).parents[4] / "docs" / "lifecycle.md"


def test_the_diagram_is_not_stale():
    """The documentation shows the diagram that the table draws now."""
    assert f"```mermaid\n{diagram()}```\n" in PAGE.read_text(encoding="utf-8")


def test_only_a_resurrection_leads_out_of_an_end():
    """A terminal status has one way out."""
    ways = {(s, e) for s, e in product(TERMINAL, Event) if after(s, e)}
    assert ways == {(status, Event.RESURRECT) for status in TERMINAL}


def test_every_status_is_reached_and_every_event_moves():
    """The table has no status without a way in and no event without an effect."""
    reached = {Status.READY} | {edge.target for edge in TRANSITIONS}
    assert reached == set(Status)
    assert {edge.event for edge in TRANSITIONS} == set(Event)


def test_an_abort_ends_in_aborted_alone():
    """Whatever the process does after an abort, the run becomes ABORTED."""
    ways = {after(Status.ABORTING, event) for event in Event} - {None}
    assert {edge.target for edge in ways} == {Status.ABORTED}
