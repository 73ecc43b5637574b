"""Starts the reference server as a child process and stops it: the suite never imports it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from attrs import evolve

from actor_runs_conformance.target.last_words import last_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from actor_runs_conformance.target.target import Target

ACTOR = "demo~fixture-actor"
TASK = "demo~fixture"
"""The Actor and the task that the reference server has from the start."""
START = 20.0
STOP = 10.0


class ReferenceServerError(Exception):
    """The reference server did not start; the message says why."""


def before_start(target: Target) -> Target:
    """Return the target as far as a plan needs it: what the server will give is there, by name."""
    return evolve(
        target,
        url="http://127.0.0.1",
        token=target.token or "a token",
        other_token=target.other_token or "another token",
        task=target.task or TASK,
        actor=target.actor or ACTOR,
    )


@asynccontextmanager
async def reference_server(target: Target) -> AsyncIterator[Target]:
    """Run the reference server on a free port; yield the target with its URL, tokens and task.

    What the caller's target already names (a task, a token) stays.

    Raises:
        ReferenceServerError: it cannot be started, or was not ready within 20 s.
    """
    process = await _start()
    errors = asyncio.create_task(_drain(process.stderr))
    try:
        ready = await _ready(process, errors)
        output = asyncio.create_task(_drain(process.stdout))
        yield evolve(
            target,
            url=ready["url"],
            token=target.token or ready["token"],
            other_token=target.other_token or ready.get("other_token"),
            task=target.task or ready["task"],
            actor=target.actor or ACTOR,
        )
        output.cancel()
    finally:
        await _stop(process)
        errors.cancel()


async def _start() -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # No module of the current folder is imported.
            "-m",
            "actor_runs_server",
            "--port",
            "0",
            "--ready-json",
            "--until-stdin-ends",  # However this process ends, the server ends with it and removes its data.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Ctrl-C is for the suite: it still has runs to abort on this server.
            start_new_session=True,
        )
    except (OSError, RuntimeError) as error:
        # asyncio would print a traceback of what it leaves half done.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        raise ReferenceServerError(f"the reference server did not start: {error}") from error


async def _ready(
    process: asyncio.subprocess.Process, errors: asyncio.Task[bytes]
) -> dict[str, str]:
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START)
        ready: dict[str, str] = json.loads(line)
    except TimeoutError:
        raise ReferenceServerError(
            f"the reference server was not ready within {START:g} s"
        ) from None
    except ValueError:
        await _stop(process)
        output = (await errors).decode(errors="replace")
        why = last_words(output) or f"exit code {process.returncode}"
        raise ReferenceServerError(f"the reference server did not start: {why}") from None
    return ready


async def _drain(stream: asyncio.StreamReader | None) -> bytes:
    """Read a pipe so that it never fills; keep its last 64 KiB."""
    kept = b""
    while stream is not None and (chunk := await stream.read(8192)):
        kept = (kept + chunk)[-65536:]
    return kept


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
