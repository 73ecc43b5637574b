"""Who may see and change what, and which task, Actor or run a reference means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actor_runs_server.api_error import ApiError
from actor_runs_server.config.config import Config, Task, stable_id

if TYPE_CHECKING:
    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.auth import Caller
    from actor_runs_server.runs.repository import RunRepository


class Access:
    """Looks up tasks, Actors and runs for a caller."""

    def __init__(self, config: Config, repository: RunRepository) -> None:
        self._config = config
        self._repository = repository
        self._names = {
            kind: {name.lower(): name for name in names}
            | {stable_id(kind, name).lower(): name for name in names}
            for kind, names in (("actor", config.actors), ("task", config.tasks))
        }

    # References.

    def named(self, kind: str, reference: str, caller: Caller) -> str | None:
        """Return the `user~name` that an id, `user~name` or `~name` refers to; None if unknown."""
        whole = f"{caller.user}{reference}" if reference.startswith("~") else reference
        return self._names[kind].get(whole.lower())

    def task(self, reference: str, caller: Caller) -> tuple[str, Task]:
        """Return a task of the caller by its reference.

        Raises:
            ApiError: 404, also for the task of another user.
        """
        name = self.named("task", reference, caller)
        if name is None or not self.owns(caller, name.split("~")[0]):
            raise ApiError("record-not-found", "Actor task was not found")
        return name, self._config.tasks[name]

    # Permissions.

    def owns(self, caller: Caller | None, user: str) -> bool:
        """Return whether a caller acts for a user."""
        return caller is not None and caller.user == user

    def owned(self, run_id: str, caller: Caller) -> Run:
        """Return a run that the caller may change.

        Raises:
            ApiError: 404, also for the run of another user.
        """
        run = self._repository.find(run_id)
        if run is None or not self.owns(caller, run.user):
            raise ApiError("record-not-found", "Actor run was not found")
        return run

    def readable(self, run_id: str, caller: Caller | None) -> Run:
        """Return a run that the caller may read.

        Raises:
            ApiError: 404 for an unknown run, 403 for a restricted one.
        """
        run = self._repository.find(run_id)
        if run is None:
            raise ApiError("record-not-found", "Actor run was not found")
        if not self.may_read(run, caller):
            raise ApiError("insufficient-permissions")
        return run

    def may_read(self, run: Run, caller: Caller | None) -> bool:
        """Return whether a caller may read a run; None is anybody who knows the id."""
        if self.owns(caller, run.user):
            return True
        access = run.general_access
        if access == "FOLLOW_USER_SETTING":
            owner = self._config.users.get(run.user)
            access = owner.general_access if owner else "RESTRICTED"
        return access == "ANYONE_WITH_ID_CAN_READ"
