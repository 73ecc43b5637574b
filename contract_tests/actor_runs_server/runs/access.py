"""Who may see and change what, what a run looks like to them, and what a reference means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from actor_runs_server.api_error import ApiError
from actor_runs_server.config.config import Config, Task, stable_id
from actor_runs_server.runs.run_object import run_object
from actor_runs_server.runs.supervisor import Driver

if TYPE_CHECKING:
    from pathlib import Path

    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.auth import Caller


class Access(Driver):
    """Looks up tasks, Actors and runs for a caller, and shows a run as the caller may see it."""

    def __init__(self, config: Config, data: Path) -> None:
        """See `Driver`."""
        super().__init__(config, data)
        self._names = {
            kind: {name.lower(): name for name in names}
            | {stable_id(kind, name).lower(): name for name in names}
            for kind, names in (("actor", config.actors), ("task", config.tasks))
        }
        self._encoded: dict[tuple[str, bool], bytes] = {}

    # References.

    def named(self, kind: str, reference: str, caller: Caller) -> str | None:
        """Return the `user~name` that an id, `user~name` or `~name` refers to; None if nothing."""
        whole = f"{caller.user}{reference}" if reference.startswith("~") else reference
        return self._names[kind].get(whole.lower())

    def task(self, reference: str, caller: Caller) -> tuple[str, Task]:
        """Return a task of the caller by its reference.

        Raises:
            ApiError: 404, also when the task is somebody else's.
        """
        name = self.named("task", reference, caller)
        if name is None or not self.owns(caller, name.split("~")[0]):
            raise ApiError("record-not-found", "Actor task was not found")
        return name, self.config.tasks[name]

    # Permissions.

    def owns(self, caller: Caller | None, user: str) -> bool:
        """Tell whether a caller speaks for a user."""
        return caller is not None and caller.user == user

    def owned(self, run_id: str, caller: Caller) -> Run:
        """Return a run that the caller may change.

        Raises:
            ApiError: 404, also when the run is somebody else's.
        """
        run = self.find(run_id)
        if run is None or not self.owns(caller, run.user):
            raise ApiError("record-not-found", "Actor run was not found")
        return run

    def readable(self, run_id: str, caller: Caller | None) -> Run:
        """Return a run that the caller may read.

        Raises:
            ApiError: 404, or 403 when the run is restricted.
        """
        run = self.find(run_id)
        if run is None:
            raise ApiError("record-not-found", "Actor run was not found")
        if not self.may_read(run, caller):
            raise ApiError("insufficient-permissions")
        return run

    def may_read(self, run: Run, caller: Caller | None) -> bool:
        """Tell whether a caller may read a run; None is somebody who only knows its id."""
        if self.owns(caller, run.user):
            return True
        access = run.general_access
        if access == "FOLLOW_USER_SETTING":
            owner = self.config.users.get(run.user)
            access = owner.general_access if owner else "RESTRICTED"
        return access == "ANYONE_WITH_ID_CAN_READ"

    # Answers.

    def answer(self, run: Run, caller: Caller | None) -> dict[str, Any]:
        """Return the Run object that this caller is shown."""
        return run_object(run, self.config.answers, owner=self.owns(caller, run.user))

    def encoded(self, run: Run, caller: Caller | None) -> bytes:
        """Return the bytes of the answer that holds a run, made once for each state of it."""
        key = (run.id, self.owns(caller, run.user))
        known = self._encoded.get(key)
        if known is None:
            known = msgspec.json.encode({"data": self.answer(run, caller)})
            if type(self).answer is Access.answer:
                self._encoded[key] = known
        return known

    def store(self, run: Run) -> None:
        """Write a run as it is now; answers of before are made anew."""
        super().store(run)
        self.on_dropped(run.id)

    def on_dropped(self, run_id: str) -> None:
        """Drop the answers of a run."""
        self._encoded.pop((run_id, True), None)
        self._encoded.pop((run_id, False), None)
