"""Targets as child processes: the reference server, the second one, a faulty one."""

import contextlib
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

from attrs import fields, frozen

ROOT = Path(__file__).parents[3]
CONTRACT = ROOT / "spec/actor_runs_spec/openapi.yaml"
FAULTY = "tests.support.faulty_server"
INDEPENDENT = "tests.support.independent.__main__"
PRISM = ROOT / "scripts/prism/node_modules/@stoplight/prism-cli/dist/index.js"

# Importing a server takes longer than most checks of one fault: it is done once, by the process
# whose forks the servers are.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([FAULTY, INDEPENDENT])


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
        yield _target(line)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()


@contextlib.contextmanager
def forked(module: str, *arguments: str) -> Iterator[Target]:
    """Start a server as `child` does, in the fork of a process that has imported it."""
    reader, writer = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_serve, args=(writer, module, arguments))
    process.start()
    writer.close()
    try:
        with open(os.dup(reader.fileno()), encoding="utf-8") as printed:  # noqa: PTH123 - a pipe
            line = printed.readline()
        if not line:
            process.join()
            raise RuntimeError(f"{module} {arguments} ended with exit code {process.exitcode}.")
        yield _target(line)
    finally:
        process.terminate()
        process.join(10)
        if process.exitcode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.join()
        process.close()
        reader.close()


def _serve(printed: Connection, module: str, arguments: tuple[str, ...]) -> None:
    os.setsid()
    threading.Thread(
        target=_end_after, args=(multiprocessing.parent_process(),), daemon=True
    ).start()
    os.dup2(printed.fileno(), sys.stdout.fileno())
    printed.close()
    sys.exit(import_module(module).main(list(arguments)))


def _end_after(parent: multiprocessing.process.BaseProcess) -> None:
    """End this process when the one that asked for it is gone, however that ended."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _target(line: str) -> Target:
    ready = json.loads(line)
    return Target(**{key.name: ready[key.name] for key in fields(Target) if key.name in ready})


def reference(data: Path) -> contextlib.AbstractContextManager[Target]:
    """Start the reference server as it ships, with its records in `data`."""
    return child("-m", "actor_runs_server", "--port", "0", "--ready-json", "--data", str(data))


def second() -> contextlib.AbstractContextManager[Target]:
    """Start the second implementation."""
    return child("-m", "tests.support.second_server")


def independent(*options: str) -> contextlib.AbstractContextManager[Target]:
    """Start the implementation written from the documents alone, with a fault or a freedom."""
    return forked(INDEPENDENT, *options)


def faulty(name: str, data: Path) -> contextlib.AbstractContextManager[Target]:
    """Start the reference server with one fault or one freedom of the tables built in."""
    return forked(FAULTY, name, "--data", str(data))


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
