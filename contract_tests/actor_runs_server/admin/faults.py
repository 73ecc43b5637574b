"""Faults that a test orders: a status, a delay, a lost connection, for some requests, some times."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec
from attrs import Factory, frozen
from msgspec import Struct

from actor_runs_server.api_error import ApiError
from actor_runs_server.records.run import new_id

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


class Match(Struct, forbid_unknown_fields=True):
    """Which requests: their method, and a regular expression for the whole path."""

    method: str | None = None
    path: str = ".*"


class Fault(Struct, rename="camel", forbid_unknown_fields=True):
    """What happens to a request that matches, and how often; `times` of None is always.

    `drop` closes the connection: `"before"` the server sees the request, `"after"` it has acted,
    without an answer, or `"halfway"` through the answer's body. A `status` answers in place of the server, with `body` and `headers`.
    """

    match: Match = msgspec.field(default_factory=Match)
    status: int | None = None
    body: Any = msgspec.UNSET
    headers: dict[str, str] = {}
    delay_secs: float = 0.0
    drop: Literal["before", "after", "halfway"] | None = None
    times: int | None = 1
    id: str = msgspec.field(default_factory=new_id)

    def answer(self) -> bytes:
        """Return the body of the answer; an error envelope unless one is given."""
        if self.body is msgspec.UNSET:
            error = {"type": "injected-fault", "message": "A test has ordered this answer."}
            return msgspec.json.encode({"error": error})
        if isinstance(self.body, str):
            return self.body.encode()
        return msgspec.json.encode(self.body)


@frozen
class Faults:
    """The faults that are ordered; the first that matches is used."""

    ordered: dict[str, Fault] = Factory(dict)

    def order(self, value: object) -> Fault:
        """Add a fault.

        Raises:
            ApiError: 400 for a value that is not a fault.
        """
        try:
            fault = msgspec.convert(value, Fault)
            re.compile(fault.match.path)
        except (msgspec.ValidationError, re.error) as error:
            raise ApiError("invalid-value", f"The fault is not valid: {error}.") from error
        if fault.match.method not in (None, *METHODS):
            raise ApiError("invalid-value", f"The method is one of {', '.join(METHODS)}.")
        if fault.status is not None and not 200 <= fault.status <= 599:
            raise ApiError("invalid-value", f"The status {fault.status} is not from 200 to 599.")
        self.ordered[fault.id] = fault
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault of a request, and count it; None without one."""
        for fault in self.ordered.values():
            if fault.match.method in (None, method) and re.fullmatch(fault.match.path, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        del self.ordered[fault.id]
                return fault
        return None
