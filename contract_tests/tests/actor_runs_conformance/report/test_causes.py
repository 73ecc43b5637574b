"""Causes: what cannot be judged is folded below what is to blame, the gravest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_conformance.report.build import Gathering
from actor_runs_conformance.report.causes import Cause, causes
from tests.support.made_log import MadeLog

if TYPE_CHECKING:
    from actor_runs_conformance.report.model import Report


def report(*verdicts: tuple[str, str, str | None], **start: object) -> Report:
    """Return the report of a check with these verdicts: id, verdict and why it was not exercised."""
    log = MadeLog()
    log.start(**start)
    for key, verdict, because in verdicts:
        log.promise(key)
        log.verdict(key, verdict, because=because)
    log.end()
    gathering = Gathering()
    for event in log.events:
        gathering.add(event)
    return gathering.report()


def folded(found: list[Cause]) -> dict[str, list[str]]:
    """Return the ids below each cause, in order."""
    return {cause.key: [one.id for one in cause.folded] for cause in found}


def test_the_cause_that_unlocks_most_is_first() -> None:
    """A warning that keeps two promises from being judged goes before a failure that keeps none."""
    found = causes(
        report(
            ("A-01", "failed", None),
            ("B-01", "warned", None),
            ("B-02", "not_exercised", "B-01"),
            ("B-03", "not_exercised", "B-01"),
        )
    )
    assert list(folded(found).items()) == [("B-01", ["B-02", "B-03"]), ("A-01", [])]


def test_what_does_not_count_comes_last() -> None:
    """What decides the verdict goes before a breach outside the scope, however much that unlocks."""
    log = MadeLog()
    log.start(scope="documents")
    for key, scope in (("A-01", "platform"), ("A-02", "platform"), ("B-01", "documents")):
        log.promise(key, scope=scope)
    log.verdict("A-01", "failed")
    log.verdict("A-02", "not_exercised", because="A-01")
    log.verdict("B-01", "failed")
    log.end()
    gathering = Gathering()
    for event in log.events:
        gathering.add(event)
    assert list(folded(causes(gathering.report()))) == ["B-01", "A-01"]


def test_a_chain_is_folded_below_its_first_cause() -> None:
    """What waits for something that waits itself has the same cause, however it is written."""
    found = causes(
        report(
            ("A-01", "failed", None),
            ("A-02", "not_exercised", "A-01"),
            ("A-03", "not_exercised", "A-02"),
        )
    )
    assert folded(found) == {"A-01": ["A-02", "A-03"]}


def test_a_circle_ends() -> None:
    """Two promises that blame each other are one cause, and no endless search."""
    found = causes(report(("A-01", "not_exercised", "A-02"), ("A-02", "not_exercised", "A-01")))
    assert sum(len(cause.folded) for cause in found) == 2


def test_what_no_promise_is_to_blame_for_is_a_cause() -> None:
    """A task that does not do as its input says is named in words, without a verdict."""
    [cause] = causes(report(("A-01", "not_exercised", "fixture")))
    assert (cause.key, cause.verdict) == ("fixture", None)
    assert "do as their input tells them" in cause.title


def test_gravity_orders_what_unlocks_nothing() -> None:
    """Failures first, then errors of the suite, then warnings, each by id."""
    found = causes(
        report(
            ("D-01", "warned", None),
            ("C-01", "error", None),
            ("B-01", "failed", None),
            ("A-01", "failed", None),
            ("E-01", "passed", None),
        )
    )
    assert [cause.key for cause in found] == ["A-01", "B-01", "C-01", "D-01"]
