"""The generated `Run` with what generation cannot give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import attrs

from actor_runs_api import models
from actor_runs_api.types import UNSET

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

TERMINAL = frozenset({"SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED"})

# Some answers spell one key with a question mark, which no attribute can carry.
PLAIN_KEY = "DATA_TRANSFER_EXTERNAL_GBYTES"
ODD_KEY = f"{PLAIN_KEY}?"


@attrs.define
class Run(models.Run):
    """One execution of an Actor, as an answer described it.

    All properties of the contract are attributes; see `actor_runs_api.models.Run`. A property that
    the answer left out is `UNSET`, which is false; keys that the contract does not know are in
    `additional_properties`. Either spelling of `DATA_TRANSFER_EXTERNAL_GBYTES` is read as
    `usage.data_transfer_external_gbytes` and `usage_usd.data_transfer_external_gbytes`.

    Attributes:
        response: The answer itself: `response.status_code`, `response.headers`, for instance with
            `Location` after `run_task`, and `response.content`. None on a run that was not
            received, such as one made by `from_dict`.
    """

    response: httpx.Response | None = attrs.field(init=False, default=None, eq=False, repr=False)
    _odd: tuple[str, ...] = attrs.field(init=False, default=(), eq=False, repr=False)

    @property
    def ended(self) -> bool:
        """Whether the status is terminal: SUCCEEDED, FAILED, TIMED-OUT or ABORTED."""
        return self.status in TERMINAL

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Decode a Run object of the contract. Does not look whether it keeps the contract."""
        run = super().from_dict(src_dict)
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
