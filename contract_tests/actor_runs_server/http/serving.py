"""Serves the application on uvicorn: the socket, the signals, the order of start and stop."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import resource
import socket
from typing import TYPE_CHECKING

import uvicorn
from attrs import frozen

from actor_runs_server.http.protocol import LimitedProtocol
from actor_runs_server.processes.processes import DONE, start_reaper

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

    from starlette.applications import Starlette

    from actor_runs_server.config.config import Config
    from actor_runs_server.runs.service import Service

# How long connections may take to end after a signal.
STOP_SECS = 5
# How long processes have to receive the announcement of the stop before they are killed.
LAST_WORDS_SECS = 0.05
CONNECTIONS = 16_384


@frozen(kw_only=True)
class Address:
    """Where to listen; port 0 is a free one."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def bind(self) -> socket.socket:
        """Return a listening socket.

        Raises:
            OSError: The address is in use or not of this machine.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.create_server((self.host, self.port), family=family, backlog=2048)
        listener.settimeout(0)
        return listener

    def url(self, listener: socket.socket) -> str:
        """Return the URL of the listening socket on this machine."""
        port = listener.getsockname()[1]
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read here, not bound
        host = everywhere.get(self.host, self.host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Uvicorn that answers waiting callers before it stops.

    Args:
        config: Uvicorn's configuration.
        service: The service to stop.
        ready: Called as soon as connections are accepted.
    """

    def __init__(self, config: uvicorn.Config, service: Service, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._service = service
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and call `ready`."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer those who wait, then stop."""
        self._service.supervisor.stop_waiting()
        await asyncio.sleep(LAST_WORDS_SECS)
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop on a signal; a further one changes nothing, as the stop is bounded."""
        self.should_exit = True


def _allow_connections() -> None:
    """Raise the limit of open files: each waiting caller holds one, and 1024 is a usual limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = CONNECTIONS if hard == resource.RLIM_INFINITY else min(CONNECTIONS, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def serve(
    app: Starlette,
    listener: socket.socket,
    url: str,
    *,
    temporary: Path | None,
    ready: Callable[[], None],
) -> bool:
    """Serve until a signal stops it; return whether serving started.

    Args:
        app: What `create_app` returned.
        listener: Where to listen.
        url: Where the processes of runs reach the server.
        temporary: A data directory that is removed at the end; None keeps it.
        ready: Called as soon as connections are accepted.
    """
    service: Service = app.state.service
    service.supervisor.base_url = url
    _allow_connections()
    config = uvicorn.Config(
        app,
        http=LimitedProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        ws="websockets-sansio",
        ws_ping_interval=None,
        timeout_graceful_shutdown=STOP_SECS,
        timeout_keep_alive=75,
    )

    async def run() -> bool:
        reaper = await start_reaper(service.supervisor.mark, temporary)
        server = Server(config, service, ready)
        await server.serve(sockets=[listener])
        await reaper.communicate(DONE)
        return server.started

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        return runner.run(run())


def ready_line(url: str, config: Config) -> str:
    """Return the line of JSON that tells another program where the server is."""
    users = list(config.users.items())
    tasks = list(config.tasks)
    record = {
        "url": url,
        "token": users[0][1].token,
        "other_token": users[1][1].token if len(users) > 1 else None,
        "task": tasks[0] if tasks else None,
    }
    return json.dumps(record)
