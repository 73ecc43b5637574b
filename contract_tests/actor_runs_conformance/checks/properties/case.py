"""A generated case: one request drawn from the contract, with placeholders for ids."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

# Placeholders that stand for real ids until the case is sent; 17 characters, as real ids have.
RUN = "aRunIdPlaceholder"
ACTOR = "ActorPlaceholder1"
TASK = "aTaskPlaceholder1"
PLACEHOLDERS: Mapping[str, str] = {"runId": RUN, "actorId": ACTOR, "actorTaskId": TASK}


@frozen
class CaseCounts:
    """How many cases of an operation to draw at random.

    `positive` and `negative` cases use real ids, `ids` cases invented ones. There are fewer where
    the same request is drawn twice; examples and coverage are added.
    """

    positive: int = 0
    negative: int = 0
    ids: int = 0


@frozen
class Case:
    """A request as Schemathesis drew it.

    `phase` is examples, coverage, fuzzing or ids (fuzzing whose path ids are free too).
    `mode` is positive (the contract allows it) or negative (it breaks the contract somewhere).
    `path` and `query` are as they stand in a URL, percent-encoded; `note` says what was varied.
    """

    operation: str
    phase: str
    mode: str
    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    note: str = ""

    @property
    def request_key(self) -> tuple[object, ...]:
        """What makes two cases the same request."""
        return (self.method, self.path, self.query, self.headers, self.body)

    @property
    def content_type(self) -> str | None:
        """The Content-Type header; None when there is none."""
        return next((v for k, v in self.headers if k.lower() == "content-type"), None)


def to_line(case: Case) -> str:
    """Return a case as one line of JSON."""
    return json.dumps(
        {
            "operation": case.operation,
            "phase": case.phase,
            "mode": case.mode,
            "method": case.method,
            "path": case.path,
            "query": case.query,
            "headers": case.headers,
            "body": None if case.body is None else base64.b64encode(case.body).decode(),
            "note": case.note,
        }
    )


WARNING = "warning"


def warning_line(text: str) -> str:
    """Return a warning of the drawing process as one line of JSON."""
    return json.dumps({WARNING: text})


def read_warning(line: str) -> str | None:
    """Return the warning of a line; None when the line is a case."""
    return json.loads(line)[WARNING] if line.startswith(f'{{"{WARNING}"') else None


def from_line(line: str) -> Case:
    """Read a case from its line.

    Raises:
        ValueError: the line is not a case.
    """
    try:
        raw = json.loads(line)
        body = raw.pop("body")
        headers = tuple((str(name), str(value)) for name, value in raw.pop("headers"))
        return Case(**raw, headers=headers, body=None if body is None else base64.b64decode(body))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"Not a generated case: {line[:200]!r}") from error
