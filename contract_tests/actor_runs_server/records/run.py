"""A run as it is stored: every value that survives a restart of the server."""

from __future__ import annotations

import secrets
import string
from typing import Any, Final

import msgspec
from attrs import Factory, define

from actor_runs_server.processes.metrics import Metrics
from actor_runs_server.records.lifecycle import COUNTERS, TERMINAL, Status

ALPHABET: Final = string.ascii_letters + string.digits
STORAGES: Final = ("dataset", "key-value-store", "request-queue")


def new_id() -> str:
    """Return an unguessable id: 17 letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(17))


@define(kw_only=True)
class Metamorph:
    """A change of a run into a run of another Actor; `input_key` is the record of its input."""

    created_at: int
    actor: str
    build_id: str
    input_key: str


@define(kw_only=True)
class Run:
    """One run of an Actor, perhaps of a task (its id). Times are milliseconds since 1970."""

    user: str
    actor: str
    task: str | None
    options: dict[str, Any]
    restart_on_error: bool
    build_id: str
    build_number: str
    meta: dict[str, Any]
    input_body_len: int | None
    started_at: int
    id: str = Factory(new_id)
    status: Status = Status.READY
    finished_at: int | None = None
    status_message: str | None = None
    is_status_message_terminal: bool | None = None
    exit_code: int | None = None
    general_access: str = "FOLLOW_USER_SETTING"
    storages: dict[str, str] = Factory(lambda: {kind: new_id() for kind in STORAGES})
    counters: dict[str, int] = Factory(lambda: dict.fromkeys(COUNTERS, 0))
    metrics: Metrics = Factory(Metrics)
    usage: dict[str, int] = Factory(dict)
    # The run time from which the timeout counts: a resurrected run has all of it again.
    resurrected_at_millis: int = 0
    # The price of each event that the Actor may charge, in US dollars; None charges no events.
    event_prices: dict[str, float] | None = None
    charged_events: dict[str, int] = Factory(dict)
    charge_keys: list[str] = Factory(list)
    metamorphs: list[Metamorph] = Factory(list)
    input_key: str = "INPUT"
    # A run of a test: without a process, and with these members in its Run object.
    scripted: bool = False
    shown: dict[str, Any] = Factory(dict)

    @property
    def finished(self) -> bool:
        """Whether the status is terminal."""
        return self.status in TERMINAL

    def document(self) -> bytes:
        """Return the run in its stored form."""
        return msgspec.json.encode(self)


_decoder: Final = msgspec.json.Decoder(Run)


def from_document(document: bytes) -> Run:
    """Return the run of a stored document."""
    return _decoder.decode(document)
