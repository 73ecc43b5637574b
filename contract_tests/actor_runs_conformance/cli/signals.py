"""How a check ends when it is told to: after its clean-up."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal

PATIENT = 2
"""Signals that leave a check the time to end what it started."""


def end_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal end the check after its clean-up.

    The third signal ends the process.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    signals = itertools.count(1)

    def end(number: signal.Signals) -> None:
        if next(signals) <= PATIENT:
            task.cancel()
        else:
            loop.remove_signal_handler(number)
            signal.raise_signal(number)

    with contextlib.suppress(NotImplementedError, AttributeError):  # Windows lacks them.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end, number)
