"""What the stand-in answers: lawful answers are held against the contract, broken ones say so."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, frozen

from actor_runs_conformance.ledger import contract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_conformance.http.exchange import Headers

Cut = Literal["no answer", "half"]
JSON = (("Content-Type", "application/json; charset=utf-8"),)
EXAMPLE: Mapping[str, Any] = json.loads(
    files("actor_runs_spec").joinpath("examples/get-run.json").read_text(encoding="utf-8")
)["data"]
FINISHED_AT = "2019-12-12T09:30:12.202Z"


@frozen
class Answer:
    """One HTTP answer.

    Attributes:
        after: seconds that it is held back.
        cut: "no answer" closes the connection instead, "half" in the middle of the body.
        broken: it breaks the contract on purpose; any other answer is validated before it is sent.
    """

    status: int
    body: bytes = b""
    headers: Headers = JSON
    after: float = 0.0
    cut: Cut | None = None
    broken: bool = False

    def held(self, seconds: float) -> Answer:
        """Return the same answer, held back for so many seconds."""
        return evolve(self, after=seconds)

    def halved(self) -> Answer:
        """Return the same answer, cut off in the middle of its body."""
        return evolve(self, cut="half", broken=True)


def run_data(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a Run object: the example of Get run as RUNNING, with these changes."""
    running = {"status": "RUNNING", "finishedAt": None, "exitCode": None}
    return {**EXAMPLE, **running, **changes}


def finished(status: str = "SUCCEEDED", **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a Run object that has ended."""
    return run_data(status=status, finishedAt=FINISHED_AT, exitCode=0, **changes)


def success(data: Mapping[str, Any], status: int = 200, **more: Any) -> Answer:  # noqa: ANN401
    """Return a success that holds a run."""
    # As the API does it, without escapes: a client has to know that JSON is UTF-8.
    return Answer(status, json.dumps({"data": data}, ensure_ascii=False).encode(), **more)


def refusal(status: int, kind: str, message: str = "Refused by the test.") -> Answer:
    """Return an error answer."""
    return Answer(status, json.dumps({"error": {"type": kind, "message": message}}).encode())


def gateway_page(status: int) -> Answer:
    """Return an HTML page as gateways answer: nothing that the API itself says."""
    page = f"<html><head><title>{status}</title></head><body>gateway</body></html>"
    return Answer(status, page.encode(), (("Content-Type", "text/html"),), broken=True)


def no_answer() -> Answer:
    """Return a connection that closes without an answer."""
    return Answer(0, cut="no answer", broken=True)


def holds_a_run(body: bytes) -> bool:
    """Whether the body of a success is what the contract says: a Run object."""
    try:
        return not contract.faults("RunEnvelope", json.loads(body))
    except ValueError:
        return False


def check_lawful(operation: str | None, answer: Answer) -> None:
    """Hold an answer against the contract.

    Raises:
        ValueError: it breaks the contract and does not say that it does: a fault of the situation.
    """
    if answer.broken or operation is None:
        return
    documented = contract.operations()[operation].statuses
    if answer.status not in documented and answer.status < 500:
        raise ValueError(f"{operation} is never answered {answer.status}")
    schema = "RunEnvelope" if answer.status < 300 else "ErrorEnvelope"
    found = contract.faults(schema, json.loads(answer.body))
    if found:
        raise ValueError(f"the answer to {operation}: {found[0].path}: {found[0].message}")
