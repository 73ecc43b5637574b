"""Who may see and change what, and which task, Actor, run or storage a reference means."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from attrs import frozen

from actor_runs_server.api_error import ApiError
from actor_runs_server.storages import signing

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
RESTRICTED: Final = (
    "Insufficient permissions for the {kind}. Make sure you're passing a correct API token and that "
    "it has the required permissions."
)


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
        storage = self.find_storage(kind, reference, caller)
        owned = storage is not None and self.owns(caller, storage.user)
        if storage is None or (write and not owned):
            raise ApiError("record-not-found", f"{STORAGE_NAMES[kind]} was not found.")
        if not owned and not self.storage_open(storage):
            name = "key-value store" if kind == "key-value-store" else kind.replace("-", " ")
            raise ApiError("insufficient-permissions", RESTRICTED.format(kind=name))
        return storage

    def find_storage(self, kind: str, reference: str, caller: Caller | None) -> Storage | None:
        """Return a storage, whoever may read it; None for an unknown reference."""
        whole = _whole(reference, caller)
        user, is_named, name = whole.partition("~")
        return (
            self.storages.find_named(kind, user, name)
            if is_named
            else self.storages.find(kind, whole)
        )

    def signed(self, storage: Storage, signature: str, key: str | None) -> bool:
        """Return whether a signature opens a storage, or one record of it."""
        secret = self.secret_of(storage)
        if key is not None:
            return signing.is_of_record(signature, secret, key)
        return signing.is_of_storage(signature, secret, storage.id, self.repository.clock.millis())

    def secret_of(self, storage: Storage) -> str:
        """Return what the URLs of a storage are signed with."""
        owner = self.config.users.get(storage.user)
        # A user who is not configured any more has no token, and signs nothing.
        return signing.secret_of(owner.token if owner else secrets.token_hex(), storage.id)

    def storage_open(self, storage: Storage) -> bool:
        """Return whether those who know the id of a storage may read it."""
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
