"""The operations: what each takes, and the generated function that builds its request.

They are the methods of both clients: `Client` gives back a run, `AsyncClient` a coroutine of one.
Three times are kept apart by their names: `run_timeout_secs` is how long the run may take,
`server_wait_secs` how long the server waits for its end before it answers, and a client's
`http_timeout_secs` how long HTTP may take.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

from actor_runs_api import models, requests
from actor_runs_api.types import UNSET

from ._arguments import checked, deadline, encoded, given
from ._session import R, Session, T

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from ._run import Run

    Input = Mapping[str, Any] | None
    # For editors to complete; the contract takes any that it allows.
    Memory = Literal[128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768] | float


class StartOptions(TypedDict, total=False):
    """How a run is started. Whatever is None or left out is as the task's settings have it.

    Attributes:
        run_timeout_secs: How long the run may take, in seconds; 0 is without end.
        memory: Megabytes, a power of two, 128 or more.
        max_items: How many dataset items may be charged at most, where the Actor charges by item.
        max_total_charge_usd: What the run may cost at most, in US dollars.
        restart_on_error: Whether a failed run is started again.
        build: Tag or number of the build.
        webhooks: Whom to tell of the run's events.
    """

    run_timeout_secs: float | None
    memory: Memory | None
    max_items: float | None
    max_total_charge_usd: float | None
    restart_on_error: bool | None
    build: str | None
    webhooks: Sequence[models.WebhookDefinition]


class Operations(Session[R, T]):
    """The methods of both clients."""

    def get_run(self, run_id: str, *, server_wait_secs: float = 0) -> R:
        """Get a run.

        Args:
            run_id: Id of the run.
            server_wait_secs: How long the server waits for the run to end before it answers, 0 to
                60. If the run is not `ended` after that, the answer has the state at that moment.

        Returns:
            The run. Its costs (`usage_usd`, `usage_total_usd`) are hidden from a client without
            token. Figures are preliminary until some 10 seconds after the end.

        Raises:
            NotFoundError: There is no such run, or not yet: right after a start it may take 3
                seconds.
            ActorRunsError: See `actor_runs.errors`.

        Source: Get run.
        """
        parts = requests.get_run(
            checked("run_id", run_id),
            wait_for_finish=given("server_wait_secs", server_wait_secs) or UNSET,
        )
        return self._begin(self._call(parts, run_id, idempotent=True))

    def run_task(
        self,
        task_id: str,
        task_input: Input = None,
        *,
        server_wait_secs: float = 0,
        **options: Unpack[StartOptions],
    ) -> R:
        """Start a run of a task. Each call starts, and charges, another run.

        Args:
            task_id: Id of the task, or `user~task`.
            task_input: Overrides the task's input, property by property.
            server_wait_secs: How long the server waits for the run to end before it answers, 0 to
                60.
            options: See `StartOptions`: `run_timeout_secs`, `memory`, `max_items`,
                `max_total_charge_usd`, `restart_on_error`, `build` and `webhooks`.

        Returns:
            The new run. Its `Location` is in `response.headers`.

        Raises:
            LimitExceededError: The account's memory or number of runs is used up.
            InvalidInputError: The input is not what the Actor asks for.
            ConnectionLostError: The run may or may not have been started; also HttpTimeoutError and
                ServerError. It is not tried again by itself, see `Retries.repeat_starts`.
            ActorRunsError: See `actor_runs.errors`. Where the server told that a run was started,
                `run_id` is its id.

        Source: Run task.
        """
        return self._begin(self._start(task_id, task_input, server_wait_secs, options))

    def call_task(
        self,
        task_id: str,
        task_input: Mapping[str, Any] | None = None,
        *,
        deadline_secs: float | None = None,
        **options: Unpack[StartOptions],
    ) -> R:
        """Start a run of a task and wait until it ends.

        Args:
            task_id: Id of the task, or `user~task`.
            task_input: Overrides the task's input, property by property.
            deadline_secs: How long to wait at most, once it was started; None waits for as long as
                the run lasts.
            options: As for `run_task`.

        Returns:
            The run, which has ended: `status` says how.

        Raises:
            StillRunningError: The time is over; `run` is the run, which goes on.
            ActorRunsError: As from `run_task` and `wait_for_finish`. Once the run was started,
                `run_id` is its id.

        Source: Run task, Get run.
        """
        secs = deadline(deadline_secs)
        start = self._start(task_id, task_input, 0, options)
        return self._begin(self._start_and_wait(start, secs))

    def _start(
        self, task_id: str, task_input: Input, server_wait_secs: float, options: StartOptions
    ) -> Coroutine[Any, Any, Run]:
        if unknown := options.keys() - StartOptions.__annotations__.keys():
            raise TypeError(f"unexpected arguments: {', '.join(sorted(unknown))}")
        known: dict[str, Any] = {name: given(name, value) for name, value in options.items()}
        known["timeout"] = known.pop("run_timeout_secs", UNSET)
        known["webhooks"] = encoded(known.get("webhooks"))
        parts = requests.run_task(
            checked("task_id", task_id),
            body=models.TaskInput.from_dict(given("task_input", task_input) or {}),
            wait_for_finish=given("server_wait_secs", server_wait_secs) or UNSET,
            **known,
        )
        return self._call(parts, None)

    def update_status_message(
        self,
        run_id: str,
        status_message: str,
        *,
        is_terminal: bool | None = None,
        general_access: models.RunGeneralAccess | None = None,
    ) -> R:
        """Set the one status message of a run; it replaces the one before.

        Args:
            run_id: Id of the run.
            status_message: What to show.
            is_terminal: Whether it is the very last message, which nothing replaces by itself.
            general_access: Who may read the run, with its default storages and log, from within
                about a minute on. None leaves it as it is.

        Returns:
            The run with its new message.

        Raises:
            ActorRunsError: See `actor_runs.errors`.

        Source: Update status message.
        """
        body = models.UpdateRunRequest(
            run_id=checked("run_id", run_id),
            status_message=checked("status_message", status_message),
            is_status_message_terminal=given("is_terminal", is_terminal),
            general_access=given("general_access", general_access),
        )
        parts = requests.update_run(run_id, body=body)
        return self._begin(self._call(parts, run_id, idempotent=True))

    def reboot_run(self, run_id: str) -> R:
        """Restart the container of a RUNNING run. What is not in its storages is lost.

        Args:
            run_id: Id of the run.

        Returns:
            The same run, which goes on as RUNNING.

        Raises:
            JobFinishedError: The run has ended.
            ConnectionLostError: It may or may not have been rebooted; as with `run_task`.
            ActorRunsError: See `actor_runs.errors`.

        Source: Reboot run.
        """
        parts = requests.reboot_run(checked("run_id", run_id))
        return self._begin(self._call(parts, run_id))

    def abort_run(self, run_id: str, *, gracefully: bool = False) -> R:
        """Abort a run. One that has ended, or is being aborted, stays as it is.

        Args:
            run_id: Id of the run.
            gracefully: Whether the run is told first and has 30 seconds to end by itself.

        Returns:
            The run, usually still ABORTING; `wait_for_finish` sees it ABORTED.

        Raises:
            ActorRunsError: See `actor_runs.errors`.

        Source: Abort run, under its path of today.
        """
        parts = requests.abort_run(
            checked("run_id", run_id), gracefully=given("gracefully", gracefully) or UNSET
        )
        return self._begin(self._call(parts, run_id, idempotent=True))

    def abort_actor_run(self, actor_id: str, run_id: str, *, gracefully: bool = False) -> R:
        """Abort a run by the deprecated path. Use `abort_run`.

        Args:
            actor_id: Id of the run's Actor, or `user~actor`.
            run_id: Id of the run.
            gracefully: As in `abort_run`.

        Returns:
            The run, as from `abort_run`.

        Raises:
            ActorRunsError: See `actor_runs.errors`.

        Source: Abort run.
        """
        text = "abort_actor_run uses a deprecated path: call abort_run(run_id)"
        warnings.warn(text, DeprecationWarning, stacklevel=2)
        parts = requests.abort_actor_run(
            checked("actor_id", actor_id),
            checked("run_id", run_id),
            gracefully=given("gracefully", gracefully) or UNSET,
        )
        return self._begin(self._call(parts, run_id, idempotent=True))

    def wait_for_finish(self, run_id: str, *, deadline_secs: float | None = None) -> R:
        """Wait until a run ends or time runs out.

        Args:
            run_id: Id of the run. It may have been started this moment.
            deadline_secs: How long to wait at most; None waits for as long as the run lasts. An
                answer that is late is waited for 5 seconds longer.

        Returns:
            The run as last seen. `run.ended` is true if it ended, false if time ran out, or
            if the next attempt after a failure or a refusal for now would come too late.

        Raises:
            NotFoundError: There is no such run, also 3 seconds after the first question.
            ActorRunsError: See `actor_runs.errors`. Lost connections, 429 and 5xx are survived
                as far as `Retries` goes.
        """
        secs = deadline(deadline_secs)
        return self._begin(self._wait(checked("run_id", run_id), secs))
