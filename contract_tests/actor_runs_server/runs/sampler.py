"""Measures active runs: soon after a process has started, then at regular intervals."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from typing import TYPE_CHECKING, Final

import psutil
from attrs import frozen

from actor_runs_server.clock import timestamp
from actor_runs_server.processes.metrics import groups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actor_runs_server.processes.processes import Container
    from actor_runs_server.runs.active_run import ActiveRun
    from actor_runs_server.runs.repository import RunRepository

LOG: Final = logging.getLogger("actor_runs_server")

# Late enough for a program to have loaded, early enough to catch a short one.
FIRST_SAMPLE_SECS: Final = 0.15
ANNOUNCED: Final = (
    "memAvgBytes",
    "memCurrentBytes",
    "memMaxBytes",
    "cpuAvgUsage",
    "cpuCurrentUsage",
    "cpuMaxUsage",
)


@frozen
class Sampler:
    """Measures `active` runs, stores their metrics and announces `systemInfo`."""

    interval_secs: float
    active: Mapping[str, ActiveRun]
    repository: RunRepository

    def started(self, active: ActiveRun) -> None:
        """Measure a new process in a moment, if it still runs then."""
        loop = asyncio.get_running_loop()
        loop.call_later(FIRST_SAMPLE_SECS, _first, active, active.container)

    def ended(self, active: ActiveRun) -> None:
        """Stop measuring: the process of the run has ended."""
        if active.meter:
            active.meter.update_run_time(time.monotonic())
        active.meter = None
        active.run.metrics.clear_current()

    async def measure_regularly(self) -> None:
        """Measure until cancelled."""
        while True:
            await asyncio.sleep(self.interval_secs)
            measured = [run for run in self.active.values() if run.meter and run.container]
            if measured:
                try:
                    self._measure(measured)
                except (sqlite3.Error, psutil.Error, OSError) as error:
                    LOG.warning("the active runs could not be measured: %s", error)

    def _measure(self, measured: list[ActiveRun]) -> None:
        members = groups()
        now = time.monotonic()
        with self.repository.table.database.together():
            for active in measured:
                if active.meter:
                    active.meter.sample(now, members.get(active.meter.group, ()))
                    self.repository.store(active.run)
        for active in measured:
            _announce(active, self.repository.clock.millis())


def _first(active: ActiveRun, container: Container | None) -> None:
    if container and active.container is container and active.meter:
        active.meter.sample(time.monotonic(), [container.group])


def _announce(active: ActiveRun, now_millis: int) -> None:
    stats = active.run.metrics.stats()
    data = {
        **{name: stats[name] for name in ANNOUNCED},
        "isCpuOverloaded": False,
        "createdAt": timestamp(now_millis),
    }
    active.announcements.announce("systemInfo", data, keep=False)
