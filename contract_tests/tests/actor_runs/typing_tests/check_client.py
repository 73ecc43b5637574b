"""What type checkers know of the client. Checked by mypy and pyright, never run."""

from __future__ import annotations

import datetime as dt
from typing import assert_type

import httpx

from actor_runs import (
    AsyncClient,
    Client,
    Retries,
    Run,
    RunStatus,
    StartOptions,
    Unset,
    WebhookDefinition,
    errors,
)
from actor_runs_api import models  # noqa: TC001 - for type checkers alone, as all of this


def check_sync(client: Client) -> None:
    """Each method of the client returns a run."""
    webhook = WebhookDefinition(event_types=["ACTOR.RUN.FAILED"], request_url="https://x/")
    assert_type(client.get_run("id", server_wait_secs=30), Run)
    assert_type(client.run_task("id"), Run)
    assert_type(
        client.run_task(
            "id",
            {"url": "https://x/"},
            run_timeout_secs=60,
            memory=256,
            max_items=10,
            max_total_charge_usd=0.5,
            restart_on_error=True,
            build="latest",
            server_wait_secs=1.5,
            webhooks=[webhook],
        ),
        Run,
    )
    assert_type(client.update_status_message("id", "text", is_terminal=True), Run)
    assert_type(client.update_status_message("id", "text", general_access="RESTRICTED"), Run)
    assert_type(client.reboot_run("id"), Run)
    assert_type(client.abort_run("id", gracefully=True), Run)
    assert_type(client.abort_actor_run("actor", "id"), Run)
    assert_type(client.wait_for_finish("id", deadline_secs=600), Run)
    assert_type(client.call_task("id", {"a": 1}, memory=512, build="latest", deadline_secs=9), Run)
    assert_type([*client.watch_run("id", every_secs=5)], list[Run])
    assert_type(client.with_options(http_timeout_secs=5, headers={"X": "y"}).get_run("id"), Run)
    options: StartOptions = {"memory": 1024, "max_items": 5, "webhooks": [webhook]}
    assert_type(client.run_task("id", **options), Run)
    with Client(
        "token",
        base_url="https://x",
        retries=Retries(deadline_secs=1),
        ca_file="ca.pem",
        transport=httpx.HTTPTransport(),
    ) as entered:
        assert_type(entered, Client)


async def check_async(client: AsyncClient) -> None:
    """Each method of the asynchronous client returns a run when awaited."""
    assert_type(await client.get_run("id", server_wait_secs=30), Run)
    assert_type(await client.run_task("id", {"a": 1}, memory=256), Run)
    assert_type(await client.update_status_message("id", "text"), Run)
    assert_type(await client.reboot_run("id"), Run)
    assert_type(await client.abort_run("id"), Run)
    assert_type(await client.abort_actor_run("actor", "id", gracefully=True), Run)
    assert_type(await client.wait_for_finish("id"), Run)
    assert_type(await client.call_task("id", run_timeout_secs=60), Run)
    assert_type([run async for run in client.watch_run("id")], list[Run])
    assert_type(client.with_options(retries=Retries()), AsyncClient)
    async with AsyncClient(transport=httpx.AsyncHTTPTransport()) as entered:
        assert_type(entered, AsyncClient)


def check_wrong_calls(client: Client) -> None:
    """Calls that cannot work are found before they run."""
    client.get_run()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.get_run(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.run_task("id", [1])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.run_task("id", timeout=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.run_task("id", memory="256")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.call_task("id", memoryy=256)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def check_run(run: Run) -> None:
    """The attributes of a run have the contract's types."""
    assert_type(run.id, str)
    assert_type(run.status, RunStatus | str)
    assert_type(run.started_at, dt.datetime)
    assert_type(run.finished_at, dt.datetime | None | Unset)
    assert_type(run.exit_code, int | None | Unset)
    if not isinstance(run.exit_code, Unset):
        assert_type(run.exit_code, int | None)
    assert_type(run.options.memory_mbytes, int)
    assert_type(run.ended, bool)
    assert_type(run.response, httpx.Response | None)
    as_generated: models.Run = run
    assert_type(as_generated.id, str)


def check_still_running(error: errors.StillRunningError) -> None:
    """What ran out of time has the run."""
    assert_type(error.run, Run)


def check_errors(error: errors.ApiError, broken: errors.DecodeError) -> None:
    """Errors say what they know."""
    assert_type(error.status, int)
    assert_type(error.type, str | None)
    assert_type(error.response, httpx.Response | None)
    assert_type(error.run_id, str | None)
    assert_type(broken.pointer, str)
    assert_type(broken.value, object)
