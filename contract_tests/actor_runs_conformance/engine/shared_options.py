"""The options that check-server and check-client have in common: written once, a field each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actor_runs_conformance.engine.option_table import AMOUNT, KNOWN, OUTPUT, new_file, option
from actor_runs_conformance.ledger.promise import SCOPES, Scope
from actor_runs_conformance.ledger.words import versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from actor_runs_conformance.engine.option_table import Value


def read_scope(text: str) -> Scope:
    """Read the name of a scope."""
    for scope in SCOPES:
        if scope == text:
            return scope
    raise ValueError(f"{text!r} is not a scope; there are: {', '.join(SCOPES)}")


def read_version(text: str) -> str:
    """Read a version of the ledger."""
    if text not in versions():
        raise ValueError(
            f"{text!r} is not a version of the ledger; there are: {', '.join(versions())}"
        )
    return text


SCOPE = option(
    "--scope",
    AMOUNT,
    "whose promises decide the verdict: documents (the five documents, the default) or platform "
    "(the wider public contract too); both are judged and reported",
    metavar="NAME",
    read=read_scope,
    default="documents",
)
AS_OF = option(
    "--as-of",
    AMOUNT,
    "judge only what that version of the ledger promised, each promise at its level of then",
    metavar="VERSION",
    read=read_version,
)
FAIL_FAST = option(
    "--fail-fast",
    AMOUNT,
    "stop at the first broken must promise that is not expected",
    default=False,
    whole=True,
)
WRITE_EXPECTED = option(
    "--write-expected",
    OUTPUT,
    "write what is broken today, for --expected to begin with",
    metavar="NEW.toml",
    read=new_file,
    unrepeated="the file exists by then",
    command_only="the result has what is broken",
)
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
    command_only="the result is a value",
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


def rerun(otherwise: str) -> Value:
    """Return the field of `--rerun`; `otherwise` says what stays as it was in the report."""
    return option(
        "--rerun",
        AMOUNT,
        f"judge again what was not kept in this report; {otherwise}",
        metavar="DIR",
        read=Path,
        unrepeated="--only names the promises in its place",
        command_only="the names of promises to judge again are in the result of the first check",
    )
