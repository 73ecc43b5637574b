"""Keeps runs: the going ones at hand, the finished ones in the records.

A change is written before it is made: what could not be written has not happened. A run moves
only where the table of the lifecycle leads.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from actor_runs_server.records.database import Records
from actor_runs_server.records.lifecycle import TERMINAL, Event, after
from actor_runs_server.records.run import Run, from_document, now_millis

if TYPE_CHECKING:
    from pathlib import Path

    from actor_runs_server.config.config import Config
    from actor_runs_server.runs.live import Live

# Finished runs whose answers are kept ready; the rest is read from the file.
KEPT: Final = 2_000


class IllegalMoveError(Exception):
    """The lifecycle has no such transition: a fault of this server."""


class Keeper:
    """All runs of one data directory."""

    def __init__(self, config: Config, data: Path) -> None:
        """Open the records of the directory.

        Raises:
            OSError: The directory cannot be made or written.
        """
        self.config = config
        self.data = data.resolve()
        for name in ("logs", "work"):
            (self.data / name).mkdir(parents=True, exist_ok=True)
        self.records = Records(self.data / "runs.sqlite")
        self.live: dict[str, Live] = {}
        self._kept: OrderedDict[str, Run] = OrderedDict()

    def find(self, run_id: str) -> Run | None:
        """Return a run; None when there is none."""
        live = self.live.get(run_id)
        if live:
            return live.run
        run = self._kept.get(run_id)
        if run is None:
            document = self.records.run(run_id)
            if document is None:
                return None
            run = from_document(document)
            self.keep(run)
        return run

    def keep(self, run: Run) -> None:
        """Keep a finished run at hand, and the one that was kept longest no more."""
        self._kept[run.id] = run
        while len(self._kept) > KEPT:
            self.on_dropped(self._kept.popitem(last=False)[0])

    def forget(self, run_id: str) -> None:
        """Remove a finished run with its storages and its log."""
        self.records.remove_run(run_id)
        self._kept.pop(run_id, None)
        self.on_dropped(run_id)
        self.log_path(run_id).unlink(missing_ok=True)

    def log_path(self, run_id: str) -> Path:
        """Return the file that collects the output of a run."""
        return self.data / "logs" / f"{run_id}.log"

    def store(self, run: Run) -> None:
        """Write a run as it is now."""
        self.records.save_run(
            run.id,
            run.user,
            run.task or "",
            run.started_at,
            run.document(),
            finished=run.finished,
        )

    def change(self, run: Run, **values: Any) -> None:  # noqa: ANN401 - attributes of a run
        """Write a run with these values, then let it have them."""
        self.store(evolve(run, **values))
        _take(run, values)

    def move(self, run: Run, event: Event, **values: Any) -> None:  # noqa: ANN401 - as above
        """Make the transition of an event, with these values of the run, and store it.

        Raises:
            IllegalMoveError: The lifecycle has no such transition.
        """
        edge = after(run.status, event)
        if edge is None:
            raise IllegalMoveError(
                f"run {run.id} is {run.status.value}: no {event.value!r} from there"
            )
        values["status"] = edge.target
        if edge.counter:
            values["counters"] = {**run.counters, edge.counter: run.counters[edge.counter] + 1}
        if edge.target in TERMINAL:
            run.figures.rest()
            values["finished_at"] = max(now_millis(), run.started_at + run.figures.run_millis)
        with self.records.together():
            moved = evolve(run, **values)
            self.store(moved)
            self.on_moved(moved, event)
        _take(run, values)

    def on_moved(self, run: Run, event: Event) -> None:
        """Learn of a move, to write what has to be written along with it."""

    def on_dropped(self, run_id: str) -> None:
        """Learn that a run is no longer kept in memory."""


def _take(run: Run, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(run, name, value)
