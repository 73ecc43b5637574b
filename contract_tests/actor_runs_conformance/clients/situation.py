"""What a situation is made of, and what it judges with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field, frozen

from actor_runs_conformance.clients.answers import EXAMPLE, holds_a_run
from actor_runs_conformance.clients.driver import BROKEN_DRIVER, ENDED, Kind, Reply
from actor_runs_conformance.clients.scripts import OneRun
from actor_runs_conformance.ledger import contract, ledger
from actor_runs_conformance.results.finding import UNSUPPORTED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from actor_runs_conformance.clients.stand_in import Received, Script
    from actor_runs_conformance.http.exchange import Exchange

RUN = str(EXAMPLE["id"])
TASK = "janedoe~my-task"
ACTOR = str(EXAMPLE["actId"])
WITHIN = 15.0
"""Seconds after which a reply of the driver is no longer waited for, unless a situation says so."""

ADDRESSED = {
    "runTask": ("GEN-01", "start a task"),
    "getRun": ("GET-02", "read a run"),
    "updateRun": ("PUT-24", "set a status message"),
    "abortRun": ("ABT-25", "abort a run"),
    "abortActorRun": ("ABT-03", "abort a run below its Actor"),
    "rebootRun": ("RBT-09", "reboot a run"),
}
"""By operation: the promise that a request to another address breaks, and what it is to do."""

Profile = Literal["quick", "full"]
Command = dict[str, Any]


def do(what: str, **parameters: Any) -> Command:  # noqa: ANN401 - any JSON
    """Return a command for the driver, as the protocol spells it."""
    return {"do": what, **parameters}


def start(**parameters: Any) -> Command:  # noqa: ANN401
    """Return the command to start the usual task."""
    return do("start", **{"task": TASK, **parameters})


def about_run(what: str, **parameters: Any) -> Command:  # noqa: ANN401
    """Return a command about the usual run."""
    return do(what, **{"run": RUN, **parameters})


class NotReachedError(Exception):
    """A situation did not come to what it judges; the message says why.

    `because` is the promise that is to blame, where the client broke one.
    """

    def __init__(self, message: str, because: str | None = None) -> None:
        super().__init__(message)
        self.because = because


class BrokenOffError(NotReachedError):
    """The client was answered with a success, and the driver hung or crashed over it."""


class AstrayError(NotReachedError):
    """The client was told to do something, and its request addresses no operation."""

    def __init__(self, operation: str, strays: Sequence[Received]) -> None:
        self.operation = operation
        self.strays = tuple(strays)
        self.sent = f"{strays[0].method} {strays[0].path}"
        self.promise, what = ADDRESSED[operation]
        super().__init__(f"told to {what}, it sends {self.sent}", self.promise)


@frozen
class Seen:
    """What happened in a situation: the driver's replies and the requests that arrived."""

    replies: tuple[Reply, ...]
    requests: tuple[Received, ...]
    exchanges: tuple[Exchange, ...]
    stderr: str
    token: str

    def to(self, *operations: str) -> list[Received]:
        """Return the requests to these operations, in order."""
        return [request for request in self.requests if request.operation in operations]

    def first(self, operation: str, *alternatives: str) -> Received:
        """Return the first request to an operation: the positive control of what is judged of it.

        Raises:
            AstrayError: a request came, and it addresses no operation.
            NotReachedError: none came, or the driver says that it cannot do this.
        """
        found = self.to(operation, *alternatives)
        if found:
            return found[0]
        strays = [request for request in self.requests if request.operation is None]
        if strays and self.last.kind is not Kind.UNSUPPORTED:
            raise AstrayError(operation, strays)
        self.reply()
        raise NotReachedError(f"no {operation} arrived; the driver replied {self.last.describe()}")

    @property
    def last(self) -> Reply:
        """The last reply."""
        return self.replies[-1]

    def reply(self, place: int = -1) -> Reply:
        """Return a reply that says something.

        Raises:
            BrokenOffError: the driver hung or crashed over a success.
            NotReachedError: the client cannot do this, or the driver hung, crashed or wrote garbage.
        """
        found = self.replies[place]
        if found.kind is Kind.UNSUPPORTED:
            raise NotReachedError(f"{UNSUPPORTED}: {found.text}")
        if found.kind in ENDED and self.succeeded:
            raise BrokenOffError(found.describe())
        if found.kind in BROKEN_DRIVER:
            raise NotReachedError(f"the driver {found.describe()}")
        return found

    @property
    def succeeded(self) -> bool:
        """Whether the last answer that was sent was a success, as the contract has it."""
        answers = [one.response for one in self.exchanges if one.response is not None]
        if not answers or answers[-1].status >= 300:
            return False
        return holds_a_run(answers[-1].body)

    def shown(self, place: int = -1) -> Mapping[str, Any]:
        """Return the run that the client shows.

        Raises:
            NotReachedError: it only says that it is done, or nothing that can be judged.
        """
        found = self.reply(place)
        if found.kind is Kind.DONE:
            raise NotReachedError("the driver does not show what the client returned")
        return found.run or {}


