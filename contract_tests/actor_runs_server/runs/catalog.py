"""The Actors and tasks that there are: those of the configuration, and tasks that callers save."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from actor_runs_server.config.config import Actor, Config, Task, stable_id
from actor_runs_server.records.run import new_id

if TYPE_CHECKING:
    from actor_runs_server.clock import Clock
    from actor_runs_server.records.database import Database


class SavedTask(Struct, kw_only=True):
    """A task with its id and times, in milliseconds since 1970."""

    id: str
    user: str
    name: str
    definition: Task
    created_at: int
    modified_at: int
    title: str | None = None
    description: str | None = None
    deleted: bool = False

    @property
    def full_name(self) -> str:
        """Return `user~name`."""
        return f"{self.user}~{self.name}"


class Catalog:
    """Finds Actors and tasks; saved tasks override those of the configuration with their id."""

    def __init__(self, config: Config, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.began = clock.millis()
        self.actors: dict[str, Actor] = config.actors
        self._actor_names = {name.lower(): name for name in config.actors}
        self._actor_names |= {stable_id("actor", name): name for name in config.actors}
        self._configured_tasks = config.tasks
        self._tasks: dict[str, SavedTask] = {}
        self.reload()

    def reload(self) -> None:
        """Read the saved tasks again."""
        configured = map(self._configured, self._configured_tasks.items())
        self._tasks = {task.id: task for task in configured}
        for document in self._database.column("SELECT document FROM tasks"):
            task = msgspec.json.decode(document, type=SavedTask)
            self._tasks[task.id] = task

    def actor_name(self, reference: str) -> str | None:
        """Return the `user~name` that an id or a name refers to; None for an unknown one."""
        return self._actor_names.get(reference) or self._actor_names.get(reference.lower())

    def task(self, reference: str) -> SavedTask | None:
        """Return a task by its id or `user~name`; None for an unknown one."""
        known = self._tasks.get(reference)
        if known is None or known.deleted:
            wanted = reference.lower()
            named = (task for task in self._tasks.values() if task.full_name.lower() == wanted)
            known = next((task for task in named if not task.deleted), None)
        return known

    def tasks(self, user: str) -> list[SavedTask]:
        """Return the tasks of a user, oldest first."""
        tasks = (task for task in self._tasks.values() if task.user == user and not task.deleted)
        return sorted(tasks, key=lambda task: task.created_at)

    def create_task(
        self,
        user: str,
        name: str,
        definition: Task,
        title: str | None = None,
        description: str | None = None,
    ) -> SavedTask:
        """Save a new task."""
        now = self._clock.millis()
        task = SavedTask(
            id=new_id(),
            user=user,
            name=name,
            definition=definition,
            created_at=now,
            modified_at=now,
            title=title,
            description=description,
        )
        return self.save_task(task)

    def save_task(self, task: SavedTask) -> SavedTask:
        """Save a task that has changed."""
        task.modified_at = self._clock.millis()
        statement = "INSERT OR REPLACE INTO tasks VALUES (?, ?)"
        self._database.write(statement, task.id, msgspec.json.encode(task))
        self._tasks[task.id] = task
        return task

    def delete_task(self, task: SavedTask) -> None:
        """Delete a task; one of the configuration stays deleted after a restart."""
        self.save_task(msgspec.structs.replace(task, deleted=True))

    def _configured(self, named: tuple[str, Task]) -> SavedTask:
        full_name, definition = named
        user, _, name = full_name.partition("~")
        return SavedTask(
            id=stable_id("task", full_name),
            user=user,
            name=name,
            definition=definition,
            created_at=self.began,
            modified_at=self.began,
        )
