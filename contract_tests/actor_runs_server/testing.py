"""For tests of programs that use the API: a server as a child process, and its `/__admin`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS: Final = ("--admin", "--ready-json", "--port=0", "--until-stdin-ends")


@frozen
class TestServer:
    """A running server: its URL, a token, a second user's token, a task."""

    # Not a test class, whatever its name.
    __test__ = False

    url: str
    token: str
    other_token: str | None
    task: str | None

    def admin(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Call `/__admin`; return the data of the answer, None without one.

        Raises:
            urllib.error.HTTPError: The server refuses the request.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/__admin/{path}", data, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
            content = answer.read()
        return json.loads(content)["data"] if content else None

    def reset(self) -> None:
        """Delete every run, storage, saved task, webhook, fault and journal entry."""
        self.admin("POST", "reset")


@contextmanager
def running(*arguments: str) -> Iterator[TestServer]:
    """Run a server with `/__admin` on a free port of loopback.

    Args:
        *arguments: Further arguments of `actor-runs serve`, such as `--config`, FILE.

    Raises:
        RuntimeError: The server did not start; its standard error says why.
    """
    # -P: no module of the current folder takes the place of one that the server imports.
    command = [sys.executable, "-P", "-m", "actor_runs_server", *OPTIONS, *arguments]
    # Its standard input is a pipe, so that it stops even when this process is killed.
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError(f"the server did not start: exit code {process.wait()}")
        yield TestServer(**json.loads(line))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
