"""Ways of answering that several situations share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from actor_runs_conformance.clients.answers import EXAMPLE, Answer, finished, run_data, success

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.clients.stand_in import Received, Script

LONGEST_WAIT = 60.0
"""Seconds that the API holds an answer at most (Get run, `waitForFinish`)."""


@frozen
class OneRun:
    """A server with one run, answered about lawfully, whatever id is asked for.

    Attributes:
        ends_after: seconds from the beginning of the situation to the end of the run; None for a
            run that goes on.
        status: the status that it ends with.
        before: what the run shows until then, beside being RUNNING.
        waits: whether `waitForFinish` is honoured, as it must be; a server that does not wait
            answers at once.
    """

    ends_after: float | None = None
    status: str = "SUCCEEDED"
    before: Mapping[str, Any] = field(factory=dict)
    waits: bool = True

    def __call__(self, request: Received, _earlier: list[Received], /) -> Answer:
        """Answer any of the six operations."""
        operation = request.operation
        started = operation == "runTask"
        wait = request.wait if operation in {"getRun", "runTask"} and self.waits else 0.0
        until = max(0.0, min(wait, LONGEST_WAIT))
        if self.ends_after is not None:
            until = min(until, max(0.0, self.ends_after - request.at))
        over = self.ends_after is not None and request.at + until >= self.ends_after
        # A start names a run of its own; every other request names one in its path.
        run = str(EXAMPLE["id"]) if started else request.ids.get("runId", str(EXAMPLE["id"]))
        data = finished(self.status, id=run) if over else run_data(id=run, **self.before)
        return success(data, 201 if started else 200, after=until)


@frozen
class InTurn:
    """The requests of one operation get these answers in turn, the last one again and again.

    An answer of None is what `otherwise` answers, as is every other operation.
    """

    operation: str
    answers: tuple[Answer | None, ...]
    otherwise: Script = field(factory=OneRun)

    def __call__(self, request: Received, earlier: list[Received]) -> Answer:
        """Answer by how many of the operation came before."""
        if request.operation == self.operation:
            place = sum(one.operation == self.operation for one in earlier)
            answer = self.answers[min(place, len(self.answers) - 1)]
            if answer is not None:
                return answer
        return self.otherwise(request, earlier)


@frozen
class CutsLongAnswers:
    """A gateway in front of `behind` that answers 504 for whatever is held longer than `limit` s."""

    limit: float
    behind: Script

    def __call__(self, request: Received, earlier: list[Received]) -> Answer:
        """Answer in time, or not at all."""
        answer = self.behind(request, earlier)
        if answer.after <= self.limit:
            return answer
        page = b"<html><body>504 Gateway Time-out</body></html>"
        return Answer(504, page, (("Content-Type", "text/html"),), after=self.limit, broken=True)
