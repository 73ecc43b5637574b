"""`actor-runs serve`: the reference server."""

from __future__ import annotations

import argparse
import logging
import os
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

try:
    from actor_runs_server.app import create_app
    from actor_runs_server.config.config import Config, InvalidConfigError, demo, load
    from actor_runs_server.http.resources import Rates
    from actor_runs_server.http.serving import Address, ready_line, serve
except ModuleNotFoundError as error:
    # `actor-runs serve` has a message of its own.
    if __name__ != "__main__" or (error.name or "").startswith("actor_runs"):
        raise
    print(
        f"actor_runs_server: {error.name!r} is not installed; "
        "run: pip install 'actor-runs[server]'",
        file=sys.stderr,
    )
    sys.exit(2)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from actor_runs_server.runs.service import Parts

USAGE = 2
FAILED = 1
DEFAULT_PORT = 8010
# `--rate-limit` without a number. Not a string: argparse would convert that to an integer.
DOCUMENTED = object()


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = argparse.ArgumentParser(
        prog="actor-runs serve",
        description="Run the reference server of the Actor-run API. Runs are real processes.",
    )
    add = result.add_argument
    add("--config", type=Path, metavar="FILE", help="users, Actors and tasks (default: a demo)")
    add("--data", type=Path, metavar="DIR", help="keep runs here (default: a temporary directory)")
    add("--host", default="127.0.0.1", help="listen on this address (default: %(default)s)")
    add("--port", type=int, default=DEFAULT_PORT, help="0 is a free one (default: %(default)s)")
    add("--public-url", metavar="URL", help="where others reach it (default: each request's Host)")
    add("--admin", action="store_true", help="serve /__admin, for tests; on loopback only")
    add("--ready-json", action="store_true", help="print one line of JSON when it is ready")
    add(
        "--until-stdin-ends",
        action="store_true",
        help="stop when standard input ends: with the program that started the server",
    )
    add(
        "--rate-limit",
        type=int,
        nargs="?",
        const=DOCUMENTED,
        metavar="N",
        help="enforce the documented rate limits, or N requests a second on each resource",
    )
    add(
        "--access-log",
        metavar="FILE",
        help="write one line of JSON a request here, '-' is standard error "
        "(default: '-', with --ready-json none)",
    )
    return result


def main(
    arguments: list[str],
    *,
    parts: Parts | None = None,
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> int:
    """Serve until a signal stops it; return the exit code, 2 for an invalid command line or file.

    Args:
        arguments: The command line.
        parts: The parts of the service, see `create_app`.
        wrap: ASGI middleware around the application, see `create_app`.
    """
    given = parser().parse_args(arguments)
    try:
        config = load(given.config) if given.config else demo()
    except InvalidConfigError as error:
        return _refused(str(error))
    address = Address(host=given.host, port=given.port)
    if config.has_demo_token() and not address.loopback:
        return _refused(
            f"--host {given.host} can be reached from other machines, and the demo tokens are public. "
            "Give a --config with users and tokens of your own, or listen on 127.0.0.1."
        )
    if given.public_url and not re.fullmatch(r"https?://[^/\s]+[^\s]*", given.public_url):
        return _refused(f"--public-url {given.public_url} is not an http(s) URL.")
    if given.admin and (given.public_url or not address.loopback):
        return _refused(
            "--admin lets everybody who reaches the server control it. Listen on 127.0.0.1, "
            "without --public-url, or leave it out."
        )
    if not 0 <= given.port <= 65535:
        return _refused(f"--port {given.port} is not from 0 to 65535.")
    if isinstance(given.rate_limit, int) and given.rate_limit < 1:
        return _refused(
            f"--rate-limit {given.rate_limit} lets no request pass; give 1 or more requests a "
            "second, nothing after it for the documented limits, or leave it out for none."
        )
    try:
        _log(given.access_log or (None if given.ready_json else "-"))
    except OSError as error:
        return _refused(f"--access-log {given.access_log} cannot be written: {error.strerror}.")
    if given.until_stdin_ends:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    temporary = None if given.data else Path(tempfile.mkdtemp(prefix="actor-runs-"))
    rates = (
        None
        if given.rate_limit is None
        else Rates(None if given.rate_limit is DOCUMENTED else given.rate_limit)
    )

    def ready(url: str) -> None:
        print(ready_line(url, config) if given.ready_json else greeting(url, config), flush=True)

    try:
        with address.bind() as listener:
            data = temporary or given.data
            app = create_app(
                config,
                data,
                parts=parts,
                rates=rates,
                public_url=(given.public_url or "").rstrip("/") or None,
                admin=given.admin,
                wrap=wrap,
            )
            url = address.url(listener)
            served = serve(app, listener, url, temporary=temporary, ready=lambda: ready(url))
    except (OSError, sqlite3.Error) as error:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
        place = f"{given.host}:{given.port}" + (f" with {given.data}" if given.data else "")
        return _refused(f"cannot serve on {place}: {error}")
    return 0 if served else FAILED


def greeting(url: str, config: Config) -> str:
    """Return what a person reads at the start: the URL, and three commands to try."""
    lines = [f"The reference server listens on {url} (stop it with Ctrl-C)."]
    shown = config.demo_task()
    if shown is None:
        return lines[0]
    token, task = shown
    header = f'-H "Authorization: Bearer {token}"'
    lines += [
        f"The demo token is {token}, the demo task {task}. Try:",
        "",
        f'  curl -X POST {header} "{url}/v2/actor-tasks/{task}/runs?waitForFinish=10"',
        f'  curl {header} "{url}/v2/actor-runs/RUN_ID"',
        f'  curl -X POST {header} "{url}/v2/actor-runs/RUN_ID/abort"',
        "",
    ]
    return "\n".join(lines)


def _stop_with_stdin() -> None:
    """Stop the server as SIGTERM does once nobody can write to its standard input any more."""
    # Not by `sys.stdin`, which an interpreter that shuts down must not find in use.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _log(access: str | None) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s"
    )
    # Uvicorn warns about each request that is not HTTP; the answer, 400, is enough.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    logger = logging.getLogger("actor_runs_server.access")
    logger.propagate = False
    if access is None:
        return
    handler = logging.StreamHandler(sys.stderr) if access == "-" else logging.FileHandler(access)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _refused(message: str) -> int:
    print(f"actor-runs serve: {message}", file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
