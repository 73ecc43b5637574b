"""Processes of runs: each in a group of its own, started, killed and swept as a whole.

Every process carries a mark of the server in its environment, which its children inherit. What
a killed server leaves behind is found by that mark: by the `reaper` within a second, and once
more by the next server on the same data. A pid alone would not do, as pids come again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

import psutil
from attrs import define

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from pathlib import Path

MARK: Final = "ACTOR_RUNS_SERVER"
SIGNALLED: Final = 128
# What a server that has cleaned up itself tells the reaper.
DONE: Final = b"done"
# The few variables of the server that a program cannot do without.
INHERITED: Final = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")


@define
class Container:
    """One started process with its group and its working directory, which ends with it."""

    process: Process
    directory: Path

    @property
    def group(self) -> int:
        """The id of the process group, which is the pid of its first process."""
        return self.process.pid

    def kill(self) -> None:
        """Kill the whole group at once; nothing happens when it is gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.group, signal.SIGKILL)

    async def ended(self) -> int:
        """Wait for the first process; return its exit code, 128 + n when signal n killed it."""
        code = await self.process.wait()
        return code if code >= 0 else SIGNALLED - code

    async def remove(self) -> None:
        """Kill what is left of the group and remove the working directory, however full."""
        self.kill()
        await asyncio.to_thread(shutil.rmtree, self.directory, ignore_errors=True)


async def launch(
    command: list[str], source: str | None, environment: dict[str, str], directory: Path, log: Path
) -> Container:
    """Start a process in a fresh working directory, its output appended to the log.

    Raises:
        OSError: The program cannot be started.
        ValueError: Nor can any, with such arguments or variables.
    """
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    place = {"HOME": str(directory), "TMPDIR": str(directory), "PWD": str(directory)}
    try:
        await asyncio.to_thread(_place, source, directory)
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=directory,
                env={**inherited, **place, **environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    except (OSError, ValueError):
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return Container(process, directory)


def _place(source: str | None, directory: Path) -> None:
    if source is None:
        directory.mkdir(parents=True)
    else:
        shutil.copytree(source, directory, symlinks=True)


def sweep(mark: str) -> int:
    """Kill every process whose mark begins like this; return how many there were.

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
    """Return every living process whose mark begins like this, with the whole mark."""
    found = []
    for process in psutil.process_iter():
        mark = _mark(process)
        if mark.startswith(beginning):
            found.append((process, mark))
    return found


def _mark(process: psutil.Process) -> str:
    """Return the mark of a process; nothing when it has none, or is not ours to see."""
    if process.pid == os.getpid():
        return ""
    try:
        mark: str = process.environ().get(MARK, "")
        return mark if mark and process.status() != psutil.STATUS_ZOMBIE else ""
    except (psutil.Error, OSError, ValueError):
        return ""


async def start_reaper(mark: str, remove: Path | None) -> Process:
    """Start the process that sweeps when this server is gone, however it went.

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
