"""What the library is asked: a keyword an option of the command, with the same name and meaning."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, TypedDict

from actor_runs_conformance.engine.option_rules import contradiction, from_environment
from actor_runs_conformance.engine.option_table import Row, Value, table
from actor_runs_conformance.engine.options import Options
from actor_runs_conformance.ledger.names import did_you_mean
from actor_runs_conformance.ledger.promise import Scope  # noqa: TC001 - for get_type_hints()
from actor_runs_conformance.library.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FLAG = re.compile(r"--([a-z][a-z-]*)(?: ([A-Z][A-Za-z~.]*|read-only))?")
"""An option in a sentence, with the value that may stand behind it."""


class CheckOptions(TypedDict, total=False):
    """The keywords of `check_server`; what is left out has the default of the command.

    `actor-runs check-server --help` describes them: `max_runs=5` here is `--max-runs 5` there.
    `token` and `second_token` are taken from `APIFY_TOKEN` and `APIFY_SECOND_TOKEN` where they are
    not given. `target` and `expected` are the paths of files.
    """

    reference: bool
    task: str | None
    short_task: str | None
    long_task: str | None
    actor: str | None
    run: str | None
    token: str | None
    second_token: str | None
    ca_file: str | os.PathLike[str] | None
    profile: Literal["read-only", "safe", "full", "thorough"]
    scope: Scope
    as_of: str | None
    max_runs: int | None
    only: str | Iterable[str]
    fail_fast: bool
    seed: int
    workers: int
    cases: int | None
    shard: str
    target: str | os.PathLike[str] | None
    expected: str | os.PathLike[str] | None
    strict: bool
    report: str | os.PathLike[str] | None


def keyword(name: str, row: Row) -> str:
    """Return the keyword of an option: its flag as Python spells it."""
    return row.flag.removeprefix("--").replace("-", "_") if row.flag else name


def keywords() -> dict[str, tuple[str, Row, Value]]:
    """Return the name of the field, the row and the default of each option by its keyword."""
    return {
        keyword(name, row): (name, row, default)
        for name, row, default in table(Options)
        if not row.command_only
    }


def read_options(
    given: Mapping[str, Value],
    environment: Mapping[str, str] = os.environ,
    *,
    spell: Callable[[str], str] | None = None,
) -> Options:
    """Read keywords as the command line is read.

    Args:
        given: The keywords with their values; None is the default.
        environment: Where tokens are that are not given.
        spell: Rewrites a sentence that names options of the command; None names keywords.

    Raises:
        ConfigurationError: one is unknown, has a value that cannot be, or lacks another.
    """
    spell = spell or as_keywords
    try:
        options = Options(**_values(given, environment))
    except ValueError as error:
        raise ConfigurationError(spell(str(error))) from None
    if problem := contradiction(options):
        raise ConfigurationError(spell(problem))
    return options


def _values(given: Mapping[str, Value], environment: Mapping[str, str]) -> dict[str, Value]:
    known = keywords()
    values: dict[str, Value] = {}
    for word, value in given.items():
        if word not in known:
            raise ValueError(f"no option {word!r}; {did_you_mean(word, known)}")
        name, row, default = known[word]
        if value is not None:
            values[name] = _read(row.flag or word, row, default, value)
    return values | from_environment(values, environment)


def _read(name: str, row: Row, default: Value, value: Value) -> Value:
    if default is False:
        if not isinstance(value, bool):
            raise ValueError(f"{name}: {value!r} is neither True nor False")
        return value
    try:
        if isinstance(default, tuple):
            listed = isinstance(value, Iterable) and not isinstance(value, (str, bytes))
            # An empty list would be no limit.
            texts = (tuple(value) if listed else (value,)) or ("",)
            return tuple(one for text in texts for one in row.read(_text(text)))
        return row.read(_text(value))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _text(value: Value) -> str:
    """Return a value as the command line has it; what it could be is not shown, it may be a token."""
    if not isinstance(value, (str, int, float, os.PathLike)):
        raise ValueError(f"{type(value).__name__} is no type for it; give a str or a number")  # noqa: TRY004
    return str(os.fspath(value)) if isinstance(value, os.PathLike) else str(value)


def as_keywords(sentence: str) -> str:
    """Return a sentence about options of the command with their keywords."""

    def spelled(found: re.Match[str]) -> str:
        name = found[1].replace("-", "_")
        return f"{name}={found[2]!r}" if found[2] else name

    return FLAG.sub(spelled, sentence)
