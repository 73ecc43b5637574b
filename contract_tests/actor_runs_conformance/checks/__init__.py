"""The checks: invariants, scenarios and property tests."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from actor_runs_conformance.testkit.registry import registered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.testkit.registry import Check


def all_checks() -> Mapping[str, Check]:
    """Return every check by name, in the order of its module and place."""
    for folder in ("invariants", "scenarios"):
        package = importlib.import_module(f"{__name__}.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    # The other modules of the property tests register nothing, and load Hypothesis.
    importlib.import_module(f"{__name__}.properties.checks")
    return registered()
