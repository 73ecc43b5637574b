"""What a promise is: its text, level and scope, where it comes from, and how each side is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from attrs import frozen

from actor_runs_conformance.ledger.documents import documents

if TYPE_CHECKING:
    from collections.abc import Mapping

Level = Literal["must", "should", "open"]
Scope = Literal["documents", "platform"]
Kind = Literal["invariant", "scenario", "generated"]
ShownBy = Literal["requests", "reply"]
SHOWN_BY: dict[ShownBy | None, str] = {
    None: "",
    "requests": "its requests alone show it",
    "reply": "what its driver replies shows it",
}
"""What shows whether a client keeps a promise, in words."""

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

    def counts_for(self, scope: Scope) -> bool:
        """Return whether the promise decides the verdict of this scope: `platform` has all of them."""
        return scope == "platform" or self.scope == "documents"

    def holds_for(self, operation: str) -> bool:
        """Return whether the promise is one of this operationId."""
        if self.operation == ANY:
            return not self.among or operation in self.among
        if self.operation == ABORT:
            return operation in ABORTS
        return self.operation == operation
