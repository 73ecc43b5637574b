"""What a run consumed: measured with psutil, and priced.

Memory is the resident size of the run's processes, summed; CPU is per cent of one core. A value
is as old as the last sample; a run that has ended keeps its last sample.
"""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

import psutil
from attrs import define

if TYPE_CHECKING:
    from collections.abc import Iterable

MEGABYTES_OF_A_UNIT: Final = 1024
MILLIS_OF_A_UNIT: Final = 3_600_000
TRANSFER: Final = "DATA_TRANSFER_EXTERNAL_GBYTES"

# US dollars a unit. The order is that of the documents.
PRICES: Final = {
    "ACTOR_COMPUTE_UNITS": 0.4,
    "DATASET_READS": 0.0000004,
    "DATASET_WRITES": 0.000005,
    "KEY_VALUE_STORE_READS": 0.000005,
    "KEY_VALUE_STORE_WRITES": 0.00005,
    "KEY_VALUE_STORE_LISTS": 0.00005,
    "REQUEST_QUEUE_READS": 0.000004,
    "REQUEST_QUEUE_WRITES": 0.00002,
    "DATA_TRANSFER_INTERNAL_GBYTES": 0.05,
    TRANSFER: 0.2,
    "PROXY_RESIDENTIAL_TRANSFER_GBYTES": 8.0,
    "PROXY_SERPS": 0.0025,
}


@define
class Metrics:
    """Totals of a run over all its processes, the current and the earlier ones."""

    run_millis: int = 0
    cpu_seconds: float = 0.0
    cpu_max: float = 0.0
    cpu_current: float = 0.0
    memory_sum: float = 0.0
    memory_samples: int = 0
    memory_max: int = 0
    memory_current: int = 0

    def stats(self) -> dict[str, Any]:
        """Return the measured members of `stats`."""
        seconds = self.run_millis / 1000
        average = self.memory_sum / self.memory_samples if self.memory_samples else 0.0
        usage = 100 * self.cpu_seconds / seconds if seconds else 0.0
        return {
            "memAvgBytes": average,
            "memMaxBytes": self.memory_max,
            "memCurrentBytes": self.memory_current,
            "cpuAvgUsage": min(usage, self.cpu_max),
            "cpuMaxUsage": self.cpu_max,
            "cpuCurrentUsage": self.cpu_current,
            "durationMillis": self.run_millis,
            "runTimeSecs": seconds,
        }

    def clear_current(self) -> None:
        """Show no current consumption: no process is running."""
        self.memory_current = 0
        self.cpu_current = 0.0


@define
class Meter:
    """Measures one process group and adds it to the metrics of a run."""

    metrics: Metrics
    group: int
    began: float
    millis_before: int
    cpu_before: float
    last_cpu: float = 0.0
    last_time: float = 0.0

    def sample(self, now: float, pids: Iterable[int]) -> None:
        """Measure the group's processes; `now` is read from the same clock as `began`."""
        self.update_run_time(now)
        cpu, memory = _consumed(pids)
        if not memory:
            return
        elapsed = now - (self.last_time or self.began)
        if elapsed > 0 and cpu >= self.last_cpu:
            self.metrics.cpu_current = 100 * (cpu - self.last_cpu) / elapsed
            self.metrics.cpu_max = max(self.metrics.cpu_max, self.metrics.cpu_current)
        self.last_cpu, self.last_time = max(cpu, self.last_cpu), now
        self.metrics.cpu_seconds = self.cpu_before + self.last_cpu
        self.metrics.memory_current = memory
        self.metrics.memory_max = max(self.metrics.memory_max, memory)
        self.metrics.memory_sum += memory
        self.metrics.memory_samples += 1

    def update_run_time(self, now: float) -> None:
        """Update the run time."""
        self.metrics.run_millis = self.millis_before + max(0, int((now - self.began) * 1000))


def _consumed(pids: Iterable[int]) -> tuple[float, int]:
    """Return the CPU seconds of the processes and their ended children, and their resident bytes."""
    cpu, memory = 0.0, 0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            with process.oneshot():
                cpu += sum(process.cpu_times()[:4])
                memory += process.memory_info().rss
    return cpu, memory


def groups() -> dict[int, list[int]]:
    """Return the process ids of this machine by process group."""
    members: dict[int, list[int]] = defaultdict(list)
    for pid in psutil.pids():
        with contextlib.suppress(OSError):
            members[os.getpgid(pid)].append(pid)
    return members


def compute_units(memory_megabytes: int, run_millis: int) -> float:
    """Return the compute units: gigabytes of memory times hours."""
    return memory_megabytes / MEGABYTES_OF_A_UNIT * run_millis / MILLIS_OF_A_UNIT


def usage(units: float, counts: dict[str, int], transfer_key: str) -> dict[str, float]:
    """Return the consumption under the documented keys."""
    amounts: dict[str, float] = {name: counts.get(name, 0) for name in PRICES}
    amounts["ACTOR_COMPUTE_UNITS"] = units
    return {transfer_key if name == TRANSFER else name: value for name, value in amounts.items()}


def priced(amounts: dict[str, float]) -> dict[str, float]:
    """Return the price of each amount, in US dollars."""
    return {name: value * PRICES[name.rstrip("?")] for name, value in amounts.items()}
