"""What type checkers know of the library. Checked by mypy and pyright, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

from actor_runs_conformance import (
    CheckedPromise,
    CheckResult,
    ExitCode,
    ReportError,
    Verdict,
    acheck_server,
    check_server,
)


def check_options() -> None:
    """Each option has its type, in both functions."""
    result = check_server(
        "http://127.0.0.1:8080",
        task="me~fixture",
        profile="safe",
        only=["RBT-02"],
        max_runs=5,
        expected=Path("expected.toml"),
        report="out",
    )
    assert_type(result, CheckResult)
    check_server(reference=True, only="RBT-02", scope="platform", strict=True, ca_file=None)
    check_server(reference=True, profile="fast")  # type: ignore[arg-type]
    check_server(reference=True, max_runs="5")  # type: ignore[arg-type]
    check_server(reference=True, taks="me~fixture")  # type: ignore[call-arg]


def check_result(result: CheckResult) -> None:
    """Each part of a result has its type."""
    assert_type(result.exit_code, ExitCode)
    assert_type(result.conformant, bool)
    assert_type(result.report_dir, Path | None)
    assert_type(result.promises["RBT-02"], CheckedPromise)
    assert_type(result.promises["RBT-02"].verdict, Verdict)
    assert_type(result.promises["RBT-02"].because, str | None)
    assert_type(result.promises["RBT-02"].findings[0].check, str)
    assert_type(result.promises["RBT-02"].expected, Any)
    assert_type(result.scopes["documents"].broken, tuple[str, ...])
    assert_type(result.cost.runs_started, int)


async def check_async() -> None:
    """The asynchronous twin gives the same result."""
    assert_type(await acheck_server(reference=True), CheckResult)


def check_error(error: ReportError) -> None:
    """What was found is in the error, too."""
    assert_type(error.result, CheckResult)
