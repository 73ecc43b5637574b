"""Targets as child processes: the reference server, the second one, a faulty one."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from attrs import fields, frozen

ROOT = Path(__file__).parents[3]
CONTRACT = ROOT / "spec/actor_runs_spec/openapi.yaml"
PRISM = ROOT / "scripts/prism/node_modules/@stoplight/prism-cli/dist/index.js"


@frozen
class Target:
    """Where a server listens, who may call it, and what it is to run."""

    url: str
    token: str
    other_token: str
    task: str
    actor: str = "demo~fixture-actor"


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
        yield Target(**{key.name: ready[key.name] for key in fields(Target) if key.name in ready})
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
    return child("-m", "tests.support.second_server")


def independent(*options: str) -> contextlib.AbstractContextManager[Target]:
    """Start the implementation written from the documents alone, with a fault or a freedom."""
    return child("-m", "tests.support.independent", *options)


def faulty(name: str, data: Path) -> contextlib.AbstractContextManager[Target]:
    """Start the reference server with one fault or one freedom of the tables built in."""
    return child("-m", "tests.support.faulty_server", name, "--data", str(data))


@contextlib.contextmanager
def prism() -> Iterator[Target]:
    """Start a Prism mock of the contract; `nox -s faults` installs it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", str(PRISM), "mock", "--host=127.0.0.1", f"--port={port}", str(CONTRACT)]
    # A group of its own: `node` may be a script that starts the real one.
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        while "listening" not in (line := process.stdout.readline()):
            if not line:
                raise RuntimeError(f"Prism ended with exit code {process.wait()}.")
        reader = threading.Thread(target=process.stdout.read, daemon=True)
        reader.start()  # Its log, so that it never blocks.
        yield Target(f"http://127.0.0.1:{port}", "any-token-will-do", "any-other-will-do", "a~task")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
        reader.join(10)
        process.stdout.close()
