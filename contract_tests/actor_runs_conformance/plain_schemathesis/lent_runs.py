"""The runs that the cases of plain Schemathesis are addressed to."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import requests
from attrs import define, field

from actor_runs_conformance.http.redaction import Redactor
from actor_runs_conformance.http.requests import path
from actor_runs_conformance.ledger.contract import operations
from actor_runs_conformance.ledger.statuses import has_ended, runs_or_ended

if TYPE_CHECKING:
    import schemathesis

URL, TOKEN, TASK, MAX_RUNS = (
    "ACTOR_RUNS_URL",
    "APIFY_TOKEN",
    "ACTOR_RUNS_TASK",
    "ACTOR_RUNS_MAX_RUNS",
)
"""The variables of the environment that say where the server is; the last one is optional."""

RUNS = 120
"""Runs that may be started when `ACTOR_RUNS_MAX_RUNS` does not say how many."""

LASTS = 600
"""How long a lent run works, in seconds; it is aborted long before."""

ANSWER_TIME = 30.0

WHY = {
    401: f"{TOKEN} is no token of this server",
    403: f"{TOKEN} is one that may not start this task",
    404: f"give {TASK} as id or user~task, and as {URL} what stands before /v2",
}
"""What to look at, by the status that a start was answered with."""
WHY_ELSE = f"see what is wrong with this start, or give another {TASK}"

STARTUP = 30.0
"""Seconds within which a run that was started or rebooted is RUNNING."""


class NoRunError(Exception):
    """The server gives no run that the cases could be addressed to; the message says why."""


@define
class LentRuns:
    """Starts runs when they are needed, and aborts at the end whatever goes on.

    Of the starts that are allowed, two thirds are for the cases of Run task.
    """

    started: dict[str, str] = field(factory=dict)
    """The Actor of each run that was started, by the run's id."""

    by_cases: int = 0
    """How many runs the cases of Run task started."""

    _live: str | None = None
    _to_abort: str | None = None
    _lent: int = 0
    _patience: float = STARTUP

    def may_start(self) -> bool:
        """Whether a case may start another run."""
        return self.by_cases < allowed() * 2 // 3

    def live(self) -> str:
        """Return a run that is RUNNING; once no further start is allowed, the last one.

        Raises:
            NoRunError: the server refuses the start.
        """
        if self._live is None or self._until_running(self._live).get("status") != "RUNNING":
            self._live = self._start(self._live or self._to_abort)
        return self._live

    def to_abort(self) -> str:
        """Return a run that may be aborted, or was: aborting it again has to be answered too.

        Raises:
            NoRunError: the server refuses the start.
        """
        if self._to_abort is None:
            self._to_abort = self._start(self._live)
        return self._to_abort

    def seen(self, run: dict[str, Any]) -> None:
        """Remember a run that a case started."""
        self.by_cases += 1
        self._remember(run)

    def look(self, run: str) -> dict[str, Any]:
        """Return the run as Get run shows it; empty when it is not shown."""
        return data_of(_request("getRun", run=run))

    def abort_all(self) -> None:
        """Abort every run that was started and goes on."""
        for run, actor in self.started.items():
            # One that gets no answer leaves no other one running.
            with suppress(requests.RequestException):
                if not has_ended(self.look(run)) and not _request("abortRun", run=run).ok:
                    _request("abortActorRun", run=run, actor=actor)

    def _remember(self, run: dict[str, Any]) -> None:
        if isinstance(run.get("id"), str):
            self.started[run["id"]] = str(run.get("actId") or "-")

    def _start(self, last: str | None) -> str:
        """Start a run to be lent; return the last one that was once no further start is allowed."""
        if last is not None and self._lent >= allowed() // 3:
            return last
        try:
            answer = _request("runTask", {"durationSecs": LASTS}, task=os.environ[TASK])
        except requests.RequestException as error:
            raise NoRunError(
                f"Nobody answers at {URL}={os.environ[URL]} ({type(error).__name__}); start the "
                f"server, or give what stands before /v2 in its addresses"
            ) from None
        self._lent += 1
        run = data_of(answer)
        self._remember(run)
        if not isinstance(run.get("id"), str):
            shown = Redactor([os.environ[TOKEN]]).beginning(answer.content, 200)
            raise NoRunError(
                f"There is no run to address cases to: the start of {TASK}={os.environ[TASK]} at "
                f"{URL}={os.environ[URL]} answered {answer.status_code}: {shown}; "
                f"{WHY.get(answer.status_code, WHY_ELSE)}"
            )
        self._until_running(run["id"])
        return str(run["id"])

    def _until_running(self, run: str) -> dict[str, Any]:
        """Return the run once it is RUNNING or has ended, or as it is after `STARTUP` seconds.

        A server that has once not shown it by then is not waited for again.
        """
        deadline = time.monotonic() + self._patience
        while not runs_or_ended(seen := self.look(run)):
            if time.monotonic() > deadline:
                self._patience = 0.0
                break
            time.sleep(0.1)
        return seen


def allowed() -> int:
    """Return how many runs may be started: two thirds of them by cases, one third to be lent.

    Raises:
        ValueError: ACTOR_RUNS_MAX_RUNS is not a number of 3 or more.
    """
    given = os.environ.get(MAX_RUNS) or str(RUNS)
    if not given.isdecimal() or int(given) < 3:
        raise ValueError(f"{MAX_RUNS}={given}: expected a number of 3 or more")
    return int(given)


def _request(operation: str, body: dict[str, int] | None = None, **named: str) -> requests.Response:
    return requests.request(
        operations()[operation].method,
        os.environ[URL].rstrip("/") + path(operation, **named),
        json=body,
        headers={"Authorization": f"Bearer {os.environ[TOKEN]}"},
        timeout=ANSWER_TIME,
    )


def data_of(answer: requests.Response | schemathesis.Response) -> dict[str, Any]:
    """Return the run that an answer carries; empty when it carries none."""
    try:
        data = answer.json()["data"]
    except (ValueError, KeyError, TypeError):
        return {}
    return data if isinstance(data, dict) else {}
