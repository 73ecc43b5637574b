"""What judges: a verdict for every documented promise of the Actor-run API.

`check_server` and `acheck_server` judge a server from a program. They are loaded when they are
asked for: to import this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from actor_runs_conformance.library.check import acheck_server, check_server
    from actor_runs_conformance.library.errors import (
        CheckError,
        ConfigurationError,
        ReferenceServerFailedError,
        ReportError,
    )
    from actor_runs_conformance.library.options import CheckOptions
    from actor_runs_conformance.library.result import CheckedPromise, CheckResult
    from actor_runs_conformance.results.finding import Finding
    from actor_runs_conformance.results.verdict import ExitCode, Verdict

__all__ = [
    "CheckError",
    "CheckOptions",
    "CheckResult",
    "CheckedPromise",
    "ConfigurationError",
    "ExitCode",
    "Finding",
    "ReferenceServerFailedError",
    "ReportError",
    "Verdict",
    "acheck_server",
    "check_server",
]

_HOMES = {
    "library.check": ("acheck_server", "check_server"),
    "library.errors": (
        "CheckError",
        "ConfigurationError",
        "ReferenceServerFailedError",
        "ReportError",
    ),
    "library.options": ("CheckOptions",),
    "library.result": ("CheckResult", "CheckedPromise"),
    "results.finding": ("Finding",),
    "results.verdict": ("ExitCode", "Verdict"),
}


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(_loaded(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _loaded(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("actor_runs"):
            raise
        raise ModuleNotFoundError(
            f"{error.name!r} is not installed; run: pip install 'actor-runs[conformance]'",
            name=error.name,
        ) from error


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
