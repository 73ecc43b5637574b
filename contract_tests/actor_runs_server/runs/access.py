"""Who may see and change what, and which task, Actor, run or storage a reference means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError

if TYPE_CHECKING:
    from actor_runs_server.config.config import Config
    from actor_runs_server.records.run import Run
    from actor_runs_server.runs.auth import Caller
    from actor_runs_server.runs.catalog import Catalog, SavedTask
    from actor_runs_server.runs.repository import RunRepository
    from actor_runs_server.storages.storages import Storage, Storages

STORAGE_NAMES: Final = {
    "dataset": "Dataset",
    "key-value-store": "Store",
    "request-queue": "Request queue",
}


@frozen
class Access:
    """Looks up tasks, Actors, runs and storages for a caller."""

    config: Config
    repository: RunRepository
    catalog: Catalog
    storages: Storages

    # References.

    def actor(self, reference: str, caller: Caller | None) -> str:
        """Return the name of the Actor that an id, `user~name` or `~name` refers to.

        Raises:
            ApiError: 404 for an unknown Actor.
        """
        name = self.catalog.actor_name(_whole(reference, caller))
        if name is None:
            kind = "record-not-found" if "~" in reference else "record-or-token-not-found"
            raise ApiError(kind, "Actor was not found or access denied")
        return name

    def task(self, reference: str, caller: Caller) -> SavedTask:
        """Return a task of the caller by its id, `user~name` or `~name`.

        Raises:
            ApiError: 404, also for the task of another user.
        """
        task = self.catalog.task(_whole(reference, caller))
        if task is None or not self.owns(caller, task.user):
            raise ApiError("record-not-found", "Actor task was not found")
        return task

    # Permissions.

    def owns(self, caller: Caller | None, user: str) -> bool:
        """Return whether a caller acts for a user."""
        return caller is not None and caller.user == user

    def owned(self, run_id: str, caller: Caller) -> Run:
        """Return a run that the caller may change.

        Raises:
            ApiError: 404, also for the run of another user.
        """
        run = self.repository.find(run_id)
        if run is None or not self.owns(caller, run.user):
            raise ApiError("record-not-found", "Actor run was not found")
        return run

    def readable(self, run_id: str, caller: Caller | None) -> Run:
        """Return a run that the caller may read.

        Raises:
            ApiError: 404 for an unknown run, 403 for a restricted one.
        """
        run = self.repository.find(run_id)
        if run is None:
            raise ApiError("record-not-found", "Actor run was not found")
        if not self.may_read(run, caller):
            raise ApiError("insufficient-permissions")
        return run

    def may_read(self, run: Run, caller: Caller | None) -> bool:
        """Return whether a caller may read a run; None is anybody who knows the id."""
        return self.owns(caller, run.user) or self._open(run.user, run.general_access)

    def storage(
        self, kind: str, reference: str, caller: Caller | None, *, write: bool = False
    ) -> Storage:
        """Return a storage by its id, `user~name` or `~name`.

        Raises:
            ApiError: 404 for an unknown storage, and to write also for one of another user; 403
                to read a restricted one.
        """
        whole = _whole(reference, caller)
        user, is_named, name = whole.partition("~")
        storage = (
            self.storages.find_named(kind, user, name)
            if is_named
            else self.storages.find(kind, whole)
        )
        owned = storage is not None and self.owns(caller, storage.user)
        if storage is None or (write and not owned):
            raise ApiError("record-not-found", f"{STORAGE_NAMES[kind]} was not found.")
        if not owned and not self._storage_open(storage):
            raise ApiError("insufficient-permissions")
        return storage

    def _storage_open(self, storage: Storage) -> bool:
        if storage.general_access:
            return self._open(storage.user, storage.general_access)
        run = self.repository.find(storage.run) if storage.run else None
        return self._open(storage.user, run.general_access if run else "FOLLOW_USER_SETTING")

    def _open(self, user: str, access: str) -> bool:
        """Return whether those who know an id may read."""
        if access == "FOLLOW_USER_SETTING":
            owner = self.config.users.get(user)
            access = owner.general_access if owner else "RESTRICTED"
        return access.startswith("ANYONE_WITH_")


def _whole(reference: str, caller: Caller | None) -> str:
    return f"{caller.user}{reference}" if caller and reference.startswith("~") else reference
