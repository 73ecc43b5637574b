"""The linters of the contract are pinned to the byte and come from the public registry."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[3] / "scripts" / "lint_spec"


def test_versions_are_exact():
    """The linters are asked for in exact versions, so that no rule appears overnight."""
    wanted = json.loads((ROOM / "package.json").read_text(encoding="utf-8"))["dependencies"]

    assert set(wanted) == {"@redocly/cli", "@stoplight/spectral-cli"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_lock_file_names_the_public_registry_or_none():
    """Every package has a checksum, and no address but the public registry's."""
    packages = json.loads((ROOM / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    elsewhere = [
        name
        for name, package in packages.items()
        if name
        and (
            not package["integrity"].startswith("sha512-")
            or not package.get("resolved", "https://registry.npmjs.org/").startswith(
                "https://registry.npmjs.org/"
            )
        )
    ]

    assert len(packages) > 100
    assert elsewhere == []


@pytest.mark.parametrize("name", ["redocly.yaml", "spectral.yaml"])
def test_rules_switched_off_have_a_reason(name):
    """A rule that is off, or less than an error, has a comment above it that says why."""
    lines = (ROOM / name).read_text(encoding="utf-8").splitlines()
    silent = [
        line
        for before, line in itertools.pairwise(lines)
        if re.search(r"^\s.*:\s*['\"]?(off|warn|info|hint)\b", line)
        and not before.lstrip().startswith("#")
    ]

    assert silent == []
