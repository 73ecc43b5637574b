"""docs/architecture.md shows the house as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.test_room_order import ORDER

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("package", ORDER)
def test_the_folders_stand_in_their_order(package):
    """The table of a package has a row for each group of folders, in the order of the rule."""
    _, _, rest = PAGE.partition(f"`{package}/`")
    rows = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in rest.splitlines() if "|" in line]
    rows = [tuple(row) for row in rows if row]
    assert tuple(rows[: len(ORDER[package])]) == ORDER[package]


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_module_that_is_named_exists(page):
    """Each path in backticks leads to a file of the suite, the server or the repository."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+\.(?:py|yaml|txt|md))`", text))
    tests, spec = ROOT / "contract_tests/tests", ROOT / "spec/actor_runs_spec"
    homes = [ROOT, *(ROOT / package for package in ORDER), tests, tests / "house", spec]
    homes += [ROOT / "contract_tests"]
    lost = {name for name in named if not any((home / name).exists() for home in homes)}
    assert lost == set()
    assert len(named) > 10
