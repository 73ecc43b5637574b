"""The options that check-server and check-client have in common: written once, a field each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actor_runs_conformance.engine.option_table import AMOUNT, KNOWN, OUTPUT, option

if TYPE_CHECKING:
    from collections.abc import Callable

    from actor_runs_conformance.engine.option_table import Value

EXPECTED = option(
    "--expected",
    KNOWN,
    "known deviations: they do not break the check; a stale or expired one does",
    metavar="FILE.toml",
    read=Path,
    whole=True,
)
STRICT = option("--strict", KNOWN, "a broken should promise breaks the check too", default=False)
REPORT = option(
    "--report",
    OUTPUT,
    "write events.jsonl and every report rendered from it",
    metavar="DIR",
    read=Path,
    unrepeated="it would overwrite the report of the first check",
)
JSON = option(
    "--json",
    OUTPUT,
    "print the report as JSON instead of progress",
    default=False,
    unrepeated="it changes what is printed, not what is checked",
)


def only(example: str, read: Callable[[str], tuple[str, ...]]) -> Value:
    """Return the field of `--only`; `read` refuses what this side cannot be judged by."""
    return option(
        "--only",
        AMOUNT,
        f"judge only these promises: ids, patterns and operations, such as {example}",
        metavar="NAME,NAME",
        read=read,
        default=(),
    )
