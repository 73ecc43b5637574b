"""The verdict in words: a headline without ids, and a line for each scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actor_runs_conformance.report.build import Gathering
from actor_runs_conformance.report.causes import gaps
from actor_runs_conformance.report.standing import headline, standings
from actor_runs_conformance.results.finding import NOT_DUE
from tests.support.made_log import MadeLog

if TYPE_CHECKING:
    from actor_runs_conformance.report.model import Report

VERDICTS = {
    "DOC-01": ("documents", "passed", {}),
    "DOC-02": ("documents", "passed", {}),
    "DOC-03": ("documents", "not_exercised", {"unchecked": "nobody can"}),
    "PLA-01": ("platform", "passed", {}),
    "PLA-02": ("platform", "failed", {}),
}


def report(verdicts: dict, scope: str | None = "documents", end: str = "conformant") -> Report:
    log = MadeLog()
    log.start(scope=scope)
    for key, (of, verdict, promise) in verdicts.items():
        log.promise(key, scope=of, **promise)
        log.verdict(key, verdict)
    log.end(end, message="What the engine says.")
    gathering = Gathering()
    for event in log.events:
        gathering.add(event)
    return gathering.report()


def test_each_scope_has_a_line() -> None:
    """What is broken outside of the scope is named and does not count."""
    documents, platform = standings(report(VERDICTS))
    assert documents.title == "Conformant to the five documents"
    assert documents.text == "2 of 3 kept · 1 cannot be checked from outside"
    assert platform.title == "Violates the platform contract beyond them"
    assert platform.text == (
        "1 of 2 kept · broken: PLA-02   (not counted; --scope platform counts them)"
    )


def test_scope_platform_counts_both() -> None:
    """With --scope platform nothing is set aside."""
    made = report(VERDICTS, scope="platform", end="violated")
    assert [line.decides for line in standings(made)] == [True, True]
    assert made.numbers["violated"] == 1
    assert report(VERDICTS).numbers["violated"] == 0


def test_a_log_without_scopes_has_no_lines() -> None:
    """A log of an earlier version is judged as a whole."""
    assert standings(report({"A-01": (None, "passed", {})}, scope=None)) == []


@pytest.mark.parametrize(
    ("verdict", "end", "says"),
    [
        ("passed", "conformant", "Every promise that was judged is kept."),
        ("failed", "violated", "1 promise is broken."),
        ("not_exercised", "inconclusive", "Nothing is broken, but 1 promise could not be judged."),
        ("passed", "inconclusive", "What the engine says."),
        ("not_exercised", "error", "What the engine says."),
        ("not_exercised", "conformant", "What the engine says."),
        ("passed", "violated", "What the engine says."),
    ],
)
def test_headline(verdict: str, end: str, says: str) -> None:
    """The headline is short; where the numbers do not say why, the check itself says it."""
    assert headline(report({"A-01": ("documents", verdict, {})}, end=end)) == says


def test_a_breach_that_does_not_count_is_not_passed_over() -> None:
    """Beside a breach outside the scope, nobody says that all is kept."""
    assert headline(report(VERDICTS)) == "Every promise that counts is kept."


def test_nothing_judged_is_not_conformant() -> None:
    """A scope of which nothing was judged is inconclusive."""
    [line] = standings(report({"A-01": ("documents", "not_exercised", {})}))
    assert line.title == "Inconclusive about the five documents"


def test_an_error_gives_no_verdict_on_a_scope() -> None:
    """What was kept before a check failed is counted; where nothing was judged there is no line."""
    assert standings(report({"A-01": ("documents", "not_exercised", {})}, end="error")) == []
    [line] = standings(report({"A-01": ("documents", "passed", {})}, end="error"))
    assert (line.title, line.text) == ("No verdict on the five documents", "1 of 1 kept")


@pytest.mark.parametrize(("reason", "words"), NOT_DUE.items())
def test_what_was_not_due_is_no_gap(reason: str, words: str) -> None:
    """What is said of a field that may be left out, and its like, makes no target inconclusive."""
    log = MadeLog()
    log.start(scope="documents")
    for key in ("A-01", "A-02"):
        log.promise(key, scope="documents")
    log.verdict("A-01", "passed")
    log.verdict("A-02", "not_exercised", message=reason)
    log.end("conformant")
    gathering = Gathering()
    for event in log.events:
        gathering.add(event)
    [line] = standings(gathering.report())
    assert line.title == "Conformant to the five documents"
    assert line.text == f"1 of 2 kept · 1 {words}"
    assert gaps(gathering.report()) == []
