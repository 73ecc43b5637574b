"""What a table of options is made of: a class whose fields are options, each with its row.

From such a table come a parser with its help, and the command that repeats a check.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field, fields, frozen

from actor_runs_conformance.ledger.names import did_you_mean, meant, spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

TARGET = "the target"
AMOUNT = "how much"
KNOWN = "what is known already"
OUTPUT = "what comes out"

Value = Any
"""What an option holds; its field says which type that is."""


@frozen
class Row:
    """How an option stands on the command line.

    `read` turns its text into a value, and raises ValueError with a sentence. `variable` is the
    environment variable that gives it where the command line does not. `whole` leaves the option
    out of the command that repeats a single promise; `unrepeated` says why no such command has it,
    and `command_only` why it is no keyword of the library.
    """

    flag: str | None
    group: str
    help: str
    metavar: str | None = None
    read: Callable[[str], Value] = str
    variable: str | None = None
    whole: bool = False
    unrepeated: str | None = None
    command_only: str | None = None


def option(
    flag: str | None,
    group: str,
    text: str,
    *,
    default: Value = None,
    secret: bool = False,
    **more: Value,
) -> Value:
    """Return a field with its row; a secret stands in no repr and no command."""
    if secret:
        more["unrepeated"] = "a secret"
    row = Row(flag, group, text, **more)
    return field(default=default, repr=not secret, metadata={"row": row})


def table(options: type[attrs.AttrsInstance]) -> Iterator[tuple[str, Row, Value]]:
    """Yield the name, the row and the default of each option, in the order of the help."""
    for attribute in fields(options):
        yield attribute.name, attribute.metadata["row"], attribute.default


def words_of(options: attrs.AttrsInstance, *, only: str | None = None) -> list[str]:
    """Return the words of a command line that gives these options again."""
    words: list[str] = []
    for name, row, default in table(type(options)):
        value = getattr(options, name)
        if name == "only" and only is not None:
            value = (only,)
        if value == default or row.unrepeated or (row.whole and only is not None):
            continue
        if row.flag is not None:
            words.append(row.flag)
        if value is not True:
            words.append(",".join(value) if isinstance(value, tuple) else str(value))
    return words


def whole_number(least: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `least` on."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a whole number") from None
        if number < least:
            raise ValueError(f"{number} is too small; the least is {least}")
        return number

    return read


def read_name(text: str) -> str:
    """Read a name or id."""
    if not text:
        raise ValueError("'' is not a name; give a name or id, or leave the option out")
    return text


def new_file(text: str) -> Path:
    """Read the path of a file that does not exist yet."""
    path = Path(text)
    if path.exists():
        raise ValueError(f"{text!r} exists already; give the name of a new file")
    if not path.resolve().parent.is_dir():
        raise ValueError(f"{text!r}: there is no directory {str(path.parent)!r}")
    return path


def read_names(text: str, *, checks: Collection[str] = ()) -> tuple[str, ...]:
    """Read names of promises, each of which stands for at least one.

    A name may end in `@` and one of these checks, by which alone it is to be judged.
    """
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise ValueError(
            f"{text!r} names no promise; give ids such as RBT-02, or leave the option out to "
            "judge every promise"
        )
    for name in found:
        if not meant(name):
            hint = did_you_mean(name, spellings().values())
            raise ValueError(f"{name!r} is not a promise, a pattern or an operation; {hint}")
        _, at, check = name.partition("@")
        if at and check not in checks:
            hint = did_you_mean(check, checks) if checks else "leave out what stands behind the @"
            raise ValueError(f"{name!r}: {check!r} is not a check; {hint}")
    return found