@define
class Verdicts:
    """Takes what a situation says of its promises; what nobody asked for is passed over."""

    add: Callable[..., None]
    promises: Collection[str]
    seen: Seen
    judged: set[str] = field(factory=set)

    def expect(
        self,
        promise: str,
        holds: bool,  # noqa: FBT001 - the assertion itself
        message: str,
        *,
        expected: Any = None,  # noqa: ANN401 - any JSON
        observed: Any = None,  # noqa: ANN401
        requests: Sequence[Received] | None = None,
    ) -> None:
        """Judge a promise; `message` says what is wrong when it does not hold.

        `requests` are what it rests on, all that arrived by default.
        """
        if promise not in self.promises:
            return
        self.judged.add(promise)
        rests_on = self.seen.requests if requests is None else requests
        places = [self.seen.requests.index(request) for request in rests_on]
        exchanges = [self.seen.exchanges[place] for place in places]
        self.add(
            promise,
            *exchanges,
            kept=holds,
            message=message,
            expected=expected,
            observed=observed,
        )

    def broke_off(self, error: BrokenOffError) -> None:
        """Judge what the driver's reply shows: there is none, although the answer was a success."""
        for promise in set(self.promises) - self.judged:
            if ledger.by_id()[promise].client.shown_by == "reply":
                self.expect(
                    promise,
                    False,  # noqa: FBT003 - the assertion itself
                    f"The client was answered with a success, and the driver {error}.",
                    expected="a reply",
                    observed=str(error),
                )

    def astray(self, error: AstrayError) -> None:
        """Judge the promise that names the operation's address: the request went elsewhere."""
        operation = contract.operations()[error.operation]
        self.expect(
            error.promise,
            False,  # noqa: FBT003 - the assertion itself
            f"The client addresses no operation: {error}.",
            expected=f"{operation.method} {operation.path}",
            observed=error.sent,
            requests=error.strays[:3],
        )


@frozen
class Situation:
    """One situation: what the driver is told, how it is answered, how promises are judged.

    `within` is how many seconds each reply is waited for; what only the requests show is judged
    all the same when none has come by then. `judge` may raise NotReachedError.
    """

    name: str
    title: str
    commands: tuple[Command, ...]
    script: Callable[[], Script]
    judge: Callable[[Seen, Verdicts], None]
    within: float = WITHIN
    profile: Profile = "quick"


SITUATIONS: dict[str, Situation] = {}


def situation(
    *commands: Command,
    script: Callable[[], Script] = OneRun,
    within: float = WITHIN,
    profile: Profile = "quick",
) -> Callable[[Callable[[Seen, Verdicts], None]], Callable[[Seen, Verdicts], None]]:
    """Register a situation by the function that judges it; the ledger ties promises to its name."""

    def register(judge: Callable[[Seen, Verdicts], None]) -> Callable[[Seen, Verdicts], None]:
        title = (judge.__doc__ or judge.__name__).strip().splitlines()[0]
        name = judge.__name__
        SITUATIONS[name] = Situation(name, title, commands, script, judge, within, profile)
        return judge

    return register
