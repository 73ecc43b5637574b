"""The generated `Run` with what generation cannot give it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import attrs

from actor_runs_api import models
from actor_runs_api.types import UNSET
from actor_runs_api.validation import MismatchError, hold

from .errors import InvalidArgumentError, excerpt

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from ._messages import Answer

TERMINAL = frozenset({"SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED"})

# Some answers spell one key with a question mark, which no attribute can carry.
PLAIN_KEY = "DATA_TRANSFER_EXTERNAL_GBYTES"
ODD_KEY = f"{PLAIN_KEY}?"
LONGEST_MESSAGE = 80
SHOWN = (
    *("id", "status", "status_message", "exit_code", "act_id", "actor_task_id"),
    *("started_at", "finished_at", "usage_total_usd"),
)


@attrs.define(repr=False)
class Run(models.Run):
    """One execution of an Actor, as an answer described it.

    All properties of the contract are attributes; see `actor_runs_api.models.Run`. A property that
    the answer left out is `UNSET`, which is false; keys that the contract does not know are in
    `additional_properties`. Either spelling of `DATA_TRANSFER_EXTERNAL_GBYTES` is read as
    `usage.data_transfer_external_gbytes` and `usage_usd.data_transfer_external_gbytes`.
    """

    # Arguments under their own names, so that `attrs.evolve` keeps them; no part of what a run is.
    _answer: Answer | None = attrs.field(default=None, alias="_answer", kw_only=True, eq=False)
    _odd: tuple[str, ...] = attrs.field(default=(), alias="_odd", kw_only=True, eq=False)

    @property
    def response(self) -> httpx.Response | None:
        """The answer itself: `response.status_code`, `response.headers`, `response.content`.

        None on a run that was not received, such as one made by `from_dict`. After `run_task` the
        headers have `Location`.
        """
        return self._answer.response if self._answer else None

    @property
    def ended(self) -> bool:
        """Whether the status is terminal: SUCCEEDED, FAILED, TIMED-OUT or ABORTED."""
        return self.status in TERMINAL

    def __str__(self) -> str:
        """Return id, status and message, in one short line."""
        message = " ".join((self.status_message or "").split())
        return f"{self.id} {self.status}" + f": {message[:LONGEST_MESSAGE]}" * bool(message)

    def __repr__(self) -> str:
        """Return what says most, as far as it is known."""
        known = [(name, getattr(self, name)) for name in SHOWN]
        shown = [(k, v.isoformat() if isinstance(v, datetime) else v) for k, v in known]
        return f"Run({', '.join(f'{k}={v!r}' for k, v in shown if v not in {None, UNSET})})"

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Decode a Run object of the contract.

        Raises:
            InvalidArgumentError: It breaks the contract; says where, and what is expected.
        """
        try:
            return cls.checked(src_dict, "Run")
        except MismatchError as error:
            place = f"{error.pointer or 'src_dict'} is {excerpt(repr(error.value))}"
            raise InvalidArgumentError(f"{place}; the contract says: {error.expected}") from None

    @classmethod
    def checked(cls, value: Any, schema: str, key: str = "") -> Self:  # noqa: ANN401 - any JSON value
        """Decode the run in a JSON value that has to keep a schema of the contract.

        Raises:
            MismatchError: It does not, or has numbers, characters, depths or dates that the
                contract allows but no object can carry.
        """
        hold(value, schema)
        try:
            run = super().from_dict(value[key] if key else value)
        except (ValueError, RecursionError) as error:
            raise MismatchError("", value, f"values that can be read ({error})") from None
        for name, usage in (("usage", run.usage), ("usageUsd", run.usage_usd)):
            if usage and ODD_KEY in usage and usage.data_transfer_external_gbytes is UNSET:
                usage.data_transfer_external_gbytes = usage.additional_properties.pop(ODD_KEY)
                run._odd += (name,)  # noqa: SLF001 - an object of this class
        return run

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, spelled as it came in; dates have milliseconds, or more."""
        run = super().to_dict()
        for name in self._odd:
            if PLAIN_KEY in run.get(name, ()):
                run[name][ODD_KEY] = run[name].pop(PLAIN_KEY)
        return run
