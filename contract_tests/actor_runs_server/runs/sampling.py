"""Measures the going runs: once soon after a process started, then again and again."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from typing import TYPE_CHECKING, Final

import psutil

from actor_runs_server.processes.metrics import groups

if TYPE_CHECKING:
    from actor_runs_server.processes.processes import Container
    from actor_runs_server.runs.live import Live
    from actor_runs_server.runs.supervisor import Driver

LOG: Final = logging.getLogger("actor_runs_server")

# Late enough for a program to have loaded, early enough for a short one to be seen.
FIRST_SAMPLE_SECS: Final = 0.15


def soon(live: Live) -> None:
    """Measure a process that has just been started in a moment, if it is still there then."""
    loop = asyncio.get_running_loop()
    loop.call_later(FIRST_SAMPLE_SECS, _first, live, live.container)


def finish(live: Live) -> None:
    """Note that the process of a run is gone."""
    if live.meter:
        live.meter.clock(time.monotonic())
    live.meter = None
    live.run.figures.rest()


async def regularly(driver: Driver) -> None:
    """Measure every going run from time to time, and store what was measured."""
    while True:
        await asyncio.sleep(driver.config.limits.sample_secs)
        measured = [live for live in driver.live.values() if live.meter and live.container]
        if measured:
            try:
                _measure(driver, measured)
            except (sqlite3.Error, psutil.Error, OSError) as error:
                LOG.warning("the runs could not be measured: %s", error)


def _measure(driver: Driver, measured: list[Live]) -> None:
    members = groups()
    now = time.monotonic()
    with driver.records.together():
        for live in measured:
            if live.meter:
                live.meter.sample(now, members.get(live.meter.group, ()))
                driver.store(live.run)
    for live in measured:
        _tell(live)


def _first(live: Live, container: Container | None) -> None:
    if container and live.container is container and live.meter:
        live.meter.sample(time.monotonic(), [container.group])


def _tell(live: Live) -> None:
    figures = live.run.figures
    data = {
        "memCurrentBytes": figures.memory_current,
        "cpuCurrentUsage": figures.cpu_current,
        "isCpuOverloaded": False,
    }
    live.announcements.announce("systemInfo", data, keep=False)
