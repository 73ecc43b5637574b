"""How many cases of each operation are drawn at random, by profile and by `--cases`."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from attrs import astuple

from actor_runs_conformance.checks.properties.case import CaseCounts
from actor_runs_conformance.testkit.registry import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CASE_COUNTS: Mapping[Profile, Mapping[str, CaseCounts]] = {
    Profile.READ_ONLY: {"getRun": CaseCounts(60, 60, 60)},
    Profile.SAFE: {
        "getRun": CaseCounts(30, 30, 30),
        "updateRun": CaseCounts(20, 30, 20),
        "rebootRun": CaseCounts(0, 0, 30),
        "abortRun": CaseCounts(2, 30, 20),
        "abortActorRun": CaseCounts(2, 30, 20),
        "runTask": CaseCounts(20, 30, 20),
    },
    Profile.FULL: {
        "runTask": CaseCounts(45, 200, 60),
        "updateRun": CaseCounts(110, 130, 75),
        "getRun": CaseCounts(45, 45, 75),
        "abortRun": CaseCounts(3, 45, 75),
        "abortActorRun": CaseCounts(3, 45, 75),
        "rebootRun": CaseCounts(0, 0, 75),
    },
}


def cases_of(profile: Profile) -> int:
    """Return how many cases are drawn at random in a profile when nobody says how many."""
    return sum(sum(astuple(counts)) for counts in _table(profile).values())


def case_counts(
    profile: Profile, cases: int | None, operations: Iterable[str]
) -> Mapping[str, CaseCounts]:
    """Return how many cases of each of these operations to draw.

    They are `cases` in all, in the proportions of the profile; with None as many as the profile has.
    """
    table = {name: counts for name, counts in _table(profile).items() if name in set(operations)}
    if cases is None:
        return table
    whole = sum(sum(astuple(counts)) for counts in table.values()) or 1
    steps = accumulate((n for counts in table.values() for n in astuple(counts)), initial=0)
    scaled = iter([b - a for a, b in pairwise(step * cases // whole for step in steps)])
    return {name: CaseCounts(next(scaled), next(scaled), next(scaled)) for name in table}


def _table(profile: Profile) -> Mapping[str, CaseCounts]:
    return CASE_COUNTS[min(profile, max(CASE_COUNTS))]
