"""The entries of the ledger's files, checked for their form and made promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from attrs import fields

from actor_runs_conformance.ledger import dependencies
from actor_runs_conformance.ledger.documents import documents
from actor_runs_conformance.ledger.promise import (
    FOR_SERVERS,
    KINDS,
    LEVELS,
    SCOPES,
    Decision,
    Promise,
    Scope,
    Side,
    Source,
)
from actor_runs_conformance.ledger.words import LedgerError, versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.ledger.json_value import JsonValue

_REQUIRED = ("id", "operation", "level", "text", "source", "pointer", "server")
_KNOWN = {attribute.name for attribute in fields(Promise)} - {"subject", "pointers"}


def _side(entry: Mapping[str, Any], name: str) -> Side:
    side = entry.get(name, {"unchecked": FOR_SERVERS})
    checked = isinstance(side, dict) and bool({"check", "situation"} & side.keys())
    if not isinstance(side, dict) or checked == ("unchecked" in side):
        raise LedgerError(f"`{name}` is {side!r}; it needs either `check` or `unchecked`")
    if ("situation" in side) != ("shown_by" in side):
        raise LedgerError(f"`{name}` is {side!r}; `situation` and `shown_by` go together")
    kind = side.get("kind")
    if name == "server" and "check" in side and kind not in KINDS:
        raise LedgerError(f"`server.kind` is {kind!r}; it needs one of {', '.join(KINDS)}")
    return Side(**{**side, "further": tuple(side.get("further", ()))})


def _scope(entry: Mapping[str, Any]) -> Scope:
    """Return the scope that the sources give, or the one written down where they are mixed."""
    kinds = {documents()[source["document"]].kind for source in entry["source"]}
    mixed = "document" in kinds and len(kinds) > 1
    given: Scope | None = entry.get("scope")
    if mixed and given not in SCOPES:
        raise LedgerError(
            f"`scope` is {given!r}, and the sources are mixed; it needs one of {', '.join(SCOPES)}"
        )
    if not mixed and given is not None:
        raise LedgerError("`scope` follows from the sources here; take it out")
    return given or ("documents" if "document" in kinds else "platform")


def _version(entry: Mapping[str, Any]) -> str:
    known = list(versions())
    since = entry.get("since", known[0])
    for version in (since, *entry.get("was", {})):
        if version not in known:
            raise LedgerError(f"{version!r} is no version of the ledger: {', '.join(known)}")
    return str(since)


def _promise(entry: JsonValue, subject: str) -> Promise:
    if not isinstance(entry, dict):
        raise LedgerError(f"is {entry!r}, not a mapping")
    missing = [key for key in _REQUIRED if key not in entry]
    if missing:
        raise LedgerError(f"`{missing[0]}` is missing")
    unknown = sorted(entry.keys() - _KNOWN)
    if unknown:
        raise LedgerError(f"`{unknown[0]}` is no key; there are {', '.join(sorted(_KNOWN))}")
    if entry["level"] not in LEVELS:
        raise LedgerError(f"`level` is {entry['level']!r}; it needs one of {', '.join(LEVELS)}")
    if not entry["source"]:
        raise LedgerError("`source` is empty; name the document and the words that say it")
    pointers = [entry["pointer"]] if isinstance(entry["pointer"], str) else entry["pointer"] or ()
    promise = Promise(
        id=entry["id"],
        operation=entry["operation"],
        level=entry["level"],
        text=entry["text"],
        source=tuple(Source(**source) for source in entry["source"]),
        pointer=next(iter(pointers), None),
        pointers=tuple(pointers),
        server=_side(entry, "server"),
        client=_side(entry, "client"),
        scope=_scope(entry),
        needs=tuple(entry.get("needs", ())),
        depends_on=tuple(entry.get("depends_on", ())),
        among=tuple(entry.get("among", ())),
        also=tuple(entry.get("also", ())),
        because=entry.get("because"),
        decides=tuple(Decision(**decision) for decision in entry.get("decides", ())),
        since=_version(entry),
        was=entry.get("was", {}),
        subject=subject,
    )
    if promise.server.check is None:
        return promise
    depends_on = dependencies.of(
        promise.id,
        operation=promise.operation,
        needs=promise.needs,
        invariant=promise.server.kind == "invariant",
        named=promise.depends_on,
    )
    return attrs.evolve(promise, depends_on=depends_on)


def parse(entries: JsonValue, subject: str) -> tuple[Promise, ...]:
    """Return the promises of one file; raise LedgerError that names the file and the id."""
    if not isinstance(entries, list):
        raise LedgerError(f"ledger/{subject}.yaml: holds {type(entries).__name__}, not a list")
    promises = []
    for number, entry in enumerate(entries, start=1):
        name = entry.get("id") if isinstance(entry, dict) else None
        try:
            promises.append(_promise(entry, subject))
        except (LedgerError, TypeError) as error:
            where = f"ledger/{subject}.yaml: {name or f'entry {number}'}"
            raise LedgerError(f"{where}: {error}") from error
    return tuple(promises)
