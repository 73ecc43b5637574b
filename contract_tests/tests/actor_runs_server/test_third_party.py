"""The public client of the platform speaks to this server."""

import asyncio
import time
from datetime import timedelta

import pytest
from apify_client import ApifyClient, ApifyClientAsync
from apify_client.errors import ApifyApiError


def test_the_public_client(server):
    """It starts, gets, waits for, updates, reboots, aborts, resurrects and deletes runs."""
    client = ApifyClient("demo-token", api_url=server.url, api_public_url=server.url)
    task = client.task("demo~fixture")

    run = task.start(task_input={"durationSecs": 30}, memory_mbytes=256)
    handle = client.run(run.id)
    assert handle.get().status in {"READY", "RUNNING"}
    while handle.get().status == "READY":
        time.sleep(0.02)
    message = handle.update(status_message="Hello", is_status_message_terminal=False)
    assert message.status_message == "Hello"
    assert handle.reboot().stats.reboot_count == 1
    handle.abort(gracefully=True)
    assert handle.wait_for_finish(wait_duration=timedelta(seconds=20)).status == "ABORTED"
    with pytest.raises(ApifyApiError, match="already finished"):
        handle.reboot()

    ended = task.call(task_input={"durationSecs": 0, "exitCode": 3})
    assert (ended.status, ended.exit_code) == ("FAILED", 3)
    handle = client.run(ended.id)
    assert handle.dataset().list_items().items == []
    assert handle.key_value_store().get_record("INPUT")["value"]["exitCode"] == 3
    assert "The input is" in handle.log().get()
    handle.resurrect()
    assert handle.wait_for_finish(wait_duration=timedelta(seconds=20)).status == "FAILED"
    handle.delete()
    assert handle.get() is None
    assert client.run("NoNExIsTeNtRuNiD123").get() is None


def test_the_public_client_asynchronously(server):
    """Its asynchronous client does the same."""

    async def speak():
        client = ApifyClientAsync("demo-token", api_url=server.url, api_public_url=server.url)
        task = client.task("demo~fixture")
        run = await task.start(task_input={"durationSecs": 30})
        handle = client.run(run.id)
        while (await handle.get()).status == "READY":  # noqa: ASYNC110 - what a user does
            await asyncio.sleep(0.02)
        assert (await handle.update(status_message="Ahoj")).status_message == "Ahoj"
        assert (await handle.reboot()).stats.reboot_count == 1
        await handle.abort()
        ended = await handle.wait_for_finish(wait_duration=timedelta(seconds=20))
        assert ended.status == "ABORTED"
        both = await asyncio.gather(*(task.call(task_input={"durationSecs": 0.2}) for _ in "ab"))
        assert [run.status for run in both] == ["SUCCEEDED"] * 2

    asyncio.run(speak())
