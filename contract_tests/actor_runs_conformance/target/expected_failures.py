"""The file of expected deviations (TOML): promises known to be broken.

[[deviation]]
promise = "RBT-02"
reason = "a finished run is started again"
link = "https://example.com/issues/7"
expires = 2027-01-31             # may be left out: it never expires
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actor_runs_conformance.ledger.ledger import present_id
from actor_runs_conformance.ledger.names import did_you_mean
from actor_runs_conformance.target.toml_file import BadFileError, load, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

KEYS = ("promise", "reason", "link", "expires")


@frozen
class ExpectedFailure:
    """A promise that is broken, as whoever owns the target knows."""

    promise: str
    reason: str
    link: str
    expires: dt.date | None = None

    def expired(self, today: dt.date) -> bool:
        """Whether its last day has passed."""
        return self.expires is not None and today > self.expires


def read_expected(path: Path, *, promises: Iterable[str]) -> Mapping[str, ExpectedFailure]:
    """Read the expected deviations, by promise id; earlier ids are read as those of today.

    Raises:
        BadFileError: it cannot be read, an entry lacks something or names no promise.
    """
    known = list(promises)
    content = load(path)
    entries = content.pop("deviation", [])
    if content:
        name = next(iter(content))
        raise BadFileError(f"{path}: no key {name!r}; write each entry as [[deviation]]")
    if not isinstance(entries, list):
        raise BadFileError(f"{path}: write each entry as [[deviation]], in two brackets")
    found: dict[str, ExpectedFailure] = {}
    for number, entry in enumerate(entries, 1):
        deviation = _deviation(path, f"deviation {number}", entry, known)
        if deviation.promise in found:
            raise BadFileError(
                f"{path}: deviation {number}: {deviation.promise} stands there twice"
            )
        found[deviation.promise] = deviation
    return found


def _deviation(path: Path, where: str, entry: dict[str, Any], known: list[str]) -> ExpectedFailure:
    for key in entry:
        if key not in KEYS:
            raise BadFileError(f"{path}: {where} has a key {key!r}; {did_you_mean(key, KEYS)}")
    given = entry.get("promise")
    promise = present_id(str(given))
    if promise not in known:
        raise BadFileError(
            f"{path}: {where}: no promise {given!r}; {did_you_mean(str(given), known)}"
        )
    expires = entry.get("expires")
    if isinstance(expires, dt.datetime):
        expires = expires.date()
    if expires is not None and not isinstance(expires, dt.date):
        raise BadFileError(
            f"{path}: {where}: expires is {expires!r}; write a date like 2027-01-31, no quotes"
        )
    return ExpectedFailure(
        promise,
        text(path, f"{where}: reason", entry.get("reason"), "the reason"),
        text(path, f"{where}: link", entry.get("link"), "the link of its issue"),
        expires,
    )
