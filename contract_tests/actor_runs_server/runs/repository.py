"""The runs of one data directory: unfinished ones in memory, finished ones in the database.

A change is written before it is made: what could not be written has not happened. A status
changes only along a transition of the lifecycle.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from attrs import Factory, evolve, frozen

from actor_runs_server.processes.logs import RunLog
from actor_runs_server.records.lifecycle import TERMINAL, Event, after

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from actor_runs_server.clock import Clock
    from actor_runs_server.records.run import Run
    from actor_runs_server.records.run_table import RunTable

# Finished runs that stay in memory; older ones are read from the database.
CACHED: Final = 2_000


class IllegalTransitionError(Exception):
    """The lifecycle has no such transition: a bug of this server."""


@frozen(eq=False)
class RunRepository:
    """Finds, stores and changes runs.

    `on_transition` is called within the transaction that stores a changed status, `on_change` with
    the id of a run that has changed or left the memory.
    """

    table: RunTable
    logs: Path
    clock: Clock
    max_log_bytes: int
    on_transition: Callable[[Run, Event], None]
    on_change: Callable[[str], None]
    _unfinished: dict[str, Run] = Factory(dict)
    _finished: OrderedDict[str, Run] = Factory(OrderedDict)

    def find(self, run_id: str) -> Run | None:
        """Return a run; None for an unknown id."""
        run = self._unfinished.get(run_id) or self._finished.get(run_id)
        if run is None:
            run = self.table.find(run_id)
            if run:
                self._cache(run)
        return run

    def hold(self, run: Run) -> None:
        """Hold an unfinished run in memory until `release`."""
        self._finished.pop(run.id, None)
        self._unfinished[run.id] = run

    def release(self, run: Run) -> None:
        """Let a run that has finished leave the memory when newer ones need the room."""
        self._unfinished.pop(run.id, None)
        self._cache(run)

    def delete(self, run_id: str) -> None:
        """Delete a finished run with its storages and its log."""
        self.table.delete(run_id)
        self._finished.pop(run_id, None)
        self.on_change(run_id)
        self.log(run_id).path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget every run, after the database has done so, and delete the logs."""
        for run_id in (*self._unfinished, *self._finished):
            self.on_change(run_id)
        self._unfinished.clear()
        self._finished.clear()
        for log in self.logs.glob("*.log"):
            log.unlink(missing_ok=True)

    def log(self, run_id: str) -> RunLog:
        """Return the log of a run."""
        return RunLog(self.logs / f"{run_id}.log", self.clock, self.max_log_bytes)

    def store(self, run: Run) -> None:
        """Write a run as it is now."""
        self.table.save(run)
        self.on_change(run.id)

    def change(self, run: Run, values: dict[str, Any]) -> None:
        """Store a run with these values, then set them."""
        self.store(evolve(run, **values))
        _set(run, values)

    def move(self, run: Run, event: Event, **values: object) -> None:
        """Make the transition of an event, set these values too, and store the run.

        Raises:
            IllegalTransitionError: The lifecycle has no such transition.
        """
        transition = after(run.status, event)
        if transition is None:
            raise IllegalTransitionError(
                f"run {run.id} is {run.status.value}: no {event.value!r} from there"
            )
        changes: dict[str, Any] = {**values, "status": transition.target}
        counter = transition.counter
        if counter:
            changes["counters"] = {**run.counters, counter: run.counters[counter] + 1}
        if transition.target in TERMINAL:
            run.metrics.clear_current()
            changes["finished_at"] = max(
                self.clock.millis(), run.started_at + run.metrics.run_millis
            )
        with self.table.database.together():
            moved = evolve(run, **changes)
            self.store(moved)
            self.on_transition(moved, event)
        _set(run, changes)

    def _cache(self, run: Run) -> None:
        self._finished[run.id] = run
        while len(self._finished) > CACHED:
            self.on_change(self._finished.popitem(last=False)[0])


def _set(run: Run, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(run, name, value)
