"""The functions that build the requests, by the names of the operations."""

from .api.actor_runs.abort_actor_run import _get_kwargs as abort_actor_run
from .api.actor_runs.abort_run import _get_kwargs as abort_run
from .api.actor_runs.get_run import _get_kwargs as get_run
from .api.actor_runs.reboot_run import _get_kwargs as reboot_run
from .api.actor_tasks.run_task import _get_kwargs as run_task
from .api.actor_runs.update_run import _get_kwargs as update_run

__all__ = ["abort_actor_run", "abort_run", "get_run", "reboot_run", "run_task", "update_run"]
