"""What the owner of a target says of it: the target file and the file of expected deviations.

Target file (TOML), each entry with its reason:

    [promises]                       # promise id = reason
    TSK-14 = "no pay-per-result Actors here"
    [operations]                     # operationId = reason
    abortActorRun = "the deprecated path is not offered"
    [fields]                         # field of the Run object = reason
    "stats.rebootCount" = "reboots are not counted"
    [capabilities]                   # control, anonymous, receiver ... = reason
    receiver = "the target cannot reach this machine"

Expected deviations (TOML):

    [[deviation]]
    promise = "RBT-02"
    reason = "a finished run is started again"
    link = "https://example.com/issues/7"
    expires = 2027-01-31             # may be left out: it never expires
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from actor_runs_conformance.ledger import contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CAPABILITIES: Mapping[str, str] = {
    "control": "runs do as their input tells them (the fixture Actor)",
    "anonymous": "a run can be read without a token",
    "receiver": "the target can send to a webhook receiver of the suite",
    "second_token": "there is a second account",
    "actor_name": "the name of the task's Actor is known",
}


class BadFileError(ValueError):
    """A file of the user's cannot be used; the message names the file, the value and the remedy."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint for a name that is not known: the nearest one, or what there is."""
    names = sorted(known)
    upper = {one.upper(): one for one in names}
    padded = re.sub(r"-(?=\d(?!\d))", "-0", name.upper())  # RBT-2 means RBT-02.
    near = difflib.get_close_matches(padded, upper, n=1, cutoff=0.5)
    if near:
        return f"did you mean {upper[near[0]]!r}?"
    shown = ", ".join(names[:8])
    return f"there are: {shown}{', …' if len(names) > 8 else ''}"


@frozen
class TargetFile:
    """The target file: what is left out, each with its reason."""

    file: str = ""
    promises: Mapping[str, str] = field(factory=dict)
    operations: Mapping[str, str] = field(factory=dict)
    fields: Mapping[str, str] = field(factory=dict)
    capabilities: Mapping[str, str] = field(factory=dict)


@frozen
class ExpectedFailure:
    """A known deviation: its promise is broken, and whoever owns the target knows."""

    promise: str
    reason: str
    link: str
    expires: dt.date | None = None

    def expired(self, today: dt.date) -> bool:
        """Whether its last day has passed."""
        return self.expires is not None and today > self.expires


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFileError(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFileError(f"{path}: not TOML: {error}") from None


def _reason(path: Path, where: str, value: object, what: str = "the reason") -> str:
    if not isinstance(value, str) or not value.strip():
        found = "missing" if value is None else repr(value)
        raise BadFileError(
            f"{path}: {where} is {found}; give {what} as text, for those who read the report"
        )
    return value.strip()


def _open(path: str, names: Iterable[str]) -> bool:
    """Whether the contract names no field inside of the field at this path."""
    return path in names and not any(name.startswith(f"{path}.") for name in names)


def read_target(path: Path, *, promises: Iterable[str], operations: Iterable[str]) -> TargetFile:
    """Read a target file.

    Raises:
        BadFileError: it cannot be read, or names something that there is not.
    """
    known: dict[str, set[str] | frozenset[str]] = {
        "promises": set(promises),
        "operations": set(operations),
        "fields": contract.field_names(),
        "capabilities": set(CAPABILITIES),
    }
    content = _load(path)
    sections: dict[str, dict[str, str]] = {}
    for section, entries in content.items():
        if section not in known:
            raise BadFileError(f"{path}: no section [{section}]; {did_you_mean(section, known)}")
        if not isinstance(entries, dict):
            raise BadFileError(f"{path}: {section} is {entries!r}; write it as [{section}]")
        names = known[section]
        for name in entries:
            inside = section == "fields" and _open(name.rpartition(".")[0], names)
            if name not in names and not inside:
                raise BadFileError(f"{path}: [{section}] {name!r}: {did_you_mean(name, names)}")
        sections[section] = {
            name: _reason(path, f"[{section}] {name}", reason) for name, reason in entries.items()
        }
    return TargetFile(str(path), **sections)


def read_expected(path: Path, *, promises: Iterable[str]) -> Mapping[str, ExpectedFailure]:
    """Read the known deviations, by promise id.

    Raises:
        BadFileError: it cannot be read, an entry lacks something or names no promise.
    """
    known = set(promises)
    content = _load(path)
    entries = content.pop("deviation", [])
    if content:
        name = next(iter(content))
        raise BadFileError(f"{path}: no key {name!r}; write each entry as [[deviation]]")
    if not isinstance(entries, list):
        raise BadFileError(f"{path}: write each entry as [[deviation]], in two brackets")
    found: dict[str, ExpectedFailure] = {}
    for number, entry in enumerate(entries, 1):
        where = f"deviation {number}"
        extra = set(entry) - {"promise", "reason", "link", "expires"}
        if extra:
            name = min(extra)
            hint = did_you_mean(name, ("promise", "reason", "link", "expires"))
            raise BadFileError(f"{path}: {where} has a key {name!r}; {hint}")
        promise = entry.get("promise")
        if promise not in known:
            raise BadFileError(
                f"{path}: {where}: no promise {promise!r}; {did_you_mean(str(promise), known)}"
            )
        if promise in found:
            raise BadFileError(f"{path}: {where}: {promise} stands there twice")
        expires = entry.get("expires")
        if isinstance(expires, dt.datetime):
            expires = expires.date()
        if expires is not None and not isinstance(expires, dt.date):
            raise BadFileError(
                f"{path}: {where}: expires is {expires!r}; write a date like 2027-01-31, no quotes"
            )
        found[promise] = ExpectedFailure(
            promise,
            _reason(path, f"{where}: reason", entry.get("reason")),
            _reason(path, f"{where}: link", entry.get("link"), "the link of its issue"),
            expires,
        )
    return found
