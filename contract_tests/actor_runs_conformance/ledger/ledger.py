"""The ledger as the suite reads it: every promise, checked for its form and immutable.

The data lies in `actor_runs_spec`: `documents.yaml` names the sources, `ledger/*.yaml` has the
promises, a file a subject. `load()` reads them all in the order of the subjects in `words.yaml`,
then of the files; `as_of()` returns what was promised in an earlier version.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs
from attrs import fields, frozen

from actor_runs_conformance.ledger import dependencies
from actor_runs_conformance.ledger.words import LedgerError, read, versions, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actor_runs_conformance.ledger.json_value import JsonValue

Level = Literal["must", "should", "open"]
Scope = Literal["documents", "platform"]
Kind = Literal["invariant", "scenario", "generated"]
ShownBy = Literal["requests", "reply"]

LEVELS: tuple[Level, ...] = get_args(Level)
SCOPES: tuple[Scope, ...] = get_args(Scope)
KINDS: tuple[Kind, ...] = get_args(Kind)

ANY = "any"
"""The `operation` of a promise that several operations share."""

FOR_CLIENTS = "a rule for clients"
"""Why no server is checked for a promise that only clients can keep."""

ABORT = "abort"
"""The `operation` of a promise that holds for the abort, at whichever address it is offered."""

DOCUMENTED_ABORT = "abortActorRun"
"""The operationId of the abort that one of the five documents describes, below an Actor."""

OWN_PATH_ABORT = "abortRun"
"""The operationId of its successor, at the run's own path."""

ABORTS = (DOCUMENTED_ABORT, OWN_PATH_ABORT)
"""The operationIds of the abort, the documented one first."""

FOR_SERVERS = "a promise about servers"
"""Why a client is not checked, where the ledger does not say it."""


@frozen
class Document:
    """A document that promises rest on; `kind` is explained at the top of documents.yaml."""

    key: str
    title: str
    url: str
    kind: str


@frozen
class Source:
    """The document, by its key in documents.yaml, and the few words in it that say the promise."""

    document: str
    says: str

    @property
    def told(self) -> str:
        """What the source says: a quotation where it is one of the five documents, else in short."""
        quoted = documents()[self.document].kind == "document"
        return f"“{self.says}”" if quoted else self.says


@frozen
class Side:
    """How one side is checked, or why not: `unchecked` never stands beside the others.

    `kind` is there for checks of servers only, and so is `further`: other checks that judge the
    promise too. On the client's side `check` is a pytest node below
    contract_tests/tests/actor_runs, like `test_errors.py::test_name`, about our own client;
    `situation` judges any client, and `shown_by` says what shows the verdict: the requests alone,
    or the driver's reply.
    """

    kind: Kind | None = None
    check: str | None = None
    further: tuple[str, ...] = ()
    unchecked: str | None = None
    situation: str | None = None
    shown_by: ShownBy | None = None


@frozen
class Decision:
    """The side taken where documents contradict each other, and why."""

    contradiction: str
    side: str
    because: str


@frozen
class Promise:
    """A promise of the documents: see docs/promises.md for all of them.

    `operation` is an operationId, or `ABORT`, or `ANY`; `among` then names the operations that
    share the promise, and is empty when all do. `scope` says whether one of the five documents
    makes it, or only what is around them. `depends_on` has the ids and causes (see `words.yaml`)
    without which it cannot be judged, what follows from its operation and needs included. `since`
    is the version of the ledger that brought it in; `was` has its level up to a version, where it
    has changed. `pointers` are JSON pointers into openapi.yaml, empty when the promise has no place
    there; `pointer` is the first of them, or None. `needs` is what a check needs of a target. `also` has ids of the same promise
    elsewhere. `because` tells why the level is what it is, where that is not plain. `subject` is
    the file, without its suffix.
    """

    id: str
    operation: str
    level: Level
    text: str
    source: tuple[Source, ...]
    pointer: str | None
    server: Side
    client: Side
    scope: Scope = "documents"
    needs: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    because: str | None = None
    decides: tuple[Decision, ...] = ()
    pointers: tuple[str, ...] = ()
    since: str = ""
    was: Mapping[str, Level] = {}
    subject: str = ""

    @property
    def for_clients(self) -> bool:
        """Whether it is a rule for clients, which no server can keep or break."""
        return self.server.unchecked == FOR_CLIENTS

    @property
    def checked(self) -> bool:
        """Whether at least one side has a check."""
        return bool(self.server.check or self.client.check or self.client.situation)

    def holds_for(self, operation: str) -> bool:
        """Return whether the promise is one of this operationId."""
        if self.operation == ANY:
            return not self.among or operation in self.among
        if self.operation == ABORT:
            return operation in ABORTS
        return self.operation == operation


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


