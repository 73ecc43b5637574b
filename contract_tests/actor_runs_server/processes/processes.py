"""Processes of runs: each starts in a process group of its own, and is killed with it.

Every process carries a mark of the server in its environment, which its children inherit. What
a killed server leaves behind is found by that mark: by the `reaper` within a second, and again by
the next server on the same data. A process id would not do, as ids are used again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
from attrs import define

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Coroutine

MARK: Final = "ACTOR_RUNS_SERVER"
SIGNALLED: Final = 128
# How long the rest of the output may take once the group of a process is killed.
LAST_OUTPUT_SECS: Final = 0.5
# Tells the reaper that the server has cleaned up by itself.
DONE: Final = b"done"
# The few variables of the server that a program needs.
INHERITED: Final = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")


@define
class Container:
    """A started process, its process group and its working directory, which is removed with it."""

    process: Process
    directory: Path
    output: asyncio.Task[None]

    @property
    def group(self) -> int:
        """The id of the process group, which is the pid of its first process."""
        return self.process.pid

    def kill(self) -> None:
        """Kill the whole group, if it still exists."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.group, signal.SIGKILL)

    async def ended(self) -> int:
        """Wait for the first process; return its exit code, 128 + n if signal n killed it."""
        code = await self.process.wait()
        return code if code >= 0 else SIGNALLED - code

    async def remove(self) -> None:
        """Kill the rest of the group and remove the working directory."""
        self.kill()
        # A process that has left the group may keep the output open.
        _, unfinished = await asyncio.wait((self.output,), timeout=LAST_OUTPUT_SECS)
        if unfinished:
            self.output.cancel()
        await asyncio.to_thread(remove_tree, self.directory)


async def launch(
    command: list[str],
    source: str | None,
    environment: dict[str, str],
    directory: Path,
    collect: Callable[[asyncio.StreamReader], Coroutine[None, None, None]],
) -> Container:
    """Start a process in a fresh working directory; `collect` reads its output.

    Raises:
        OSError: The program cannot be started.
        ValueError: No program can be started with these arguments or variables.
    """
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    place = {"HOME": str(directory), "TMPDIR": str(directory), "PWD": str(directory)}
    try:
        await asyncio.to_thread(_place, source, directory)
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=directory,
            env={**inherited, **place, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError):
        remove_tree(directory)
        raise
    assert process.stdout is not None
    return Container(process, directory, asyncio.create_task(collect(process.stdout)))


def _place(source: str | None, directory: Path) -> None:
    if source is None:
        directory.mkdir(parents=True)
    else:
        shutil.copytree(source, directory, symlinks=True)


def remove_tree(directory: Path) -> None:
    """Remove a directory as far as possible, also folders that a process has made read-only."""

    def open_up(_: object, path: str, __: object) -> None:
        with contextlib.suppress(OSError):
            for place in (Path(path).parent, Path(path)):
                place.chmod(0o700)

    shutil.rmtree(directory, onerror=open_up)
    shutil.rmtree(directory, ignore_errors=True)


def sweep(mark: str) -> int:
    """Kill every process whose mark begins like this; return their number.

    Looks again until none is left, as a process may be about to start another.
    """
    killed: set[int] = set()
    for _ in range(20):
        found = marked(mark)
        for process, _ in found:
            killed.add(process.pid)
            with contextlib.suppress(psutil.Error):
                process.kill()
        if not found:
            break
        time.sleep(0.02)
    return len(killed)


def marked(beginning: str) -> list[tuple[psutil.Process, str]]:
    """Return every living process whose mark begins like this, with its whole mark."""
    found = []
    for process in psutil.process_iter():
        mark = _mark(process)
        if mark.startswith(beginning):
            found.append((process, mark))
    return found


def _mark(process: psutil.Process) -> str:
    """Return the mark of a process; empty if it has none or may not be read."""
    if process.pid == os.getpid():
        return ""
    try:
        mark: str = process.environ().get(MARK, "")
        return mark if mark and process.status() != psutil.STATUS_ZOMBIE else ""
    except (psutil.Error, OSError, ValueError):
        return ""


async def start_reaper(mark: str, remove: Path | None) -> Process:
    """Start the process that cleans up after this server, however it ends.

    Args:
        mark: The mark of the processes.
        remove: A directory to remove as well; None keeps everything.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "actor_runs_server.processes.reaper",
        mark,
        *([str(remove)] if remove else []),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
