"""Reading the TOML files that describe a target; every mistake names file, value and remedy."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class BadFileError(ValueError):
    """A file of the user's cannot be used; the message names the file, the value and the remedy."""


def load(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds.

    Raises:
        BadFileError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadFileError(
            f"{path}: {error.strerror or error}; give the path of a TOML file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFileError(f"{path}: not TOML: {error}; mend that, or give another file") from None


def text(path: Path, where: str, value: object, what: str) -> str:
    """Return a value that has to be text and not empty, without the blanks around it.

    Raises:
        BadFileError: it is missing, empty, or not text; `what` says what to give.
    """
    if not isinstance(value, str) or not value.strip():
        found = "missing" if value is None else repr(value)
        raise BadFileError(
            f"{path}: {where} is {found}; give {what} as text, for those who read the report"
        )
    return value.strip()