def _by_id(promises: Iterable[Promise]) -> dict[str, Promise]:
    found: dict[str, Promise] = {}
    for promise in promises:
        if promise.id in found:
            raise LedgerError(
                f"ledger/{promise.subject}.yaml: {promise.id}: the id is taken "
                f"in ledger/{found[promise.id].subject}.yaml"
            )
        found[promise.id] = promise
    return found


@cache
def load() -> tuple[Promise, ...]:
    """Return every promise; raise LedgerError that names file and id when an entry is wrong."""
    folder = files("actor_runs_spec") / "ledger"
    found = {file.name.removesuffix(".yaml"): file for file in folder.iterdir()}
    found = {name: file for name, file in found.items() if file.name.endswith(".yaml")}
    if set(found) != set(words().subjects):
        unmatched = sorted(set(found) ^ set(words().subjects))
        raise LedgerError(f"ledger/{unmatched[0]}.yaml: files and subjects of words.yaml differ")
    promises = [promise for name in words().subjects for promise in parse(read(found[name]), name)]
    return tuple(_by_id(promises).values())


@cache
def by_id() -> Mapping[str, Promise]:
    """Return every promise by its id."""
    return {promise.id: promise for promise in load()}


@cache
def by_check() -> Mapping[str, tuple[Promise, ...]]:
    """Return the promises that each check of servers judges, by the name of the check.

    Those that name it as their `check` come first; promises that operations share come last.
    """
    found: dict[str, list[tuple[bool, bool, Promise]]] = {}
    for promise in load():
        side = promise.server
        for name in (side.check, *side.further):
            if name is not None:
                entry = (name != side.check, promise.operation == ANY, promise)
                found.setdefault(name, []).append(entry)
    return {
        name: tuple(promise for *_, promise in sorted(entries, key=lambda entry: entry[:2]))
        for name, entries in found.items()
    }


@cache
def present_id(name: str) -> str:
    """Return the id under which a promise stands today: another one where `also` has this one."""
    return next((promise.id for promise in load() if name in promise.also), name)


def as_of(version: str) -> tuple[Promise, ...]:
    """Return what was promised in a version of the ledger, each with its level of then.

    Raises:
        LedgerError: there is no such version; the message names those there are.
    """
    known = list(versions())
    if version not in known:
        raise LedgerError(f"{version!r} is no version of the ledger: {', '.join(known)}")
    then = known.index(version)
    return tuple(
        attrs.evolve(promise, level=_level_then(promise, known, then))
        for promise in load()
        if known.index(promise.since) <= then
    )


def _level_then(promise: Promise, known: list[str], then: int) -> Level:
    """Return the level in a version: that of the first change after it, or today's."""
    for version in known[then:]:
        if version in promise.was:
            return promise.was[version]
    return promise.level


@cache
def documents() -> Mapping[str, Document]:
    """Return the source documents by key."""
    entries = read(files("actor_runs_spec") / "documents.yaml")
    return {key: Document(key=key, **entry) for key, entry in entries.items()}


@cache
def undecided() -> Mapping[str, str]:
    """Return the contradictions that no promise decides, each with the reason why none has to."""
    found: Mapping[str, str] = read(files("actor_runs_spec") / "contradictions.yaml")
    return found
