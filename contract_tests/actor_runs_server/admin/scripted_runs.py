"""Runs without a process, in any state that a test asks for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.config.config import Options, Task
from actor_runs_server.records.lifecycle import TERMINAL, Status
from actor_runs_server.records.run import Run
from actor_runs_server.runs.starter import build_id, shown_options

if TYPE_CHECKING:
    from actor_runs_server.runs.service import Service

# The members of the Run object that are values of a run, and their names there.
MEMBERS: Final = {
    "status": "status",
    "exitCode": "exit_code",
    "statusMessage": "status_message",
    "isStatusMessageTerminal": "is_status_message_terminal",
    "generalAccess": "general_access",
    "startedAt": "started_at",
    "finishedAt": "finished_at",
}
TIMES: Final = ("startedAt", "finishedAt")


@frozen
class ScriptedRuns:
    """Creates and changes runs; whatever `members` do not name stays as it is."""

    service: Service

    def create(self, user: str, actor_name: str, task: str | None, members: dict[str, Any]) -> Run:
        """Create a run that has no process; it is RUNNING unless the members say otherwise."""
        service, now = self.service, self.service.clock.millis()
        actor = service.config.actors[actor_name]
        options = service.starter.options_of(Options(), Task(actor=actor_name), actor)
        number = service.starter.build_of(actor, options.build or "latest")
        run = Run(
            user=user,
            actor=actor_name,
            task=task,
            options=shown_options(options),
            restart_on_error=False,
            build_id=build_id(actor_name, number),
            build_number=number,
            meta={"origin": "API"},
            input_body_len=None,
            started_at=now,
            status=Status.RUNNING,
            scripted=True,
            event_prices=actor.event_prices,
        )
        changed = evolve(run, **self._values(run, members))
        with service.database.together():
            service.repository.store(changed)
            service.storages.create_for_run(changed)
        self._settle(changed)
        return changed

    async def put(self, run: Run, members: dict[str, Any]) -> None:
        """Take the process of a run away, and put the run in a state."""
        values = self._values(run, members)
        await self.service.supervisor.let_go(run)
        self.service.repository.change(run, {**values, "scripted": True})
        self._settle(run)

    def _settle(self, run: Run) -> None:
        if run.finished:
            self.service.supervisor.release_scripted(run)
        else:
            self.service.supervisor.hold_scripted(run)

    def _values(self, run: Run, members: dict[str, Any]) -> dict[str, Any]:
        """Return members of the Run object as values of a run; the rest is shown as it is.

        Raises:
            ApiError: 400 for an unknown status or an invalid time.
        """
        given = {MEMBERS[name]: value for name, value in members.items() if name in MEMBERS}
        try:
            if "status" in given:
                given["status"] = Status(given["status"])
            for name in TIMES:
                if members.get(name) is not None:
                    given[MEMBERS[name]] = _millis(members[name])
        except (ValueError, TypeError) as error:
            raise ApiError("invalid-value", f"The run is not valid: {error}.") from error
        if given.get("status") in TERMINAL and "finished_at" not in given:
            given["finished_at"] = self.service.clock.millis()
        elif given.get("status", Status.READY) not in TERMINAL and "status" in given:
            given.setdefault("finished_at", None)
        rest = {name: value for name, value in members.items() if name not in MEMBERS}
        return {**given, "shown": {**run.shown, **rest}}


def _millis(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)
