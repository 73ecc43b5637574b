"""Targets as child processes: the reference server, the second one, a faulty one."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

HERE = Path(__file__).parent


@frozen
class Target:
    """Where a server listens and who may call it."""

    url: str
    token: str
    other_token: str
    task: str


@contextlib.contextmanager
def child(*command: str) -> Iterator[Target]:
    """Start a server that prints one line of JSON when it is ready; stop it at the end."""
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(
                f"{command} ended with exit code {process.wait()} before it was ready."
            )
        ready = json.loads(line)
        yield Target(**{key: ready[key] for key in ("url", "token", "other_token", "task")})
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


def reference(data: Path) -> contextlib.AbstractContextManager[Target]:
    """Start the reference server as it ships, with its records in `data`."""
    return child("-m", "actor_runs_server", "--port", "0", "--ready-json", "--data", str(data))


def second() -> contextlib.AbstractContextManager[Target]:
    """Start the second implementation."""
    return child(str(HERE / "second_server.py"))


def faulty(name: str, data: Path) -> contextlib.AbstractContextManager[Target]:
    """Start the reference server with one fault or one freedom of the tables built in."""
    return child(str(HERE / "faulty_server.py"), name, "--data", str(data))
