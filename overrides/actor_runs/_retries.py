"""When a request is sent again, and how long to wait before.

    outcome                               get, update, abort    run task, reboot
    429                                   again                 again
    not connected, no byte sent           again                 again
    no TLS, or a certificate not trusted  never                 never
    unknown host                          once more             once more
    5xx, connection lost, HTTP timeout    again                 never, unless asked
    anything else                         never                 never

A run that is started twice is charged twice, and nothing in the API tells a repeated start from a
second one. So a start is repeated only where the first cannot have been seen.
"""

from __future__ import annotations

import contextlib
import email.utils
import math
import random
import time

import attrs

from . import errors
from ._arguments import check_setting

UNSEEN = (errors.RateLimitError, errors.NotConnectedError)
PERHAPS_SEEN = (errors.ServerError, errors.ConnectionLostError, errors.HttpTimeoutError)
GATEWAY_TIMEOUT = 504


@attrs.frozen(kw_only=True)
class Retries:
    """How persistent a client is.

    Attributes:
        deadline_secs: No attempt begins later than this many seconds after the first, not counting
            what the server was asked to wait. 0 means a single attempt.
        first_delay_secs: The wait before the second attempt is a random time between this and
            twice this; each further wait doubles both ends. The documents ask for 0.5.
        repeat_starts: Whether `run_task` and `reboot_run` are also repeated where the server may
            have acted already. That can start, and charge, a second run.

    Raises:
        InvalidArgumentError: A setting is not acceptable.
    """

    deadline_secs: float = attrs.field(default=60.0, validator=check_setting)
    first_delay_secs: float = attrs.field(default=0.5, validator=check_setting)
    repeat_starts: bool = attrs.field(default=False, validator=check_setting)

    def delay_secs(
        self, error: errors.ExchangeError, attempt: int, remaining_secs: float, *, idempotent: bool
    ) -> float | None:
        """Return how long to wait before the next attempt, or None if there is to be none.

        Args:
            error: What the attempt ended with.
            attempt: Which attempt it was, from 1.
            remaining_secs: Seconds within which another attempt may begin.
            idempotent: Whether doing it twice has the effect of doing it once.
        """
        perhaps_seen_is_fine = idempotent or self.repeat_starts
        if not isinstance(error, UNSEEN + PERHAPS_SEEN * perhaps_seen_is_fine):
            return None
        if isinstance(error, errors.TlsError) or (
            attempt > 1 and isinstance(error, errors.UnknownHostError)
        ):
            return None
        delay = self.first_delay_secs * 2 ** min(attempt - 1, 30)
        delay = max(random.uniform(delay, 2 * delay), retry_after_secs(error))  # noqa: S311
        return delay if delay <= remaining_secs else None


def is_cut(error: errors.ExchangeError) -> bool:
    """Whether a gateway may have cut off what it took for a request that hangs."""
    timed_out = isinstance(error, errors.ServerError) and error.status == GATEWAY_TIMEOUT
    return timed_out or isinstance(error, PERHAPS_SEEN[1:])


def retry_after_secs(error: errors.ExchangeError) -> float:
    """Return how long the server asks to wait: `Retry-After`, in seconds or as a date, or 0."""
    text = error.response.headers.get("retry-after", "") if error.response else ""
    with contextlib.suppress(ValueError, OverflowError):
        date = email.utils.parsedate_tz(text)
        secs = email.utils.mktime_tz(date) - time.time() if date else float(text)
        return secs if 0 < secs < math.inf else 0.0
    return 0.0
